"""Figures: every one counted from events, comparable only where covered, with the very events behind it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contracts.common import Role
from contracts.incidents import IncidentReopened, IncidentResolved, IncidentTriaged, Priority
from services.analytics.figures.wholeness import Wholeness
from services.analytics.statistics.ratio import ratio_interval
from tests.integration.analytics.counted import CITY, COST, LATER, calls, cover
from tests.integration.analytics.happenings import WANDA


@pytest.fixture(autouse=True)
def later(station):
    station.clock.moment = LATER


async def test_the_figures_of_the_case_come_out_of_their_events(station):
    station.put("incidents", calls(36, "dispute/deposit", date(2023, 5, 4)))
    station.put("incidents", calls(29, "dispute/neighbours", date(2024, 5, 6)))
    station.put("incidents", calls(9, "dispute/deposit", date(2024, 5, 7), drill=True))
    station.put("incidents", calls(7, "crime/theft", date(2024, 5, 7)))
    analyst = station.caller(Role.ANALYST)
    await station.read_all()
    unknown = (await analyst.get("/kpis/building-dispute-calls")).json()
    assert (unknown["value"], unknown["previous"], unknown["change_percent"]) == (29, None, None)
    await cover(station, "live", "2023-01-01", "2024-12-31")
    await station.read_all()
    items = (await analyst.get("/kpis")).json()["items"]
    assert [item["id"] for item in items] == [
        "building-dispute-calls",
        "building-security-cost",
        "area-crime",
        "area-theft",
        "city-crime",
        "city-public-order",
        "city-help-calls",
    ]
    wanda = (await analyst.get("/kpis", place=items[0]["place"])).json()["items"]
    assert [item["id"] for item in wanda] == ["building-dispute-calls", "building-security-cost"]
    assert (await analyst.get("/kpis", place="mars")).json()["items"] == []
    refused = await analyst.get("/kpis", category="crime")
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/period-missing")
    figure = items[0]
    interval = ratio_interval(29, 36, exposure=366 / 365)
    assert (figure["value"], figure["previous"], figure["change_percent"]) == (29, 36, -19.44)
    assert figure["interval"] == [pytest.approx(interval.low, abs=1e-5), pytest.approx(interval.high, abs=1e-5)]
    assert figure["may_be_chance"] is True
    assert figure["series"]["value"] == [0, 0, 0, 0, 29, 0, 0, 0, 0, 0, 0, 0]
    assert figure["series"]["previous"][4] == 36
    assert (figure["place"], figure["span"]) == (WANDA, {"first": "2024-01-01", "last": "2024-12-31"})
    assert (items[4]["value"], items[4]["previous"], items[4]["change_percent"]) == (7, 0, None)


async def test_one_event_less_moves_the_figure_and_its_evidence_by_one(station):
    await cover(station, "live", "2023-01-01", "2024-12-31")
    station.put("incidents", calls(5, "dispute/deposit", date(2024, 5, 6)))
    await station.read_all()
    analyst = station.caller(Role.ANALYST)
    behind = (await analyst.get("/kpis/building-dispute-calls/events", limit=2)).json()
    rest = (await analyst.get("/kpis/building-dispute-calls/events", cursor=behind["next"])).json()
    assert len(behind["items"]) + len(rest["items"]) == 5
    assert len({item["id"] for item in behind["items"] + rest["items"]}) == 5
    assert {item["day"] for item in behind["items"]} == {"2024-05-06"}
    # one turns out to be no dispute
    moved = station.logs["incidents"].events[0]
    triaged = IncidentTriaged(
        incident=moved.event.incident,
        place=WANDA,
        priority=Priority.ROUTINE,
        category="help/advice",
        effective_at=moved.effective_at,
    )
    station.put("incidents", [(moved.stream, triaged)])
    await station.read_all()
    assert (await analyst.get("/kpis/building-dispute-calls")).json()["value"] == 4
    left = (await analyst.get("/kpis/building-dispute-calls/events")).json()["items"]
    assert str(moved.id) not in {item["id"] for item in left}
    assert len(left) == 4
    # and as of the position before, it was one
    assert (await analyst.get("/kpis/building-dispute-calls", at="incidents=5")).json()["value"] == 5
    assert len((await analyst.get("/kpis/building-dispute-calls/events", at="incidents=5")).json()["items"]) == 5
    assert (await analyst.get("/kpis/building-dispute-calls", at="incidents=3")).json()["value"] == 3


async def test_money_is_summed_from_reports_and_corrections_and_has_no_interval(station):
    manager = station.caller(Role.SUPERVISOR)
    for firm, year, value in (("a", 2023, 900_000), ("b", 2023, 880_000), ("a", 2024, 535_000), ("b", 2024, 600_000)):
        body = {
            "indicator": "building-security-cost",
            "source": f"security-{firm}",
            "place": WANDA,
            "span": {"first": f"{year}-03-01", "last": f"{year}-03-31"},
            "value": value,
            "unit": "CNY",
        }
        assert (await manager.post("/indicators", body)).status_code == 201
    corrected = await manager.post("/indicators", body | {"value": 535_000})
    assert corrected.json()["events"][0]["type"] == "analytics.indicator-corrected.v1"
    for firm in ("a", "b"):
        await cover(station, f"security-{firm}", "2023-01-01", "2024-12-31", place=WANDA)
    await station.read_all()
    analyst = station.caller(Role.ANALYST)
    cost = (await analyst.get("/kpis/building-security-cost")).json()
    assert (cost["value"], cost["previous"], cost["change_percent"]) == (107, 178, -39.89)
    assert (cost["interval"], cost["may_be_chance"], cost["unit"]) == (None, None, "CNY10k")
    assert cost["series"]["value"][2] == 107
    behind = (await analyst.get("/kpis/building-security-cost/events")).json()["items"]
    assert sorted(item["value"] for item in behind) == [535_000, 535_000]


async def imported(station):
    """Vancouver, small: three years of two kinds, a missing year, and a half year at the end."""
    counts = {2003: (6, 3), 2005: (8, 4), 2006: (4, 4), 2007: (2, 1)}
    for year, (theft, mischief) in counts.items():
        for half, day in enumerate((date(year, 2, 1), date(year, 9, 1))):
            if year == 2007 and half:
                continue
            where = {"place": "vancouver/west-end", "source": "vancouver-crime"}
            first = half * 100
            station.put("incidents", calls(theft, "crime/theft", day, label="Other Theft", first=first, **where))
            station.put("incidents", calls(mischief, "crime/mischief", day, label="Mischief", first=first, **where))
    gap = ("2004-01-01", "2004-12-31")
    await cover(station, "vancouver-crime", "2003-01-01", "2007-06-30", gap, place="vancouver")
    await station.read_all()
    return station.caller(Role.ANALYST, "vancouver")


def by(items):
    return {(item["label"], item["period"]): item for item in items}


async def test_years_are_compared_only_where_both_are_covered(station):
    analyst = await imported(station)
    items = by((await analyst.get("/kpis", period="year", place="vancouver")).json()["items"])
    values = {period: item["value"] for (label, period), item in items.items() if label == "Other Theft"}
    assert values == {"2003": 12, "2005": 16, "2006": 8, "2007": 2}
    changes = {period: item["change_percent"] for (label, period), item in items.items() if label == "total"}
    assert changes == {"2003": None, "2005": None, "2006": -33.33, "2007": None}
    assert items["total", "2006"]["previous"] == 24
    assert items["total", "2006"]["category"] is None
    assert items["Mischief", "2006"]["category"] == "crime/mischief"
    assert items["total", "2006"]["may_be_chance"] is True
    assert items["total", "2007"]["interval"] is None


async def test_half_a_year_is_compared_with_the_same_half(station):
    analyst = await imported(station)
    asked = {"period": "year", "place": "vancouver", "from": "2007-01-01", "to": "2007-06-30"}
    items = by((await analyst.get("/kpis", **asked)).json()["items"])
    half = items["total", "2007-01-01/2007-06-30"]
    assert (half["value"], half["previous"], half["change_percent"]) == (3, 8, -62.5)
    assert half["previous_span"] == {"first": "2006-01-01", "last": "2006-06-30"}
    too_far = by((await analyst.get("/kpis", **asked | {"to": "2007-07-01"})).json()["items"])
    assert all(item["change_percent"] is None for item in too_far.values())


async def test_months_and_days_of_a_category_by_path_or_by_its_own_name(station):
    analyst = await imported(station)
    asked = {"period": "month", "place": "vancouver/west-end"}
    named = (await analyst.get("/kpis", category="Other Theft", **asked)).json()["items"]
    path = (await analyst.get("/kpis", category="crime/theft", **asked)).json()["items"]
    assert [item["value"] for item in named] == [item["value"] for item in path]
    assert {item["period"]: item["value"] for item in named if item["value"]} == {
        "2003-02": 6,
        "2003-09": 6,
        "2005-02": 8,
        "2005-09": 8,
        "2006-02": 4,
        "2006-09": 4,
        "2007-02": 2,
    }
    assert "2004-05" not in {item["period"] for item in named}
    asked = {"period": "day", "place": "vancouver", "from": "2006-01-31", "to": "2006-02-01"}
    days = by((await analyst.get("/kpis", **asked)).json()["items"])
    assert (days["total", "2006-01-31"]["value"], days["total", "2006-02-01"]["value"]) == (0, 8)
    assert days["total", "2006-02-01"]["previous"] == 12


async def test_the_events_behind_any_figure_are_as_many_as_it_says(station):
    analyst = await imported(station)
    items = (await analyst.get("/kpis", period="year", place="vancouver")).json()["items"]
    for item in items:
        behind = (await analyst.get(f"/kpis/{item['id']}/events", limit=500)).json()["items"]
        assert len(behind) == item["value"], item["id"]
        again = (await analyst.get(f"/kpis/{item['id']}")).json()
        assert (again["value"], again["previous"]) == (item["value"], item["previous"])
    total = next(item for item in items if item["period"] == "2006" and item["label"] == "total")
    before = (await analyst.get(f"/kpis/{total['id']}/events", which="previous", limit=500)).json()["items"]
    assert len(before) == total["previous"] == 24


async def test_pages_of_figures_hold_all_of_them_once(station):
    analyst = await imported(station)
    asked = {"period": "year", "place": "vancouver"}
    whole = (await analyst.get("/kpis", **asked)).json()["items"]
    paged, cursor = [], None
    while True:
        page = (await analyst.get("/kpis", limit=5, **asked, **({"cursor": cursor} if cursor else {}))).json()
        paged += page["items"]
        if (cursor := page["next"]) is None:
            break
    assert [item["id"] for item in paged] == [item["id"] for item in whole]


async def test_what_cannot_be_asked_is_refused(station):
    analyst = station.caller(Role.ANALYST)
    upside_down = {"period": "year", "from": "2024-01-02", "to": "2024-01-01"}
    assert (await analyst.get("/kpis", **upside_down)).status_code == 422
    for path in ("/kpis/nothing", "/kpis/a~b~c~d~e~f", "/kpis/incident~live~~~~2024-13/events"):
        assert (await analyst.get(path)).status_code == 404, path
    assert (await analyst.get("/kpis", at="nonsense")).status_code in {400, 422}
    assert (await analyst.get("/kpis", period="week")).status_code == 422
    assert (await analyst.get("/kpis", period="day", **{"from": "0001-01-01", "to": "9999-12-31"})).status_code == 200


async def test_a_month_with_a_leap_day_is_held_against_one_without_by_the_day(station):
    for year, days in ((2024, 29), (2025, 28)):
        for day in range(1, days + 1):
            station.put("incidents", calls(3, "crime/theft", date(year, 2, day), source="press"))
    await cover(station, "press", "2024-02-01", "2025-02-28")
    await station.read_all()
    asked = {"period": "month", "source": "press", "category": "crime", "from": "2025-02-01", "to": "2025-02-28"}
    (month,) = (await station.caller(Role.ANALYST).get("/kpis", **asked)).json()["items"]
    assert (month["value"], month["previous"], month["change_percent"]) == (84, 87, 0.0)
    low, high = month["interval"]
    assert low * high == pytest.approx(1, abs=0.01)
    assert month["may_be_chance"] is True


async def test_a_duplicate_and_an_unfounded_report_leave_the_figures_until_they_are_reopened(station):
    told = calls(6, "noise/party", date(2024, 5, 6))
    station.put("incidents", told)

    def about(number, kind, **more):
        stream, reported = told[number]
        at = reported.effective_at + timedelta(hours=1)
        return stream, kind(incident=reported.incident, place=reported.place, effective_at=at, **more)

    outcomes = ("settled", "duplicate", "duplicate", "unfounded", "unfounded", "unfounded")
    station.put("incidents", [about(n, IncidentResolved, outcome=outcome) for n, outcome in enumerate(outcomes)])
    await station.read_all()
    analyst = station.caller(Role.ANALYST)
    asked = {"period": "month", "source": "live", "category": "noise/party"}
    (month,) = (await analyst.get("/kpis", **asked)).json()["items"]
    assert month["value"] == 1
    assert len((await analyst.get(f"/kpis/{month['id']}/events")).json()["items"]) == 1
    station.put("incidents", [about(n, IncidentReopened) for n in (0, 1)])
    await station.read_all()
    (month,) = (await analyst.get("/kpis", **asked)).json()["items"]
    assert month["value"] == 2
    assert len((await analyst.get(f"/kpis/{month['id']}/events")).json()["items"]) == 2
    assert (await analyst.get("/kpis", **asked, at="incidents=6")).json()["items"][0]["value"] == 6


class Behind:
    """Checkpoints of a read model that has not read everything."""

    def __init__(self):
        self.read = {"incidents": 0, "mediation": 0, "analytics": 0}

    async def position(self, _):
        return self.read


async def test_figures_are_not_told_before_they_are_whole(station):
    station.put("incidents", calls(5, "dispute/deposit", date(2024, 5, 6)))
    await station.read_all()
    context, analyst = station.served.context, station.caller(Role.ANALYST)
    behind = Behind()
    station.served.app.state.wholeness = Wholeness(replace(context, checkpoints=behind))
    for path in ("/kpis", "/kpis/building-dispute-calls", "/kpis/building-dispute-calls/events", "/kpi-places"):
        answer = await analyst.get(path)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/figures-incomplete"), path
        assert answer.json()["detail"].startswith("The figures are still being counted: 0 of 5 events are read.")
        assert answer.headers["Retry-After"] == "1"
    # more comes in while it reads: what there was at the look before has to be in
    station.put("incidents", calls(1, "dispute/deposit", date(2024, 5, 7)))
    behind.read["incidents"] = 4
    assert (await analyst.get("/kpis")).json()["detail"].startswith("The figures are still being counted: 4 of 6")
    behind.read["incidents"] = 5
    assert (await analyst.get("/kpis")).status_code == 503
    behind.read["incidents"] = 6
    assert (await analyst.get("/kpis")).status_code == 200
    # once whole, a moment's lag closes nothing
    behind.read["incidents"] = 5
    assert (await analyst.get("/kpis")).status_code == 200


async def test_one_manager_cannot_move_a_headline_figure_alone(station):
    manager, boss, analyst = (station.caller(role) for role in (Role.PROPERTY_MANAGER, Role.SUPERVISOR, Role.ANALYST))

    async def value():
        await station.read_all()
        return (await analyst.get("/kpis/building-security-cost")).json()["value"]

    for wild in (1.7e308, -1e13):
        assert (await manager.post("/indicators", COST | {"value": wild})).status_code == 422
    assert (await manager.post("/indicators", COST | {"value": 500_000})).status_code == 201
    assert await value() is None
    (waiting,) = (await manager.get("/indicators/waiting")).json()["items"]
    assert (waiting["value"], waiting["usual"], waiting["span"]) == (500_000, None, COST["span"])
    release = {name: COST[name] for name in ("indicator", "source", "place", "span")} | {"value": 500_000}
    assert (await manager.post("/indicators/release", release)).status_code == 403
    other = station.caller(Role.SUPERVISOR, "vancouver")
    assert (await other.post("/indicators/release", release)).status_code == 403
    assert (await boss.post("/indicators/release", release)).status_code == 201
    assert await value() == 50
    assert (await manager.post("/indicators", COST | {"value": 700_000})).status_code == 201
    assert await value() == 70
    assert (await manager.post("/indicators", COST | {"value": 700_000_000_000})).status_code == 201
    assert await value() == 70
    (waiting,) = (await boss.get("/indicators/waiting")).json()["items"]
    assert (waiting["value"], waiting["usual"]) == (700_000_000_000, 700_000)
    assert (await other.get("/indicators/waiting")).json()["items"] == []
    # a correction by the manager takes it off the list
    assert (await manager.post("/indicators", COST | {"value": 650_000})).status_code == 201
    assert await value() == 65
    assert (await boss.get("/indicators/waiting")).json()["items"] == []


async def test_who_may_not_read_cases_is_told_no_few_of_them_and_none_of_their_events(station):
    station.put("incidents", calls(13, "noise/party", date(2024, 5, 6)))
    station.put("incidents", calls(3, "noise/music", date(2024, 5, 7)))
    await cover(station, "live", "2024-01-01", "2024-12-31")
    await station.read_all()
    analyst, other = station.caller(Role.ANALYST), station.caller(Role.ADMINISTRATOR)
    asked = {"period": "month", "place": CITY, "category": "noise", "from": "2024-05-01", "to": "2024-05-31"}

    async def values(caller):
        items = (await caller.get("/kpis", **asked)).json()["items"]
        return {item["category"]: item["value"] for item in items}

    assert await values(analyst) == {"noise": 16, "noise/party": 13, "noise/music": 3}
    assert await values(other) == {"noise": 15, "noise/party": 10, "noise/music": None}
    refused = await other.get("/kpis", **asked | {"period": "day"})
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/figure-too-fine")
    assert (await other.get("/kpis", **asked, at="incidents=3")).status_code == 403
    items = (await analyst.get("/kpis", **asked)).json()["items"]
    ident = next(item["id"] for item in items if item["value"] == 16)
    assert (await analyst.get(f"/kpis/{ident}/events")).status_code == 200
    assert (await other.get(f"/kpis/{ident}")).json()["value"] == 15
    for role in (Role.ADMINISTRATOR, Role.OVERSEER, Role.DATA_PLATFORM):
        assert (await station.caller(role).get(f"/kpis/{ident}/events")).status_code == 403, role
    # a property manager reads incidents, and no disputes
    manager, disputes = station.caller(Role.PROPERTY_MANAGER), ident.replace("incident~", "dispute~")
    assert (await manager.get(f"/kpis/{ident}/events")).status_code == 200
    assert (await manager.get(f"/kpis/{disputes}/events")).status_code == 403
