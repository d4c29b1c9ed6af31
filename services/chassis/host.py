"""Runs what a service is made of beside its requests: read models, policies, workers; and keeps them running."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import sqlalchemy as sa
import structlog

from services.chassis.policies import Policy, PolicyRunner
from services.chassis.postgres import AWAY, caused_by, engine
from services.chassis.projections.model import ReadModel
from services.chassis.projections.rebuild import Rebuild
from services.chassis.projections.runner import Observe, ProjectionRunner
from services.chassis.service import Service, ServiceContext, Worker
from services.chassis.vault.sweeping import keep_swept

logger = structlog.get_logger(__name__)
RESTART_AFTER = 1.0
ALONE = sa.text("select pg_advisory_lock(7236474, hashtext(:model))")


@dataclass(frozen=True)
class Half:
    """What of a service runs in this process, beside requests."""

    read_models: tuple[ReadModel, ...] = ()
    policies: tuple[Policy, ...] = ()
    workers: tuple[Worker, ...] = ()
    vault: bool = True
    """Whether keys are destroyed here, so that their table is swept."""


def whole(service: Service) -> Half:
    """All of it."""
    return Half(service.read_models, service.policies, service.workers + service.followers)


def at_home(service: Service) -> Half:
    """What needs no log but the service's own."""
    return Half(service.own_models, service.policies, service.workers)


def pictures(service: Service) -> Half:
    """The read models of several logs."""
    return Half(service.wider_models, vault=False)


class Host:
    """The background half of one service.

    Args:
        service: whose. context: what it was built with. owner_dsn: for the schemas of read models.
        observe: told of each batch that a read model took in, for metrics. half: what of it runs here.
    """

    def __init__(
        self,
        service: Service,
        context: ServiceContext,
        owner_dsn: str,
        observe: Observe = lambda *_: None,
        half: Callable[[Service], Half] = whole,
    ) -> None:
        self._service = service
        self._half = half(service)
        self._alone = half is whole
        self._context = context
        self.owner_dsn = owner_dsn
        self._observe = observe
        self._stop = asyncio.Event()

    async def prepare(self) -> None:
        """Makes the read models' schemas, and rebuilds those that run here and whose version has changed.

        A newer version is another release's, whose processes may run beside this one, unless all runs in this process.
        """
        owner = engine(self.owner_dsn, connections=3)
        try:
            async with owner.connect() as connection:
                for model in self._service.read_models:
                    if model in self._half.read_models:
                        # until the connection closes: replicas take turns
                        await connection.execute(ALONE, {"model": model.name})
                    rebuild = Rebuild(model, owner, self._context.database.dsn, self._context.readers)
                    await self._prepare(model, rebuild)
                await connection.invalidate()
        finally:
            await owner.dispose()

    async def _prepare(self, model: ReadModel, rebuild: Rebuild) -> None:
        version = await rebuild.prepare()
        if model not in self._half.read_models:
            return
        if version > model.version and not self._alone:
            await logger.awarning(
                "read_model_newer",
                model=model.name,
                action="to go back for good, end the newer release and run `maplebridge projections rebuild`",
            )
            return
        by_partition = await rebuild.by_partition()
        read_whole = all(self._context.subscriptions[source].whole for source in model.sources)
        if version != model.version or (read_whole and by_partition):
            await logger.ainfo("read_model_rebuilds", model=model.name)
            await rebuild.replace()
        elif not read_whole and not by_partition:
            await rebuild.catch_up()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Runs everything within the block; on leaving, workers are asked to stop and the rest is cancelled."""
        self._stop.clear()
        tasks = [asyncio.create_task(self._kept(name, run), name=name) for name, run in self._parts()]
        try:
            yield
        finally:
            self._stop.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _parts(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        context, service, half = self._context, self._service, self._half
        parts: list[tuple[str, Callable[[], Awaitable[None]]]] = []
        for model in half.read_models:
            runner = ProjectionRunner(
                model,
                context.database.dsn,
                {source: context.subscriptions[source] for source in model.sources},
                context.checkpoints,
                observe=self._observe,
            )
            parts.append((f"{service.name}:{model.name}", runner.run))
        for policy in half.policies:
            reactor = PolicyRunner(policy, context.database.pool, context.subscriptions)
            parts.append((f"{service.name}:policy:{policy.name}", reactor.run))
        if half.vault:
            swept = functools.partial(keep_swept, context.vault, context.database.pool, self.owner_dsn)
            parts.append((f"{service.name}:keys", swept))
        return parts + [(f"{service.name}:{w.name}", functools.partial(w.run, self._stop)) for w in half.workers]

    async def _kept(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Starts a part again when it falls; it says so each time."""
        while not self._stop.is_set():
            try:
                await run()
            except Exception as error:  # noqa: BLE001 - one part must not take the others with it
                if (away := caused_by(error, AWAY)) is not None:
                    await logger.awarning("part_waits", part=name, cause=type(away).__name__)
                else:
                    await logger.aexception("part_crashed", part=name, restart_in_s=RESTART_AFTER)
            if not self._stop.is_set():
                await asyncio.sleep(RESTART_AFTER)
