"""Servers are shared: each is started once, whoever asks first, and ended by the one who started it."""

import contextlib
import threading
from collections.abc import Iterator

import pytest

from tests.servers import Servers, ServersNextDoor


class Started:
    """A server that is slow to start, while both who ask are there."""

    def __init__(self, asking: threading.Barrier | None = None) -> None:
        self.asking = asking
        self.told: list[str] = []

    @contextlib.contextmanager
    def __call__(self) -> Iterator[str]:
        self.told.append("started")
        if self.asking is not None:
            self.asking.wait(30)
        yield "here"
        self.told.append("ended")


def test_each_is_started_when_it_is_asked_for_and_ended_with_the_run():
    one, other = Started(), Started()
    servers = Servers({"one": one, "other": other})
    assert servers.address("one") == servers.address("one") == "here"
    assert (one.told, other.told) == (["started"], [])
    servers.end()
    assert (one.told, other.told) == (["started", "ended"], [])


def test_two_workers_that_ask_at_once_get_the_same_server():
    asking = threading.Barrier(2)
    one = Started(asking)
    servers = Servers({"one": one})
    door, found = servers.door(), []
    workers = [threading.Thread(target=lambda: found.append(ServersNextDoor(door).address("one"))) for _ in range(2)]
    for worker in workers:
        worker.start()
    asking.wait(30)
    for worker in workers:
        worker.join(30)
    assert found == ["here", "here"]
    assert one.told == ["started"]
    servers.end()


def test_a_server_that_does_not_start_says_why_to_each_who_asks():
    @contextlib.contextmanager
    def broken() -> Iterator[str]:
        raise OSError("no room")
        yield ""

    door = Servers({"broken": broken}).door()
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"cannot start broken: OSError\('no room'\)"):
            ServersNextDoor(door).address("broken")
