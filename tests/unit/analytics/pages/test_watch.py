"""One pair of eyes: wakes who listens only when something changed, and says since when it is blind."""

from datetime import UTC, datetime
from typing import Any

import httpx

from services.analytics.pages.gateway import Gateway
from services.analytics.pages.shapes import Positions
from services.analytics.pages.watch import Sight, Watch, moved_models, trailing

NOW = datetime(2025, 1, 14, 12, 41, tzinfo=UTC)


class City:
    """Answers with positions, or does not answer."""

    def __init__(self) -> None:
        self.logs = {"registry": 1}
        self.read = {"floors": {"registry": 1}}
        self.away = False

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            return httpx.Response(503, json={"detail": "Away."})
        told: dict[str, Any] = {"as_of": NOW.isoformat(), "total": 1, "logs": self.logs, "read": self.read}
        return httpx.Response(200, json=told)

    def watch(self) -> Watch:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.answer), base_url="http://x")
        return Watch(lambda: Gateway(client, "token"), lambda: NOW)


class Listener:
    """Keeps what it is told."""

    def __init__(self, watch: Watch) -> None:
        self.told: list[tuple[bool, frozenset[str]]] = []
        self.end = watch.subscribe(self.hear)

    async def hear(self, sight: Sight, moved: frozenset[str]) -> None:
        self.told.append((sight.live, moved))


async def test_who_listens_is_told_once_of_each_change_and_not_otherwise():
    city = City()
    watch = city.watch()
    listener = Listener(watch)
    await watch.look()
    await watch.look()
    city.read = {"floors": {"registry": 2}}
    city.logs = {"registry": 2}
    await watch.look()
    await watch.look()
    assert listener.told == [(True, frozenset({"floors", "registry"}))] * 2


async def test_it_says_since_when_nobody_answers_and_keeps_what_it_saw():
    city = City()
    watch = city.watch()
    await watch.look()
    city.away = True
    listener = Listener(watch)
    await watch.look()
    await watch.look()
    assert listener.told == [(False, frozenset())]
    assert watch.sight.since == NOW
    assert watch.sight.total == 1


async def test_who_left_is_told_nothing():
    city = City()
    watch = city.watch()
    listener = Listener(watch)
    listener.end()
    await watch.look()
    assert listener.told == []


def test_a_read_model_that_has_not_read_its_log_trails():
    behind = Positions(as_of=NOW, logs={"registry": 5}, read={"floors": {"registry": 4}})
    level = Positions(as_of=NOW, logs={"registry": 5}, read={"floors": {"registry": 5}})
    assert (trailing(behind), trailing(level)) == (True, False)


def test_only_what_moved_is_named():
    before = Positions(as_of=NOW, logs={"registry": 5, "incidents": 1}, read={"floors": {"registry": 4}, "feed": {}})
    after = Positions(as_of=NOW, logs={"registry": 5, "incidents": 1}, read={"floors": {"registry": 5}, "feed": {}})
    assert moved_models(before, after) == {"floors"}
