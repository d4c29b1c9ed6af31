"""The log over HTTP: everything in order for whom it concerns, nothing for others."""

import httpx
import pytest

from contracts.common import Role
from contracts.envelope import Envelope
from services.chassis.subscriptions.remote import LogRefused, RemoteLog


async def test_the_log_is_read_in_order_and_on_from_where_one_stopped(city):
    await city.moved_in()
    integrator = city.caller(Role.INTEGRATOR, "yinchuan")
    first = (await integrator.get("/events", limit=4)).json()
    rest = (await integrator.get("/events", after=first["upto"])).json()
    events = [Envelope.model_validate(item) for item in (*first["items"], *rest["items"])]
    assert [event.position for event in events] == list(range(1, rest["head"] + 1))
    assert rest["upto"] == rest["head"]
    assert events[0].type == "registry.building-registered.v1"
    assert events[0].actor.id == "officer-1"
    assert "顾小满" not in str(rest)
    nothing = (await integrator.get("/events", after=rest["head"])).json()
    assert (nothing["items"], nothing["upto"]) == ([], rest["head"])


async def test_events_of_other_places_are_left_out_and_passed_over(city):
    await city.officer.post("/buildings/wanda-a/surveys", {"lowest_floor": -2, "highest_floor": 30})
    neighbour = city.caller(Role.INTEGRATOR, "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/1812")
    seen = (await neighbour.get("/events")).json()
    assert {item["stream"] for item in seen["items"]} == {"unit-wanda-a-1812"}
    assert seen["upto"] == seen["head"]
    whole = (await city.caller(Role.INTEGRATOR).get("/events")).json()
    assert whole["items"][-1]["type"] == "registry.floors-surveyed.v1"
    assert (await city.officer.get("/events")).status_code == 403


async def test_the_platform_itself_reads_every_event(city):
    whole = (await city.caller(Role.INTEGRATOR).get("/events")).json()
    told = (await city.served.caller(Role.SYSTEM).get("/events", limit=1000)).json()
    assert [item["position"] for item in told["items"]] == list(range(1, whole["head"] + 1))


async def test_another_service_reads_the_very_events_of_the_log(city):
    await city.moved_in()
    store = city.served.context.store
    token = city.caller(Role.SYSTEM).token
    async with httpx.AsyncClient(
        transport=city.served.client._transport, base_url="http://test", headers={"Authorization": f"Bearer {token}"}
    ) as client:
        remote = RemoteLog("registry", client)
        ours, theirs = await store.read(0), await remote.read(0)
        assert [event.columns[:-1] for event in ours] == [event.columns[:-1] for event in theirs]
        assert [event.position for event in await remote.read(2, 1)] == [3]
        head, known = await remote.head(), await store.head()
        assert (head.position, head.recorded_at, head.lineage) == (known.position, known.recorded_at, known.lineage)
        assert await remote.lineages() == await store.lineages()


async def test_a_log_that_is_shown_in_part_is_refused_by_who_has_to_read_all(city):
    await city.officer.post("/buildings/wanda-a/surveys", {"lowest_floor": -2, "highest_floor": 30})
    neighbour = city.caller(Role.INTEGRATOR, "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/1812")
    async with httpx.AsyncClient(
        transport=city.served.client._transport,
        base_url="http://test",
        headers={"Authorization": f"Bearer {neighbour.token}"},
    ) as client:
        with pytest.raises(LogRefused, match="role system"):
            await RemoteLog("registry", client).read(0)
