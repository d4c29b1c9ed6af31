"""An audit finds what today's contracts cannot read, says why, and repeats no value."""

from contracts.registry import BuildingRegistered
from services.chassis.audit import audit
from services.chassis.eventstore.types import Append, NewEvent, new_event
from services.chassis.ids import uuid7
from tests.integration.chassis.conftest import NOON

ABOUT = b'{"actor":{"role":"officer","id":"officer-gu"}}'
SECRET = "13812345678"


def a_building() -> NewEvent:
    event = BuildingRegistered(
        building="wanda-a",
        name="万达A座",
        place="yinchuan/jinfeng",
        zone="Asia/Shanghai",
        lowest_floor=-1,
        highest_floor=30,
        effective_at=NOON,
    )
    return new_event(uuid7(), event, ABOUT)


async def found(log, *events):
    for event in events:
        await log.store.append(Append("building-wanda-a", None, (event,), NOON))
    return [each async for batch in audit(log.store, batch=2) for each in batch.unreadable]


def altered(type_name="registry.building-registered.v1", data=None, about=ABOUT):
    good = a_building()
    return NewEvent(good.id, type_name, good.data if data is None else data, about, NOON)


async def test_a_log_that_can_be_read_passes(log):
    assert await found(log, a_building(), a_building(), a_building()) == []


async def test_each_event_that_cannot_be_read_is_named_with_its_place_and_reason_and_without_a_value(log):
    unreadable = await found(
        log,
        a_building(),
        altered("registry.never-heard-of.v9"),
        altered(data=b'{"building":"%s!"}' % SECRET.encode()),
        altered(data=SECRET.encode() + b"\xff"),
        altered(about=b'{"actor":{"role":"%s","id":"x"}}' % SECRET.encode()),
        altered(about=b"{}"),
        a_building(),
    )
    assert [(each.position, each.stream, each.version) for each in unreadable] == [
        (position, "building-wanda-a", position) for position in range(2, 7)
    ]
    assert "No contract describes registry.never-heard-of.v9" in unreadable[0].reason
    assert "building: " in unreadable[1].reason
    assert "name: Field required" in unreadable[1].reason
    assert "role: " in unreadable[3].reason
    assert all(each.reason for each in unreadable)
    assert SECRET not in repr(unreadable)
