"""Embedded mode: PostgreSQL, the four services, their read models and rules, and the pages, from one command."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import httpx
from fastapi import FastAPI

from services.chassis.access import Issuer, Verifier
from services.chassis.http.lag import LagWatch
from services.chassis.settings import Settings
from services.chassis.subscriptions.wake import listen
from services.runtime.admission import Admission, own_names
from services.runtime.caught_up import caught_up, figures_answer
from services.runtime.composition import Ground, Part, composed
from services.runtime.databases import make_databases
from services.runtime.desk import Desk
from services.runtime.erasures import apply_ledger, with_ledger
from services.runtime.folder import DataFolder, Running
from services.runtime.front import front
from services.runtime.keyed import is_loopback
from services.runtime.pages import Pages, find_cities, open_pages
from services.runtime.postgres import PostgresServer, kept_postgres, running_postgres
from services.runtime.scenario import Scenario
from services.runtime.web import Web, cancelled_by_signals, listening

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on
Step = Callable[[str], None]
"""Told what is being done, for people."""


@dataclass(frozen=True)
class Instance:
    """What is to run.

    Attributes:
        folder: the user's data. host, port: where to listen. settings: of this instance.
        scenario: the demonstration, or what stands in its place where there is none.
    """

    folder: DataFolder
    host: str
    port: int
    settings: Settings
    scenario: Scenario

    @property
    def url(self) -> str:
        """Where other commands find it."""
        return f"http://{self.host}:{self.port}"

    @property
    def key(self) -> str:
        """The secret in its address; empty where only this machine reaches it."""
        return "" if is_loopback(self.host) else self.folder.pages_key()

    @property
    def address(self) -> str:
        """Where people find it."""
        if not self.key:
            return self.url
        host = socket.gethostname() if self.host in EVERYWHERE else self.host
        return f"http://{host}:{self.port}/?key={self.key}"


async def run(instance: Instance, step: Step, ready: Callable[[str], None]) -> None:
    """Runs until SIGINT or SIGTERM, then ends everything in order.

    Args:
        instance: what. step: told what is being done. ready: told the address once people can come.

    Raises:
        PortTaken, FolderRefused, PostgresUnavailable, DatabaseNewer, LedgerRefused: one sentence each, before anything
            is changed.
    """
    with instance.folder.held(), listening(instance.host, instance.port) as listener, cancelled_by_signals():
        master_key = instance.folder.master_key()
        os.environ.setdefault("MAPLEBRIDGE_ALERT_FOLDER", str(instance.folder.path / "alerts"))
        step("Starting PostgreSQL")
        async with running_postgres(instance.folder.path) as server, kept_postgres(instance.folder.path, server, step):
            instance.folder.announce(Running(os.getpid(), None, str(server.socket)))
            await _serve(instance, server, master_key, listener, step, ready)
            step("Ending")


async def _serve(
    instance: Instance,
    server: PostgresServer,
    master_key: bytes,
    listener: socket.socket,
    step: Step,
    ready: Callable[[str], None],
) -> None:
    step("Making and migrating the databases")
    await make_databases(server.dsn, "postgres")
    issuer = Issuer(instance.folder.issuer_key(), issuer=instance.settings.issuer, audience=instance.settings.audience)
    verifier = Verifier(issuer.jwks, issuer=instance.settings.issuer, audience=instance.settings.audience)
    settings = with_ledger(instance.settings, instance.folder)
    ground = Ground(server.dsn, settings, verifier, master_key, instance.scenario.clock)
    async with composed(ground) as parts:
        await _apply_ledgers(parts, step)
        step("Preparing the read models")
        for part in parts.values():
            await part.host.prepare()
        await instance.scenario.load(parts, step)
        desk = instance.scenario.desk(issuer)
        app = _app(instance, parts, desk)
        admission = Admission(settings, hosts=own_names(instance.host), edge=True)
        web = Web.of(app, settings, admission)
        step("Opening the pages")

        async def announce() -> None:
            watches = [LagWatch(part.context, part.service.read_models) for part in parts.values()]
            await caught_up(partial(_behind, watches), step)
            async with _inside(app) as client:
                await figures_answer(client, issuer, step)
            instance.folder.announce(Running(os.getpid(), instance.url, str(server.socket)))
            ready(instance.address)

        async with web.announced(announce):
            await web.serve(sockets=[listener])


async def _apply_ledgers(parts: Mapping[str, Part], step: Step) -> None:
    destroyed = sum([await apply_ledger(part.context) for part in parts.values()])
    if destroyed:
        step(f"The database had {destroyed:,} keys that were erased; they are destroyed again")


async def _behind(watches: Sequence[LagWatch]) -> int:
    """How many events the read models lack, all together."""
    return sum([lag.positions for watch in watches for lag in await watch.look()])


def _app(instance: Instance, parts: Mapping[str, Part], desk: Desk) -> FastAPI:
    @contextlib.asynccontextmanager
    async def beside(app: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for part in parts.values():
                await stack.enter_async_context(part.host.running())
                stack.callback(asyncio.create_task(listen(part.context.database.dsn, part.hearing)).cancel)
            client = await stack.enter_async_context(_inside(app))
            stack.callback(asyncio.create_task(find_cities(client, desk)).cancel)
            stack.callback(asyncio.create_task(instance.scenario.live(client, desk.issuer)).cancel)
            yield

    app = front([part.service for part in parts.values()], beside)
    scenario = instance.scenario
    pages = Pages(
        mode="embedded",
        demonstration=scenario.demonstration,
        clock=scenario.clock,
        speed=scenario.speed,
        desk=desk,
        home_place=scenario.home_place,
        secret=hashlib.sha256(b"pages" + instance.folder.master_key()).hexdigest(),
        key=instance.key,
    )
    open_pages(app, _inside(app), pages)
    return app


def _inside(app: FastAPI) -> httpx.AsyncClient:
    """A client whose calls stay in the process and go through the same checks as anybody's."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://inside", timeout=30)
