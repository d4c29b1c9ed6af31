"""A server in a process of its own, one worker: ``python -m tests.benchmarks.served KIND [APP_DSN OWNER_DSN JWKS]``.

Kinds:
    echo      FastAPI answers with the body that it was sent
    append    FastAPI appends an event to a log: no token, no state
    registry  the registry as it is delivered, its logs as JSON to a file nobody reads

It prints the port that it listens on once it answers.
"""

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from types import SimpleNamespace
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Header, Response

from contracts.registry import UseObserved
from services.chassis.access import Verifier
from services.chassis.clock import SystemClock
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, CommandRecord, NewEvent
from services.chassis.http import CommandAnswer
from services.chassis.ids import uuid7
from services.chassis.logs import set_up_logging
from services.chassis.pace import Pace
from services.chassis.postgres import Database
from services.chassis.settings import Settings
from services.registry.api import OBSERVE
from services.registry.app import build
from services.runtime.web import Web
from tests.benchmarks.a_log import ABOUT, PAYLOAD
from tests.integration.serving import serving

ObservationBody: Any = OBSERVE.said
"""The form of the request."""


@contextlib.asynccontextmanager
async def echo() -> AsyncIterator[FastAPI]:
    """The framework alone."""
    app = FastAPI()

    @app.post("/units/{unit}/observations", status_code=201)
    async def answer(unit: str, body: ObservationBody) -> ObservationBody:
        return body

    yield app


@contextlib.asynccontextmanager
async def append(dsn: str) -> AsyncIterator[FastAPI]:
    """The framework and the log."""
    app, clock = FastAPI(), SystemClock()
    database = await Database.open("bench", dsn)
    store = EventStore("registry", database.pool)

    @app.post("/units/{unit}/observations", status_code=201)
    async def answer(
        unit: str, body: ObservationBody, response: Response, idempotency_key: Annotated[str, Header()]
    ) -> CommandAnswer:
        now = clock.now()
        event = NewEvent(uuid7(), UseObserved.type, PAYLOAD, ABOUT, now)
        command = CommandRecord("officer:bench", idempotency_key, b"")
        done = await store.append(Append(f"bare-{unit}", None, (event,), now, command))
        response.headers["ETag"] = f'"{done.version}"'
        return CommandAnswer(stream=done.stream, version=done.version, position=done.last, events=[])

    yield app
    await store.close()
    await database.close()


@contextlib.asynccontextmanager
async def registry(app_dsn: str, owner_dsn: str, jwks: str) -> AsyncIterator[FastAPI]:
    """The whole service: tokens, scope, state, rules, log, read models, metrics, logs."""
    database = SimpleNamespace(app=app_dsn, owner=owner_dsn)
    async with serving("registry", build, database) as served:
        served.app.state.verifier = Verifier(json.loads(jwks))
        served.app.state.pace = Pace(1_000_000)  # one officer sends what a city's would
        yield served.app


async def main(kind: str, *arguments: str) -> None:
    """Serves until it is ended."""
    set_up_logging(Settings(), open(os.devnull, "w"))  # noqa: PTH123, SIM115, ASYNC230 - for as long as the process
    kinds: dict[str, Callable[..., AbstractAsyncContextManager[FastAPI]]] = {
        "echo": echo,
        "append": append,
        "registry": registry,
    }
    async with kinds[kind](*arguments) as app:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            print(listener.getsockname()[1], flush=True)
            await Web.of(app, Settings()).serve(sockets=[listener])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvicorn.Config(main).get_loop_factory()) as runner:
        runner.run(main(*sys.argv[1:]))
