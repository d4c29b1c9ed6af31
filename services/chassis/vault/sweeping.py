"""Destroyed keys leave the file of their table, too: PostgreSQL keeps the old version of a row until then."""

import asyncio

import asyncpg
import structlog

from services.chassis.postgres import connect
from services.chassis.vault.vault import Vault

logger = structlog.get_logger(__name__)

ANY_DESTROYED = "select exists (select from vault.keys where wrapped is null)"
# a plain VACUUM frees the space and leaves its bytes on the page; this writes the table again
SWEEP = "vacuum (full) vault.keys"
PAUSE = 60.0
"""Seconds between two sweeps: what is destroyed meanwhile goes with the next one."""
LOCK_WAIT = "1s"
"""For a sweep to have the table to itself: who needs a key in the meantime waits no longer than this."""


async def sweep(owner_dsn: str) -> None:
    """Write the table of keys again without what was destroyed; commands that need a key wait meanwhile."""
    connection = await connect(owner_dsn, lock_timeout=LOCK_WAIT)
    try:
        await connection.execute(SWEEP)
    finally:
        await connection.close()


async def keep_swept(vault: Vault, pool: "asyncpg.Pool[asyncpg.Record]", owner_dsn: str) -> None:
    """Sweep once at the start, where anything was ever destroyed, and after each erasure; until cancelled."""
    if await pool.fetchval(ANY_DESTROYED):
        vault.destroyed.set()
    while True:
        await vault.destroyed.wait()
        vault.destroyed.clear()
        try:
            await sweep(owner_dsn)
        except asyncpg.LockNotAvailableError:
            vault.destroyed.set()
            await logger.awarning("key_sweep_waits", cause="the table of keys is in use")
            await asyncio.sleep(1)
            continue
        except BaseException:
            vault.destroyed.set()
            raise
        await asyncio.sleep(PAUSE)
