"""Rebuilt, each read model of analytics is the same as the one that was kept live."""

from services.chassis.postgres import engine
from services.chassis.projections.rebuild import Rebuild
from tests.integration.analytics.conftest import OTHERS
from tests.integration.analytics.happenings import LOGS


async def test_each_read_model_is_the_same_when_it_is_rebuilt(station, databases):
    context = station.served.context
    for source in OTHERS:
        for event in LOGS[source]():
            station.logs[source].put(event.stream, event.event, event.recorded_at)
    await station.read_all()
    owner = engine(databases.address(databases.made[-1], "maplebridge_owner"), connections=2)
    try:
        for model in station.service.read_models:
            rebuild = Rebuild(model, owner, context.database.dsn, context.readers)
            comparison = await rebuild.run(switch=False)
            assert comparison.equal, comparison
    finally:
        await owner.dispose()
