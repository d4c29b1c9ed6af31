"""All migrations together make the schema that stands beside them."""

import asyncpg
import pytest

from services.chassis.migrations.migrate import HERE
from services.runtime.databases import migrations_of
from tests.integration.migrations.schemas import DESCRIBED, dumped, only_as_far_as

ADVICE = "a migration lacks, or `python -m tests.integration.migrations.schemas` has to be run"


@pytest.mark.parametrize("described", DESCRIBED, ids=[each.name for each in DESCRIBED])
async def test_the_sum_of_all_migrations_is_the_schema_on_record(databases, described):
    fresh = await databases.fresh(*migrations_of(described.name))
    assert dumped(fresh.owner, described.schemas) == described.file.read_text("utf-8"), ADVICE


async def test_a_database_that_0008_had_brought_further_comes_to_the_same(databases):
    registry = DESCRIBED[0]
    fresh = await databases.fresh()
    await only_as_far_as(fresh.owner, (), ["0009"])
    anew = dumped(fresh.owner, registry.schemas)
    connection = await asyncpg.connect(fresh.owner)
    try:
        await connection.execute("update log.head set made = 1")  # as in a copy that was put back
        await connection.execute((HERE / "versions" / "v0009_mended.sql").read_text("utf-8"))
        assert await connection.fetchval("select made from log.head") == 1, "nobody would notice the copy"
    finally:
        await connection.close()
    assert dumped(fresh.owner, registry.schemas) == anew
