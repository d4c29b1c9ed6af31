"""What a caller may see, in SQL: ``:places`` are the places of the token, ``:place`` what was asked for, or none."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

Row = Mapping[str, Any]

WITHIN = """
exists (select from unnest(cast(:places as text[])) as scope where {0} = scope or starts_with({0}, scope || '/'))
and (cast(:place as text) is null or {0} = :place or starts_with({0}, :place || '/'))
"""


def within(column: str) -> str:
    """The condition on a column that this code names."""
    return WITHIN.format(column)


async def ask(engine: AsyncEngine, query: sa.TextClause, **values: Any) -> Sequence[Row]:
    """The rows of a whole, named query."""
    async with engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(query, values)).mappings()]
