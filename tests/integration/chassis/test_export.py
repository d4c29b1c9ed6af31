"""A log goes into a file and comes out of it as it was; a file that was altered does not."""

import io
import json

import asyncpg
import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.chassis.eventstore.archive import ArchiveReader, ArchiveRefused, Header
from services.chassis.eventstore.commands import CommandChain, CommandLine, stored_commands
from services.chassis.eventstore.export import (
    RestoreRefused,
    SpanUnknown,
    export,
    header_of,
    must_be_signed,
    restore,
    signed,
)
from services.chassis.eventstore.lineage import kept
from services.chassis.eventstore.signed import HeadsRefused, must_hold, public_text
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, CommandRecord, KeyReused, NewEvent, Snapshot
from services.chassis.eventstore.verify import ChainBroken, verify
from services.chassis.ids import uuid7
from services.chassis.postgres import Database
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
    async with stored_commands(log.store) as commands:
        header = signed(await header_of(log.store, commands, NOON, after, upto), key)
        async for _ in export(log.store, commands, header, target):
            pass
    return target.getvalue()


async def restored(store, data):
    with ArchiveReader(io.BytesIO(data)) as reader:
        return [position async for position in restore(store.pool, reader)]


def read(data):
    with ArchiveReader(io.BytesIO(data)) as reader:
        events = [event for batch in reader.batches(2) for event in batch]
        for _ in reader.commands(2):
            pass
        return events


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
        async with stored_commands(filled.store) as commands:
            await header_of(filled.store, commands, NOON, after, upto)


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
        (lambda lines: [*lines, b"[]\n"], 9, "no command with all"),
        (lambda lines: [*lines, lines[-1]], 9, "no command with all"),
        (lambda lines: altered(lines, 1, head="0" * 64), 8, "another hash than the header says"),
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


def sent(number):
    """A command by its number; every third has no events."""
    events = tuple(NewEvent(uuid7(), "test.counted.v1", b"%d" % number, b"{}", NOON) for _ in range(number % 3))
    return Append(f"s-{number}", None, events, NOON, CommandRecord("officer:gu", f"key/{number:02}", b"%02d" % number))


@pytest.fixture
async def commanded(log):
    """A log of eight commands with keys, some of which had no events, the last among them."""
    answers = [await log.store.append(sent(number)) for number in (1, 2, 3, 4, 5, 7, 8, 9)]
    log.answers = {answer.stream: answer for answer in answers}
    return log


async def test_a_command_that_comes_again_after_a_restore_gets_its_first_answer(commanded, empty):
    data = await written(commanded)
    assert await restored(empty, data) == [9]
    end = await empty.head()
    for number in (1, 2, 3, 4, 5, 7, 8, 9):
        again, first = await empty.append(sent(number)), commanded.answers[f"s-{number}"]
        assert again.repeated
        assert (again.version, again.first, again.last) == (first.version, first.first, first.last)
        assert await empty.recall(sent(number).command) == again
    assert await empty.head() == end, "nothing was appended"
    with pytest.raises(KeyReused):
        await empty.recall(CommandRecord("officer:gu", "key/01", b"another body"))
    rows = "select * from log.commands order by actor, key"
    assert await empty.pool.fetch(rows) == await commanded.store.pool.fetch(rows)


async def test_what_is_recorded_while_a_file_is_written_is_not_in_it(commanded, empty):
    """A command without events moves no position by which it could be told apart."""
    target = io.BytesIO()
    async with stored_commands(commanded.store) as commands:
        header = signed(await header_of(commanded.store, commands, NOON), KEY)
        await commanded.store.append(sent(12))
        await commanded.store.append(sent(13))
        async for _ in export(commanded.store, commands, header, target):
            pass
    assert await restored(empty, target.getvalue()) == [9]
    assert await empty.recall(sent(9).command) is not None
    assert await empty.recall(sent(12).command) is None


async def test_a_segment_has_the_commands_whose_events_it_has(commanded):
    lines = unpacked(await written(commanded, 1, 6))[6:]
    assert [json.loads(line)["key"] for line in lines] == ["key/02", "key/03", "key/04", "key/05"]


def of_version_1(data):
    """The same file as the release before wrote it."""
    lines = unpacked(data)
    header = Header.model_validate_json(lines[0])
    older = signed(header.model_copy(update={"version": 1, "commands": None}), KEY)
    first = older.model_dump_json(exclude={"commands"}).encode() + b"\n"
    return packed([first, *lines[1 : header.last + 1]])


async def test_a_file_of_version_1_is_checked_and_restored_as_before(commanded, empty):
    older = of_version_1(await written(commanded))
    with ArchiveReader(io.BytesIO(older)) as reader:
        must_be_signed(reader.header, SIGNER)
    assert await restored(empty, older) == [9]
    assert [e.columns for e in await empty.read(0)] == [e.columns for e in await commanded.store.read(0)]
    assert await empty.recall(sent(1).command) is None
    with pytest.raises(ArchiveRefused, match="no event with all") as caught:
        read(packed([*unpacked(older), b"[]\n"]))
    assert caught.value.line == 11


@pytest.mark.parametrize(
    ("tamper", "line", "reason"),
    [
        (lambda lines: altered(lines, 12, digest="00"), 19, "are not those that the header says"),
        (lambda lines: altered(lines, 12, stream="s-9"), 19, "are not those that the header says"),
        (lambda lines: altered(lines, 12, digest="xy"), 12, "no command with all"),
        (lambda lines: altered(lines, 12, last=2**70), 12, "no command with all"),
        (lambda lines: altered(lines, 12, more=1), 12, "no command with all"),
        (lambda lines: [*lines[:11], *lines[12:]], 18, "are not those that the header says"),
        (lambda lines: lines[:10], 11, "are not those that the header says"),
        (lambda lines: [*lines, lines[-1]], 20, "are not those that the header says"),
        (lambda lines: [*lines[:11], lines[12], lines[11], *lines[13:]], 19, "are not those that the header says"),
        (lambda lines: [*lines[:-1], lines[-1][:-9]], 18, "cut off"),
        (lambda lines: altered(lines, 1, commands=None), 1, "no header"),
        (lambda lines: altered(lines, 1, version=1), 1, "no header"),
        (lambda lines: altered(lines, 1, commands={"count": 8, "hash": "0" * 64}), 19, "are not those"),
        (lambda lines: [*lines[:9], *lines[10:]], 10, "no event with all"),
    ],
)
async def test_a_file_whose_commands_were_altered_is_refused_and_nothing_is_restored(
    commanded, empty, tamper, line, reason
):
    lines = unpacked(await written(commanded))
    assert len(lines) == 18
    with pytest.raises(ArchiveRefused, match=reason) as caught:
        await restored(empty, packed(tamper(lines)))
    assert caught.value.line == line
    assert (await empty.head()).position == 0
    assert await empty.pool.fetchval("select count(*) from log.commands") == 0


async def test_nobody_leaves_the_commands_out_under_the_same_signature(commanded):
    lines = unpacked(await written(commanded))
    header = Header.model_validate_json(lines[0])
    must_be_signed(header, SIGNER)
    for changed in ({"version": 1, "commands": None}, {"commands": CommandChain(header.head).end}):
        with pytest.raises(HeadsRefused, match="Nobody"):
            must_be_signed(header.model_copy(update=changed), SIGNER)


def commanding(data, change):
    """The file with other commands, and a header that agrees."""
    lines = unpacked(data)
    header = Header.model_validate_json(lines[0])
    told = change([CommandLine.model_validate_json(line) for line in lines[header.last + 1 :]])
    commands, chain = [each.model_dump_json().encode() + b"\n" for each in told], CommandChain(header.head)
    for line in commands:
        chain.follow(line)
    changed = header.model_copy(update={"commands": chain.end})
    return packed([changed.model_dump_json().encode() + b"\n", *lines[1 : header.last + 1], *commands])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda told: [*told, told[0]], "recorded twice"),
        (lambda told: [told[0].model_copy(update={"stream": "s-2"})], "'key/01' did not lead to"),
        (lambda told: [told[0].model_copy(update={"version": 2})], "'key/01' did not lead to"),
        (lambda told: [told[0].model_copy(update={"last": 4})], "'key/01' did not lead to"),
        (lambda told: [told[1].model_copy(update={"first": 1})], "'key/02' did not lead to"),
        (lambda told: [told[0].model_copy(update={"first": 7})], "'key/01' did not lead to"),
        (lambda told: [told[0].model_copy(update={"first": 77, "last": 77})], "'key/01' did not lead to"),
    ],
)
async def test_commands_that_do_not_fit_the_events_are_refused_although_their_chain_does(
    commanded, empty, change, reason
):
    with pytest.raises(RestoreRefused, match=reason):
        await restored(empty, commanding(await written(commanded), change))
    assert (await empty.head()).position == 0
