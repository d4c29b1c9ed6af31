"""Nobody reads or changes what lies outside their places, their organisation or their own record."""

import pytest

from contracts.common import Role

TWIN = "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a1"
TOWER = "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a"
ELSEWHERE = (
    "yinchuan/xingqing",
    "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-b",
    "yinchuan/jin",
    "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda",
    "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda_a",
    TWIN,
    f"{TOWER}/18",
)
COMMANDS = (
    ("/units/wanda-a-1812/observations", {"observed_use": "hotel"}),
    ("/units/wanda-a-1812/classifications", {"use_class": "studio"}),
    ("/units/wanda-a-1812/operators", {"operator": "hotel-1"}),
    ("/units/wanda-a-1812/move-ins", {"category": "long-let", "occupants": [{"name": "顾小满"}]}),
    ("/units/wanda-a-1812/corrections", {"corrects": "x", "use_class": "studio", "reason": "看错行"}),
    ("/buildings/wanda-a/surveys", {"lowest_floor": -2, "highest_floor": 40}),
    ("/buildings/wanda-a/units", {"number": "1814", "floor": 18}),
    ("/visit-rounds", {"place": TOWER, "units": ["wanda-a-1812"], "day_part": "day"}),
)


@pytest.mark.parametrize("place", ELSEWHERE)
async def test_no_other_place_reaches_the_tower_however_alike_its_path(city, place):
    arrived = await city.moved_in()
    stranger = city.caller(Role.OFFICER, place)
    before = (await city.served.context.store.head()).position
    tenancy = f"/units/wanda-a-1812/tenancies/{arrived['id']}"
    later = (
        (f"{tenancy}/move-out", {}),
        (f"{tenancy}/verifications", {"subject": arrived["subjects"][0], "method": "in-person"}),
    )
    for path, body in (*COMMANDS, *later):
        response = await stranger.post(path, body)
        assert (response.status_code, response.json()["type"]) == (403, "/problems/outside-scope"), path
    assert (await city.served.context.store.head()).position == before
    for path in ("/buildings", "/units", "/verifications", "/visit-rounds"):
        assert (await stranger.get(path)).json()["items"] == [], path
        assert (await stranger.get(path, place="yinchuan/jinfeng")).json()["items"] == [], path
    for path in ("/buildings/wanda-a", "/units/wanda-a-1812"):
        assert (await stranger.get(path)).status_code == 404, path
    assert (await stranger.get("/units/wanda-a-1812/history")).status_code == 403
    record = f"/subjects/{arrived['subjects'][0]}/openings"
    assert (await stranger.post(record, {"purpose": "incident"})).status_code == 403


async def test_a_place_in_a_request_never_widens_a_scope(city):
    patrolled = city.caller(Role.AUXILIARY, f"{TOWER}/1813")
    found = (await patrolled.get("/units", place="yinchuan")).json()["items"]
    assert [unit["number"] for unit in found] == ["1813"]


async def test_a_house_is_seen_from_every_place_above_it(city):
    for place in ("yinchuan", "yinchuan/jinfeng", TOWER):
        assert (await city.caller(Role.OFFICER, place).get("/buildings/wanda-a")).status_code == 200


async def test_an_operator_sees_and_changes_the_units_that_it_runs_at_that_moment(city):
    operator = city.caller(Role.OPERATOR, org="hotel-xinghe")
    assert (await operator.get("/units")).json()["items"] == []
    assert (await operator.get("/buildings")).json()["items"] == []
    run = await city.officer.post("/units/wanda-a-0601/operators", {"operator": "hotel-xinghe"})
    operator.position = run.headers["Maple-Position"]
    assert [unit["number"] for unit in (await operator.get("/units")).json()["items"]] == ["0601"]
    [tower] = (await operator.get("/buildings")).json()["items"]
    assert tower["units"] == 1
    assert (await operator.get("/units/wanda-a-0601")).status_code == 200
    assert (await operator.get("/units/wanda-a-1812")).status_code == 404
    household = {"category": "long-let", "occupants": [{"name": "顾小满"}]}
    refused = await operator.post("/units/wanda-a-1812/move-ins", household)
    assert refused.status_code == 403
    city.served.clock.moment = city.served.clock.moment.replace(hour=5)
    gone = await city.officer.post("/units/wanda-a-0601/operators", {"operator": "hotel-yunqi"})
    operator.position = gone.headers["Maple-Position"]
    assert (await operator.get("/units")).json()["items"] == []
    assert (await operator.get("/units", as_of="2024-06-30T12:30:00+08:00")).json()["items"] == []
    assert (await operator.get("/units/wanda-a-0601/history")).status_code == 403


async def test_a_landlord_moves_its_own_tenants(city):
    await city.officer.post("/units/wanda-a-1812/operators", {"operator": "landlord-1"})
    landlord = city.caller(Role.OPERATOR, org="landlord-1")
    household = {"category": "long-let", "occupants": [{"name": "顾小满"}]}
    arrived = await landlord.post("/units/wanda-a-1812/move-ins", household)
    assert arrived.status_code == 201, arrived.text
    [task] = (await city.caller(Role.OFFICER).get("/verifications")).json()["items"]
    assert task["registered_by"] == "operator"


async def test_an_operator_sees_its_own_time_in_a_unit_and_nothing_before_it(city):
    arrived = await city.moved_in(effective_at="2024-02-03T10:00:00+08:00")
    gone = {"effective_at": "2024-03-01T10:00:00+08:00"}
    await city.officer.post(f"/units/wanda-a-1812/tenancies/{arrived['id']}/move-out", gone)
    begins = {"operator": "landlord-1", "effective_at": "2024-05-01T00:00:00+08:00"}
    assert (await city.officer.post("/units/wanda-a-1812/operators", begins)).status_code == 201
    theirs = await city.moved_in(effective_at="2024-06-03T10:00:00+08:00")
    landlord = city.caller(Role.OPERATOR, org="landlord-1")
    told = (await landlord.get("/units/wanda-a-1812/history")).json()["items"]
    assert {item["effective_at"] for item in told} == {"2024-06-03T02:00:00Z", "2024-04-30T16:00:00Z"}
    held = (await landlord.get("/units/wanda-a-1812")).json()["tenancies_held"]
    assert [tenancy["tenancy"] for tenancy in held] == [theirs["id"]]
    for path in ("/units/wanda-a-1812", "/buildings/wanda-a"):
        assert (await landlord.get(path, as_of="2024-02-10")).status_code == 404
    assert (await landlord.get("/units", as_of="2024-02-10")).json()["items"] == []
    assert len((await city.officer.get("/units/wanda-a-1812")).json()["tenancies_held"]) == 2


async def test_a_token_without_the_scope_that_its_role_needs_opens_nothing(city):
    for caller in (city.served.caller(Role.OFFICER), city.served.caller(Role.OPERATOR, "yinchuan")):
        response = await caller.get("/units")
        assert (response.status_code, response.json()["type"]) == (403, "/problems/scope-missing")


async def test_a_foreign_or_missing_token_opens_nothing(city):
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        response = await city.served.client.get("/units", headers=headers)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
