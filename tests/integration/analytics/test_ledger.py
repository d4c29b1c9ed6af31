"""The ledger of each place at any moment is what its units were then, also where a fact comes late."""

from contracts.common import Role
from contracts.registry import BuildingRegistered, UnitClassified, UseClass
from tests.integration.analytics.happenings import TOWER, WANDA, at, registry, unit_life

ABOVE = ("yinchuan", "yinchuan/jinfeng", "yinchuan/jinfeng/beijing-zhonglu", WANDA, TOWER)


async def told(station, *more):
    for event in registry():
        station.logs["registry"].put(event.stream, event.event, event.recorded_at)
    station.put("registry", more)
    station.clock.moment = at(200)
    await station.read_all()


async def total(caller, place, hours):
    return (await caller.get("/places", place=place, as_of=at(hours).isoformat())).json()["total"]


def summed(answer):
    return {name: number for name, number in answer["counts"].items() if number}, answer["noted"]


async def test_every_place_above_a_unit_has_its_sums_at_any_moment(station):
    await told(station)
    officer = station.caller(Role.OFFICER)
    for place in ABOVE:
        assert summed(await total(officer, place, -1)) == ({}, 0)
        assert summed(await total(officer, place, 0)) == ({"vacant": 3}, 0)
        assert summed(await total(officer, place, 2)) == ({"hotel": 1, "rental": 2}, 2)
        living = await total(officer, place, 2)
        assert (living["units"], living["occupants"], living["to_verify"], living["overdue"]) == (3, 2, 2, 0)
        assert summed(await total(officer, place, 25)) == ({"hotel": 1, "rental": 2}, 0)
        assert summed(await total(officer, place, 30)) == ({"hotel": 1, "rental": 2}, 2)
        assert summed(await total(officer, place, 100)) == ({"hotel": 1, "vacant": 2}, 2)
    now = (await officer.get("/overview")).json()["ledger"]
    assert now == {"hotel": 1, "studio": 0, "rental": 0, "owner-occupied": 0, "vacant": 2, "units": 3}


async def test_a_verification_that_is_due_becomes_late_by_the_passing_of_time(station):
    (tower, *_), *_ = [[("building-wanda-a", event.event) for event in registry()[:1]]]
    unverified = [one for one in unit_life(1812, UseClass.RENTAL) if "Verified" not in type(one[1]).__name__]
    station.put("registry", [tower, *unverified])
    station.clock.moment = at(200)
    await station.read_all()
    officer = station.caller(Role.OFFICER)
    assert (await total(officer, WANDA, 25.9))["overdue"] == 0
    assert (await total(officer, WANDA, 26))["overdue"] == 1
    assert (await total(officer, WANDA, 100))["overdue"] == 0


async def test_a_fact_that_comes_late_changes_the_past_from_when_it_was_true(station):
    unit = {"unit": "wanda-a-601", "place": f"{TOWER}/601"}
    late = UnitClassified(**unit, use_class=UseClass.STUDIO, effective_at=at(40))
    before = UnitClassified(**unit, use_class=UseClass.RENTAL, effective_at=at(10))
    await told(station, ("unit-wanda-a-601", late), ("unit-wanda-a-601", before))
    officer = station.caller(Role.OFFICER)
    assert (await total(officer, "yinchuan", 9))["counts"]["hotel"] == 1
    assert (await total(officer, "yinchuan", 10))["counts"]["rental"] == 3
    assert (await total(officer, "yinchuan", 40))["counts"]["studio"] == 1
    assert (await total(officer, "yinchuan", 199))["counts"]["hotel"] == 0


async def test_a_level_lists_the_places_below_it_in_pages_and_nothing_outside_the_scope(station):
    other = f"{WANDA}/wanda-b"
    second = BuildingRegistered(
        building="wanda-b", name="B", place=other, lowest_floor=1, highest_floor=2, effective_at=at(0)
    )
    flat = [
        (stream.replace("wanda-a", "wanda-b"), event.model_copy(update={"unit": "wanda-b-1", "building": "wanda-b"}))
        for stream, event in unit_life(101, UseClass.HOTEL)[:1]
    ]
    moved = [(stream, event.model_copy(update={"place": f"{other}/1"})) for stream, event in flat]
    await told(station, ("building-wanda-b", second), *moved)
    officer = station.caller(Role.OFFICER)
    top = (await officer.get("/places")).json()
    assert (top["place"], [item["place"] for item in top["items"]]) == ("yinchuan", ["yinchuan/jinfeng"])
    first = (await officer.get("/places", place=WANDA, limit=1)).json()
    assert [(item["building"], item["units"]) for item in first["items"]] == [("wanda-a", 3)]
    rest = (await officer.get("/places", place=WANDA, limit=1, cursor=first["next"])).json()
    assert [(item["name"], item["units"]) for item in rest["items"]] == [("B", 1)]
    assert rest["next"] is None
    mine = (await station.caller(Role.OFFICER, other).get("/places", place="yinchuan")).json()
    assert (mine["total"]["units"], mine["place"]) == (1, other)
    stranger = station.caller(Role.OFFICER, "yinchuan/jin", "yinchuan/jinfeng-2")
    assert (await stranger.get("/places", place=WANDA)).json()["total"]["units"] == 0


async def test_towers_come_in_pages_that_end_where_an_answer_would_be_large(station, monkeypatch):
    monkeypatch.setattr("services.analytics.queries.MOST_UNITS", 3)
    second = BuildingRegistered(
        building="wanda-b", name="B", place=f"{WANDA}/wanda-b", lowest_floor=1, highest_floor=2, effective_at=at(0)
    )
    flat = unit_life(101, UseClass.HOTEL)[0][1]
    here = flat.model_copy(update={"unit": "wanda-b-1", "building": "wanda-b", "place": f"{WANDA}/wanda-b/1"})
    await told(station, ("building-wanda-b", second), ("unit-wanda-b-1", here))
    officer = station.caller(Role.OFFICER)
    first = (await officer.get("/floors", place=WANDA)).json()
    assert [tower["id"] for tower in first["items"]] == ["wanda-a"]
    rest = (await officer.get("/floors", place=WANDA, cursor=first["next"])).json()
    assert ([tower["id"] for tower in rest["items"]], rest["next"]) == (["wanda-b"], None)
