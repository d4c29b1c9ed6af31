"""The database draws a scope's border exactly where the code does."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.common import Role
from services.chassis.access import Principal, covers, inside_sql, place_filter, within_sql
from services.chassis.postgres import engine

SEGMENT = st.text("ab_-1", min_size=1, max_size=3)
PATH = st.lists(SEGMENT, min_size=1, max_size=4).map("/".join)
# what nobody could store or hold, but a filter has to stand anyway
ODD = st.text("ab_%/\\'. ", max_size=5)

RAW = sa.text(f"select place from unnest(cast(:asked as text[])) as place where {within_sql('place')}")
PAIRS = sa.text(f"select {inside_sql(':place', 'scope')} as inside from unnest(cast(:scopes as text[])) as scope")
SERVICES = Path(__file__).parents[3] / "services"
PREFIXES = {"analytics/city/exporting.py", "analytics/delivery/ledger.py"}
"""What begins like something else and is no path: streams of a kind, messages of a task."""


@pytest.fixture
async def queries(database) -> AsyncIterator[AsyncEngine]:
    made = engine(database.app, connections=2)
    yield made
    await made.dispose()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PATH | ODD, max_size=12, unique=True), st.lists(PATH | ODD, max_size=4, unique=True))
async def test_a_filter_in_sql_lets_through_what_the_scope_covers(queries, places, scopes):
    principal = Principal(Role.OFFICER, "officer-li", tuple(scopes))
    covered = {place for place in places if principal.sees(place)}
    column = sa.func.unnest(sa.cast(places, postgresql.ARRAY(sa.Text))).column_valued("place")
    async with queries.connect() as session:
        found = await session.scalars(sa.select(column).where(place_filter(column, principal)))
        written = await session.scalars(RAW, {"asked": places, "places": scopes})
    assert set(found) == set(written) == covered


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PATH | ODD, st.lists(PATH, max_size=6))
async def test_one_place_lies_in_sql_inside_what_covers_it(queries, place, scopes):
    async with queries.connect() as session:
        found = (await session.scalars(PAIRS, {"place": place, "scopes": scopes})).all()
    assert found == [covers(scope, place) for scope in scopes]


def test_the_border_of_a_scope_is_drawn_in_one_place():
    spelt = re.compile(r"starts_with\(|\|\| '/|startswith\(f\"{\w+}/\"\)")
    files = {path.relative_to(SERVICES).as_posix(): path.read_text("utf-8") for path in SERVICES.rglob("*.py")}
    assert {name for name, text in files.items() if spelt.search(text)} == {"chassis/access/places.py"} | PREFIXES


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
