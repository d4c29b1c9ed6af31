"""Each read model of analytics holds the same rows however the logs are cut and mixed, and nothing personal."""

import asyncio
from datetime import UTC, date, datetime

import pytest

from contracts.common import Occurred, names_of
from contracts.mediation import DisputeLogged, Party
from contracts.registry import BuildingRegistered
from services.analytics.views.alerts import ALERTS
from services.analytics.views.assignments import ASSIGNMENTS
from services.analytics.views.feed import FEED, KEPT, MORE, VALUES
from services.analytics.views.floors import FLOORS
from services.analytics.views.kpi import KPI
from services.analytics.views.problems import PROBLEMS
from services.analytics.words import known
from services.chassis.postgres import connect
from tests.integration.analytics.happenings import LOGS, report
from tests.integration.folding import batches, recorded, rows

WAITS = "select count(*) from pg_locks where pid = $1 and not granted"
MODELS = (ALERTS, ASSIGNMENTS, FEED, FLOORS, KPI, PROBLEMS)


def read(model):
    """What the model reads of each of its logs."""
    return [[event for event in LOGS[source]() if event.type in model.names] for source in model.sources]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
async def test_the_rows_are_the_same_however_the_logs_are_cut_and_mixed(database, model):
    logs = read(model)
    whole = await rows(model, database, logs, "whole")
    assert all(whole.values()), "every table is used"
    one_by_one = [[event] for log in logs for event in log]
    assert await rows(model, database, one_by_one, "one_by_one") == whole
    for seed in range(3):
        cut = [batch for log in reversed(logs) for batch in batches(log, seed)]
        mixed = await rows(model, database, cut, f"mixed_{seed}")
        assert {name: sorted(map(repr, table)) for name, table in mixed.items()} == {
            name: sorted(map(repr, table)) for name, table in whole.items()
        }


async def test_a_happening_is_counted_where_it_belongs_and_drills_nowhere(database):
    tables = await rows(KPI, database, read(KPI), "kpi")
    series = {row["id"]: row for row in tables["series"]}
    net: dict[tuple[str, str, str], int] = {}
    for row in tables["happenings"]:
        one = series[row["series"]]
        key = (one["source"], one["kind"], one["category"])
        net[key] = net.get(key, 0) + row["amount"]
    assert net == {
        ("live", "incident", "noise/neighbour"): 1,
        ("live", "incident", "other"): 0,
        ("live", "incident", "noise/party"): 1,
        ("live", "incident", "crime/theft"): 1,
        ("vancouver-crime", "incident", "crime/mischief"): 1,
        ("live", "dispute", "dispute/deposit"): 1,
        ("live", "agenda-item", "noise/construction"): 2,
        ("live", "agenda-item-resolved", "noise/construction"): 2,
        ("live", "agenda-item-confirmed", "noise/construction"): 1,
        ("live", "pain-point", "noise/construction"): 1,
    }
    labels = {row["label"] for row in tables["series"]}
    assert labels == {"", "Mischief"}


async def test_an_item_that_the_resident_disputes_is_not_resolved(database):
    (log,) = [log for log in read(KPI) if log and log[0].source == "mediation"]
    disputed = next(n for n, event in enumerate(log) if "disputed" in event.type)
    tables = await rows(KPI, database, [log[: disputed + 1]], "kpi")
    resolved = {row["id"] for row in tables["series"] if row["kind"] == "agenda-item-resolved"}
    assert sum(row["amount"] for row in tables["happenings"] if row["series"] in resolved) == 0


async def test_the_feed_keeps_the_last_of_each_log_and_no_import(database):
    calls = [report(number, hours=1) for number in range(1, KEPT + 31)]
    imported = report(9_999, channel="import", source="vancouver-crime")
    log = recorded("incidents", [*calls, imported])
    lines = (await rows(FEED, database, [log], "whole"))["lines"]
    assert [line["position"] for line in lines] == list(range(31, KEPT + 31))


async def test_a_batch_that_brings_one_partition_after_the_other_keeps_the_same_lines(database):
    log = recorded("incidents", [report(number, hours=1) for number in range(1, KEPT + 301)])
    by_partition = sorted(log, key=lambda event: (-(event.position % 3), event.position))
    lines = (await rows(FEED, database, [by_partition], "mixed"))["lines"]
    assert [line["position"] for line in lines] == list(range(301, KEPT + 301))


async def test_two_replicas_that_read_other_partitions_keep_no_more_lines_than_one(database):
    log = recorded("incidents", [report(number, hours=1) for number in range(1, 2 * KEPT + 1)])
    await rows(FEED, database, [], "shared")
    first, second = [await connect(database.app, search_path="shared") for _ in range(2)]
    try:
        async with first.transaction():
            await FEED.apply(first, [event for event in log if event.position % 2])
            other = asyncio.create_task(take_in(second, [event for event in log if not event.position % 2]))
            while not (other.done() or await first.fetchval(WAITS, second.get_server_pid())):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await other
        kept = await first.fetch("select position from lines order by position")
    finally:
        await first.close()
        await second.close()
    assert [row["position"] for row in kept] == list(range(KEPT + 1, 2 * KEPT + 1))


async def take_in(connection, events):
    async with connection.transaction():
        await FEED.apply(connection, events)


async def test_no_person_is_in_any_row(database):
    for model in MODELS:
        tables = await rows(model, database, read(model), f"check_{model.name}")
        for subject in ("s-1812", "s-1813", "s-9", "s-1", "s-2"):
            assert f"'{subject}'" not in repr(tables), model.name


def test_everything_that_is_told_has_words():
    assert known() >= names_of((*VALUES, *MORE))


async def test_an_alert_is_shown_as_it_stands(database):
    (row,) = (await rows(ALERTS, database, read(ALERTS), "alerts"))["alerts"]
    assert (row["state"], row["by"], row["feedback"], row["count"], row["version"]) == (
        "closed",
        "officer-li",
        "acted",
        2,
        4,
    )


async def test_the_problem_map_knows_phases_and_places(database):
    tables = await rows(PROBLEMS, database, read(PROBLEMS), "problems")
    phases = {row["id"]: (row["kind"], row["phase"], row["floor"]) for row in tables["problems"]}
    assert phases == {
        "i-1": ("incident", "resolved", None),
        "i-2": ("incident", "open", None),
        "i-5": ("incident", "open", None),
        "q-1": ("agenda-item", "confirmed", None),
        "q-2": ("pain-point", "committed", 11),
        "q-3": ("agenda-item", "resolved", None),
    }
    (stolen,) = [row for row in tables["problems"] if row["id"] == "i-5"]
    assert (stolen["longitude"], stolen["latitude"], stolen["resolved_at"]) == (106.3, 38.5, None)


@pytest.mark.parametrize("registered_first", [True, False])
async def test_a_day_is_that_of_the_building_whenever_it_was_registered(database, registered_first):
    quay = "farcity/west/quay"
    evening = datetime(2026, 10, 1, 3, 30, tzinfo=UTC)  # still September in Vancouver
    building = BuildingRegistered(
        building="quay",
        name="Quay",
        place=quay,
        lowest_floor=1,
        highest_floor=9,
        zone="America/Vancouver",
        effective_at=evening,
    )
    where = [f"{quay}/1", "farcity/west/quay-2", "farcity/west"]
    here = {"occurred": Occurred(earliest=evening, latest=evening), "effective_at": evening}
    calls = recorded("incidents", [report(n, place=place, **here) for n, place in enumerate(where, start=1)])
    dispute = DisputeLogged(
        dispute="d-1",
        category="dispute/noise",
        place=f"{quay}/1",
        parties=(Party(subject="s-1"), Party(subject="s-2")),
        effective_at=evening,
    )
    registry = recorded("registry", [("building-quay", building)])
    told = [calls, recorded("mediation", [("dispute-d-1", dispute)])]
    order = [registry, *told] if registered_first else [*told, registry]
    found = (await rows(KPI, database, order, "zoned"))["happenings"]
    days = {(row["log"], row["place"]): row["day"] for row in found}
    assert days == {
        ("incidents", f"{quay}/1"): date(2026, 9, 30),
        ("incidents", "farcity/west/quay-2"): date(2026, 10, 1),
        ("incidents", "farcity/west"): date(2026, 10, 1),
        ("mediation", f"{quay}/1"): date(2026, 9, 30),
    }
