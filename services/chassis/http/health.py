"""Whether a service lives, whether it can be used, and its metrics."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import asyncpg
import structlog
from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.chassis.access.permit import PUBLIC
from services.chassis.eventstore.headlock import held_by
from services.chassis.http.lag import LagWatch
from services.chassis.postgres import AWAY
from services.chassis.projections import deadletters
from services.chassis.telemetry import CONTENT_TYPE, Telemetry

logger = structlog.get_logger(__name__)


Measure = Callable[[], Awaitable[None]]
"""Sets metrics."""


ANSWER_WITHIN = 4.0
"""Seconds for one check; Kubernetes gives up after five."""


class NotReady(Exception):
    """A check has failed; its text says what is the matter."""


@dataclass(frozen=True)
class Check:
    """Something that must be so before a service can be used.

    Attributes:
        name: what. run: raises where it is not so, and the text of a ``NotReady`` is shown; what it returns is shown
            too, of something that goes on and yet has to be looked at.
    """

    name: str
    run: Callable[[], Awaitable[str | None]]


class CheckAnswer(BaseModel):
    """One check."""

    name: str
    ok: bool
    detail: Annotated[str | None, Field(description="What is the matter, or has to be looked at.")] = None


class LiveAnswer(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"


class ReadyAnswer(BaseModel):
    """Whether the service can be used."""

    status: Annotated[
        Literal["ready", "degraded", "not ready"],
        Field(description="Degraded: it can be used, and a check says what has to be looked at."),
    ]
    checks: list[CheckAnswer]


def database_answers(ping: Callable[[], Awaitable[object]]) -> Check:
    """The database answers a query."""

    async def run() -> None:
        await ping()

    return Check("database", run)


def commands_flow(pool: Callable[[], "asyncpg.Pool[asyncpg.Record]"]) -> Check:
    """The head of the log can be locked, so commands are not held up."""

    async def run() -> None:
        if (sentence := await held_by(pool())) is not None:
            raise NotReady(sentence)

    return Check("commands", run)


def nothing_set_aside(pool: Callable[[], "asyncpg.Pool[asyncpg.Record]"]) -> Check:
    """No read model or rule holds events that it could not take in."""

    async def run() -> str | None:
        return " ".join(each.sentence for each in await deadletters.held(pool())) or None

    return Check("dead letters", run)


def read_models_move(watch: LagWatch) -> Check:
    """No read model stands still while there is something to read: a dead projection is noticed by its lag.

    One that cannot go on by itself, as when a log was restored, has said so.
    """

    async def run() -> None:
        if stopped := await watch.stopped():
            raise NotReady("; ".join(f"{each.projection} has stopped: {each.reason}" for each in stopped))
        still = [lag for lag in await watch.look() if lag.stalled]
        if still:
            raise NotReady(
                "; ".join(
                    f"{lag.read_model} stands still, {lag.positions} events of {lag.source} behind" for lag in still
                )
            )

    return Check("read models", run)


def records_are_true(telemetry: Telemetry) -> Check:
    """Readers go on past records which their owner's log does not have; that there are any is said here."""

    async def run() -> str | None:
        refused = sorted(telemetry.refused_records.items())
        return (
            "; ".join(
                f"{reader} refused {count:,} records of {source}'s topic: its log does not have the positions that "
                f"they name, so something other than its relay wrote them (runbook malformed-records)"
                for (reader, source), count in refused
            )
            or None
        )

    return Check("records of topics", run)


async def measured() -> None:
    """All metrics are set as things happen."""


def health(checks: Sequence[Check], telemetry: Telemetry, measure: Measure = measured) -> APIRouter:
    """The routes /health/live, /health/ready and /metrics; open to all, since they tell nothing about anybody.

    Args:
        checks: what must be so. telemetry: the metrics. measure: sets those that are looked at only when somebody asks.
    """
    router = APIRouter(tags=["health"], dependencies=[PUBLIC])

    @router.get("/health/live", summary="Does the process answer?")
    async def live() -> LiveAnswer:
        return LiveAnswer()

    @router.get(
        "/health/ready",
        summary="Can the service be used?",
        responses={503: {"model": ReadyAnswer, "description": "A check has failed."}},
    )
    async def ready(response: Response) -> ReadyAnswer:
        answers = await asyncio.gather(*map(answered, checks))
        fine = all(answer.ok for answer in answers)
        response.status_code = 200 if fine else 503
        usable: Literal["ready", "degraded"] = "degraded" if any(each.detail for each in answers) else "ready"
        return ReadyAnswer(status=usable if fine else "not ready", checks=list(answers))

    @router.get("/metrics", summary="Metrics in the text format of Prometheus", response_class=Response)
    async def metrics() -> Response:
        try:
            await measure()
        except AWAY as error:
            await logger.awarning("metrics_stale", cause=type(error).__name__)
        return Response(telemetry.render(), media_type=CONTENT_TYPE)

    return router


async def answered(check: Check) -> CheckAnswer:
    """What a check says; an error that it does not explain is named by its type."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            note = await check.run()
    except NotReady as error:
        return CheckAnswer(name=check.name, ok=False, detail=str(error))
    except TimeoutError:
        return CheckAnswer(name=check.name, ok=False, detail=f"No answer within {ANSWER_WITHIN:.0f} s.")
    except Exception as error:  # noqa: BLE001 - shown as the answer, which is what a check is for
        return CheckAnswer(name=check.name, ok=False, detail=type(error).__name__)
    return CheckAnswer(name=check.name, ok=True, detail=note)
