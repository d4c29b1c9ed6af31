"""The log over HTTP: everything in order for whom it concerns, nothing for others."""

import httpx
import pytest

from contracts.common import Role
from contracts.envelope import Envelope
from services.chassis.subscriptions.remote import LogRefused, RemoteLog


async def test_the_log_is_read_in_order_and_on_from_where_one_stopped(city):
    await city.moved_in()
    platform = city.served.caller(Role.SYSTEM)
    first = (await platform.get("/events", limit=4)).json()
    rest = (await platform.get("/events", after=first["upto"])).json()
    events = [Envelope.model_validate(item) for item in (*first["items"], *rest["items"])]
    assert [event.position for event in events] == list(range(1, rest["head"] + 1))
    assert rest["upto"] == rest["head"]
    assert events[0].type == "registry.building-registered.v1"
    assert events[0].actor.id == "officer-1"
    assert "顾小满" not in str(rest)
    nothing = (await platform.get("/events", after=rest["head"])).json()
    assert (nothing["items"], nothing["upto"]) == ([], rest["head"])


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM}))
async def test_nobody_but_the_platform_itself_reads_the_log(city, role):
    assert (await city.caller(role, "yinchuan").get("/events")).status_code == 403


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


async def test_a_log_that_is_not_ours_to_read_is_refused(city):
    neighbour = city.caller(Role.INTEGRATOR, "yinchuan")
    async with httpx.AsyncClient(
        transport=city.served.client._transport,
        base_url="http://test",
        headers={"Authorization": f"Bearer {neighbour.token}"},
    ) as client:
        with pytest.raises(LogRefused):
            await RemoteLog("registry", client).read(0)
