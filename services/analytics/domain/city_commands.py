"""What may be told of the city: no small count, and no change that would give one away."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from contracts.analytics import CityEventsRead, FiguresExported, Span
from contracts.city import CRS, Area, Cell, Centre, City, FiguresPublished, Measure, PolicyAdopted
from contracts.common import Count, Event, Frozen, Identifier, Place, ZoneName
from services.analytics.domain.city import InForce, Told


class AdoptPolicy(Frozen):
    """Says what may leave from now on. today: the local day; the rest is the policy's."""

    minimum: Count
    fewest_places: Count
    settle_days: Count
    measures: tuple[Measure, ...]
    zone: ZoneName
    crs: CRS
    today: date


class Counted(Frozen):
    """What was counted in an area: how many, from how many places, and about where that is."""

    area: Area
    count: Count
    places: Count
    centre: Centre | None = None


class PublishFigures(Frozen):
    """Tells how many there were in one period, as far as the policy allows.

    Attributes:
        city, measure, source, span: of what. zone, crs, minimum, fewest_places: of the policy. within: the areas that
        are covered. counted: everything that was counted there, small counts too.
    """

    city: City
    measure: Measure
    source: Identifier
    span: Span
    zone: ZoneName
    crs: CRS
    minimum: Count
    fewest_places: Count
    within: tuple[Area, ...]
    counted: tuple[Counted, ...]


class ExportFigures(Frozen):
    """Take the city's figures out, up to a position of its log."""

    place: Place
    purpose: Annotated[str, Field(max_length=40)]
    at: Count


Position = Annotated[int, Field(ge=0, le=2**62)]


class ReadCityEvents(Frozen):
    """Read events of a city from its log: behind ``after``, as far as ``at``, so many."""

    place: Place
    after: Position
    at: Position
    count: Count


def adopt(state: InForce, command: AdoptPolicy, now: datetime) -> list[Event]:
    """The first policy counts all days; a later one begins tomorrow, so that no day is told twice in two ways."""
    said = command.model_dump(exclude={"today"})
    before = state.event
    if before is not None and before.model_dump(include=set(said)) == said:
        return []
    since = None if before is None else command.today + timedelta(days=1)
    return [PolicyAdopted.model_validate({**said, "since": since, "effective_at": now})]


def publish(state: Told, command: PublishFigures, now: datetime) -> list[Event]:
    """Tells it once; afterwards tells only of changes that are no smaller than a count may be."""
    cells = released(command, state.counts)
    if state.event is not None and _same(state.event, command, cells):
        return []
    measure = command.measure
    return [
        FiguresPublished(
            city=command.city,
            measure=measure.id,
            kind=measure.kind,
            category=measure.category,
            source=command.source,
            area=measure.area,
            period=measure.period,
            span=command.span,
            zone=command.zone,
            minimum=command.minimum,
            crs=command.crs,
            within=command.within,
            cells=cells,
            effective_at=now,
        )
    ]


def released(command: PublishFigures, before: Mapping[str, int]) -> tuple[Cell, ...]:
    """The cells that may be told, given what was told before.

    Left out is a count that is too small or comes from too few places. A count that was told stays until the true one
    is further from it than the minimum: the difference of two versions is itself a count, of those who came late.
    """
    cells = []
    for counted in sorted(command.counted, key=lambda one: one.area):
        count = counted.count
        old = before.get(counted.area)
        if old is not None and abs(count - old) < command.minimum:
            count = old
        elif count < command.minimum or counted.places < command.fewest_places:
            continue
        cells.append(Cell(area=counted.area, count=count, centre=counted.centre))
    return tuple(cells)


def _same(event: FiguresPublished, command: PublishFigures, cells: tuple[Cell, ...]) -> bool:
    return (event.within, event.cells, event.minimum) == (command.within, cells, command.minimum)


def export(_: None, command: ExportFigures, now: datetime) -> list[Event]:
    """Each is an event of its own, written before anything is handed over."""
    return [FiguresExported.model_validate({**command.model_dump(), "effective_at": now})]


def read_events(_: None, command: ReadCityEvents, now: datetime) -> list[Event]:
    """Each reading is an event of its own, like each export."""
    return [CityEventsRead.model_validate({**command.model_dump(), "effective_at": now})]


ADOPTING: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {AdoptPolicy: adopt}
TELLING: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {PublishFigures: publish}
EXPORTING: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {
    ExportFigures: export,
    ReadCityEvents: read_events,
}
