"""The city's log over HTTP: who takes it out reads today's versions, whatever it was written in."""

from contracts.city import FiguresPublished
from contracts.common import Role
from contracts.examples import example_of
from tests.integration.city.conftest import city_running
from tests.integration.versions.conftest import fill
from tests.versions import earlier

STORED = "select count(*) from log.events where type = $1"


async def taken(databases, *, mixed):
    """What the data platform reads of a city's log, and the figures that it takes out."""
    async with city_running(databases) as city:
        await fill(city.context.store.pool, "city", mixed=mixed)
        assert bool(await city.context.store.pool.fetchval(STORED, earlier(FiguresPublished.type))) == mixed
        caller = city.caller(Role.DATA_PLATFORM, example_of(FiguresPublished)["city"])
        events, export = await caller.get("/events"), await caller.get("/export")
        assert (events.status_code, export.status_code) == (200, 200)
        return events.json()["items"], export.json()["items"], export.json()["policy"]


async def test_who_reads_the_city_s_log_or_takes_its_figures_has_today_s_versions(databases, second_versions):
    today, both = [await taken(databases, mixed=mixed) for mixed in (False, True)]
    assert both == today
    events, figures, policy = both
    assert {event["type"] for event in events} == {FiguresPublished.type}
    assert figures
    assert policy
