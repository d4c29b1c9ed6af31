"""Questions to the floors: buildings and units as they stood at a moment."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from services.analytics.views.sight import Row, ask, within

BUILDINGS = sa.text(f"""
select b.id, b.name, b.place, b.longitude, b.latitude, b.system, s.lowest_floor, s.highest_floor
from floors.buildings as b
cross join lateral (
    select lowest_floor, highest_floor from floors.surveys
    where building = b.id and effective_at <= :as_of order by effective_at desc, position desc limit 1
) as s
where b.effective_at <= :as_of and (cast(:building as text) is null or b.id = :building) and {within("b.place")}
order by b.place, b.id
""")

UNITS = sa.text("""
with seen as materialized (
    select id, building, number, floor, place from floors.units
    where building = any(cast(:buildings as text[])) and effective_at <= :as_of
      and exists (select from unnest(cast(:places as text[])) as scope
                  where place = scope or starts_with(place, scope || '/'))
), latest as (
    select distinct on (f.unit, f.kind) f.unit, f.kind, f.value
    from floors.facts as f join seen on seen.id = f.unit
    where f.effective_at <= :as_of order by f.unit, f.kind, f.effective_at desc, f.position desc
), known as (
    select unit, max(value) filter (where kind = 'class') as use_class,
           max(value) filter (where kind = 'operator') as operator,
           bool_or(value is not null) filter (where kind = 'differs') as differs
    from latest group by unit
), last_told as (
    select distinct on (t.unit, t.tenancy) t.* from floors.tenancies as t join seen on seen.id = t.unit
    order by t.unit, t.tenancy, t.position desc
), gone as (
    select unit, tenancy, max(position) as position from floors.departures where effective_at <= :as_of group by 1, 2
), running as (
    select t.unit, t.tenancy, t.category, t.corrected, t.due_at
    from last_told as t
    left join gone on gone.unit = t.unit and gone.tenancy = t.tenancy and gone.position > t.position
    where t.effective_at <= :as_of and gone.unit is null and (t.ended_at is null or t.ended_at > :as_of)
), held as (
    select unit, count(*) as tenancies, min(category) as category from running group by unit
), done as (
    select distinct unit, occupant from floors.verified where effective_at <= :as_of
), waiting as (
    select unit, count(*) as to_verify, count(*) filter (where due_at <= :as_of) as overdue from (
    select o.unit, case when running.corrected then running.due_at else o.due_at end as due_at
    from floors.occupants as o
    join running on running.unit = o.unit and running.tenancy = o.tenancy
    left join done on done.unit = o.unit and done.occupant = o.occupant
    where done.unit is null) as open where due_at is not null group by unit
)
select seen.*, known.use_class, known.operator, coalesce(known.differs, false) as differs,
       coalesce(held.tenancies, 0) as tenancies, held.category,
       coalesce(waiting.to_verify, 0) as to_verify, coalesce(waiting.overdue, 0) as overdue,
       case when held.unit is null and known.operator is null then 'vacant'
            else coalesce(known.use_class, 'vacant') end as colour
from seen left join known on known.unit = seen.id left join held on held.unit = seen.id
     left join waiting on waiting.unit = seen.id
order by seen.building, seen.floor desc, seen.number
""")

CONSOLIDATIONS = sa.text(f"""
with assigned as materialized (
    select f.unit, f.value as operator, f.effective_at, f.position
    from floors.facts as f join floors.units as u on u.id = f.unit
    where f.kind = 'operator' and f.effective_at <= :as_of and {within("u.place")}
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
) -> Sequence[Row]:
    """The buildings within the caller's places and the place asked for, as surveyed at the moment."""
    return await ask(engine, BUILDINGS, places=list(places), as_of=as_of, place=place, building=building)


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
    engine: AsyncEngine, places: Sequence[str], as_of: datetime, *, place: str | None = None
) -> Sequence[Row]:
    """When operators moved together: the last day, how many they were, and the rooms that they held then."""
    asked = {"places": list(places), "as_of": as_of, "place": place, "least": MOVE_TOGETHER}
    return await ask(engine, CONSOLIDATIONS, **asked)
