"""The city's figures at a position of its log, for who goes on from there on the topic."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from contracts.analytics import CityEventsRead, FiguresExported
from contracts.city import FiguresPublished, PolicyAdopted
from contracts.common import Actor, Place, Role
from services.analytics.deciders import CITY_EXPORT, CITY_FIGURES, CITY_POLICY
from services.analytics.domain.city_commands import ExportFigures
from services.analytics.permissions import EXPORT_FIGURES, READ_EXPORTS
from services.chassis.access import OutsideScope, Principal, permit
from services.chassis.eventstore.store import COLUMNS
from services.chassis.eventstore.types import Recorded
from services.chassis.handler import CommandContext
from services.chassis.http import Context, Listed, Page, Paging
from services.chassis.http.events import History
from services.chassis.http.guard import CORRELATION
from services.chassis.http.refusals import LogReplaced, RequestRefused
from services.chassis.service import ServiceContext

Purpose = Literal["data-platform", "planning", "statistics", "research"]
LAST = 2**62
LATEST = f"""
select distinct on (stream) {COLUMNS} from log.events
where position <= $1 and starts_with(stream, $2) and stream > $3
order by stream, position desc limit $4
"""
EXPORTS = f"""
select {COLUMNS} from log.events where starts_with(stream, $1) and position < $2 order by position desc limit $3
"""
FIGURES, POLICIES, EXPORTED = (f"{decider.prefix}-" for decider in (CITY_FIGURES, CITY_POLICY, CITY_EXPORT))


class NotComeThatFar(RequestRefused):
    """A position that the log has not reached."""

    def __init__(self, head: int) -> None:
        super().__init__(f"The city's log has come to {head}: ask for that or less, or leave `at` out.", "at")


class Figures(BaseModel):
    """The last that was told of one measure, city, source and period."""

    stream: Annotated[str, Field(description="The key on the topic.", examples=["figures-yinchuan.noise.live.2024-06"])]
    position: Annotated[int, Field(description="Where it stands in the log: ce_sequence.")]
    told: FiguresPublished


class Export(BaseModel):
    """The city's figures at a position; the topic goes on behind it without a gap or a double."""

    position: Annotated[int, Field(description="Take from the topic what has a higher ce_sequence.", examples=[412])]
    lineage: Annotated[str, Field(description="Which history of the log this is: ce_lineage.")]
    lineages: Annotated[list[History], Field(description="All histories of the log, the first first.")]
    head: Annotated[int, Field(description="How far the log has come meanwhile.", examples=[415])]
    as_of: datetime
    policy: Annotated[PolicyAdopted | None, Field(description="What may leave, as it stood then.")]
    items: list[Figures]
    next: Annotated[str | None, Field(description="Cursor of the next page; send it with at=position.")] = None


class Taker(BaseModel):
    """Who took figures out: their role as their token says it, and their id."""

    role: Role
    id: str


class ExportRead(BaseModel):
    """A reading of the city's figures: who, of which city, up to which position.

    Attributes:
        purpose: of an export, as it was stated; None where the log itself was read. after: where that reading began.
    """

    id: int
    by: Taker
    place: Place
    purpose: str | None
    after: int | None
    at: int
    when: datetime


def exports(analytics: ServiceContext) -> APIRouter:
    """The router of ``GET /export`` and ``GET /access-log``.

    Args:
        analytics: in whose log each export is put on record.
    """
    router = APIRouter(tags=["figures"])

    @router.get("/export", summary="Take the city's figures out")
    async def export(
        request: Request,
        context: Context,
        principal: Annotated[Principal, permit(EXPORT_FIGURES)],
        page: Paging,
        at: Annotated[
            int | None, Query(ge=0, lt=LAST, description="A position of the city's log; its end where left out.")
        ] = None,
        purpose: Annotated[Purpose, Query(description="What for; it is put on record.")] = "data-platform",
    ) -> Export:
        """All figures of the caller's cities at a position, put on record before they are handed over.

        Go on with the topic: in every partition what has a higher ``ce_sequence`` is new.
        """
        cities = [place for place in principal.places if "/" not in place]
        if not cities:
            raise OutsideScope
        head = await context.store.head()
        position = head.position if at is None else at
        if position > head.position:
            raise NotComeThatFar(head.position)
        sender = CommandContext(principal.actor, correlation_id=request.scope[CORRELATION])
        for place in cities:
            command = ExportFigures(place=place, purpose=purpose, at=position)
            await analytics.handler.handle(CITY_EXPORT, place, command, sender)
        policy, items, following = await _at(context, principal, page, position)
        lineages = await context.store.lineages()
        if lineages[-1].id != head.lineage:
            raise LogReplaced
        return Export(
            position=position,
            lineage=str(head.lineage),
            lineages=[History(id=str(each.id), began_after=each.began_after) for each in lineages],
            head=head.position,
            as_of=context.clock.now(),
            policy=policy,
            items=items,
            next=following,
        )

    @router.get("/access-log", summary="Read who took figures out")
    async def access_log(
        context: Context, principal: Annotated[Principal, permit(READ_EXPORTS)], page: Paging
    ) -> Listed[ExportRead]:
        """Each export of the caller's places, and each reading of their events, the latest first."""
        after = page.after(int)
        rows = await _rows(analytics, EXPORTS, EXPORTED, after[0] if after else LAST, page.limit + 1)
        mine, following = page.cut(rows, lambda row: (row.position,))
        items = [read for read in map(_read, mine) if principal.sees(read.place)]
        return Listed(items=items, next=following, as_of=context.clock.now(), position={})

    return router


async def _at(
    context: ServiceContext, principal: Principal, page: Page, position: int
) -> tuple[PolicyAdopted | None, list[Figures], str | None]:
    policies = await _rows(context, LATEST, position, POLICIES, "", 1)
    policy = policies[0].event if policies else None
    after = page.after(str)
    rows = await _rows(context, LATEST, position, FIGURES, after[0] if after else "", page.limit + 1)
    mine, following = page.cut(rows, lambda row: (row.stream,))
    items = [
        Figures(stream=row.stream, position=row.position, told=told)
        for row in mine
        if isinstance(told := row.event, FiguresPublished) and principal.sees(told.city)
    ]
    return policy if isinstance(policy, PolicyAdopted) else None, items, following


def _read(row: Recorded) -> ExportRead:
    told = row.event
    if not isinstance(told, FiguresExported | CityEventsRead):
        raise TypeError(f"{row!r} is no reading of the city's figures.")
    return ExportRead(
        id=row.position,
        by=_taker(Actor.model_validate(row.about["actor"])),
        place=told.place,
        purpose=told.purpose if isinstance(told, FiguresExported) else None,
        after=told.after if isinstance(told, CityEventsRead) else None,
        at=told.at,
        when=row.effective_at,
    )


def _taker(actor: Actor) -> Taker:
    # events name the data platform an integrator, for readers of before; no integrator takes figures out
    role = Role.DATA_PLATFORM if actor.role is Role.INTEGRATOR else actor.role
    return Taker(role=role, id=actor.id)


async def _rows(context: ServiceContext, query: str, *values: Any) -> list[Recorded]:
    return Recorded.of(context.store.source, await context.store.pool.fetch(query, *values))
