"""Questions to the floors: buildings and units as they stood at a moment."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from services.analytics.views.ledger import COUNTS
from services.analytics.views.sight import Row, ask, within
from services.chassis.access import covers, within_sql

BUILDINGS = sa.text(f"""
select b.id, b.name, b.place, b.longitude, b.latitude, b.system, s.lowest_floor, s.highest_floor
from floors.buildings as b
cross join lateral (
    select lowest_floor, highest_floor from floors.surveys
    where building = b.id and effective_at <= :as_of order by effective_at desc, position desc limit 1
) as s
where b.effective_at <= :as_of and (cast(:building as text) is null or b.id = :building) and {within("b.place")}
  and (cast(:after_place as text) is null or (b.place, b.id) > (:after_place, :after_id))
order by b.place, b.id limit :most
""")

UNITS = sa.text(f"""
select unit as id, building, number, floor, place, use_class, operator, differs, tenancies, category, to_verify,
       overdue, colour
from floors.spans
where building = any(cast(:buildings as text[])) and at <= :as_of and until > :as_of
  and {within_sql("place")}
order by building, floor desc, number
""")

CHILDREN = sa.text("""
select p.place, b.id as building, b.name from floors.places as p
left join floors.buildings as b on b.place = p.place and b.effective_at <= :as_of
where p.parent = :parent and (cast(:after as text) is null or p.place > :after)
order by p.place limit :most
""")
SUMS = sa.text(f"""
select place, {", ".join(f"sum({name}) as {name}" for name in COUNTS)} from (
    select * from floors.days
    where place = any(cast(:among as text[])) and at < date_trunc('day', cast(:as_of as timestamptz), 'UTC')
    union all
    select * from floors.moments
    where place = any(cast(:among as text[])) and at <= :as_of
      and at >= date_trunc('day', cast(:as_of as timestamptz), 'UTC')
) as changes group by place
""")

CONSOLIDATIONS = sa.text(f"""
with assigned as materialized (
    select f.unit, f.value as operator, f.effective_at, f.position
    from floors.facts as f join floors.units as u on u.id = f.unit
    where f.kind = 'operator' and f.effective_at <= :as_of and u.building = any(cast(:buildings as text[]))
      and {within_sql("u.place")}
), used as materialized (
    select f.unit, f.value as use_class, f.effective_at, f.position
    from floors.facts as f where f.kind = 'class' and f.unit in (select unit from assigned)
), begun as (
    select operator, min(effective_at) as first_at from assigned where operator is not null group by operator
), moved as (
    select operator, effective_at,
           effective_at - lag(effective_at) over (order by effective_at) > interval '31 days' as apart
    from assigned left join begun using (operator) where operator is null or effective_at > first_at
), runs as (
    select operator, effective_at, count(*) filter (where apart) over (order by effective_at) as run from moved
), ended as (
    select max(effective_at) as at, array_agg(distinct operator) filter (where operator is not null) as operators
    from runs group by run having count(distinct operator) >= :least
)
select ended.at, cardinality(ended.operators) as operators, held.rooms
from ended cross join lateral (
    select count(*) as rooms from (
        select distinct on (unit) unit, operator from assigned
        where effective_at <= ended.at order by unit, effective_at desc, position desc
    ) as latest join (
        select distinct on (unit) unit, use_class from used
        where effective_at <= ended.at order by unit, effective_at desc, position desc
    ) as let using (unit)
    where operator = any(ended.operators) and use_class = 'hotel'
) as held
order by ended.at
""")
MOVE_TOGETHER = 10
"""So many operators that take other rooms without a quiet month between consolidate; fewer are a change of business."""

FIRST = sa.text("select min(effective_at) as first_at from floors.units")


async def buildings(
    engine: AsyncEngine,
    places: Sequence[str],
    as_of: datetime,
    *,
    place: str | None = None,
    building: str | None = None,
    after: Sequence[str] | None = None,
    most: int | None = None,
) -> Sequence[Row]:
    """The buildings within the caller's places and the place asked for, as surveyed at the moment.

    Args:
        after: place and id of the last one of the page before. most: how many; None: all.
    """
    after_place, after_id = after or (None, None)
    asked = {"place": place, "building": building, "after_place": after_place, "after_id": after_id, "most": most}
    return await ask(engine, BUILDINGS, places=list(places), as_of=as_of, **asked)


async def units(
    engine: AsyncEngine, places: Sequence[str], as_of: datetime, buildings_: Sequence[str]
) -> Sequence[Row]:
    """The units of these buildings that lie within the caller's places, highest floor first."""
    return await ask(engine, UNITS, places=list(places), as_of=as_of, buildings=list(buildings_))


async def first_at(engine: AsyncEngine) -> datetime | None:
    """The first moment anything is known of."""
    (row,) = await ask(engine, FIRST)
    moment: datetime | None = row["first_at"]
    return moment


async def consolidations(
    engine: AsyncEngine, places: Sequence[str], as_of: datetime, buildings_: Sequence[str]
) -> Sequence[Row]:
    """When operators of these buildings moved together: the last day, how many they were, and their rooms then."""
    asked = {"places": list(places), "as_of": as_of, "buildings": list(buildings_), "least": MOVE_TOGETHER}
    return await ask(engine, CONSOLIDATIONS, **asked)


async def children(engine: AsyncEngine, parent: str, as_of: datetime, *, after: str | None, most: int) -> Sequence[Row]:
    """The places right below one that hold units, with the building where one of them is one."""
    return await ask(engine, CHILDREN, parent=parent, as_of=as_of, after=after, most=most)


async def sums(engine: AsyncEngine, places: Sequence[str], as_of: datetime) -> Mapping[str, Mapping[str, int]]:
    """What the ledger of each of these places came to at a moment: the changes of whole days, then of the last one."""
    found = {row["place"]: row for row in await ask(engine, SUMS, among=list(places), as_of=as_of)}
    return {place: {name: int(found[place][name]) if place in found else 0 for name in COUNTS} for place in places}


def visible(places: Sequence[str], asked: str | None) -> list[str]:
    """The widest places, none within another, that a caller with these places sees of what was asked for."""
    if asked is None:
        seen = set(places)
    elif any(covers(scope, asked) for scope in places):
        seen = {asked}
    else:
        seen = {scope for scope in places if covers(asked, scope)}
    return sorted(place for place in seen if not any(covers(other, place) for other in seen - {place}))
