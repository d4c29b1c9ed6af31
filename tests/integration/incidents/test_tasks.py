"""Who is sent to an incident can work on that one and no other, wherever it is, while the task lasts."""

from datetime import timedelta

import pytest

from contracts.common import Role
from tests.integration.incidents.conftest import JINFENG, REPORT

TIANDU = "yinchuan/xingqing/fenghuang/tiandu-16"
STATION = "yinchuan/jinfeng/beijing-zhonglu"


@pytest.fixture
def city(desk):
    return desk.served.caller(Role.DISPATCHER, "yinchuan")


async def sent(city, place, officer="officer-1"):
    """The id of an incident at a place that the officer was sent to."""
    incident = (await city.post("/cases", REPORT | {"place": place})).json()["id"]
    assert (await city.post(f"/cases/{incident}/dispatches", {"officers": [officer]})).status_code == 201
    return incident


async def works(officer, incident):
    """What the officer is answered when setting out, arriving, reading, and which incidents are the officer's."""
    steps = [(await officer.post(f"/cases/{incident}/{step}")).status_code for step in ("departures", "arrivals")]
    read = await officer.post(f"/cases/{incident}/openings", {"purpose": "task"})
    listed = await officer.get("/cases", mine="true", state="open")
    return [*steps, read.status_code, [case["id"] for case in listed.json()["items"]]]


@pytest.mark.parametrize("place", [TIANDU, JINFENG, f"{STATION}-2"])
async def test_who_is_sent_somewhere_else_can_do_what_is_asked(desk, city, place):
    incident = await sent(city, place)
    officer = desk.served.caller(Role.OFFICER, STATION)
    officer.position = city.position
    assert await works(officer, incident) == [201, 201, 201, [incident]]
    ended = await officer.post(f"/cases/{incident}/resolution", {"outcome": "settled", "note": "已劝散。"}, key="end")
    assert ended.status_code == 201
    again = await officer.post(f"/cases/{incident}/resolution", {"outcome": "settled", "note": "已劝散。"}, key="end")
    assert (again.status_code, again.json()["events"]) == (200, ended.json()["events"])


async def test_a_task_opens_no_other_incident_and_no_other_step(desk, city):
    incident, other = await sent(city, TIANDU), await sent(city, TIANDU, "officer-2")
    officer = desk.served.caller(Role.OFFICER, STATION)
    officer.position = city.position
    assert (await works(officer, other))[:3] == [403, 403, 403]
    assert (await officer.post(f"/cases/{other}/resolution", {"outcome": "settled"})).status_code == 403
    assert (await officer.post(f"/cases/{incident}/reopening", {})).status_code == 403
    assert (await officer.post(f"/cases/{incident}/triage", {"priority": "urgent"})).status_code == 403
    assert [case["id"] for case in (await officer.get("/cases")).json()["items"]] == [incident]


@pytest.mark.parametrize("end", ["recalls", "resolution"])
async def test_the_right_ends_with_the_task(desk, city, end):
    incident = await sent(city, TIANDU)
    body = {"officers": ["officer-1"]} if end == "recalls" else {"outcome": "settled"}
    assert (await city.post(f"/cases/{incident}/{end}", body)).status_code == 201
    officer = desk.served.caller(Role.OFFICER, STATION)
    officer.position = city.position
    assert await works(officer, incident) == [403, 403, 403, []]
    assert (await officer.post(f"/cases/{incident}/resolution", {"outcome": "settled"})).status_code == 403
    if end == "resolution":
        assert (await city.post(f"/cases/{incident}/reopening")).status_code == 201
        officer.position = city.position
        assert await works(officer, incident) == [403, 403, 403, []]


@pytest.mark.parametrize("role", [Role.PROPERTY_MANAGER, Role.ANALYST, Role.MEDIATOR, Role.INTEGRATOR])
async def test_the_same_id_in_a_role_that_is_not_sent_gives_no_right(desk, city, role):
    incident = await sent(city, TIANDU, f"{role.value}-1")
    namesake = desk.served.caller(role, STATION)
    namesake.position = city.position
    assert (await namesake.get(f"/cases/{incident}")).status_code == 403
    assert (await namesake.get("/cases")).json()["items"] == []


async def test_the_wait_after_an_outage_and_after_a_reopening(desk, city):
    async def wait(incident):
        case = (await city.get(f"/cases/{incident}")).json()
        return case["waited_seconds"], case["wait_measured"]

    officer, noon = {"officer": "officer-1"}, desk.served.clock.moment
    told = {"place": TIANDU, "occurred": {"earliest": (noon - timedelta(minutes=120)).isoformat()}}
    incident = (await city.post("/cases", REPORT | told)).json()["id"]
    for step, body, ago in (("dispatches", {"officers": ["officer-1"]}, 115), ("arrivals", officer, 100)):
        entered = body | {"effective_at": (noon - timedelta(minutes=ago)).isoformat()}
        assert (await city.post(f"/cases/{incident}/{step}", entered)).status_code == 201
    assert await wait(incident) == (20 * 60, False)
    assert (await city.post(f"/cases/{incident}/resolution", {"outcome": "settled"})).status_code == 201
    desk.served.clock.moment += timedelta(days=1)
    assert (await city.post(f"/cases/{incident}/reopening")).status_code == 201
    assert await wait(incident) == (None, None)
    await city.post(f"/cases/{incident}/dispatches", {"officers": ["officer-1"]})
    desk.served.clock.moment += timedelta(seconds=5)
    assert (await city.post(f"/cases/{incident}/arrivals", officer)).status_code == 201
    assert await wait(incident) == (5, True)
