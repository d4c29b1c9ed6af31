"""What is covered: only days that are over, only once they are counted, and only where somebody said so."""

from datetime import date, timedelta

import pytest

from contracts.analytics import CoverageDeclared, IndicatorReported, Span
from contracts.common import Actor, Role
from services.chassis.eventstore.types import Append, metadata, new_event
from services.chassis.ids import uuid7
from services.chassis.projections import deadletters
from tests.integration.analytics.counted import CITY, COST, LATER, calls, cover
from tests.integration.analytics.happenings import NOON


@pytest.fixture(autouse=True)
def later(station):
    station.clock.moment = LATER


PRESS = CoverageDeclared(
    source="press",
    place=CITY,
    span=Span(first=date(2023, 1, 1), last=date(2024, 12, 31)),
    effective_at=LATER,
)


async def appended(station, *declared):
    """Declarations as they stand in the log, whatever would be refused today."""
    about = metadata(Actor(role=Role.ANALYST, id="elsewhere"))
    for number, event in enumerate(declared):
        told = new_event(uuid7(), event, about)
        await station.served.context.store.append(Append(f"coverage-{number}", 0, (told,), station.clock.now()))
    await station.read_all()


async def test_nothing_is_compared_before_all_that_is_covered_has_been_counted(station):
    analyst = station.caller(Role.ANALYST)
    station.put("incidents", calls(8, "crime/theft", date(2023, 3, 1), source="press"))
    await appended(station, PRESS.model_copy(update={"complete_at": {"incidents": 14}}))
    question = {"period": "year", "category": "crime", "place": CITY, "source": "press"}
    known = (await analyst.get("/kpis", **question)).json()["items"]
    assert {item["period"]: item["covered"] for item in known} == {"2023": False}
    assert (await analyst.get("/kpi-places")).json()["items"] == []
    station.put("incidents", calls(6, "crime/theft", date(2024, 3, 1), source="press"))
    await station.read_all()
    items = {item["period"]: item for item in (await analyst.get("/kpis", **question)).json()["items"]}
    assert (items["2024"]["value"], items["2024"]["previous"], items["2024"]["change_percent"]) == (6, 8, -25.2)
    # as of an earlier position it is again known in part only
    earlier = (await analyst.get("/kpis", **question, at="incidents=13")).json()["items"]
    assert [(item["period"], item["change_percent"]) for item in earlier if item["period"] == "2024"] == [
        ("2024", None)
    ]


async def test_a_position_that_a_log_has_not_handed_out_is_refused(station):
    station.put("incidents", calls(3, "crime/theft", date(2024, 3, 1), source="press"))
    boss = station.caller(Role.SUPERVISOR)
    body = {"source": "press", "place": CITY, "span": {"first": "2023-01-01", "last": "2024-12-31"}}
    ahead = await boss.post("/coverage", body | {"complete_at": {"incidents": 4}})
    assert (ahead.status_code, ahead.json()["type"]) == (422, "/problems/log-not-that-far")
    assert ahead.json()["pointer"] == "/complete_at/incidents"
    assert ahead.json()["detail"].startswith("The log of incidents has come to 3:")
    for wrong in ("incidnets", "city"):
        unknown = await boss.post("/coverage", body | {"complete_at": {wrong: 1}})
        assert unknown.status_code == 422
        assert unknown.json()["pointer"] == "/complete_at"
        assert unknown.json()["detail"].startswith(
            "/complete_at: One of its names is wrong. It must be one of 'registry', 'incidents', 'mediation' or"
        )
    assert (await boss.post("/coverage", body | {"complete_at": {"incidents": 3, "registry": 0}})).status_code == 201


async def test_a_source_that_begins_later_is_no_growth(station):
    for year in (2023, 2024):
        station.put("incidents", calls(8, "crime/theft", date(year, 3, 1), source="town", place=CITY))
    station.put("incidents", calls(6, "crime/theft", date(2024, 3, 1), source="harbour", place=f"{CITY}/harbour"))
    await cover(station, "town", "2023-01-01", "2024-12-31")
    await cover(station, "harbour", "2024-01-01", "2024-12-31", place=f"{CITY}/harbour")
    await station.read_all()
    analyst = station.caller(Role.ANALYST)
    crime = (await analyst.get("/kpis/city-crime")).json()
    assert (crime["value"], crime["previous"], crime["change_percent"]) == (8, 8, 0.0)
    assert (crime["sources"], crime["left_out"]) == (["town"], ["harbour"])
    assert len((await analyst.get("/kpis/city-crime/events", limit=100)).json()["items"]) == 8
    for untold in ("city-public-order", "city-help-calls"):
        figure = (await analyst.get(f"/kpis/{untold}")).json()
        assert (figure["value"], figure["previous"], figure["covered"]) == (None, None, False), untold
    # one that names what it covers says with its silence that there was none
    await cover(station, "town", "2023-01-01", "2024-12-31", categories=["crime", "help"])
    await station.read_all()
    help_calls = (await analyst.get("/kpis/city-help-calls")).json()
    assert (help_calls["value"], help_calls["previous"], help_calls["covered"]) == (0, 0, True)


async def test_what_another_city_declares_says_nothing_here(station):
    for year in (2023, 2024):
        station.put("incidents", calls(4, "crime/theft", date(year, 3, 1), source="press"))
    await cover(station, "press", "2023-01-01", "2024-12-31", categories=["crime"])
    await cover(station, "press", "2023-01-01", "2024-12-31", place="vancouver")
    await station.read_all()
    asked = {"period": "year", "source": "press", "category": "crime", "place": CITY}
    years = (await station.caller(Role.ANALYST).get("/kpis", **asked)).json()["items"]
    assert [(item["period"], item["covered"], item["previous"]) for item in years] == [
        ("2024", True, 4),
        ("2023", True, None),
    ]


async def test_what_was_stored_before_there_were_bounds_stops_nothing(station):
    store = station.served.context.store
    told = [
        CoverageDeclared(
            source="live",
            place="vancouver",
            span=Span(first=date(2023, 1, 1), last=date(2024, 12, 31)),
            complete_at={"incidents": 2**63},
            effective_at=NOON,
        ),
        IndicatorReported(**COST | {"source": "live"}, value=1.7e308, effective_at=NOON),
        IndicatorReported(**COST | {"source": "security-b"}, value=1.7e308, effective_at=NOON),
    ]
    about = metadata(Actor(role=Role.ANALYST, id="elsewhere"))
    for stream, event in zip(("coverage-live", "indicator-live", "indicator-security-b"), told, strict=True):
        await store.append(Append(stream, 0, (new_event(uuid7(), event, about),), NOON))
    station.put("incidents", calls(3, "dispute/deposit", date(2024, 5, 6)))
    await cover(station, "live", "2023-01-01", "2024-12-31")
    assert (await station.caller(Role.SUPERVISOR).post("/indicators", COST | {"value": 500_000})).status_code == 201
    await station.read_all()
    analyst = station.caller(Role.ANALYST)
    assert (await analyst.get("/kpis/building-dispute-calls")).json()["covered"] is True
    assert (await analyst.get("/kpis/building-security-cost")).json()["value"] == 50
    assert await deadletters.listed(station.served.context.database.pool, "kpi") == []


async def test_a_source_that_took_over_a_place_goes_on_with_the_figures_of_the_one_before(station):
    estate = f"{CITY}/xingqing/fenghuang/tiandu-16"
    station.put("incidents", calls(7, "crime/theft", date(2023, 9, 1), source="city-110", place=estate))
    station.put("incidents", calls(5, "crime/theft", date(2024, 5, 1), place=estate))
    station.put(
        "incidents", calls(4, "crime/theft", date(2023, 9, 1), source="city-110", place=f"{CITY}/helan", first=100)
    )
    station.put("incidents", calls(4, "crime/theft", date(2024, 9, 1), source="city-110", place=f"{CITY}/helan"))
    await cover(station, "city-110", "2023-01-01", "2024-12-31")
    await cover(station, "live", "2024-04-01", "2024-12-31", place=estate)
    await station.read_all()
    analyst = station.caller(Role.ANALYST)
    apart = (await analyst.get("/kpis/area-crime")).json()
    assert (apart["value"], apart["previous"], apart["change_percent"]) == (5, None, None)
    await cover(station, "live", "2024-04-01", "2024-12-31", place=estate, continues="city-110")
    await station.read_all()
    area, city = [(await analyst.get(f"/kpis/{name}")).json() for name in ("area-crime", "city-crime")]
    assert (area["value"], area["previous"], area["left_out"]) == (5, 7, [])
    assert (city["value"], city["previous"], city["sources"]) == (9, 11, ["city-110", "live"])
    for name, count in (("area-crime", 5), ("city-crime", 9)):
        assert len((await analyst.get(f"/kpis/{name}/events")).json()["items"]) == count


async def test_a_day_is_covered_once_it_is_over_in_its_zone(station):
    station.put("incidents", calls(3, "crime/theft", date(2025, 3, 8), source="press"))
    refused = await station.caller(Role.SUPERVISOR).post(
        "/coverage", {"source": "press", "place": CITY, "span": {"first": "2025-03-07", "last": "2025-12-31"}}
    )
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/span-not-over")
    to_come = Span(first=date(2025, 3, 7), last=date(2025, 12, 31))
    gap = Span(first=date(2025, 5, 1), last=date(2025, 5, 31))
    ahead = PRESS.model_copy(update={"span": to_come, "gaps": (gap,)})
    await appended(station, ahead)
    analyst = station.caller(Role.ANALYST)
    asked = {"period": "day", "source": "press", "place": CITY, "category": "crime"}

    async def days():
        items = (await analyst.get("/kpis", **asked)).json()["items"]
        return {item["period"]: item["value"] for item in items if item["covered"]}

    assert await days() == {"2025-03-07": 0, "2025-03-08": 3, "2025-03-09": 0}
    (place,) = (await analyst.get("/kpi-places")).json()["items"]
    assert (place["first"], place["last"]) == ("2025-03-07", "2025-03-09")
    # a second before midnight the day is not over, at midnight it is
    midnight = LATER.replace(hour=16)
    station.clock.moment = midnight - timedelta(seconds=1)
    assert max(await days()) == "2025-03-09"
    station.clock.moment = midnight
    assert max(await days()) == "2025-03-10"
    months = (await analyst.get("/kpis", **asked | {"period": "month"})).json()["items"]
    assert [(item["period"], item["value"], item["covered"]) for item in months] == [("2025-03", 3, False)]


async def test_as_of_earlier_positions_a_day_that_was_not_over_then_is_not_covered(station):
    station.put("incidents", calls(2, "crime/theft", date(2024, 5, 6), source="press"))
    station.put("incidents", calls(1, "crime/theft", date(2024, 5, 8), source="press"))
    await cover(station, "press", "2024-05-01", "2024-05-31")
    await station.read_all()
    analyst = station.caller(Role.ANALYST)
    asked = {"period": "day", "source": "press", "place": CITY, "category": "crime"}
    now = (await analyst.get("/kpis", **asked)).json()
    assert len([item for item in now["items"] if item["covered"]]) == 31
    then = (await analyst.get("/kpis", **asked, at="incidents=2")).json()
    # the third call came on 8 May: until then nobody knew of that day
    assert max(item["period"] for item in then["items"] if item["covered"]) == "2024-05-07"
    assert then["as_of"].startswith("2024-05-08T04:00:00")
