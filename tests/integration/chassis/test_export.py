"""A log goes into a file and comes out of it as it was; a file that was altered does not."""

import io
import json

import asyncpg
import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.chassis.eventstore.archive import ArchiveReader, ArchiveRefused
from services.chassis.eventstore.export import (
    RestoreRefused,
    SpanUnknown,
    export,
    header_of,
    must_be_signed,
    restore,
    signed,
)
from services.chassis.eventstore.signed import HeadsRefused, must_hold, public_text
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, NewEvent, Snapshot
from services.chassis.eventstore.verify import ChainBroken, verify
from services.chassis.ids import uuid7
from services.chassis.postgres import Database
from services.chassis.subscriptions.continuity import kept
from tests.integration.chassis.conftest import NOON

KEY = Ed25519PrivateKey.generate()
SIGNER = public_text(KEY.public_key())


@pytest.fixture
async def filled(log):
    """A log of seven events in two streams, one with bytes that are no text."""
    await log.put("s-1", "1", "2", "3")
    await log.put("枫-2", "4", '"\\u0000\\u2028"')
    raw = NewEvent(uuid7(), "test.counted.v1", b"\xff\xfe", b"{}", NOON.replace(microsecond=7))
    await log.store.append(Append("s-1", None, (raw,), NOON))
    await log.put("s-1", "7")
    return log


@pytest.fixture
async def empty(databases):
    """A log of another database."""
    opened = await Database.open("registry", (await databases.fresh()).app)
    yield EventStore("registry", opened.pool)
    await opened.close()


async def written(log, after=0, upto=None, key=KEY):
    target = io.BytesIO()
    header = signed(await header_of(log.store, NOON, after, upto), key)
    async for _ in export(log.store, header, target):
        pass
    return target.getvalue()


async def restored(store, data):
    with ArchiveReader(io.BytesIO(data)) as reader:
        return [position async for position in restore(store.pool, reader)]


def read(data):
    with ArchiveReader(io.BytesIO(data)) as reader:
        return [event for batch in reader.batches(2) for event in batch]


def unpacked(data):
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)) as stream:
        return stream.read().splitlines(keepends=True)


def packed(lines):
    return zstandard.ZstdCompressor().compress(b"".join(lines))


async def test_a_restored_log_is_the_log_and_goes_on_as_a_new_history(filled, empty):
    before = await filled.store.head()
    await empty.keep(Snapshot("s-1", 1, 3, b"of a log that was here before"))
    assert await restored(empty, await written(filled)) == [7]
    assert [e.columns for e in await empty.read(0)] == [e.columns for e in await filled.store.read(0)]
    after = await empty.head()
    assert (after.position, after.hash, after.recorded_at) == (before.position, before.hash, before.recorded_at)
    assert after.lineage != before.lineage
    snapshot, since = await empty.load_latest("s-1", 1)
    assert (snapshot, len(since)) == (None, 5)
    assert kept(await empty.lineages(), before.lineage) == 7, "who read all of the old one goes on"
    await empty.append(Append("s-1", 5, (NewEvent(uuid7(), "x", b"{}", b"{}", NOON),), NOON))
    assert [known.position async for known in verify(empty)] == [8]


async def test_an_empty_log_can_be_exported_and_restored(log, empty):
    assert await restored(empty, await written(log)) == []
    assert (await empty.head()).position == 0


async def test_a_log_that_has_events_is_not_restored_into(filled):
    with pytest.raises(RestoreRefused, match="not empty"):
        await restored(filled.store, await written(filled))


async def test_a_segment_alone_is_not_restored(filled, empty):
    with pytest.raises(RestoreRefused, match="begins at position 3"):
        await restored(empty, await written(filled, 2, 5))


async def test_a_sealed_segment_stays_verifiable_by_itself_and_against_the_log(filled):
    data = await written(filled, 2, 5)
    await filled.put("s-1", "8")
    assert [event.position for event in read(data)] == [3, 4, 5]
    with ArchiveReader(io.BytesIO(data)) as reader:
        must_be_signed(reader.header, SIGNER)
        await must_hold(filled.store, reader.header.log_head)
        with pytest.raises(HeadsRefused, match="--signer"):
            must_be_signed(reader.header, public_text(Ed25519PrivateKey.generate().public_key()))
        with pytest.raises(HeadsRefused, match="Nobody"):
            must_be_signed(reader.header.model_copy(update={"head": "0" * 64}), SIGNER)


@pytest.mark.parametrize(("after", "upto"), [(0, 8), (5, 5), (6, 5), (8, None), (-1, 3)])
async def test_what_the_log_does_not_hold_cannot_be_taken(filled, after, upto):
    with pytest.raises(SpanUnknown, match="ends at position 7"):
        await header_of(filled.store, NOON, after, upto)


async def test_a_broken_log_is_not_exported(filled):
    connection = await asyncpg.connect(filled.owner)
    await connection.execute("alter table log.events disable trigger all")
    await connection.execute("update log.events set data = '{}' where position = 4")
    await connection.close()
    with pytest.raises(ChainBroken, match="position 4"):
        await written(filled)


def altered(lines, number, **columns):
    line = json.loads(lines[number - 1]) | columns
    return [*lines[: number - 1], json.dumps(line).encode() + b"\n", *lines[number:]]


@pytest.mark.parametrize(
    ("tamper", "line", "reason"),
    [
        (lambda lines: altered(lines, 4, data='{"n":9}'), 4, "position 3 does not match"),
        (lambda lines: altered(lines, 4, metadata="{}"), 4, "position 3 does not match"),
        (lambda lines: altered(lines, 4, hash="0" * 64), 4, "position 3 does not match"),
        (lambda lines: altered(lines, 4, version=9), 4, "position 3 does not match"),
        (lambda lines: altered(lines, 4, effective_at="2020-01-01T00:00:00+00:00"), 4, "position 3 does not match"),
        (lambda lines: altered(lines, 4, effective_at="2020-01-01T00:00:00"), 4, "no event with all"),
        (lambda lines: altered(lines, 4, position="3"), 4, "no event with all"),
        (lambda lines: altered(lines, 4, position=2**70), 4, "no event with all"),
        (lambda lines: altered(lines, 4, version=2**70), 4, "no event with all"),
        (lambda lines: altered(lines, 4, data=None), 4, "no event with all"),
        (lambda lines: [*lines[:3], *lines[4:]], 4, "position 3 should come here, not 4"),
        (lambda lines: [*lines[:4], lines[3], *lines[4:]], 5, "position 4 should come here, not 3"),
        (lambda lines: lines[:-1], 8, "end at position 6, not at 7"),
        (lambda lines: [*lines[:-1], lines[-1][:-9]], 8, "cut off"),
        (lambda lines: [*lines, b"[]\n"], 9, "no event with all"),
        (lambda lines: altered(lines, 1, head="0" * 64), 9, "another hash than the header says"),
        (lambda lines: altered(lines, 1, before="1" * 64), 2, "position 1 does not match"),
        (lambda lines: lines[1:], 1, "no header"),
    ],
)
async def test_a_file_that_was_altered_is_refused_by_line_and_nothing_is_restored(filled, empty, tamper, line, reason):
    lines = unpacked(await written(filled))
    assert len(lines) == 8
    with pytest.raises(ArchiveRefused, match=reason) as caught:
        await restored(empty, packed(tamper(lines)))
    assert caught.value.line == line
    assert (await empty.head()).position == 0
    assert await empty.read(0) == []


async def test_a_damaged_or_foreign_file_is_refused(filled):
    data = await written(filled)
    for bad in (b"", b"PK\x03\x04", data[:-20], data[: len(data) // 2], data[:60] + b"\x00" + data[61:]):
        with pytest.raises(ArchiveRefused):
            read(bad)


async def test_a_file_whose_streams_do_not_follow_is_refused_although_its_chain_does(filled, empty):
    """Whoever makes a file can chain anything."""
    await filled.put("s-9", "1", "2")
    connection = await asyncpg.connect(filled.owner)
    await connection.execute("alter table log.events disable trigger all")
    row = (await filled.store.read(8))[0]
    from services.chassis.eventstore.archive import linked
    from services.chassis.eventstore.types import Recorded

    columns = list(row.columns)
    columns[2] = 7
    tip = linked((await filled.store.read(7))[0].hash, Recorded("registry", *columns))
    await connection.execute("update log.events set version = 7, hash = $1 where position = 9", tip)
    await connection.execute("update log.head set hash = $1", tip)
    await connection.close()
    with pytest.raises(RestoreRefused, match="Position 9 does not follow"):
        await restored(empty, await written(filled))
    assert await empty.read(0) == []
