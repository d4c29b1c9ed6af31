"""What is done once an instance answers."""

import asyncio
import gc

import pytest
from fastapi import FastAPI

from services.chassis.settings import Settings
from services.runtime.web import Web, listening


class Broken(Exception):
    """It cannot be said that people can come."""


@pytest.fixture(autouse=True)
def collector_as_it_was(monkeypatch):
    for name in ("freeze", "set_threshold"):
        monkeypatch.setattr(gc, name, lambda *_: None)


async def test_a_failure_to_say_that_it_is_up_ends_it_with_what_it_was():
    async def broken():
        raise Broken

    web = Web.of(FastAPI(), Settings())
    with listening("127.0.0.1", 0) as listener, pytest.raises(Broken):
        async with asyncio.timeout(20), web.announced(broken):
            await web.serve(sockets=[listener])
