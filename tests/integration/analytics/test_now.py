"""What analytics answers about the present, within the caller's places."""

from contracts.common import Role
from contracts.registry import TenancyCategory, TenancyCorrected
from tests.integration.analytics.conftest import OTHERS
from tests.integration.analytics.happenings import LOGS, TEAHOUSE, TOWER, WANDA, at, report


async def told(station):
    for source in OTHERS:
        for event in LOGS[source]():
            station.logs[source].put(event.stream, event.event, event.recorded_at)
    station.clock.moment = at(200)
    await station.read_all()


async def test_positions_say_how_far_everything_was_read(station):
    await told(station)
    caller = station.served.caller(Role.OVERSEER)
    answer = (await caller.get("/positions")).json()
    assert answer["logs"]["registry"] == len(LOGS["registry"]())
    assert answer["read"]["floors"] == {"registry": answer["logs"]["registry"]}
    assert set(answer["read"]) == {"floors", "feed", "problems", "kpi", "alerts", "assignments"}
    assert answer["total"] == sum(answer["logs"].values())


async def test_a_tower_is_shown_floor_by_floor_now_and_as_of_any_moment(station):
    await told(station)
    officer = station.caller(Role.OFFICER)
    tower = (await officer.get("/buildings/wanda-a/floors")).json()
    assert [floor["floor"] for floor in tower["floors"]] == [18, 6]
    assert tower["counts"] == {"hotel": 1, "studio": 0, "rental": 0, "owner-occupied": 0, "vacant": 2}
    assert tower["location"]["longitude"] == 106.2
    (towers,) = (await officer.get("/floors", place=WANDA, as_of=at(50).isoformat())).json()["items"]
    assert towers["counts"]["rental"] == 2
    (first, _) = towers["floors"][0]["units"]
    assert (first["label"], first["colour"], first["marks"]) == ("A-1812", "rental", ["differs"])
    waiting = (await officer.get("/floors", as_of=at(10).isoformat())).json()["items"][0]
    assert waiting["floors"][0]["units"][0]["marks"] == ["to-verify"]
    before = (await officer.get("/floors", as_of="2024-06-01")).json()
    assert before["items"] == []
    for day in ("0001-01-01", "9999-12-31"):
        assert (await officer.get("/floors", as_of=day)).status_code == 200


async def test_a_tower_follows_a_correction_of_a_tenancy(station):
    await told(station)
    unit = "wanda-a-1812"
    corrected = TenancyCorrected(
        unit=unit,
        place=f"{TOWER}/1812",
        tenancy="t-1",
        category=TenancyCategory.LONG_LET,
        ended_at=at(40),
        to_verify=("s-1812",),
        verification_due_at=at(28),
        effective_at=at(2),
    )
    officer = station.caller(Role.OFFICER)

    async def colour(moment):
        tower = (await officer.get("/buildings/wanda-a/floors", as_of=moment.isoformat())).json()
        return next(door["colour"] for floor in tower["floors"] for door in floor["units"] if door["id"] == unit)

    assert [await colour(at(hours)) for hours in (30, 50, 150)] == ["rental", "rental", "vacant"]
    station.logs["registry"].put(f"unit-{unit}", corrected)
    await station.read_all()
    assert [await colour(at(hours)) for hours in (30, 50, 150)] == ["rental", "vacant", "vacant"]
    station.logs["registry"].put(f"unit-{unit}", corrected.model_copy(update={"ended_at": None}))
    await station.read_all()
    assert [await colour(at(hours)) for hours in (30, 50, 150)] == ["rental", "rental", "rental"]


async def test_the_buildings_of_places_are_told_by_their_registered_names(station):
    await told(station)
    asked = {"place": [f"{TOWER}/1812", WANDA, "yinchuan/elsewhere"]}
    named = (await station.caller(Role.OFFICER).get("/building-names", **asked)).json()["items"]
    assert named == [{"place": TOWER, "name": "万达公寓 A 座", "zone": "Asia/Shanghai"}]
    stranger = station.caller(Role.OFFICER, "yinchuan/jinfeng-2")
    assert (await stranger.get("/building-names", **asked)).json()["items"] == []


async def test_who_is_responsible_elsewhere_sees_nothing(station):
    await told(station)
    stranger = station.caller(Role.OFFICER, "yinchuan/jinfeng-2", "yinchuan/jin")
    assert (await stranger.get("/floors")).json()["items"] == []
    assert (await stranger.get("/feed")).json()["items"] == []
    assert (await stranger.get("/problem-map")).json()["items"] == []
    assert (await stranger.get("/alerts", state="all")).json()["items"] == []
    assert (await stranger.get("/buildings/wanda-a/floors")).status_code == 404
    assert (await stranger.get("/kpis")).json()["items"] == []
    assert (await stranger.get("/kpis/city-crime")).status_code == 403
    assert (await stranger.get("/kpis", period="year", place="yinchuan")).status_code == 403
    assert (await stranger.get("/kpis", period="year")).json()["items"] == []


async def test_the_feed_is_newest_first_and_goes_on_with_its_cursor(station):
    await told(station)
    officer = station.caller(Role.OFFICER)
    first = (await officer.get("/feed", limit=5)).json()
    second = (await officer.get("/feed", limit=500, cursor=first["next"])).json()
    everything = first["items"] + second["items"]
    assert [item["recorded_at"] for item in everything] == sorted(
        (item["recorded_at"] for item in everything), reverse=True
    )
    assert len({item["id"] for item in everything}) == len(everything)
    lines = {item["type"]: item for item in everything}
    assert lines["incidents.incident-reported.v1"]["words"]["en"].startswith("Reported: ")
    assert lines["registry.unit-classified.v1"]["label"] in {"A-601", "A-1812", "A-1813"}
    assert not [item for item in everything if item["place"].startswith("vancouver")]


async def test_the_problem_map_and_the_overview(station):
    await told(station)
    officer = station.caller(Role.OFFICER)
    shown = (await officer.get("/problem-map")).json()
    assert {item["id"] for item in shown["items"]} == {"i-2", "i-5", "q-2"}
    every = (await officer.get("/problem-map", state="all", place=TEAHOUSE)).json()
    assert {item["id"] for item in every["items"]} == {"q-1", "q-3"}
    assert shown["buildings"] == [
        {
            "id": "wanda-a",
            "name": "万达公寓 A 座",
            "place": TOWER,
            "location": {"longitude": 106.2, "latitude": 38.4, "system": "WGS84"},
            "open": 1,
            "resolved": 0,
        }
    ]
    assert shown["buildings_total"] == 1
    overview = (await officer.get("/overview")).json()
    assert overview["incidents"] == {"open": 2, "by_category": {"crime": 1, "noise": 1}}
    assert overview["items"] == {
        "raised": 2,
        "resolved": 2,
        "confirmed": 1,
        "resolved_percent": 100.0,
        "confirmed_percent": 50.0,
    }
    assert overview["ledger"]["units"] == 3


async def test_a_city_of_which_only_incidents_are_known_is_a_city(station):
    station.put("incidents", [report(1, place="nowhere-yet/harbour")])
    await station.read_all()
    assert (await station.served.caller(Role.SYSTEM).get("/cities")).json() == {"items": ["nowhere-yet"]}


async def test_the_platform_itself_asks_which_cities_there_are_and_nobody_else(station):
    await told(station)
    assert (await station.served.caller(Role.SYSTEM).get("/cities")).json() == {"items": ["yinchuan"]}
    assert (await station.caller(Role.ADMINISTRATOR).get("/cities")).status_code == 403
