"""What mediation is made of."""

from functools import partial

from contracts.mediation import TextErased
from services.chassis.erasing import erasing
from services.chassis.http import create_service_app
from services.chassis.http.events import events
from services.chassis.service import Service, ServiceContext
from services.chassis.vault import case_key
from services.mediation import api, queries, records
from services.mediation.permissions import READ_EVENTS
from services.mediation.policies.missed_commitments import missed_commitments
from services.mediation.views.docket import DOCKET
from services.mediation.views.openings import OPENINGS

DESCRIPTION = """
Disputes with a neutral mediator and minutes that stay sealed from who was not there; issues of the teahouse and pain
points of buildings, with what was promised by whom until when; the sessions that talk about them. An issue counts as
resolved when all that was promised is done, and as confirmed only when the resident says so: two rates, never one.
What was written opens for a purpose, and each reading is on record for the overseer.
"""


def build(context: ServiceContext) -> Service:
    """Mediation, ready to be mounted and run."""
    read_models = (DOCKET, OPENINGS)
    make_app = partial(
        create_service_app,
        "mediation",
        context,
        title="Mediation",
        description=DESCRIPTION,
        routers=[api.router, queries.router, records.router, events(READ_EVENTS)],
        read_models=read_models,
    )
    worker = missed_commitments(context.database, context.handler, context.clock)
    erasure = erasing(context.vault, "mediation", TextErased, lambda erased: case_key(erased.case))
    return Service("mediation", make_app, read_models, policies=(erasure,), workers=(worker,))
