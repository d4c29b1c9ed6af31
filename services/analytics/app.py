"""What analytics is made of."""

import asyncio
from functools import partial

from services.analytics import alert_queries, api, figure_queries, queries
from services.analytics.city.app import city_app
from services.analytics.city.policy import CitySettings, policy
from services.analytics.city.publishing import Publisher, publishing
from services.analytics.delivery.channels import DeliverySettings, channels
from services.analytics.delivery.ledger import Ledger
from services.analytics.delivery.recipients import Recipients, roster
from services.analytics.delivery.worker import (
    Enlisting,
    alerts_to_tell,
    assignments_to_tell,
    couriers,
    tasks_to_hand_on,
)
from services.analytics.permissions import READ_EVENTS
from services.analytics.policies.escalation import escalation
from services.analytics.problems import STATUSES
from services.analytics.rules.worker import rules
from services.analytics.statistics.ratio import warm_up
from services.analytics.views.alerts import ALERTS
from services.analytics.views.assignments import ASSIGNMENTS
from services.analytics.views.feed import FEED
from services.analytics.views.floors import FLOORS
from services.analytics.views.kpi import KPI
from services.analytics.views.problems import PROBLEMS
from services.chassis.http import create_service_app
from services.chassis.http.events import events
from services.chassis.service import Service, ServiceContext, Worker

READ_MODELS = (FLOORS, FEED, PROBLEMS, KPI, ALERTS, ASSIGNMENTS)
DESCRIPTION = """
What the logs of all services come to: buildings floor by floor, the live feed, the problem map, figures with the very
events behind them and the exact interval of each change, and alerts with their evidence. It holds no personal data.
"""


def build(context: ServiceContext) -> Service:
    """Analytics, ready to be mounted and run."""
    make_app = partial(
        create_service_app,
        "analytics",
        context,
        title="Analytics",
        description=DESCRIPTION,
        routers=[
            queries.router,
            alert_queries.router,
            figure_queries.router,
            api.router,
            events(READ_EVENTS),
        ],
        problems=STATUSES,
        read_models=READ_MODELS,
    )
    settings = DeliverySettings()
    over, ledger = channels(settings), Ledger(context.database.pool)
    recipients = Recipients.read(settings.recipients, roster(context.database, context.clock))
    enlisting = Enlisting(ledger, over, context.clock)
    workers = (
        escalation(context.database, context.handler, context.clock, recipients),
        assignments_to_tell(context.database, enlisting, recipients, context.clock),
        tasks_to_hand_on(context.database, ledger, recipients, context.clock),
        Worker("statistics", _warm),
        *couriers(over, settings.folder, ledger, context.clock, context.telemetry),
    )
    policies = (alerts_to_tell(enlisting, context.store, recipients),)
    outlets = {name: partial(city_app, outlet, context) for name, outlet in context.outlets.items()}
    workers += tuple(
        publishing(Publisher(context, outlet.handler, policy(CitySettings()))) for outlet in context.outlets.values()
    )
    return Service("analytics", make_app, READ_MODELS, policies, workers, (rules(context),), outlets)


async def _warm(stop: asyncio.Event) -> None:
    await asyncio.to_thread(warm_up)
    await stop.wait()
