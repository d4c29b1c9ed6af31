"""What incidents are made of."""

from functools import partial

from contracts.incidents import TextErased
from services.chassis.erasing import erasing
from services.chassis.http import create_service_app
from services.chassis.http.events import events
from services.chassis.service import Service, ServiceContext
from services.chassis.vault import case_key
from services.incidents import api, duty, queries, records
from services.incidents.permissions import READ_EVENTS
from services.incidents.views.casebook import CASEBOOK
from services.incidents.views.openings import OPENINGS
from services.incidents.views.roster import ROSTER

DESCRIPTION = """
What was reported, who went, how it ended. When something happened is an interval, as exact as it is known; how long
somebody waited is counted from when the platform learned of it. What was written about an incident is sealed under
the case's own key, and opened only for who may read the case and says why; each reading is on record for the overseer,
and no list carries what was written.
"""


def build(context: ServiceContext) -> Service:
    """Incidents, ready to be mounted and run."""
    read_models = (CASEBOOK, OPENINGS, ROSTER)
    make_app = partial(
        create_service_app,
        "incidents",
        context,
        title="Incidents",
        description=DESCRIPTION,
        routers=[api.router, queries.router, records.router, duty.router, events(READ_EVENTS)],
        read_models=read_models,
    )
    erasure = erasing(context.vault, "incidents", TextErased, lambda erased: case_key(erased.incident))
    return Service("incidents", make_app, read_models, policies=(erasure,))
