"""The ledger as it stands and stood: how each unit was from one moment to the next, and the sums of every place.

Both follow from the facts of `floors`. A batch works out the units that it touches and changes the sums by what became
different, so that no question has to go through the units of a city.
"""

from collections.abc import Sequence
from typing import Any

import asyncpg
import sqlalchemy as sa

from services.analytics.views.columns import moment, number, text, text_or_none

COUNTS = (
    "units",
    "hotel",
    "studio",
    "rental",
    "owner_occupied",
    "vacant",
    "noted",
    "occupants",
    "to_verify",
    "overdue",
)
"""What is summed for a place. noted: units with something to look at; to_verify, overdue: of their occupants."""


def tables(metadata: sa.MetaData) -> None:
    """Add the tables of the ledger to those of a read model."""
    sa.Table(
        "spans",
        metadata,
        text("unit"),
        moment("at"),
        moment("until"),
        text("building"),
        text("number"),
        number("floor"),
        text("place"),
        text_or_none("use_class"),
        text_or_none("operator"),
        sa.Column("differs", sa.Boolean, nullable=False),
        number("tenancies"),
        text_or_none("category"),
        number("occupants"),
        number("to_verify"),
        number("overdue"),
        text("colour"),
        sa.Index("floors_spans_unit", "unit"),
        sa.Index("floors_spans_building", "building"),
    )
    sa.Table(
        "places",
        metadata,
        sa.Column("place", sa.Text(collation="C"), primary_key=True),
        text("parent"),
        sa.Index("floors_places_parent", "parent", "place"),
    )
    for name in ("days", "moments"):
        sa.Table(
            name,
            metadata,
            sa.Column("place", sa.Text, primary_key=True),
            sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
            *(number(count) for count in COUNTS),
        )


# what stands here is planned while the tables are empty; such a plan must not read them whole once they are full
BY_INDEX = "set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off"

_SUMS = ", ".join(f"sum(sign * {name}) as {name}" for name in COUNTS)
_NAMES = ", ".join(COUNTS)
_CHANGED = " or ".join(f"sum(sign * {name}) <> 0" for name in COUNTS)
_EMPTY = " and ".join(f"{name} = 0" for name in COUNTS)
_COUNTED = """
1 as units, (colour = 'hotel')::int as hotel, (colour = 'studio')::int as studio, (colour = 'rental')::int as rental,
(colour = 'owner-occupied')::int as owner_occupied, (colour = 'vacant')::int as vacant,
(differs or to_verify > 0)::int as noted, occupants, to_verify, overdue
"""


def _added(table: str, at: str) -> str:
    """Sums of a table that are raised by the changes; those that come to nothing are answered."""
    raised = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in COUNTS)
    return f"""
    insert into {table} (place, at, {_NAMES})
    select place, {at}, {_SUMS} from spread group by 1, 2 having {_CHANGED} order by 1, 2
    on conflict (place, at) do update set {raised} returning place, at, {_EMPTY} as empty
    """


REWRITE = f"""
with seen as materialized (
    select id as unit, building, number, floor, place, effective_at from units where id = any($1::text[])
), points as materialized (
    select seen.*, point.at from seen cross join lateral (
        select seen.effective_at as at
        union select effective_at from facts where unit = seen.unit
        union select unnest(array[effective_at, ended_at, due_at]) from tenancies where unit = seen.unit
        union select effective_at from departures where unit = seen.unit
        union select unnest(array[effective_at, due_at]) from occupants where unit = seen.unit
        union select effective_at from verified where unit = seen.unit
    ) as point where point.at >= seen.effective_at
), fresh as materialized (
    select p.unit, p.at, lead(p.at, 1, 'infinity') over (partition by p.unit order by p.at) as until,
           p.building, p.number, p.floor, p.place, use.value as use_class, run.value as operator,
           found.value is not null as differs, lives.tenancies, lives.category,
           lives.occupants, lives.to_verify, lives.overdue,
           case when lives.tenancies = 0 and run.value is null then 'vacant'
                else coalesce(use.value, 'vacant') end as colour
    from points as p
    left join lateral (
        select value from facts where unit = p.unit and kind = 'class' and effective_at <= p.at
        order by effective_at desc, position desc limit 1
    ) as use on true
    left join lateral (
        select value from facts where unit = p.unit and kind = 'operator' and effective_at <= p.at
        order by effective_at desc, position desc limit 1
    ) as run on true
    left join lateral (
        select value from facts where unit = p.unit and kind = 'differs' and effective_at <= p.at
        order by effective_at desc, position desc limit 1
    ) as found on true
    cross join lateral (
        select count(distinct held.tenancy) as tenancies, min(held.category) as category,
               count(living.occupant) as occupants, count(living.due_at) as to_verify,
               count(*) filter (where living.due_at <= p.at) as overdue
        from (
            select distinct on (tenancy) tenancy, category, position, effective_at, corrected, ended_at, due_at
            from tenancies where unit = p.unit order by tenancy, position desc
        ) as held left join lateral (
            select o.occupant, case when not exists (
                select from verified as v
                where v.unit = p.unit and v.occupant = o.occupant and v.effective_at <= p.at
            ) then case when held.corrected then held.due_at else o.due_at end end as due_at
            from occupants as o where o.unit = p.unit and o.tenancy = held.tenancy
        ) as living on true
        where held.effective_at <= p.at and (held.ended_at is null or held.ended_at > p.at) and not exists (
            select from departures as d where d.unit = p.unit and d.tenancy = held.tenancy
              and d.position > held.position and d.effective_at <= p.at)
    ) as lives
), gone as (
    delete from spans where unit = any($1) returning *
), kept as (
    insert into spans (unit, at, until, building, number, floor, place, use_class, operator, differs, tenancies,
                       category, occupants, to_verify, overdue, colour)
    select unit, at, until, building, number, floor, place, use_class, operator, differs, tenancies,
           category, occupants, to_verify, overdue, colour from fresh
), both_sides as (
    select regexp_replace(place, '/[^/]*$', '') as place, at, until, 1 as sign, {_COUNTED} from fresh
    union all select regexp_replace(place, '/[^/]*$', ''), at, until, -1, {_COUNTED} from gone
), turns as (
    select place, at, {_SUMS} from (
        select place, at, sign, {_NAMES} from both_sides
        union all select place, until, -sign, {_NAMES} from both_sides where until < 'infinity'
    ) as ends group by place, at having {_CHANGED}
), spread as materialized (
    select array_to_string(segments[:depth], '/') as place, at, 1 as sign, {_NAMES}
    from (select string_to_array(place, '/') as segments, at, {_NAMES} from turns) as turned
    cross join lateral generate_series(1, cardinality(segments)) as depth
), known as (
    insert into places (place, parent)
    select distinct place, case when place like '%/%' then regexp_replace(place, '/[^/]*$', '') else '' end
    from spread order by place on conflict do nothing
), by_day as ({_added("days", "date_trunc('day', at, 'UTC')")}
), by_moment as ({_added("moments", "at")}
)
select place, at, true as day from by_day where empty union all select place, at, false from by_moment where empty
"""
TIDY = """
delete from {table} where (place, at) in (select * from unnest($1::text[], $2::timestamptz[])) and {empty}
"""


async def rewrite(connection: "asyncpg.Connection[asyncpg.Record]", units: Sequence[str]) -> None:
    """Work out how these units were, from their facts, and change the sums of their places by what is different."""
    await connection.execute(BY_INDEX)
    emptied: list[Any] = await connection.fetch(REWRITE, units)
    for table, day in (("days", True), ("moments", False)):
        keys = [(row["place"], row["at"]) for row in emptied if row["day"] is day]
        if keys:
            places, moments = zip(*keys, strict=True)
            await connection.execute(TIDY.format(table=table, empty=_EMPTY), places, moments)
