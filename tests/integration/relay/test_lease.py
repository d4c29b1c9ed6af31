"""One relay owns a log; what a former owner does afterwards changes nothing."""

import asyncio
from dataclasses import replace

import pytest

from services.chassis.relay import progress as progress_
from services.chassis.relay import session as session_
from services.chassis.relay.lease import Lease, LeaseLost
from services.chassis.relay.progress import ProgressBook
from services.chassis.relay.republish import republish
from tests.integration.relay.conftest import until

STREAMS = [f"unit-{number}" for number in range(7)]


async def test_of_many_that_ask_at_once_one_gets_the_lease(street):
    leases = [Lease(street.database.pool, str(number), 30) for number in range(12)]
    epochs = await asyncio.gather(*(lease.take() for lease in leases))
    assert [epoch for epoch in epochs if epoch] == [1]


async def test_a_lease_that_ran_out_is_taken_with_a_higher_epoch_and_cannot_be_renewed(street):
    slow, quick = Lease(street.database.pool, "slow", 0.2), Lease(street.database.pool, "quick", 30)
    first = await slow.take()
    taken: list[int] = []

    async def takes() -> bool:
        if epoch := await quick.take():
            taken.append(epoch)
        return bool(taken)

    await until(takes)
    assert taken == [first + 1]
    with pytest.raises(LeaseLost):
        await slow.renew(first)
    await slow.release(first)
    assert await slow.take() is None


async def test_an_epoch_rises_above_what_a_topic_has_seen(street):
    lease = Lease(street.database.pool, "one", 30)
    epoch = await lease.take()
    assert await lease.exceed(epoch, 41) == 42
    with pytest.raises(LeaseLost):
        await lease.renew(epoch)
    await lease.renew(42)


UNFENCED = progress_.MOVE.replace("and epoch = $2", "and $2::bigint = $2")


@pytest.mark.guarantee("G5")
@pytest.mark.parametrize("fenced", [True, False], ids=["by epoch", "by a lock alone"])
async def test_a_former_owner_cannot_undo_what_was_ordered_after_it_lost_the_lease(street, monkeypatch, fenced):
    running = street.start()
    await street.put(*STREAMS)
    await street.published(7)
    await running.end()
    former = Lease(street.database.pool, "former", 30)
    epoch = await former.take()
    book = ProgressBook(street.database.pool)
    stale = await book.load(3)
    assert await republish(street.store, street.topic, {"bootstrap_servers": street.kafka}, 1) == 7

    if not fenced:
        monkeypatch.setattr(progress_, "MOVE", UNFENCED)
        await book.move(epoch, stale)
        assert (await book.load(3)).position == 7, "an owner without an epoch undoes it"
        return
    with pytest.raises(LeaseLost):
        await book.move(epoch, stale)
    assert (await book.load(3)).position == 0


async def test_progress_goes_forward_only(street):
    lease, book = Lease(street.database.pool, "one", 30), ProgressBook(street.database.pool)
    epoch = await lease.take()
    begun = await book.load(3)
    await book.move(epoch, replace(begun, position=5))
    with pytest.raises(LeaseLost):
        await book.move(epoch, replace(begun, position=4))


class Hasty(session_.Session):
    """Moves progress before the broker has answered."""

    async def acknowledge(self) -> None:
        while True:
            delivery, _ = await self._underway.get()
            await self._book.move(self.epoch, replace(self._outbox.progress, position=delivery._position))
            self._outbox.progress = await delivery.acknowledged(self._outbox.progress)
            self._underway.task_done()


@pytest.mark.guarantee("G4")
@pytest.mark.parametrize("kind", [session_.Session, Hasty], ids=["after the answer", "before it"])
async def test_progress_moves_after_the_acknowledgement(street, monkeypatch, kind):
    monkeypatch.setattr(session_, "Session", kind)
    async with street.admin() as admin:
        from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

        async def limit(size: int) -> None:
            settings = {"max.message.bytes": str(size)}
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, street.topic, configs=settings)])

        await limit(100)
        await street.put(*STREAMS)
        running = street.start()
        await running.says("max.message.bytes is too small")
        await limit(1_048_576)
    await street.put("unit-8")
    await street.published(8)
    await running.end()
    found = {message.position for _, message in await street.events()}
    if kind is Hasty:
        assert found != set(range(1, 9)), "progress that runs ahead loses what was refused"
    else:
        assert found == set(range(1, 9))
