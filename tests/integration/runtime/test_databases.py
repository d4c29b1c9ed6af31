"""The database that every integration test gets."""

import asyncpg


async def test_the_application_may_write_events_and_not_change_them(database):
    connection = await asyncpg.connect(database.app)
    try:
        privileges = await connection.fetch(
            "select privilege_type from information_schema.role_table_grants "
            "where grantee = 'maplebridge_app' and table_schema = 'log' and table_name = 'events'"
        )
    finally:
        await connection.close()
    assert {row["privilege_type"] for row in privileges} == {"INSERT", "SELECT"}


async def test_two_databases_of_one_test_are_apart(databases):
    one, other = await databases.fresh(), await databases.fresh()
    connection = await asyncpg.connect(one.owner)
    await connection.execute("create table here (a int)")
    await connection.close()
    connection = await asyncpg.connect(other.owner)
    found = await connection.fetchval("select to_regclass('here')")
    await connection.close()
    assert found is None
