"""Visit rounds over HTTP."""

import asyncpg

TOWER = "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a"
DOORS = ["wanda-a-1813", "wanda-a-1812"]


async def planned(city, **changes):
    body = {"place": TOWER, "units": DOORS, "day_part": "evening"} | changes
    return await city.officer.post("/visit-rounds", body)


async def test_a_round_is_walked_door_by_door(city):
    await city.moved_in()
    visit_round = (await planned(city)).json()["id"]
    knock = {"unit": "wanda-a-1812", "outcome": "nobody-home", "effective_at": "2024-06-30T11:00:00+08:00"}
    assert (await city.officer.post(f"/visit-rounds/{visit_round}/visits", knock)).status_code == 201
    met = {"unit": "wanda-a-1812", "outcome": "met"}
    assert (await city.officer.post(f"/visit-rounds/{visit_round}/visits", met)).status_code == 201
    found = (await city.officer.get(f"/visit-rounds/{visit_round}")).json()
    assert [door["unit"] for door in found["doors"]] == DOORS
    first, second = found["doors"]
    assert (first["outcome"], first["colour"]) == (None, "vacant")
    assert (second["outcome"], second["label"], second["to_verify"]) == ("met", "A-1812", 1)
    assert second["last_met_at"] == "2024-06-30T04:00:00Z"
    assert (found["officer"], found["doors_count"], found["closed_at"]) == ("officer-1", 2, None)
    [task] = (await city.officer.get("/verifications")).json()["items"]
    assert task["last_met_at"] == "2024-06-30T04:00:00Z"
    assert (await city.officer.post(f"/visit-rounds/{visit_round}/closing")).status_code == 201
    [closed] = (await city.officer.get("/visit-rounds", state="closed", officer="officer-1")).json()["items"]
    assert (closed["visited"], closed["met"]) == (1, 1)
    assert (await city.officer.get("/visit-rounds", state="open")).json()["items"] == []


async def test_a_door_that_the_register_has_not_seen_yet_can_be_planned(city, database):
    connection = await asyncpg.connect(database.app)
    try:
        async with connection.transaction():
            # who would move the register's mark waits, as long as it takes
            await connection.execute("select from projections.checkpoints where projection = 'register' for update")
            unit = {"number": "1815", "floor": 18}
            assert (await city.officer.post("/buildings/wanda-a/units", unit)).status_code == 201
            assert (await planned(city, units=["wanda-a-1815"])).status_code == 201
            unknown = await planned(city, units=["wanda-a-1815", "wanda-a-1816"])
            assert (unknown.status_code, unknown.json()["pointer"]) == (422, "/units/1")
    finally:
        await connection.close()


async def test_a_repeated_plan_is_one_round(city):
    await city.officer.get("/units")
    body = {"place": TOWER, "units": DOORS, "day_part": "evening"}
    first = await city.officer.post("/visit-rounds", body, key="tonight")
    again = await city.officer.post("/visit-rounds", body, key="tonight")
    assert again.json() == first.json() | {"repeated": True}
    assert len((await city.officer.get("/visit-rounds")).json()["items"]) == 1


async def test_a_round_leads_only_to_doors_of_its_place(city):
    await city.officer.get("/units")
    refused = await planned(city, units=["wanda-a-1812", "wanda-b-101"])
    assert (refused.status_code, refused.json()["pointer"]) == (422, "/units/1")
    assert refused.json()["type"] == "/problems/unit-elsewhere"


async def test_nobody_walks_a_round_that_was_not_planned(city):
    assert (await city.officer.post("/visit-rounds/r9/closing")).status_code == 404
    assert (await city.officer.get("/visit-rounds/r9")).status_code == 404
