"""Imports that are killed, lose their database, or find no room: one sentence, and a repeat goes on."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import uuid7
from services.runtime.imports.mapping_file import find, load
from services.runtime.imports.refusals import ImportRefused
from services.runtime.imports.run import Instance, Options, run
from tests.integration.imports.conftest import KEY, NOW, VANCOUVER_HEADER, vancouver_rows

ROWS = 40_000
SCRIPT = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from services.chassis.clock import FixedClock
from services.chassis.ids import uuid7
from services.runtime.imports.mapping_file import find, load
from services.runtime.imports.run import Instance, Options, run

async def main():
    addresses = {"incidents": sys.argv[1], "analytics": sys.argv[2]}
    instance = Instance(addresses.__getitem__, bytes(32))
    options = Options(errors=Path(sys.argv[3]).with_name("errors.csv"))
    clock = FixedClock(datetime(2026, 11, 24, 4, tzinfo=UTC))
    await run(load(find("vancouver-crime")), Path(), [Path(sys.argv[3])], instance, options, clock=clock, new_id=uuid7)

if __name__ == "__main__":
    asyncio.run(main())
"""


async def until(happens, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not await happens():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def test_an_import_that_is_killed_leaves_no_process_and_goes_on(city, tmp_path):
    path = city.file("a.csv", VANCOUVER_HEADER, *vancouver_rows(ROWS))
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, str(tmp_path / "script.py")]
    addresses = [city.instance.address("incidents"), city.instance.address("analytics")]
    process = subprocess.Popen(  # noqa: ASYNC220 - it is to be killed, not talked to
        [*command, *addresses, str(path)], env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    )

    async def some_are_in() -> bool:
        return (await city.incidents.head()).position > 0

    try:
        await until(some_are_in)
        helpers = children(process.pid)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()

    async def helpers_are_gone() -> bool:
        return not any(_lives(pid) for pid in helpers)

    await until(helpers_are_gone)
    before = (await city.incidents.head()).position
    assert 0 < before < ROWS
    assert await city.coverage() == []
    summary = await city.load("vancouver-crime", path)
    assert (summary.imported, summary.known) == (ROWS - before, before)
    assert len({event.stream for event in await city.events()}) == ROWS
    assert len(await city.coverage()) == 1


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_a_database_that_goes_away_is_one_sentence_and_the_repeat_goes_on(private_postgres, tmp_path):
    databases = private_postgres.databases
    incidents, analytics = await databases.fresh(), await databases.fresh()
    instance = Instance({"incidents": incidents.app, "analytics": analytics.app}.__getitem__, KEY)
    path = tmp_path / "a.csv"
    path.write_text("\n".join([VANCOUVER_HEADER, *vancouver_rows(ROWS)]) + "\n")

    async def load_it(progress=lambda _: None):
        options = Options(errors=tmp_path / "errors.csv")
        mapping = load(find("vancouver-crime"))
        return await run(
            mapping, tmp_path, [path], instance, options, clock=FixedClock(NOW), new_id=uuid7, progress=progress
        )

    def kill_after_some(summary) -> None:
        if summary.imported >= 6000:
            os.kill(private_postgres.pid, signal.SIGKILL)

    with pytest.raises(ImportRefused, match=r"^The database ended the connection: it stopped, or"):
        await load_it(kill_after_some)

    async def it_is_back() -> bool:
        try:
            await (await asyncpg.connect(incidents.app)).close()
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    await until(it_is_back)
    summary = await load_it()
    assert (summary.rows, summary.failed) == (ROWS, 0)
    assert summary.known >= 6000
    connection = await asyncpg.connect(incidents.app)
    assert await connection.fetchval("select count(*) from log.events") == ROWS
    assert await connection.fetchval("select count(distinct stream) from log.events") == ROWS
    await connection.close()


async def test_an_errors_file_that_cannot_be_written_is_one_sentence(city):
    path = city.file("a.csv", VANCOUVER_HEADER, "Nothing,2003,1,1,0,0,A,B,1,2,,")
    options = Options(errors=city.folder / "no such folder" / "errors.csv")
    mapping = load(find("vancouver-crime"))
    with pytest.raises(ImportRefused, match=r"cannot be written \(No such file or directory\); name another with --er"):
        await run(mapping, city.folder, [path], city.instance, options, clock=FixedClock(NOW), new_id=uuid7)


async def test_a_full_disk_under_the_database_is_one_sentence(city, monkeypatch):
    async def no_room(*_, **__):
        raise asyncpg.DiskFullError("could not extend file: No space left on device")

    monkeypatch.setattr("services.chassis.eventstore.bulk.BulkWriter.write", no_room)
    path = city.file("a.csv", VANCOUVER_HEADER, *vancouver_rows(3))
    with pytest.raises(ImportRefused, match=r"^The disk is full: make room and repeat the import; it goes on where"):
        await city.load("vancouver-crime", path)
