"""What the registry is made of."""

from functools import partial

from contracts.registry import SubjectErased
from services.chassis.erasing import erasing
from services.chassis.http import create_service_app
from services.chassis.http.events import events
from services.chassis.service import Service, ServiceContext
from services.chassis.vault import subject_key
from services.registry import api, arrivals, queries, records, rounds
from services.registry.permissions import READ_EVENTS
from services.registry.views.register import REGISTER

DESCRIPTION = """
The ledger of buildings and units: what each is registered for, what was seen there, who runs it and who lives in it.
Every fact has two times, when it became true and when it became known; any question can be asked as of any date on
both. A person is an id here; their fields open for a stated purpose, and every opening is on record.
"""


def build(context: ServiceContext) -> Service:
    """The registry, ready to be mounted and run."""
    read_models = (REGISTER,)
    make_app = partial(
        create_service_app,
        "registry",
        context,
        title="Registry",
        description=DESCRIPTION,
        routers=[api.router, arrivals.router, rounds.router, records.router, queries.router, events(READ_EVENTS)],
        read_models=read_models,
    )
    erasure = erasing(context.vault, "registry", SubjectErased, lambda erased: subject_key(erased.subject))
    return Service("registry", make_app, read_models, policies=(erasure,))
