"""Questions to analytics about the present: how far, floor by floor, the feed, the problem map, the overview."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate, groupby
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query
from fastapi import Path as PathParameter

from contracts.common import EARLIEST, LATEST, Identifier, Instant, Place
from services.analytics import answers, permissions, place_answers
from services.analytics.views import floor_questions, problem_questions
from services.analytics.views.feed import lines
from services.analytics.views.sight import ask
from services.chassis.access import Principal, inside_sql, permit, place_filter, within
from services.chassis.http import Context, Listed, NotFound, Paging, View, reads
from services.chassis.http.lag import head_of
from services.chassis.reading import paged, rows
from services.chassis.zones import end_of_day, zone_of

router = APIRouter()
When = Annotated[
    Instant | date | None,
    Query(
        description="A moment with a zone, or a day, which means its end at the place asked about.",
        examples=["2024-06-30"],
    ),
]
BuildingId = Annotated[Identifier, PathParameter(examples=["wanda-a"])]
MOST_UNITS = 2_500
"""Units in an answer that shows each of them; about 150 bytes each."""
READ_MODELS = ("floors", "feed", "problems", "kpi", "alerts", "assignments")
TO_BE_LOOKED_AT = timedelta(days=14)
POSITIONS = sa.text("""
select projection, source, position from projections.positions where projection = any(cast(:names as text[]))
""")

CITIES = sa.text("""
select distinct split_part(place, '/', 1) as city
from (
    select place from floors.buildings union all select place from kpi.coverages union all select place from feed.lines
) as places
where place <> ''
order by city
""")


ZONE = sa.text(f"""
select zone from kpi.zones where building = :building or {inside_sql(":place", "place")} limit 1
""")


async def moment(
    said: datetime | date | None,
    now: datetime,
    context: Context,
    *,
    place: str | None = None,
    building: str | None = None,
) -> datetime:
    """The moment that a question is about; a day ends by the zone of the building, else of the place."""
    if said is None:
        return now
    if isinstance(said, datetime):
        return said
    day = min(max(said, EARLIEST.date()), LATEST.date())  # nothing is known beyond, and no calendar overflows
    own = await ask(context.database.engine, ZONE, place=place or "", building=building or "")
    return end_of_day(day, own[0]["zone"] if own else zone_of(place))


@router.get("/positions", tags=["now"], summary="Read how far everything has been read")
async def positions(context: Context, _: Annotated[Principal, permit(permissions.READ_POSITIONS)]) -> answers.Positions:
    """The end of each log, and how far each read model has come; cheap enough to be asked every moment."""
    read: dict[str, dict[str, int]] = {name: {} for name in READ_MODELS}
    for row in await ask(context.database.engine, POSITIONS, names=list(READ_MODELS)):
        read[row["projection"]][row["source"]] = row["position"]
    logs = {}
    for source in context.readers:
        known = max((reached.get(source, 0) for reached in read.values()), default=0)
        logs[source] = await head_of(context, source) or known
    return answers.Positions(as_of=context.clock.now(), total=sum(logs.values()), logs=logs, read=read)


@router.get("/cities", tags=["now"], summary="Read which cities there are")
async def cities(context: Context, _: Annotated[Principal, permit(permissions.READ_CITIES)]) -> answers.Cities:
    """The cities that anything is known of; for the platform itself, which must name places before it can ask."""
    return answers.Cities(items=[row["city"] for row in await ask(context.database.engine, CITIES)])


@router.get("/places", tags=["floors"], summary="See the ledger of a place and of those right below it")
async def places(
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_FLOORS)],
    view: Annotated[View, reads("floors")],
    page: Paging,
    place: Place | None = None,
    as_of: When = None,
) -> place_answers.Places:
    """How many units of each colour there are, level by level: city, district, down to the buildings."""
    engine = context.database.engine
    at = await moment(as_of, view.as_of, context, place=place)
    shown, key = floor_questions.visible(principal.places, place), page.after(str)
    if len(shown) == 1:
        after = key[0] if key else None
        below = await floor_questions.children(engine, shown[0], at, after=after, most=page.limit + 1)
    else:
        below = [{"place": path, "building": None, "name": None} for path in shown]
    sums = await floor_questions.sums(engine, [*shown, *(row["place"] for row in below)], at)
    found = [place_answers.place_sums(row["place"], [sums[row["place"]]], row) for row in below]
    items, following = page.cut(found, lambda item: (item.place,))
    return place_answers.Places(
        place=shown[0] if len(shown) == 1 else place,
        total=place_answers.place_sums(place or "", [sums[path] for path in shown]),
        items=[item for item in items if item.units],
        next=following,
        first_at=await floor_questions.first_at(engine),
        as_of=at,
        position=view.position,
    )


@router.get("/floors", tags=["floors"], summary="See buildings floor by floor")
async def floors(
    *,
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_FLOORS)],
    view: Annotated[View, reads("floors")],
    page: Paging,
    place: Place | None = None,
    as_of: When = None,
) -> answers.Towers:
    """Buildings of a place as stacks of floors with each unit in its colour, now or as of a moment; in pages, which
    end early where buildings are large."""
    engine = context.database.engine
    at = await moment(as_of, view.as_of, context, place=place)
    after = page.after(str, str)
    found = await floor_questions.buildings(engine, principal.places, at, place=place, after=after, most=page.limit + 1)
    page.limit = min(page.limit, await _fitting(context, found, at))
    buildings, following = page.cut(found, lambda row: (row["place"], row["id"]))
    shown = [building["id"] for building in buildings]
    units = await floor_questions.units(engine, principal.places, at, shown)
    doors = {building: list(there) for building, there in groupby(units, key=lambda unit: unit["building"])}
    return answers.Towers(
        items=[answers.tower(building, doors.get(building["id"], [])) for building in buildings],
        next=following,
        first_at=await floor_questions.first_at(engine),
        milestones=[
            answers.consolidation(row)
            for row in await floor_questions.consolidations(engine, principal.places, view.as_of, shown)
        ],
        as_of=at,
        position=view.position,
    )


async def _fitting(context: Context, buildings: Sequence[answers.Row], at: datetime) -> int:
    """How many of these buildings fit into an answer; one at least."""
    sums = await floor_questions.sums(context.database.engine, [row["place"] for row in buildings], at)
    reached = accumulate(sums[row["place"]]["units"] for row in buildings)
    return max(1, sum(units <= MOST_UNITS for units in reached))


@router.get("/buildings/{building}/floors", tags=["floors"], summary="See one building floor by floor")
async def building_floors(
    building: BuildingId,
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_FLOORS)],
    view: Annotated[View, reads("floors")],
    as_of: When = None,
) -> answers.TowerAnswer:
    """The building as a stack of floors, now or as of a moment."""
    engine = context.database.engine
    at = await moment(as_of, view.as_of, context, building=building)
    found = await floor_questions.buildings(engine, principal.places, at, building=building)
    if not found:
        raise NotFound("building", "Check its id, the moment asked about and your places.")
    tower = answers.tower(found[0], await floor_questions.units(engine, principal.places, at, [building]))
    return answers.TowerAnswer(**dict(tower), as_of=at, position=view.position)


@router.get("/building-names", tags=["floors"], summary="Read what the buildings of some places are registered as")
async def building_names(
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_FLOORS)],
    place: Annotated[list[Place], Query(min_length=1, max_length=100, description="Of units or buildings.")],
) -> answers.BuildingNames:
    """The registered names of the buildings that these places are, or lie in; a place without one, or that
    several buildings share, is left out."""
    paths = {path for each in place for path in accumulate(each.split("/"), "{}/{}".format)}
    seen: dict[str, Any] = {"places": list(principal.places), "place": None}
    found = await ask(context.database.engine, problem_questions.BUILDING_NAMES, **seen, paths=list(paths))
    return answers.BuildingNames(items=[answers.BuildingName(**row) for row in found])


@router.get("/feed", tags=["now"], summary="See what has just happened")
async def feed(
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_FEED)],
    page: Paging,
    view: Annotated[View, reads("feed")],
    place: Place | None = None,
) -> Listed[answers.Line]:
    """The last happenings, newest first; a history that was read in is no news."""
    seen = place_filter(lines.c.place, principal)
    if place is not None:
        seen &= within(lines.c.place, (place,))
    key = ["recorded_at", "source", "position"]
    after = page.after(datetime, str, int)
    query = paged(sa.select(lines).where(seen), key, after, page.limit, descending=True)
    items = [answers.line(row) for row in await rows(context.database.engine, query)]
    return view.listed(items, page, key=lambda item: (item.recorded_at, item.source, item.position))


@router.get("/problem-map", tags=["now"], summary="See the problem map")
async def problem_map(
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_PROBLEMS)],
    view: Annotated[View, reads("problems")],
    place: Place | None = None,
    state: Literal["open", "all"] = "open",
) -> answers.ProblemMap:
    """Pain points, teahouse items and open incidents, each where it is: the newest 2,000; and the buildings, those with
    the most open problems first: 500 at most.

    A pain point that was called done stays for two weeks, so that a colleague looks whether it is.
    """
    seen: dict[str, Any] = {"places": list(principal.places), "place": place}
    engine, since = context.database.engine, view.as_of - TO_BE_LOOKED_AT
    problems = await ask(engine, problem_questions.PROBLEMS, **seen, every=state == "all", called_done_since=since)
    buildings = await ask(engine, problem_questions.BUILDINGS, **seen)
    return answers.ProblemMap(
        items=[answers.problem(row) for row in problems],
        buildings=[answers.problem_building(row) for row in buildings],
        buildings_total=buildings[0]["total"] if buildings else 0,
        as_of=view.as_of,
        position=view.position,
    )


@router.get("/overview", tags=["now"], summary="See the wall's few numbers")
async def overview(
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_PROBLEMS)],
    floors_read: Annotated[View, reads("floors")],
    alerts_read: Annotated[View, reads("alerts")],
    view: Annotated[View, reads("problems")],
    place: Place | None = None,
) -> answers.Overview:
    """Open incidents, alerts, the ledger in its colours, and both rates of items and pain points."""
    seen: dict[str, Any] = {"places": list(principal.places), "place": place}
    engine = context.database.engine
    categories = {row["category"]: row["number"] for row in await ask(engine, problem_questions.OPEN_INCIDENTS, **seen)}
    issues = {row["kind"]: row for row in await ask(engine, problem_questions.ISSUES, **seen)}
    (alerts,) = await ask(engine, problem_questions.ALERTS, **seen)
    shown = floor_questions.visible(principal.places, place)
    sums = await floor_questions.sums(engine, shown, view.as_of)
    ledger = place_answers.place_sums(place or "", list(sums.values()))
    return answers.Overview(
        incidents={"open": sum(categories.values()), "by_category": categories},
        alerts=dict(alerts),
        ledger={**ledger.counts, "units": ledger.units},
        items=rates(issues.get("agenda-item")),
        pain_points=rates(issues.get("pain-point")),
        as_of=view.as_of,
        position=least(floors_read.position, alerts_read.position, view.position),
    )


def least(*positions: dict[str, int]) -> dict[str, int]:
    """How far each log has been read by every one that reads it."""
    found: dict[str, int] = {}
    for position in positions:
        for source, reached in position.items():
            found[source] = min(reached, found.get(source, reached))
    return found


def rates(row: answers.Row | None) -> dict[str, float | int | None]:
    """How many were raised, called done and confirmed, and both rates."""
    raised, resolved, confirmed = (row[name] if row else 0 for name in ("raised", "resolved", "confirmed"))
    return {
        "raised": raised,
        "resolved": resolved,
        "confirmed": confirmed,
        "resolved_percent": round(100 * resolved / raised, 1) if raised else None,
        "confirmed_percent": round(100 * confirmed / resolved, 1) if resolved else None,
    }
