"""Writes a part of a log to a file, and reads a whole log back into an empty one."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import BinaryIO

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.chassis.eventstore.archive import ArchiveReader, ArchiveWriter, Chain, Header, History
from services.chassis.eventstore.bulk import MOVE_HEAD, TAKE_HEAD, versions_of
from services.chassis.eventstore.chain import GENESIS
from services.chassis.eventstore.commands import COMMAND_COLUMNS, STRAY, StoredCommands
from services.chassis.eventstore.headlock import UNHURRIED
from services.chassis.eventstore.signed import HeadsRefused, SignedHeads
from services.chassis.eventstore.store import BEGIN_LINEAGE, EventStore
from services.chassis.eventstore.types import EVENT_COLUMNS, Recorded
from services.chassis.eventstore.verify import ChainBroken

BATCH = 2000
# where they stood before is not known here, and not asked: only the present history is looked at
ADD_LINEAGES = """
insert into log.lineages (number, lineage, began_after, system, timeline, database, at)
select known.most + each.number, each.lineage, each.began_after, 0, 0, 0, clock_timestamp()
from unnest($1::uuid[], $2::bigint[]) with ordinality each (lineage, began_after, number),
     (select max(number) as most from log.lineages) known
where not exists (select from log.lineages l where l.lineage = each.lineage)
"""
# whatever they were taken of, it was not this log
FORGET_SNAPSHOTS = "delete from log.snapshots"


class SpanUnknown(Exception):
    """The log does not hold what is asked for."""

    def __init__(self, source: str, after: int, upto: int, end: int) -> None:
        super().__init__(
            f"The log of {source} ends at position {end}: a part from {after + 1} to {upto} cannot be taken of it."
        )


class RestoreRefused(Exception):
    """A log cannot be made out of the file, or not here."""


async def header_of(
    store: EventStore, commands: StoredCommands, now: datetime, after: int = 0, upto: int | None = None
) -> Header:
    """The header of a part of the log, from the position after one to another; None: to the end.

    Args:
        commands: the records of the log, not looked at before: they have to include those of its end.

    Raises:
        SpanUnknown: the log does not hold all of it.
    """
    end = await store.head()
    last = end.position if upto is None else upto
    if not 0 <= after <= last <= end.position or (upto is not None and after == last):
        raise SpanUnknown(store.source, after, last, end.position)
    tip = await _row(store, last)
    head = await hash_at(store, last)
    return Header(
        service=store.source,
        lineage=end.lineage,
        histories=tuple(History(lineage=e.id, began_after=e.began_after) for e in await store.lineages()),
        first=after + 1,
        last=last,
        before=await hash_at(store, after),
        head=head,
        recorded_at=tip.recorded_at if tip else end.recorded_at,
        commands=await commands.end(head, after, last),
        written_at=now,
    )


def signed(header: Header, key: Ed25519PrivateKey) -> Header:
    """The header with its ends signed: what comes before an end follows from it."""
    return header.model_copy(update={"signed": SignedHeads.sign(header.heads, key, header.written_at)})


def must_be_signed(header: Header, signer: str) -> None:
    """Checks that the signer whose public key is given has signed the end of the part.

    Raises:
        HeadsRefused: somebody else did, or nobody, or it was altered since.
    """
    if header.signed is None or header.signed.heads != header.heads:
        raise HeadsRefused("Nobody has signed the end of this file.")
    header.signed.must_be_of(signer)


async def export(
    store: EventStore, commands: StoredCommands, header: Header, target: BinaryIO
) -> AsyncGenerator[int, None]:
    """Writes the part that the header describes, checking the chain; yields the position reached.

    Args:
        commands: the same that the header was made of.

    Raises:
        ChainBroken: the log itself does not follow; what was written so far is of no use.
    """
    chain, writer, after = Chain(header), ArchiveWriter(target, header), header.first - 1
    while after < header.last:
        events = await store.stored(after + 1, min(after + BATCH, header.last))
        for event in events:
            if (fault := chain.follow(event)) is not None:
                raise ChainBroken(store.source, event.position, fault)
        if not events:
            raise ChainBroken(store.source, after + 1, "the row is missing")
        writer.write(events)
        after = events[-1].position
        yield after
    if (fault := chain.end()) is not None:
        raise ChainBroken(store.source, after, fault)
    async for line in commands.lines(header.first - 1, header.last):
        writer.write_command(line)
    writer.close()


async def restore(pool: "asyncpg.Pool[asyncpg.Record]", archive: ArchiveReader) -> AsyncGenerator[int, None]:
    """Makes an empty log what the file says, in one transaction: all of it or nothing; yields the position reached.

    The log then begins a new history, after those of the file, so that a reader that had read more notices.

    Raises:
        RestoreRefused: the log is not empty, or the file does not begin at the first event.
        ArchiveRefused: the file was altered.
    """
    header = archive.header
    if header.first != 1:
        raise RestoreRefused(
            f"The file begins at position {header.first}: a log is restored from a file that begins at 1."
        )
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("select set_config('application_name', $1, true)", UNHURRIED)
        (tip,) = await connection.fetch(TAKE_HEAD)
        if tip["position"] != 0:
            raise RestoreRefused(
                f"The log of {header.service} is not empty: restore into a data folder or database of its own."
            )
        last: Recorded | None = None
        for batch in archive.batches(BATCH):
            await _copy(connection, batch, last)
            last = batch[-1]
            yield last.position
        if last is not None:
            await connection.execute(MOVE_HEAD, last.position, last.hash, last.recorded_at)
        await _copy_commands(connection, archive)
        await connection.execute(FORGET_SNAPSHOTS)
        histories = header.histories
        await connection.execute(
            ADD_LINEAGES, [each.lineage for each in histories], [each.began_after for each in histories]
        )
        await connection.execute(BEGIN_LINEAGE, header.last)


async def _copy(connection: asyncpg.pool.PoolConnectionProxy, batch: list[Recorded], last: Recorded | None) -> None:
    versions = await versions_of(connection, {event.stream for event in batch})
    for event in batch:
        if event.version != versions.get(event.stream, 0) + 1:
            raise RestoreRefused(
                f"Position {event.position} does not follow in its stream: the file is no log of ours."
            )
        if last is not None and event.recorded_at < last.recorded_at:
            raise RestoreRefused(
                f"Position {event.position} was recorded before the one before it: it is no log of ours."
            )
        versions[event.stream], last = event.version, event
    rows = [event.columns for event in batch]
    await connection.copy_records_to_table("events", schema_name="log", columns=EVENT_COLUMNS, records=rows)


async def _copy_commands(connection: asyncpg.pool.PoolConnectionProxy, archive: ArchiveReader) -> None:
    for batch in archive.commands(BATCH):
        rows = [command.columns for command in batch]
        told = ([getattr(each, name) for each in batch] for name in ("key", "stream", "version", "first", "last"))
        if (key := await connection.fetchval(STRAY, *told)) is not None:
            raise RestoreRefused(f"The command {key!r} did not lead to the events that it names: it is no log of ours.")
        try:
            await connection.copy_records_to_table("commands", schema_name="log", columns=COMMAND_COLUMNS, records=rows)
        except asyncpg.UniqueViolationError:
            raise RestoreRefused("The same command was recorded twice: the file is no log of ours.") from None


async def hash_at(store: EventStore, position: int) -> str:
    """The chain at a position, in hexadecimal digits; empty where the log has none."""
    if position == 0:
        return GENESIS.hex()
    row = await _row(store, position)
    return row.hash.hex() if row else ""


async def _row(store: EventStore, position: int) -> Recorded | None:
    rows = await store.span(position, position)
    return rows[0] if rows else None
