"""A page of a query: rows in the order of a unique key, after the last key of the page before."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

Row = Mapping[str, Any]


async def rows(engine: AsyncEngine, query: "sa.Select[Any]") -> list[Row]:
    """All rows of a query."""
    async with engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]


async def row(engine: AsyncEngine, query: "sa.Select[Any]") -> Row | None:
    """The first row of a query, where it has one."""
    return next(iter(await rows(engine, query.limit(1))), None)


def paged(
    query: "sa.Select[Any]", key: Sequence[str], after: Sequence[Any] | None, limit: int, *, descending: bool = False
) -> "sa.Select[Any]":
    """A page of a query, and one row more, which tells that there is another page.

    Args:
        key: columns of the query that are unique together, in the order wanted. after: their values at the end of the
            page before, None for the first.
    """
    found = query.subquery("found")
    order = [found.c[name] for name in key]
    page = sa.select(found).order_by(*(column.desc() if descending else column for column in order)).limit(limit + 1)
    if after is None:
        return page
    here = sa.tuple_(*order)
    there = sa.tuple_(*(sa.literal(value, column.type) for column, value in zip(order, after, strict=True)))
    return page.where(here < there if descending else here > there)
