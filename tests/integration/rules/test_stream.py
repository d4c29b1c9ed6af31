"""The rules over Kafka and in embedded mode: the same alerts, whoever dies on the way.

MAPLEBRIDGE_TEST_RULES_EVENTS=100000 runs the comparison at its full size.
"""

import os

import pytest

from services.chassis.projections.checkpoints import Checkpoints

EVENTS = int(os.environ.get("MAPLEBRIDGE_TEST_RULES_EVENTS", "4000"))
FEW = 1500
AGES = 600.0
"""Seconds, longer than any test waits."""
STEPS = [0.5 + 0.02 * step for step in range(1, 15)]


async def test_the_alerts_are_those_of_embedded_mode(theatre):
    city = await theatre.district(EVENTS)
    worker = await theatre.start()
    for share in (0.4, 0.7, 1.0):
        await theatre.publish(city.until(share))
        await worker.settled(city.until(share), EVENTS / 100 + 120)
    await theatre.publish(city.heads)
    await worker.settled(city.heads, EVENTS / 100 + 120)
    await worker.end()
    expected = await theatre.expected(city)
    assert len(expected) > EVENTS / 50
    assert await theatre.streamed.standing() == expected


async def test_records_beyond_the_end_of_the_log_change_nothing(theatre):
    city = await theatre.district(FEW)
    worker = await theatre.start()
    await theatre.publish(city.until(0.5))
    await theatre.stage.forge("incidents", 1_000_000)
    await theatre.publish(city.until(0.8))
    await worker.settled(city.until(0.8))
    await theatre.publish(city.heads)
    await worker.settled(city.heads)
    assert await theatre.streamed.standing() == await theatre.expected(city)


@pytest.mark.parametrize(
    ("point", "at"),
    [("alert", 40), ("changelog", 6), ("store", 9), ("state", 8), ("sent", 7)],
)
async def test_a_worker_that_dies_at_a_point_changes_nothing(theatre, point, at):
    city = await theatre.district(FEW)
    await theatre.publish(city.until(0.5))
    dying = await theatre.start(fault=(point, at, "SIGKILL"))
    await theatre.publish_until_struck(dying, city, STEPS)
    await dying.killed()
    await theatre.publish(city.heads)
    worker = await theatre.start()
    await worker.settled(city.heads)
    assert await theatre.streamed.standing() == await theatre.expected(city)


@pytest.mark.parametrize(("point", "at"), [("alert", 40), ("changelog", 6), ("sent", 7)])
async def test_a_worker_that_wakes_after_it_was_replaced_changes_nothing(theatre, point, at):
    city = await theatre.district(FEW)
    await theatre.publish(city.until(0.5))
    sleeper = await theatre.start("sleeper", fault=(point, at, "SIGSTOP"))
    await theatre.publish_until_struck(sleeper, city, STEPS)
    await theatre.publish(city.until(0.8))
    second = await theatre.start("second")
    await second.settled(city.until(0.8))
    told = (await theatre.streamed.store.head()).position
    sleeper.revive()
    await sleeper.settled(city.until(0.8))
    await second.settled(city.until(0.8))
    assert (await theatre.streamed.store.head()).position == told
    await sleeper.kill()
    await second.kill()
    third = await theatre.start("third")  # what the two left in the changelogs is all that it has
    await theatre.publish(city.heads)
    await third.settled(city.heads)
    assert await theatre.streamed.standing() == await theatre.expected(city)


async def test_a_worker_that_wakes_after_another_has_come_under_its_name_is_refused_and_ends(theatre):
    city = await theatre.district(FEW)
    await theatre.publish(city.until(0.5))
    sleeper = await theatre.start("sleeper", fault=("sent", 7, "SIGSTOP"))
    await theatre.publish_until_struck(sleeper, city, STEPS)
    theatre.copy_name("sleeper", "second")
    await theatre.publish(city.until(0.8))
    second = await theatre.start("second")
    await second.settled(city.until(0.8))
    told = (await theatre.streamed.store.head()).position
    sleeper.revive()
    await sleeper.fallen()
    await theatre.publish(city.until(0.8))
    await second.settled(city.until(0.8))
    assert (await theatre.streamed.store.head()).position == told
    await theatre.publish(city.heads)
    await second.settled(city.heads)
    assert await theatre.streamed.standing() == await theatre.expected(city)


async def test_a_worker_that_was_killed_has_its_place_again_while_the_group_takes_it_for_alive(theatre):
    city = await theatre.district(FEW)
    await theatre.publish(city.until(0.5))
    worker = await theatre.start(session=AGES)
    await worker.settled(city.until(0.5))
    await worker.kill()
    await theatre.publish(city.heads)
    again = await theatre.start(session=AGES)
    await again.settled(city.heads)
    assert await theatre.streamed.standing() == await theatre.expected(city)


async def test_a_worker_that_ends_in_order_leaves_its_place_to_others_at_once(theatre):
    city = await theatre.district(FEW)
    await theatre.publish(city.until(0.5))
    first = await theatre.start("first", session=AGES)
    await first.settled(city.until(0.5))
    await first.end()
    await theatre.publish(city.heads)
    second = await theatre.start("second", session=AGES)
    await second.settled(city.heads)
    assert await theatre.streamed.standing() == await theatre.expected(city)


async def test_two_workers_cannot_have_one_folder(theatre):
    city = await theatre.district(FEW)
    await theatre.publish(city.until(0.5))
    first = await theatre.start()
    await first.settled(city.until(0.5))
    second = await theatre.start()
    await second.fallen()
    await theatre.publish(city.heads)
    await first.settled(city.heads)


async def test_a_worker_that_is_killed_again_and_again_changes_nothing(theatre):
    city = await theatre.district(FEW)
    worker = await theatre.start()
    for share in (0.3, 0.6, 0.8):
        await theatre.publish(city.until(share))
        await worker.read("incidents", 1 + city.until(share - 0.2)["incidents"])
        await worker.kill()
        worker = await theatre.start()
    await theatre.publish(city.heads)
    await worker.settled(city.heads)
    assert await theatre.streamed.standing() == await theatre.expected(city)


async def test_another_machine_goes_on_without_the_folder_of_the_first(theatre):
    city = await theatre.district(FEW)
    first = await theatre.start("first")
    await theatre.publish(city.until(0.5))
    await first.settled(city.until(0.5))
    await theatre.publish(city.heads)
    await first.kill()
    second = await theatre.start("second")
    await second.settled(city.heads)
    assert await theatre.streamed.standing() == await theatre.expected(city)


async def test_two_workers_share_the_units(theatre):
    city = await theatre.district(FEW)
    first, second = await theatre.start("first"), await theatre.start("second")
    await theatre.publish(city.until(0.5))
    await first.settled(city.until(0.5))
    await second.settled(city.until(0.5))
    await theatre.publish(city.heads)
    await first.settled(city.heads)
    await second.settled(city.heads)
    assert await theatre.streamed.standing() == await theatre.expected(city)


async def test_messages_that_got_lost_are_read_from_the_log(theatre):
    city = await theatre.district(FEW)
    await theatre.publish(city.heads, losing=[("registry", 200), ("incidents", 300), ("incidents", 301)])
    worker = await theatre.start()
    await worker.settled(city.heads)
    assert await theatre.streamed.standing() == await theatre.expected(city)


async def test_what_is_told_late_revises_an_alert_and_adds_none(theatre):
    city = await theatre.district(FEW)
    worker = await theatre.start()
    stood = set()
    for share in (0.6, 0.7, 0.8, 0.9):
        await theatre.publish(city.until(share))
        await worker.settled(city.until(share))
        stood |= set(await theatre.streamed.standing())
    await theatre.publish(city.heads)
    await worker.settled(city.heads)
    revised = [
        event.event.alert
        for event in await theatre.streamed.store.read(0, 100_000)
        if event.type == "analytics.alert-revised.v1"
    ]
    after = await theatre.streamed.standing()
    assert set(revised) & stood
    assert after == await theatre.expected(city)


async def test_a_topic_that_is_made_anew_does_not_stop_a_worker_with_an_old_folder(theatre):
    city = await theatre.district(FEW)
    worker = await theatre.start()
    await theatre.publish(city.heads)
    await worker.settled(city.heads)
    await worker.end()
    first = await theatre.streamed.standing()
    await theatre.remake_topics()
    worker = await theatre.start()
    await theatre.publish(city.heads)
    await worker.settled(city.heads)
    assert await theatre.streamed.standing() == first
    assert not await Checkpoints(theatre.streamed.database.pool).stopped()
