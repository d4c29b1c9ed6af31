"""Questions about figures: those of the case, those of any city by period, and the events behind each."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as PathParameter
from pydantic import BaseModel, StringConstraints

from contracts.analytics import Span
from contracts.common import PRINTABLE, Identifier, Place
from services.analytics import answers, permissions
from services.analytics.domain.refusals import PeriodMissing, SpanUpsideDown
from services.analytics.figures import case, counting, periods
from services.analytics.figures.adhoc import Adhoc
from services.analytics.figures.counting import Selection
from services.analytics.figures.definition import Definition
from services.analytics.figures.definition import case as definitions
from services.analytics.figures.disclosure import LEAST, require_coarse, withheld
from services.analytics.figures.figure import Figure
from services.analytics.figures.periods import EVER, Question, Sketch
from services.analytics.figures.wholeness import Wholeness
from services.analytics.statistics.days import Days, PeriodKind, year_before
from services.analytics.statistics.days import periods as cut
from services.analytics.views.sight import Row
from services.chassis.access import Principal, covers, granted, permit
from services.chassis.http import Context, CursorBroken, Listed, NotFound, Page, Paging, PositionVector, View, reads
from services.chassis.subscriptions.subscription import LogReader

router = APIRouter(tags=["figures"])


async def whole(request: Request, context: Context, view: Annotated[View, reads("kpi")]) -> View:
    """The view of the figures, where they hold all that there is.

    Raises:
        FiguresIncomplete, LogAway: they do not yet.
    """
    if not hasattr(request.app.state, "wholeness"):
        request.app.state.wholeness = Wholeness(context)
    await request.app.state.wholeness.require()
    return view


Kpi = Annotated[View, Depends(whole)]
Kind = Literal[
    "incident",
    "dispute",
    "agenda-item",
    "agenda-item-resolved",
    "agenda-item-confirmed",
    "pain-point",
    "pain-point-resolved",
    "pain-point-confirmed",
]
Named = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]
FigureId = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=600, pattern=PRINTABLE)],
    PathParameter(examples=["building-dispute-calls"]),
]
UNKNOWN = NotFound("figure", "Take its id from GET /analytics/kpis.")


class LongPage(Page):
    """A page of figures, which are small and many."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=5000, description="Most items.")] = 1000,
        cursor: Annotated[str | None, Query(max_length=2048, description="From `next` of the page before.")] = None,
    ) -> None:
        super().__init__(limit, cursor)


async def earlier(
    at: Annotated[
        str | None,
        Query(
            max_length=200,
            description="Counts as of these earlier positions of the logs.",
            examples=["incidents=1234, mediation=7, analytics=3"],
        ),
    ] = None,
) -> Mapping[str, int] | None:
    """The positions asked for; a log that is not named is read to its end."""
    return None if at is None else PositionVector.parse(at, "at")


Earlier = Annotated[Mapping[str, int] | None, Depends(earlier)]


async def then(context: Context, view: Kpi, at: Earlier = None) -> View:
    """The view, as of the moment until which the logs stood at the positions asked for."""
    logs = [(log, position) for source, position in (at or {}).items() if (log := context.log(source)) is not None]
    following = await asyncio.gather(*(log.read(position, 1) for log, position in logs))
    return replace(view, as_of=min([view.as_of, *(each[0].recorded_at for each in following if each)]))


Then = Annotated[View, Depends(then)]
Reader = Annotated[Principal, permit(permissions.READ_FIGURES)]


class Behind(answers.Line):
    """An event behind a figure. day: on which it counts; value: what was reported, where it is no count."""

    category: str | None
    day: date
    value: float | None = None


class FigurePlace(answers.Answer):
    """A place that has figures. sources: whose; first, last: the days that are declared as covered."""

    place: str
    sources: list[str]
    first: date
    last: date


class WaitingReport(answers.Answer):
    """A reported figure that does not count yet. usual: the last of its source that counts; None for the first."""

    indicator: str
    source: str
    place: str
    span: Span
    value: float
    unit: str
    usual: float | None


class AskedFor(BaseModel):
    """Which figures by period are asked for."""

    period: PeriodKind | None = None
    kind: Kind = "incident"
    category: Named | None = None
    place: Place | None = None
    source: Identifier | None = None
    first: date | None = None
    last: date | None = None


async def asked_for(
    period: PeriodKind | None = None,
    kind: Kind = "incident",
    category: Annotated[
        Named | None, Query(description="A path with all below it, or what the source calls it.")
    ] = None,
    place: Place | None = None,
    source: Identifier | None = None,
    first: Annotated[date | None, Query(alias="from", description="First day.")] = None,
    last: Annotated[date | None, Query(alias="to", description="Last day, inclusive.")] = None,
) -> AskedFor:
    """The parameters of a question."""
    return AskedFor(period=period, kind=kind, category=category, place=place, source=source, first=first, last=last)


@router.get("/kpis", summary="Read figures")
async def read_figures(
    context: Context,
    principal: Reader,
    page: Annotated[LongPage, Depends()],
    view: Then,
    asked: Annotated[AskedFor, Depends(asked_for)],
    at: Earlier = None,
) -> Listed[Figure]:
    """Without ``period`` the figures of the case, in a place or below it; with it, those of each source by category
    and period, the newest period first.

    A period is held against its like a year before, and only where both are covered whole: a missing year is not
    zero, and half a year is not a year.
    """
    start = _start(page)
    if asked.period is None:
        if asked.category or asked.source or asked.first or asked.last:
            raise PeriodMissing
        figures = await _case(context, principal, view, at, asked.place)
        items, total = figures[start : start + page.limit], len(figures)
    else:
        if asked.place is not None:
            principal.require(asked.place)
        wanted = _selection(asked, principal, at)
        question = Question(wanted, asked.period, _days(asked), view.as_of, view.position)
        found = list(islice(await _sketches(context, principal, question), start + page.limit + 1))
        items, total = [_shown(principal, sketch.figure()) for sketch in found[start : start + page.limit]], len(found)
    return Listed(items=items, next=_cursor(page, start, total), as_of=view.as_of, position=view.position)


@router.get("/kpis/{figure}", summary="Read a figure of the case")
async def read_figure(figure: FigureId, context: Context, principal: Reader, view: Then, at: Earlier = None) -> Figure:
    """One figure, now or as of earlier positions."""
    definition = _definition(figure)
    if definition is not None:
        principal.require(definition.place)
        engine, places = context.database.engine, principal.places
        _require_now(principal, definition.kinds, at)
        (only,) = await case.figures(engine, [definition], places, at, view.as_of, view.position)
        return _shown(principal, only, exact=True)
    adhoc = Adhoc.read(figure)
    if adhoc is None:
        raise UNKNOWN
    if adhoc.place:
        principal.require(adhoc.place)
    kind = _kind(adhoc)
    category, place = adhoc.category or None, adhoc.place or None
    wanted = Selection(principal.places, (adhoc.kind,), (adhoc.source,), category, place=place, at=at)
    question = Question(wanted, kind, adhoc.days, view.as_of, view.position)
    for sketch in await _sketches(context, principal, question):
        if sketch.id == figure:
            return _shown(principal, sketch.figure())
    raise UNKNOWN


@router.get("/kpis/{figure}/events", summary="Read the events behind a figure")
async def read_events(
    figure: FigureId,
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_EVIDENCE)],
    page: Paging,
    view: Then,
    which: Literal["value", "previous"] = "value",
    at: Earlier = None,
) -> Listed[Behind]:
    """The very events that a figure counts, by day; there are as many of them as the figure says."""
    definition, adhoc = _definition(figure), Adhoc.read(figure)
    for kind in definition.kinds if definition is not None else (adhoc.kind,) if adhoc is not None else ():
        granted(permissions.read_counted(kind), principal)
    if definition is not None:
        principal.require(definition.place)
        days = definition.spans[which == "previous"]
        wanted = case.selection(definition, principal.places, at)
        if definition.indicator is not None:
            return await _reports(context, view, wanted, definition, days)
        wanted = await case.counted(context.database.engine, definition, wanted, view.position, view.as_of)
    elif adhoc is not None:
        like = year_before(adhoc.days)
        days = adhoc.days if which == "value" else like or Days(EVER.last, EVER.first)
        wanted = adhoc.selection(principal.places, at)
        if adhoc.place:
            principal.require(adhoc.place)
    else:
        raise UNKNOWN
    after = _event_cursor(page)
    found = await counting.events(context.database.engine, wanted, days, after, page.limit + 1)
    mine, following = page.cut(found, lambda row: (row["day"].isoformat(), row["log"], row["position"], row["part"]))
    told = await _told(context.readers, mine)
    items = [
        Behind(**dict(line), category=row["label"] or row["category"], day=row["day"])
        for row, line in zip(mine, told, strict=True)
    ]
    return Listed(items=items, next=following, as_of=view.as_of, position=view.position)


@router.get("/kpi-places", summary="List the places that have figures")
async def figure_places(context: Context, principal: Reader, view: Kpi) -> Listed[FigurePlace]:
    """Places that some source covers, with the days that it declared."""
    seen: dict[str, list[tuple[str, Days]]] = {}
    covered = await counting.coverages(context.database.engine, None, view.position, view.as_of)
    for source, declared in covered.items():
        for said in declared:
            if principal.sees(said.place):
                seen.setdefault(said.place, []).append((source, said.span))
    items = [
        FigurePlace(
            place=place,
            sources=sorted({source for source, _ in found}),
            first=min(days.first for _, days in found),
            last=max(days.last for _, days in found),
        )
        for place, found in sorted(seen.items())
    ]
    return Listed(items=items, as_of=view.as_of, position=view.position)


@router.get("/indicators/waiting", summary="List reported figures that wait for a supervisor")
async def waiting_reports(
    context: Context, principal: Annotated[Principal, permit(permissions.REPORT_FIGURE)], view: Kpi
) -> Listed[WaitingReport]:
    """What is far from what its source reported before, or its first; the 200 that have waited longest."""
    rows = await counting.waiting(context.database.engine, principal.places, 200)
    items = [WaitingReport(**dict(row), span=Span(first=row["first"], last=row["last"])) for row in rows]
    return Listed(items=items, as_of=view.as_of, position=view.position)


def _definition(figure: str) -> Definition | None:
    return next((definition for definition in definitions() if definition.id == figure), None)


async def _case(
    context: Context, principal: Principal, view: View, at: Mapping[str, int] | None, place: str | None
) -> list[Figure]:
    asked = [each for each in definitions() if place is None or covers(place, each.place)]
    seen = [each for each in asked if principal.sees(each.place)]
    for each in seen:
        _require_now(principal, each.kinds, at)
    figures = await case.figures(context.database.engine, seen, principal.places, at, view.as_of, view.position)
    return [_shown(principal, figure, exact=True) for figure in figures]


def _reads_cases(principal: Principal, kinds: Iterable[str]) -> bool:
    return all(principal.role in permissions.read_counted(kind).roles for kind in kinds)


async def _sketches(context: Context, principal: Principal, question: Question) -> Iterator[Sketch]:
    wanted, engine = question.wanted, context.database.engine
    if _reads_cases(principal, wanted.kinds):
        return await periods.sketches(engine, question)
    places = [wanted.place] if wanted.place else wanted.places
    require_coarse(places, question.kind, question.days, as_of_earlier=wanted.at is not None)
    # where nothing is covered, that there is a figure at all tells of a case
    return (each for each in await periods.sketches(engine, question) if each.covered or each.value >= LEAST)


def _require_now(principal: Principal, kinds: Sequence[str], at: Mapping[str, int] | None) -> None:
    if not _reads_cases(principal, kinds):
        require_coarse((), None, None, as_of_earlier=at is not None)


def _shown(principal: Principal, figure: Figure, *, exact: bool = False) -> Figure:
    """The figure as the caller may see it; one that sums up what was reported counts no cases."""
    if figure.unit != "count" or _reads_cases(principal, [figure.kind]):
        return figure
    return withheld(figure, exact=exact)


def _selection(asked: AskedFor, principal: Principal, at: Mapping[str, int] | None) -> Selection:
    sources = None if asked.source is None else (asked.source,)
    return Selection(principal.places, (asked.kind,), sources, asked.category, place=asked.place, at=at)


def _days(asked: AskedFor) -> Days | None:
    if asked.first is None and asked.last is None:
        return None
    days = Days(asked.first or date(1900, 1, 1), asked.last or date(2199, 12, 31))
    if not days:
        raise SpanUpsideDown(days.first, days.last, "/to")
    return days


def _kind(adhoc: Adhoc) -> PeriodKind:
    for kind in (PeriodKind.DAY, PeriodKind.MONTH, PeriodKind.YEAR):
        if len(adhoc.days) <= 366 and len(list(cut(kind, adhoc.days))) == 1:
            return kind
    raise UNKNOWN


def _start(page: Page) -> int:
    after = page.after(int)
    if after is None:
        return 0
    if after[0] < 0:
        raise CursorBroken
    return int(after[0])


def _cursor(page: Page, start: int, total: int) -> str | None:
    _, following = page.cut(range(start, total), lambda index: (index + 1,))
    return following


def _event_cursor(page: Page) -> tuple[date, str, int, int] | None:
    after = page.after(str, str, int, int)
    if after is None:
        return None
    try:
        return date.fromisoformat(after[0]), after[1], after[2], after[3]
    except ValueError:
        raise CursorBroken from None


async def _told(readers: Mapping[str, LogReader], found: Sequence[Row]) -> list[answers.Line]:
    return list(await asyncio.gather(*(_line(readers, row["log"], row["position"]) for row in found)))


async def _line(readers: Mapping[str, LogReader], log: str, position: int) -> answers.Line:
    (recorded,) = await readers[log].read(position - 1, 1)
    return answers.evidence(recorded)


async def _reports(
    context: Context, view: View, wanted: Selection, definition: Definition, days: Days
) -> Listed[Behind]:
    rows = await counting.reports(context.database.engine, wanted, definition.indicator or "", days)
    rows = sorted(rows, key=lambda row: (row["first"], row["source"]))
    told = await asyncio.gather(*(_line(context.readers, "analytics", row["position"]) for row in rows))
    items = [
        Behind(**dict(line), category=row["source"], day=row["first"], value=row["value"])
        for row, line in zip(rows, told, strict=True)
    ]
    return Listed(items=items, as_of=view.as_of, position=view.position)
