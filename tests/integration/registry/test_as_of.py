"""A building in four colours, as of any date on both axes of time."""

from contracts.common import Role
from tests.unit.registry.cases import BUILDING_PLACE


async def colours(city, **when):
    response = await city.officer.get("/buildings/wanda-a", **when)
    assert response.status_code == 200, response.text
    return {unit["number"]: unit["colour"] for floor in response.json()["floors"] for unit in floor["units"]}


async def test_a_building_is_a_stack_of_floors_with_its_sums(city):
    await city.officer.post("/units/wanda-a-0601/operators", {"operator": "hotel-xinghe"})
    await city.moved_in()
    building = (await city.officer.get("/buildings/wanda-a")).json()
    assert [floor["floor"] for floor in building["floors"]] == [18, 6]
    assert building["counts"] == {"hotel": 1, "studio": 0, "rental": 1, "owner-occupied": 0, "vacant": 1}
    assert (building["units"], building["occupied"], building["occupants"]) == (3, 2, 1)
    assert (building["to_verify"], building["overdue"], building["findings"]) == (1, 1, 0)
    [listed] = (await city.officer.get("/buildings")).json()["items"]
    assert listed == {name: building[name] for name in listed}


async def test_what_was_true_then_is_told_for_then(city):
    arrived = await city.moved_in()  # on June 3
    gone = {"effective_at": "2024-06-10T09:30:00+08:00"}
    await city.officer.post(f"/units/wanda-a-1812/tenancies/{arrived['id']}/move-out", gone)
    assert (await colours(city))["1812"] == "vacant"
    assert (await colours(city, as_of="2024-06-05"))["1812"] == "rental"
    assert (await colours(city, as_of="2024-06-02"))["1812"] == "vacant"
    assert (await colours(city, as_of="2024-06-10T09:29:59+08:00"))["1812"] == "rental"
    assert (await colours(city, as_of="2024-06-10T09:30:00+08:00"))["1812"] == "vacant"


async def test_what_was_known_then_is_told_as_it_was_known(city):
    city.served.clock.moment = city.served.clock.moment.replace(month=7, day=10)
    await city.moved_in()  # on June 3, told on July 10
    assert (await colours(city, as_of="2024-06-05"))["1812"] == "rental"
    assert (await colours(city, as_of="2024-06-05", known_at="2024-07-09"))["1812"] == "vacant"
    assert (await colours(city, as_of="2024-06-05", known_at="2024-07-10"))["1812"] == "rental"


async def test_a_correction_leaves_the_error_visible_to_whom_asks_what_was_known(city):
    await city.moved_in()
    history = (await city.officer.get("/units/wanda-a-1812/history")).json()["items"]
    [wrong] = [item["id"] for item in history if item["type"] == "registry.unit-classified.v1"]
    city.served.clock.moment = city.served.clock.moment.replace(month=7, day=10)
    corrected = {"corrects": wrong, "use_class": "studio", "reason": "登记时看错一行"}
    assert (await city.officer.post("/units/wanda-a-1812/corrections", corrected)).status_code == 201
    assert (await colours(city, as_of="2024-06-05"))["1812"] == "studio"
    assert (await colours(city, as_of="2024-06-05", known_at="2024-07-01"))["1812"] == "rental"
    moved, latest, *_ = (await city.officer.get("/units/wanda-a-1812/history")).json()["items"]
    assert latest["words"]["zh"] == "更正登记用途：工作室（登记时看错一行）"
    assert moved["words"]["zh"] == "更正居住登记：2024-06-03 入住，仍在居住，核验期限 2024-06-11（登记时看错一行）"
    [task] = (await city.officer.get("/verifications")).json()["items"]
    assert (task["due_at"], task["calendar"]) == ("2024-06-11T10:00:00Z", "official")


async def test_a_wrong_move_out_is_corrected_and_the_error_stays_visible_to_whom_asks_what_was_known(city):
    tenancy = f"/units/wanda-a-1812/tenancies/{(await city.moved_in())['id']}"
    await city.officer.post(f"{tenancy}/move-out", {"effective_at": "2024-06-25T09:00:00+08:00"})  # June 15 was meant
    city.served.clock.moment = city.served.clock.moment.replace(month=7, day=10)
    wrong = {"ended_at": "2024-06-15T09:00:00+08:00", "reason": "登记时看错日期"}
    assert (await city.officer.post(f"{tenancy}/corrections", wrong)).status_code == 201
    assert (await city.officer.post(f"{tenancy}/corrections", wrong)).status_code == 200
    assert (await colours(city, as_of="2024-06-20"))["1812"] == "vacant"
    assert (await colours(city, as_of="2024-06-20", known_at="2024-07-01"))["1812"] == "rental"
    [held] = (await city.officer.get("/units/wanda-a-1812")).json()["tenancies_held"]
    assert held["ended_at"] == "2024-06-15T01:00:00Z"
    await city.moved_in(effective_at="2024-06-16T10:00:00+08:00")


async def test_a_mistaken_move_out_is_undone_by_whom_may_move_and_the_task_is_there_again(city):
    tenancy = f"/units/wanda-a-1812/tenancies/{(await city.moved_in())['id']}"
    manager = city.caller(Role.PROPERTY_MANAGER, BUILDING_PLACE)
    await manager.post(f"{tenancy}/move-out", {})
    city.officer.position = manager.position
    assert not (await city.officer.get("/verifications")).json()["items"]
    undone = await manager.post(f"{tenancy}/corrections", {"ended_at": None, "reason": "点错了"})
    assert undone.status_code == 201, undone.text
    city.officer.position = manager.position
    assert (await colours(city))["1812"] == "rental"
    [task] = (await city.officer.get("/verifications")).json()["items"]
    assert task["due_at"] == "2024-06-06T10:00:00Z"
    stranger = city.caller(Role.PROPERTY_MANAGER, "yinchuan/xingqing")
    refused = await stranger.post(f"{tenancy}/corrections", {"ended_at": None, "reason": "点错了"})
    assert refused.status_code == 403


async def test_who_is_erased_leaves_no_task_behind(city):
    arrived = await city.moved_in()
    supervisor = city.caller(Role.SUPERVISOR)
    [subject] = arrived["subjects"]
    gone = await supervisor.post(f"/subjects/{subject}/erasure", {"ground": "resident-request"})
    assert gone.status_code == 201, gone.text
    city.officer.position = supervisor.position
    assert not (await city.officer.get("/verifications")).json()["items"]
    unit = (await city.officer.get("/units/wanda-a-1812")).json()
    assert (unit["occupants"], unit["to_verify"], unit["overdue"]) == (1, 0, 0)
    [occupant] = unit["tenancies_held"][0]["occupants"]
    assert occupant["erased_at"]
    assert not occupant["overdue"]


async def test_a_class_planned_for_later_shows_later(city):
    await city.moved_in()
    ahead = {"use_class": "studio", "effective_at": "2024-08-01T00:00:00+08:00"}
    assert (await city.officer.post("/units/wanda-a-1812/classifications", ahead)).status_code == 201
    assert (await colours(city))["1812"] == "rental"
    assert (await colours(city, as_of="2024-08-01"))["1812"] == "studio"


async def test_before_the_building_there_is_nothing(city):
    response = await city.officer.get("/buildings/wanda-a", as_of="2023-12-31")
    assert response.status_code == 404
    assert response.json()["type"] == "/problems/not-found"
    for day in ("2023-12-31", "0001-01-01"):
        assert (await city.officer.get("/buildings", as_of=day)).json()["items"] == []
    assert len((await city.officer.get("/buildings", as_of="9999-12-31")).json()["items"]) == 1


async def test_a_moment_that_is_none_is_told(city):
    for nonsense in ("yesterday", "2024-06-31", "2024-06-05T10:00:00"):
        response = await city.officer.get("/buildings", as_of=nonsense)
        assert response.status_code == 422, nonsense
        assert response.json()["parameter"] == "as_of"
