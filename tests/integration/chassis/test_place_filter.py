"""The database draws a scope's border exactly where the code does."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.common import Role
from services.chassis.access import Principal, covers, place_filter
from services.chassis.postgres import engine

SEGMENT = st.text("ab_-1", min_size=1, max_size=3)
PATH = st.lists(SEGMENT, min_size=1, max_size=4).map("/".join)
# what nobody could store or hold, but a filter has to stand anyway
ODD = st.text("ab_%/\\'. ", max_size=5)

RAW = """
select place from unnest($1::text[]) as place
where exists (select from unnest($2::text[]) as scope where place = scope or starts_with(place, scope || '/'))
"""


@pytest.fixture
async def queries(database) -> AsyncIterator[AsyncEngine]:
    made = engine(database.app, connections=2)
    yield made
    await made.dispose()


@pytest.fixture
async def connection(database) -> AsyncIterator[asyncpg.Connection]:
    made = await asyncpg.connect(database.app)
    yield made
    await made.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PATH | ODD, max_size=12, unique=True), st.lists(PATH | ODD, max_size=4, unique=True))
async def test_a_filter_in_sql_lets_through_what_the_scope_covers(queries, connection, places, scopes):
    principal = Principal(Role.OFFICER, "officer-li", tuple(scopes))
    covered = {place for place in places if principal.sees(place)}
    column = sa.func.unnest(sa.cast(places, postgresql.ARRAY(sa.Text))).column_valued("place")
    async with queries.connect() as session:
        found = await session.scalars(sa.select(column).where(place_filter(column, principal)))
    assert set(found) == covered
    if "" not in scopes:
        assert {row["place"] for row in await connection.fetch(RAW, places, scopes)} == covered


async def test_without_places_nothing_is_let_through(queries):
    column = sa.literal("yinchuan", sa.Text)
    async with queries.connect() as session:
        for principal in (Principal(Role.OFFICER, "o"), Principal(Role.OFFICER, "o", ("",))):
            assert (await session.scalars(sa.select(column).where(place_filter(column, principal)))).all() == []


def test_a_wildcard_in_a_scope_is_a_character_like_any_other():
    assert not covers("ward_3", "wardx3/a")
    text = str(place_filter(sa.column("place", sa.Text), Principal(Role.OFFICER, "o", ("ward_3",))).compile())
    assert "LIKE" not in text.upper()
    assert "ward_3" not in text  # a value is never part of the statement
