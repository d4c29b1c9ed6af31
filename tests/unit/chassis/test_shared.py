"""Who asks in the same moment shares a query; nobody gets an answer that is older than the question."""

import asyncio

import pytest

from services.chassis.eventstore.shared import Shared


class Slow:
    """A query that is answered when the test says so."""

    def __init__(self) -> None:
        self.answers: list[asyncio.Future[int]] = []

    async def ask(self, _: str) -> int:
        self.answers.append(asyncio.get_running_loop().create_future())
        return await self.answers[-1]

    async def asked(self, times: int) -> None:
        while True:
            await asyncio.sleep(0)
            if len(self.answers) >= times:
                return


async def test_who_asks_together_gets_one_answer():
    slow = Slow()
    shared = Shared(slow.ask)
    asking = [asyncio.create_task(shared.ask("q")) for _ in range(50)]
    await slow.asked(1)
    slow.answers[0].set_result(7)
    assert await asyncio.gather(*asking) == [7] * 50
    assert len(slow.answers) == 1


async def test_who_asks_after_the_query_has_left_asks_anew():
    slow = Slow()
    shared = Shared(slow.ask)
    early = asyncio.create_task(shared.ask("q"))
    await slow.asked(1)
    late = asyncio.create_task(shared.ask("q"))
    await slow.asked(2)
    slow.answers[0].set_result(1)
    slow.answers[1].set_result(2)
    assert (await early, await late) == (1, 2)


async def test_different_questions_are_asked_apart():
    slow = Slow()
    shared = Shared(slow.ask)
    asking = [asyncio.create_task(shared.ask(question)) for question in "ab"]
    await slow.asked(2)
    for number, answer in enumerate(slow.answers):
        answer.set_result(number)
    assert sorted(await asyncio.gather(*asking)) == [0, 1]


async def test_one_who_gives_up_takes_nobody_elses_answer_away():
    slow = Slow()
    shared = Shared(slow.ask)
    first, second = (asyncio.create_task(shared.ask("q")) for _ in range(2))
    await slow.asked(1)
    first.cancel()
    slow.answers[0].set_result(7)
    assert await second == 7


async def test_a_query_that_fails_fails_for_all_and_the_next_one_is_asked():
    slow = Slow()
    shared = Shared(slow.ask)
    asking = [asyncio.create_task(shared.ask("q")) for _ in range(2)]
    await slow.asked(1)
    slow.answers[0].set_exception(ConnectionError())
    for task in asking:
        with pytest.raises(ConnectionError):
            await task
    again = asyncio.create_task(shared.ask("q"))
    await slow.asked(2)
    slow.answers[1].set_result(7)
    assert await again == 7
