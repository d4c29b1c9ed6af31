"""People are told of an instance once its read models have come to the ends of the logs."""

import httpx
import pytest

from services.analytics.figures.wholeness import FiguresIncomplete
from services.chassis.access import Issuer, new_issuer_key
from services.runtime import caught_up as module
from services.runtime.caught_up import caught_up, figures_answer


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(module, "LOOK_EVERY", 0)
    monkeypatch.setattr(module, "PATIENCE", 0.2)


def course(*steps):
    """What is missing, each time that it is asked; the last again and again."""
    rest = list(steps)

    async def behind():
        return rest.pop(0) if len(rest) > 1 else rest[0]

    return behind, rest


async def test_it_waits_with_progress_until_little_is_missing():
    said = []
    behind, rest = course(80_000, 50_000, 20_000, 99)
    await caught_up(behind, said.append)
    assert rest == [99]
    assert said == [f"Folding the events into the read models: {done} of 80,000" for done in ("0", "30,000", "60,000")]


async def test_where_nothing_is_missing_nothing_is_said():
    said = []
    await caught_up(course(3)[0], said.append)
    assert said == []


async def test_what_stands_still_keeps_nobody_out():
    said = []
    await caught_up(course(80_000, 70_000)[0], said.append)
    assert said[-1].endswith("10,000 of 80,000")


async def test_it_is_up_once_analytics_answers_for_its_figures():
    said, answers = [], [503, 502, 503, 200]

    def analytics(request):
        assert request.url.path == "/analytics/kpis"
        status = answers.pop(0)
        if status == 502:
            raise httpx.ConnectError("away")
        return httpx.Response(status, json={"detail": f"{len(answers)} to go"} if status == 503 else {"items": []})

    async with httpx.AsyncClient(transport=httpx.MockTransport(analytics), base_url="http://instance") as client:
        await figures_answer(client, Issuer(new_issuer_key()), said.append)
    assert said == ["3 to go", "Analytics does not answer yet: ConnectError", "1 to go"]
    assert answers == []


async def test_how_far_the_figures_are_is_a_counted_step():
    said, read = [], [0, 40_509, None]

    def analytics(_):
        done = read.pop(0)
        if done is None:
            return httpx.Response(200, json={"items": []})
        return httpx.Response(503, json={"detail": str(FiguresIncomplete(done, 81_018))})

    async with httpx.AsyncClient(transport=httpx.MockTransport(analytics), base_url="http://instance") as client:
        await figures_answer(client, Issuer(new_issuer_key()), said.append)
    assert said == ["Counting the figures: 0 of 81,018", "Counting the figures: 40,509 of 81,018"]
