"""Loads the scenario into the databases named on the command line, one line of output a chunk; for a test to kill."""

import asyncio
import sys
from contextlib import AsyncExitStack

from services.chassis.clock import FixedClock
from services.chassis.eventstore.bulk import BulkWriter
from services.chassis.logs import set_up_logging
from services.chassis.postgres import Database
from services.chassis.settings import Settings
from services.chassis.vault import PostgresKeys, Vault
from services.runtime.demonstration import END, LoadSummary, Target, load

SERVICES = ("registry", "incidents", "mediation", "analytics")


async def loaded(addresses: list[str], progress) -> LoadSummary:
    """Loads the shipped scenario; the addresses are of the databases in the order of ``SERVICES``."""
    async with AsyncExitStack() as stack:
        targets = {}
        for name, address in zip(SERVICES, addresses, strict=True):
            database = await Database.open(name, address, connections=3)
            stack.push_async_callback(database.close)
            vault = Vault(PostgresKeys(database.pool), master_key=bytes(32), clock=FixedClock(END))
            targets[name] = Target(BulkWriter(database.pool), vault)
        return await load(targets, progress=progress)


if __name__ == "__main__":
    set_up_logging(Settings())  # to standard error: each line of the output is a chunk
    asyncio.run(loaded(sys.argv[1:], lambda done, total: print(done, total, flush=True)))  # noqa: T201
