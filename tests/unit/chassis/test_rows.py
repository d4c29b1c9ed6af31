"""Rows made ahead are those made when asked, only so many, and an error comes when its turn has come."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.chassis.eventstore import rows
from services.chassis.eventstore.chain import GENESIS, link
from services.chassis.eventstore.rows import Chained, End
from services.chassis.eventstore.types import NewEvent

NOON = datetime(2024, 5, 6, 4, tzinfo=UTC)
BEGINNING = End(0, GENESIS, NOON)


class Told:
    """Events, counted as they are taken; one of them is none."""

    def __init__(self, broken=None):
        self.taken, self.broken = 0, broken

    def __iter__(self):
        for number in range(8):
            self.taken += 1
            data = "words" if number == self.broken else b"{}"
            yield f"s-{number}", 1, NewEvent(UUID(int=number), "test.counted.v1", data, b"{}", NOON), NOON


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(rows, "CHUNK", 1)
    monkeypatch.setattr(rows, "AHEAD", 3)


async def all_of(chained):
    return [chunk async for chunk in chained.chunks()]


async def rounds(number):
    for _ in range(number):
        await asyncio.sleep(0)


async def test_so_many_are_made_ahead_and_no_more_until_one_is_taken():
    told = Told()
    chained = Chained(BEGINNING, told)
    chained.begin()
    chained.begin()
    await rounds(10)
    assert told.taken == 3
    chunks = chained.chunks()
    await anext(chunks)
    await rounds(10)
    assert told.taken == 4
    await chunks.aclose()


async def test_what_is_made_ahead_is_what_is_made_when_asked():
    plain, ahead = Chained(BEGINNING, Told()), Chained(BEGINNING, Told())
    ahead.begin()
    await rounds(2)
    taken = []
    async for chunk in ahead.chunks():
        taken.append(chunk)
        await rounds(len(taken) % 3)  # others come round, and rows are made meanwhile, or not
    assert taken == await all_of(plain)
    assert ahead.end == plain.end
    tip = GENESIS
    for number in range(8):
        told = {"stream": f"s-{number}", "version": 1, "event_id": UUID(int=number), "type_name": "test.counted.v1"}
        content = {"data": b"{}", "metadata": b"{}", "effective_at": NOON, "recorded_at": NOON}
        tip = link(tip, position=number + 1, **told, **content)
    assert ahead.end == End(8, tip, NOON)


@pytest.mark.parametrize("begun", [True, False])
async def test_an_error_comes_after_the_rows_before_it(begun):
    chained = Chained(BEGINNING, Told(broken=2))
    if begun:
        chained.begin()
        await rounds(10)
    chunks = chained.chunks()
    assert [await anext(chunks), await anext(chunks)]
    with pytest.raises(TypeError):
        await anext(chunks)
    assert chained.end == BEGINNING
