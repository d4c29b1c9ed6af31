"""Commands on a data folder: with the running instance's PostgreSQL, else with one of their own."""

import os

import asyncpg
import pytest

from services.runtime.folder import DataFolder, Running
from services.runtime.postgres import running_postgres
from services.runtime.reach import StillStarting, reach_postgres


async def answer(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval("select 42")
    finally:
        await connection.close()


async def test_without_a_running_instance_postgres_is_started_for_the_command(tmp_path):
    folder = DataFolder.open(tmp_path / "data")
    async with reach_postgres(folder) as reached:
        assert reached.running is None
        assert await answer(reached.dsn("postgres", "postgres")) == 42


async def test_a_running_instance_is_asked_instead(tmp_path):
    folder = DataFolder.open(tmp_path / "data")
    with folder.held():
        async with running_postgres(folder.path) as server:
            folder.announce(Running(pid=os.getpid(), url="http://127.0.0.1:8080", socket=str(server.socket)))
            async with reach_postgres(folder) as reached:
                assert reached.running is not None
                assert await answer(reached.dsn("postgres", "postgres")) == 42


async def test_an_instance_on_its_way_up_gives_one_sentence(tmp_path):
    folder = DataFolder.open(tmp_path / "data")
    with folder.held(), pytest.raises(StillStarting, match="try again in a moment"):
        async with reach_postgres(folder):
            pass
