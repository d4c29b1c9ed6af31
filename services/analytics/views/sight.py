"""What a caller may see, in SQL: ``:places`` are the places of the token, ``:place`` what was asked for, or none."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from services.chassis.access import inside_sql, within_sql

Row = Mapping[str, Any]


def within(column: str) -> str:
    """The condition on a column that this code names: in the caller's places, and in what was asked for."""
    return f"{within_sql(column)} and (cast(:place as text) is null or {inside_sql(column, ':place')})"


async def ask(engine: AsyncEngine, query: sa.TextClause, **values: Any) -> Sequence[Row]:
    """The rows of a whole, named query."""
    async with engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(query, values)).mappings()]
