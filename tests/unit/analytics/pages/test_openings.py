"""No more pages are held than there is room for, and nobody is put out by what another sends."""

import asyncio
import gc
from types import SimpleNamespace

import pytest
from nicegui import Client

from services.analytics.pages import openings
from services.analytics.pages.openings import COLLECT_AFTER, OPEN, UNCONNECTED, Openings


class Page:
    """Stands in for NiceGUI's client of one opened page."""

    def __init__(self, held: dict, ip: str = "10.0.0.1") -> None:
        self.id, self.ip, self._held = f"{ip}-{len(held)}-{id(self)}", ip, held
        self.connected, self.gone = [], []
        held[self.id] = self

    def on_connect(self, handler) -> None:
        self.connected.append(handler)

    def on_delete(self, handler) -> None:
        self.gone.append(handler)

    def connect(self) -> None:
        for handler in self.connected:
            handler()

    def delete(self) -> None:
        del self._held[self.id]
        for handler in self.gone:
            handler()


def test_a_page_that_nobody_connects_to_is_one_of_a_few():
    held, door = {}, Openings()
    for _ in range(500):
        door.opened(Page(held))
    assert len(held) == UNCONNECTED


def test_a_page_that_is_looked_at_stays():
    held, door = {}, Openings()
    seen = Page(held)
    door.opened(seen)
    seen.connect()
    for _ in range(500):
        door.opened(Page(held))
    assert seen.id in held


def test_a_page_on_its_way_is_not_put_out_by_another_address():
    held, door = {}, Openings()
    slow = Page(held, "10.0.0.2")
    door.opened(slow)
    for _ in range(500):
        door.opened(Page(held))
    assert slow.id in held


def test_beyond_what_there_is_room_for_the_answer_is_to_come_later(monkeypatch):
    monkeypatch.setattr(Client, "instances", dict.fromkeys(range(OPEN)))
    assert Openings().full() is None
    monkeypatch.setattr(Client, "instances", dict.fromkeys(range(OPEN + 1)))
    answer = Openings().full()
    assert answer is not None
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize(("closed", "at_latest"), [(COLLECT_AFTER, 3600), (1, 0.01)])
async def test_the_memory_of_closed_pages_is_given_back(monkeypatch, closed, at_latest):
    collected = asyncio.Event()
    monkeypatch.setattr(openings, "AT_LATEST", at_latest)
    monkeypatch.setattr(openings, "gc", SimpleNamespace(collect=collected.set))
    held, door = {}, Openings()
    task = asyncio.create_task(door.give_back())
    for _ in range(closed):
        page = Page(held)
        door.opened(page)
        page.delete()
    await asyncio.wait_for(collected.wait(), 10)
    task.cancel()
    assert gc.isenabled()
