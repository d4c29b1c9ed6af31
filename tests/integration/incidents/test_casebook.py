"""The casebook holds each incident as it stands, however its events arrive."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.common import Occurred, Point
from contracts.incidents import (
    Channel,
    IncidentReopened,
    IncidentReported,
    IncidentResolved,
    IncidentTriaged,
    OfficersArrived,
    OfficersDispatched,
    OfficersEnRoute,
    OfficersRecalled,
    Priority,
)
from services.incidents.views.casebook import CASEBOOK
from tests.integration.folding import RECORDED, batches, recorded, rows

NOON = datetime(2024, 6, 30, 4, 0, tzinfo=UTC)
PLACE = "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a"


def life(number):
    """One incident from its report to its reopening, and the second dispatch."""
    at = NOON + timedelta(minutes=number)
    common = {"incident": f"i-{number}", "place": PLACE, "effective_at": at}
    return [
        IncidentReported(
            **common,
            category="noise/neighbour",
            occurred=Occurred(earliest=at, latest=at + timedelta(minutes=1)),
            channel=Channel.PHONE_110,
            source_unit="wanda-a-1812",
            location=Point(longitude=106.2, latitude=38.4) if number % 2 else None,
        ),
        IncidentTriaged(**common, priority=Priority.URGENT, category="noise/construction"),
        OfficersDispatched(**common, officers=("officer-li", "officer-ma")),
        OfficersEnRoute(**common, officer="officer-li"),
        OfficersArrived(**common, officer="officer-li", waited_seconds=300),
        OfficersArrived(**common, officer="officer-ma", waited_seconds=400),
        IncidentResolved(**common, outcome="settled"),
        IncidentReopened(**common),
        OfficersDispatched(**common, officers=("officer-tian", "officer-ma")),
        OfficersRecalled(**common, officers=("officer-ma",)),
    ]


async def test_a_row_shows_the_incident_as_it_stands(database):
    log = recorded("incidents", [("incident-i-1", event) for event in life(1)])
    (row,) = (await rows(CASEBOOK, database, [log], "casebook"))["incidents"]
    assert row["phase"] == "dispatched"
    assert row["phase_since"] == NOON + timedelta(minutes=1)
    assert row["category"] == "noise/construction"
    assert row["officers"] == ["officer-tian"]
    assert (row["waited_seconds"], row["wait_measured"], row["arrived_at"]) == (None, None, None)
    assert (row["outcome"], row["resolved_at"]) == (None, None)
    assert (row["version"], row["position"]) == (10, 10)
    assert row["reported_at"] == RECORDED + timedelta(seconds=1)
    assert (row["longitude"], row["latitude"], row["system"]) == (106.2, 38.4, "WGS84")


async def test_a_wait_stands_in_the_row_until_the_incident_is_reopened(database):
    log = recorded("incidents", [("incident-i-1", event) for event in life(1)[:7]])
    (row,) = (await rows(CASEBOOK, database, [log], "casebook"))["incidents"]
    assert (row["waited_seconds"], row["wait_measured"]) == (300, True)


@pytest.mark.parametrize(
    ("recalled", "phase", "left"),
    [(("officer-li",), "dispatched", ["officer-ma"]), (("officer-li", "officer-ma"), "triaged", [])],
)
async def test_a_recalled_officer_is_no_longer_in_the_row(database, recalled, phase, left):
    events = [*life(1)[:4], OfficersRecalled(incident="i-1", place=PLACE, officers=recalled, effective_at=NOON)]
    log = recorded("incidents", [("incident-i-1", event) for event in events])
    (row,) = (await rows(CASEBOOK, database, [log], "casebook"))["incidents"]
    assert (row["phase"], row["officers"], row["en_route"]) == (phase, left, [])


async def test_the_rows_are_the_same_however_the_log_is_cut_and_mixed(database):
    log = recorded("incidents", [(f"incident-i-{n}", event) for n in range(6) for event in life(n)])
    whole = await rows(CASEBOOK, database, [log], "whole")
    assert len(whole["incidents"]) == 6
    one_by_one = await rows(CASEBOOK, database, [[event] for event in log], "one_by_one")
    assert one_by_one == whole
    for seed in range(4):
        assert await rows(CASEBOOK, database, batches(log, seed), f"mixed_{seed}") == whole


async def test_an_event_without_its_report_is_poison(database):
    orphan = recorded("incidents", [("incident-i-1", event) for event in life(1)])[1:2]
    with pytest.raises(KeyError):
        await rows(CASEBOOK, database, [orphan], "casebook")
