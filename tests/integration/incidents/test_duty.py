"""Who is on duty, and that only officers who are known can be sent."""

from datetime import timedelta

from contracts.common import Role
from services.incidents.views.roster import ROSTER
from tests.integration.incidents.conftest import JINFENG, REPORT, WANDA_A

STATION = "yinchuan/jinfeng/beijing-zhonglu"
XINGQING = "yinchuan/xingqing"


async def roster(caller):
    answer = await caller.get("/duties")
    assert answer.status_code == 200, answer.text
    return [(duty["officer"], duty["place"]) for duty in answer.json()["items"]]


async def test_an_officer_comes_on_duty_and_the_desk_sees_what_they_are_on(desk):
    officer = desk.served.caller(Role.OFFICER, STATION)
    assert (await officer.post("/duties")).status_code == 201
    desk.dispatcher.position = officer.position
    assert await roster(desk.dispatcher) == [("officer-1", STATION)]
    incident = await desk.reported()
    await desk.dispatcher.post(f"/cases/{incident}/dispatches", {"officers": ["officer-1"]})
    (duty,) = (await desk.dispatcher.get("/duties")).json()["items"]
    assert [(task["incident"], task["phase"]) for task in duty["on"]] == [(incident, "dispatched")]
    assert (duty["since"], duty["until"]) == ("2024-06-30T04:00:00Z", "2024-06-30T16:00:00Z")
    await desk.dispatcher.post(f"/cases/{incident}/resolution", {"outcome": "settled"})
    (duty,) = (await desk.dispatcher.get("/duties")).json()["items"]
    assert (duty["on"], duty["elsewhere"]) == ([], 0)


async def test_a_duty_ends_by_a_tap_or_after_twelve_hours(desk):
    officer = desk.served.caller(Role.OFFICER, STATION)
    await officer.post("/duties")
    assert (await officer.post("/duties/end")).status_code == 201
    assert await roster(officer) == []
    await officer.post("/duties")
    mine = (await officer.get("/duties", mine="true")).json()["items"]
    assert [duty["officer"] for duty in mine] == ["officer-1"]
    desk.served.clock.moment += timedelta(hours=12)
    assert await roster(officer) == []


async def test_a_roster_is_of_the_callers_places_and_of_those_who_serve_them(desk):
    officer = desk.served.caller(Role.OFFICER, "yinchuan")
    await officer.post("/duties")
    far = desk.served.caller(Role.AUXILIARY, XINGQING)
    await far.post("/duties")
    for caller, expected in [
        (desk.served.caller(Role.DISPATCHER, JINFENG), [("officer-1", "yinchuan")]),
        (desk.served.caller(Role.DISPATCHER, XINGQING), [("officer-1", "yinchuan"), ("auxiliary-1", XINGQING)]),
    ]:
        caller.position = far.position
        assert await roster(caller) == expected
    for role in (Role.RESIDENT, Role.PROPERTY_MANAGER, Role.ANALYST):
        refused = await desk.served.caller(role, JINFENG, subject="s-ding").get("/duties")
        assert refused.status_code == 403


async def test_what_an_officer_is_on_outside_the_readers_places_is_only_counted(desk):
    officer = desk.served.caller(Role.OFFICER, "yinchuan")
    await officer.post("/duties")
    city = desk.served.caller(Role.DISPATCHER, "yinchuan")
    incident = (await city.post("/cases", REPORT)).json()["id"]
    await city.post(f"/cases/{incident}/dispatches", {"officers": ["officer-1"]})
    away = desk.served.caller(Role.DISPATCHER, XINGQING)
    away.position = city.position
    (duty,) = (await away.get("/duties")).json()["items"]
    assert (duty["on"], duty["elsewhere"]) == ([], 1)
    assert incident not in (await away.get("/duties")).text


async def test_an_officer_goes_on_duty_in_their_places_and_for_nobody_else(desk):
    officer = desk.served.caller(Role.OFFICER, STATION)
    assert (await officer.post("/duties", {"place": XINGQING})).status_code == 403
    assert (await officer.post("/duties", {"officer": "officer-2"})).status_code == 403
    assert (await desk.dispatcher.post("/duties", {"officer": "officer-2", "place": STATION})).status_code == 201
    outside = desk.served.caller(Role.SUPERVISOR, XINGQING)
    assert (await outside.post("/duties/end", {"officer": "officer-2"})).status_code == 403
    assert (await desk.dispatcher.post("/duties/end", {"officer": "officer-2"})).status_code == 201


async def test_an_officer_who_never_came_on_duty_is_not_sent(desk):
    incident = await desk.reported()
    officer = desk.served.caller(Role.OFFICER, STATION)
    await officer.post("/duties")
    await desk.served.context.checkpoints.reached(ROSTER.name, {"incidents": 2}, 5)
    for officers in (["officer", "gu"], ["officer-1", "gu"]):
        refused = await desk.dispatcher.post(f"/cases/{incident}/dispatches", {"officers": officers})
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/officers-unknown")
        assert refused.json()["detail"].startswith("officer, gu:" if "officer" in officers else "gu:")
    assert (await desk.dispatcher.post(f"/cases/{incident}/dispatches", {"officers": ["officer-1"]})).status_code == 201


async def test_where_nobody_keeps_a_roster_any_officer_can_be_sent(desk):
    incident = await desk.reported(place=WANDA_A)
    assert (await desk.dispatcher.post(f"/cases/{incident}/dispatches", {"officers": ["o-7"]})).status_code == 201
