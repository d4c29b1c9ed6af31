"""The scenario is loaded once, however often it is tried and however it was cut short."""

import asyncio
import sys
from pathlib import Path

import asyncpg

from contracts.registry import OccupantRegistered
from services.chassis.clock import FixedClock
from services.chassis.postgres import Database
from services.chassis.vault import PostgresKeys, Vault
from services.runtime.demonstration import END
from tests.integration.demonstration.loading import loaded

ROOT = Path(__file__).parents[3]


async def counted(addresses):
    """Events, the log's end, and streams whose versions have a gap, over all logs."""
    events = gaps = 0
    for address in addresses:
        connection = await asyncpg.connect(address)
        count, last = await connection.fetchrow("select count(*), max(position) from log.events")
        assert count == (last or 0)
        events += count
        gaps += await connection.fetchval(
            "select count(*) from (select stream from log.events group by stream having count(*) <> max(version)) as s"
        )
        await connection.close()
    return events, gaps


async def test_a_load_that_was_killed_goes_on_where_it_stopped_and_a_third_adds_nothing(databases):
    addresses = [(await databases.fresh()).app for _ in range(4)]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.demonstration.loading",
        *addresses,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    for _ in range(4):
        assert await process.stdout.readline()
    process.kill()
    await process.wait()
    before, _ = await counted(addresses)
    assert before > 0

    told = []
    summary = await loaded(addresses, lambda done, total: told.append((done, total)))
    assert summary.known >= before
    assert summary.appended + summary.known == summary.events
    assert await counted(addresses) == (summary.events, 0)
    assert [day for day, _ in told] == sorted(day for day, _ in told)
    assert {days for _, days in told} == {told[0][1]}
    assert 0 <= told[0][0] < told[-1][0] <= told[-1][1]

    again = await loaded(addresses, lambda *_: None)
    assert (again.events, again.appended, again.known) == (summary.events, 0, summary.events)

    await _names_open_under_their_keys(addresses[0])


async def _names_open_under_their_keys(address):
    database = await Database.open("registry", address, connections=1)
    vault = Vault(PostgresKeys(database.pool), master_key=bytes(32), clock=FixedClock(END))
    rows = await database.pool.fetch(
        "select data from log.events where type = $1 order by position limit 5", OccupantRegistered.type
    )
    for row in rows:
        event = OccupantRegistered.model_validate_json(row["data"])
        assert len(await vault.open(event.name)) == 3
        assert (await vault.open(event.phone)).startswith("100")
    await database.close()
