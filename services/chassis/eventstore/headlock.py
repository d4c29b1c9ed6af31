"""The lock on a log's head: who holds it for too long, and how other writers get past a holder that stands still."""

import asyncpg
import structlog

logger = structlog.get_logger(__name__)

STOOD_STILL = 10.0
"""Seconds in a transaction after which a session that holds the head and sends nothing is ended; honest ones hold it
for a tenth of a second."""
UNHURRIED = "maplebridge log restore"
"""Application name of the one transaction that rightly holds the head for long."""

BRIEFLY = "set local lock_timeout = '1s'"
PROBE = "select from log.head for update"
# writers that wait for the head have a lock on its table, too, and wait for a lock
HOLDERS = """
select session.pid, session.application_name, session.usename,
       extract(epoch from clock_timestamp() - session.xact_start)::float as seconds
from pg_locks as held join pg_stat_activity as session using (pid)
where held.relation = 'log.head'::regclass and held.mode in ('RowShareLock', 'RowExclusiveLock') and held.granted
and held.database = (select oid from pg_database where datname = current_database())
and session.wait_event_type is distinct from 'Lock' and session.pid <> pg_backend_pid()
order by session.xact_start nulls first limit 1
"""
END = f"""
select session.pid, pg_terminate_backend(session.pid) as ended
from pg_locks as held join pg_stat_activity as session using (pid)
where held.relation = 'log.head'::regclass and held.mode = 'RowShareLock' and held.granted
and held.database = (select oid from pg_database where datname = current_database())
and session.usename = current_user and session.wait_event = 'ClientRead'
and session.application_name <> '{UNHURRIED}'
and session.xact_start < clock_timestamp() - make_interval(secs => $1)
"""


async def end_stalled(pool: "asyncpg.Pool[asyncpg.Record]", after: float = STOOD_STILL) -> list[int]:
    """Ends sessions of the application that hold the head and have sent nothing, as a stopped import does.

    No time-out of PostgreSQL ends a COPY whose client stands still. Returns the process ids of what was ended.
    """
    ended = [row["pid"] for row in await pool.fetch(END, after) if row["ended"]]
    for pid in ended:
        await logger.awarning("stalled_writer_ended", session=pid, after_seconds=after)
    return ended


async def held_by(pool: "asyncpg.Pool[asyncpg.Record]") -> str | None:
    """Try to lock the head; return a sentence about the session that holds it, None where it is free.

    It waits for a second, so that probes have an answer while honest writers take turns.
    """
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(BRIEFLY)
            await connection.execute(PROBE)
    except asyncpg.LockNotAvailableError:
        holder = await pool.fetchrow(HOLDERS)
    else:
        return None
    if holder is None:
        return "Commands wait for the end of the log longer than they may."
    name = holder["application_name"] or holder["usename"] or "of another role"
    since = "" if holder["seconds"] is None else f" for {holder['seconds']:.0f} s"
    return f"Commands wait: database session {holder['pid']} ({name}) holds the end of the log{since}."
