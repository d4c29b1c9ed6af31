"""One service as a process: its requests, or its read models of several logs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from typing import Any

from fastapi import FastAPI

from services.chassis.host import Half, at_home, pictures
from services.chassis.http.health import database_answers, read_models_move, records_are_true
from services.chassis.http.lag import LagWatch
from services.chassis.projections.model import ReadModel
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.chassis.subscriptions.remote import RemoteLog
from services.chassis.subscriptions.wake import listen
from services.runtime.composition import READS_ALL, Elsewhere, Part, composed, followed
from services.runtime.databases import known
from services.runtime.erasures import apply_ledger
from services.runtime.front import front
from services.runtime.processes.elsewhere import OverHttp, remote_logs
from services.runtime.processes.ground import DATABASE_WAIT, ground_of
from services.runtime.processes.probes import probes
from services.runtime.web import serve_http


async def serve(settings: Settings, name: str) -> None:
    """A service's requests, and of what runs beside them that which needs no log but its own; until a signal.

    Raises:
        ServiceUnknown: there is no such service. SettingMissing: something that it needs was not set.
        LedgerRefused: the ledger of erasures is not to be relied on.
    """
    async with alone(settings, name, at_home, OverHttp) as part:
        await apply_ledger(part.context)
        await part.host.prepare()
        await serve_http(front([part.service], lambda _: _running(part)), settings)


async def project(settings: Settings, name: str) -> None:
    """The read models of a service that read several logs; until a signal.

    Raises:
        ServiceUnknown, SettingMissing: as ``serve`` does. KafkaRefused, TopicMissing, TopicDiffers: it cannot begin.
    """
    from services.runtime import principals
    from services.runtime.processes.topics import OverKafka
    from services.runtime.topics import check_topics, events_of

    known(name)
    rights = principals.project(settings) if name == READS_ALL else []
    await check_topics(settings, events_of(settings, followed(name)), rights)
    async with alone(settings, name, pictures, lambda logs: OverKafka(logs, settings, name)) as part:

        async def work(stop: asyncio.Event) -> None:
            # it answers while it builds anew, which may take minutes; a signal then ends it at once
            await _unless(stop, part.host.prepare())
            async with _running(part):
                await stop.wait()

        await serve_http(_probed(part, part.service.wider_models), settings, work)


@contextlib.asynccontextmanager
async def alone(
    settings: Settings,
    name: str,
    half: Callable[[Service], Half],
    elsewhere: Callable[[Mapping[str, RemoteLog]], Elsewhere],
) -> AsyncIterator[Part]:
    """One service by itself; the others' logs are their owners'.

    Raises:
        ServiceUnknown: there is no such service. SettingMissing: something that it needs was not set.
    """
    known(name)
    others = [source for source in followed(name) if source != name]
    async with (
        remote_logs(settings, others) as logs,
        composed(ground_of(settings), (name,), elsewhere(logs), half, wait=DATABASE_WAIT) as parts,
    ):
        yield parts[name]


@contextlib.asynccontextmanager
async def _running(part: Part) -> AsyncIterator[None]:
    async with part.host.running():
        task = asyncio.create_task(listen(part.context.database.dsn, part.hearing))
        try:
            yield
        finally:
            task.cancel()


def _probed(part: Part, read_models: Sequence[ReadModel]) -> FastAPI:
    async def ping() -> object:
        return await part.context.database.pool.fetchval("select 1")

    watch = LagWatch(part.context, read_models)
    checks = [database_answers(ping), read_models_move(watch), records_are_true(part.context.telemetry)]
    return probes(checks, part.context.telemetry, watch.measure)


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Works to the end, or until the event is set."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not working.done():
        working.cancel()
        await asyncio.wait((working,))
        return
    working.result()
