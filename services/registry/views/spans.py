"""Works out how each unit was from one moment to the next, so that a list does not go through all its facts."""

from collections.abc import Sequence
from functools import cache

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg as dialect

from services.registry.views.moment import Moment
from services.registry.views.tables import METADATA, spans, units
from services.registry.views.units import facts_of

DIALECT = dialect.dialect()  # type: ignore[no-untyped-call]
# planned while the tables are empty, such a plan must not read them whole once they are full
BY_INDEX = "set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off"

# an occupant is late after the moment at which the verification was due
POINTS = """
select units.effective_at as at
union select effective_at from classes where unit = units.id
union select effective_at from operators where unit = units.id
union select effective_at from observations where unit = units.id
union select unnest(array[effective_at, ended_at, due_at + interval '1 microsecond'])
      from tenancies where unit = units.id
union select effective_at from departures where unit = units.id
union select effective_at from attempts where unit = units.id
union select due_at + interval '1 microsecond' from occupants where unit = units.id
union select erasures.effective_at from erasures join occupants using (subject) where occupants.unit = units.id
"""
UNITS_OF = "select distinct unit from occupants where subject = any($1::text[])"
FORGET = "delete from spans where id = any($1::text[])"


@cache
def _rewrite() -> str:
    """The statement that writes the spans of units out of their facts: `facts_of` at each moment of a change."""
    points = sa.table("points", sa.column("unit"), sa.column("at", sa.DateTime(timezone=True)))
    moment = Moment(sa.literal_column("points.at", sa.DateTime(timezone=True)))  # type: ignore[arg-type]
    start = units.join(points, points.c.unit == units.c.id)
    query = facts_of(moment, sa.true(), start).add_columns(points.c.at)
    found = str(query.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))
    found = found.replace(f"{METADATA.schema}.", "")  # a rebuild grows in another schema
    columns = ", ".join(column.name for column in spans.c if column.name != "until")
    return f"""
    with points as materialized (
        select units.id as unit, point.at from units cross join lateral ({POINTS}) as point
        where units.id = any($1::text[]) and point.at >= units.effective_at
    ), found as materialized ({found})
    insert into spans ({columns}, until)
    select {columns}, lead(at, 1, 'infinity') over (partition by id order by at) from found
    """


async def rewrite(
    connection: "asyncpg.Connection[asyncpg.Record]", touched: Sequence[str], erased: Sequence[str]
) -> None:
    """Write the spans of these units anew, and of those where these persons lived."""
    await connection.execute(BY_INDEX)
    lived = [row["unit"] for row in await connection.fetch(UNITS_OF, erased)] if erased else []
    if changed := sorted({*touched, *lived}):
        await connection.execute(FORGET, changed)
        await connection.execute(_rewrite(), changed)
