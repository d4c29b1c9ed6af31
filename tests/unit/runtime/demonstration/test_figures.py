"""Every figure of the case comes out of the events of the simulated city."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from services.analytics.views.kpi import KPI
from tests.unit.runtime.demonstration import counting

LAST = date(2025, 1, 14)


@pytest.fixture(scope="module")
def events(city):
    return [one.event for one in city.happened]


@pytest.mark.parametrize("name", counting.FALLS)
def test_the_falls_come_out_to_the_last_digit(events, name):
    _, _, _, expected, percent = counting.FALLS[name]
    before, after = counting.fall(events, name)
    assert (before, after) == expected
    assert round(100 * (after - before) / before, 2) == percent


def test_the_security_cost_falls_by_what_the_firms_report(events):
    before, after = counting.security_cost(events)
    assert (before, after) == (1_780_000, 1_070_000)
    assert round(100 * (after - before) / before, 2) == -39.89


@pytest.mark.parametrize("name", counting.FALLS)
def test_one_event_less_is_one_less_in_the_figure(events, name):
    category, place, spans, (before, after), _ = counting.FALLS[name]
    victim = next(
        position for position, event in enumerate(events) if counting.incidents([event], category, place, *spans[1])
    )
    assert counting.fall(events[:victim] + events[victim + 1 :], name) == (before, after - 1)


def test_one_report_less_is_less_cost(events):
    victim = next(position for position, event in enumerate(events) if event.type == "analytics.indicator-reported.v1")
    assert counting.security_cost(events[:victim] + events[victim + 1 :])[0] == 1_780_000 - events[victim].value


def test_the_spans_around_the_beginning_of_the_platform_are_equal():
    first, second = counting.AROUND
    assert first[1] - first[0] == second[1] - second[0]
    assert first[1] + timedelta(days=1) == second[0]


def test_59_hotels_with_1165_rooms_move_to_floors_6_to_25_one_floor_one_shop(events):
    before, after = counting.hotel_rooms(events, date(2023, 12, 31)), counting.hotel_rooms(events, LAST)
    assert len(before) == len(after) == 59
    assert {hotel: len(rooms) for hotel, rooms in before.items()} == {hotel: len(r) for hotel, r in after.items()}
    assert sum(map(len, after.values())) == 1165
    floors = {
        hotel: {unit.rpartition("-")[0] + unit.rpartition("-")[2][:2] for unit in r} for hotel, r in after.items()
    }
    assert all(len(found) == 1 for found in floors.values())
    assert len(set.union(*floors.values())) == 59
    assert {int(floor[-2:]) for found in floors.values() for floor in found} <= set(range(6, 26))
    scattered = [len({unit.rpartition("-")[2][:2] for unit in rooms}) for rooms in before.values()]
    assert min(scattered) > 1
    outside = [
        unit for rooms in before.values() for unit in rooms if int(unit.rpartition("-")[2][:2]) not in range(6, 26)
    ]
    assert len(outside) == 390


def test_three_towers_of_thirty_floors_and_3906_households(events):
    buildings = {event.building: event for event in events if event.type == "registry.building-registered.v1"}
    towers = [buildings[name] for name in ("wanda-a", "wanda-b", "wanda-c")]
    assert [(tower.lowest_floor, tower.highest_floor) for tower in towers] == [(1, 30)] * 3
    households = Counter(
        event.place.rpartition("/")[0].rpartition("/")[0]
        for event in events
        if event.type == "registry.tenancy-started.v1"
    )
    assert households[counting.TIANDU] == 3906


def test_59_pain_points_12_meetings_68_days_of_visits(events):
    pains = [event for event in events if event.type == "mediation.issue-raised.v1" and event.kind == "pain-point"]
    assert len(pains) == 59
    assert all(pain.building and pain.floor for pain in pains)
    meetings = [
        event for event in events if event.type == "mediation.session-closed.v1" and event.kind == "coordination"
    ]
    assert len(meetings) == 12
    visits = {counting.day(event.effective_at) for event in events if event.type == "registry.visit-recorded.v1"}
    assert len(visits) == 68


def test_148_items_of_the_teahouse_over_nine_tenths_resolved(events):
    items = counting.items(events)
    assert sum(items.values()) == 148
    assert items["confirmed"] == 118
    assert items["resolved"] + items["confirmed"] == 136
    assert items["open"] == 12
    assert 136 / 148 > 0.9
    end = datetime.fromisoformat("2025-01-14T20:40:00+08:00")
    resolved = {event.issue: event for event in events if event.type == "mediation.issue-resolved.v1"}
    confirmed = {event.issue for event in events if event.type == "mediation.resolution-confirmed.v1"}
    silent = [event for issue, event in resolved.items() if issue not in confirmed and issue.startswith("item-")]
    late = [event for event in silent if event.effective_at < end - timedelta(days=14)]
    assert (len(late), len(silent) - len(late)) == (12, 6)


def test_who_owes_what_on_the_last_evening(events):
    made = {(event.issue, event.commitment): event for event in events if event.type == "mediation.commitment-made.v1"}
    kept = {(event.issue, event.commitment) for event in events if event.type == "mediation.commitment-fulfilled.v1"}
    owed = [event for key, event in made.items() if key not in kept and key[0].startswith("item-")]
    assert Counter(event.owner for event in owed) == {
        "property": 5,
        "committee": 3,
        "fire-brigade": 2,
        "station": 2,
    }
    assert [event.issue for event in owed if event.due_on < LAST and event.owner == "property"] == ["item-139"]


def test_every_closed_year_is_covered(events):
    spans = Counter(
        (event.source, event.place, event.span.first.year)
        for event in events
        if event.type == "analytics.coverage-declared.v1"
    )
    assert spans["yinchuan-110", "yinchuan", 2023] == spans["yinchuan-110", "yinchuan", 2024] == 1
    assert all(count == 1 for count in spans.values())
    assert {year for _, _, year in spans} == {2023, 2024}


def test_what_is_covered_counts_only_once_all_that_was_told_of_it_is_read(city):
    """Fails where a declaration does not say how far the logs must be read: a figure half read would be compared."""
    last: dict[str, int] = {}
    declared = 0
    for one in city.happened:
        if one.event.type == "analytics.coverage-declared.v1":
            declared += 1
            assert one.event.complete_at == {log: last[log] for log in KPI.sources}
        last[one.service] = one.position
    assert declared


def test_at_least_20000_events(events):
    assert len(events) >= 20_000
