"""The ledger of erasures as a file: whole after a crash, shared by processes, and telling when it was altered."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.chassis.vault import FileLedger, LedgerAltered, LedgerUnset, LedgerUnusable, MemoryLedger, NoLedger
from tests.unit.chassis.vault.ledger_contract import LATER, NOON, LedgerContract

MASTER = bytes(range(32))
APPENDS = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from services.chassis.vault import FileLedger

async def work(path, name):
    ledger = FileLedger(Path(path), "registry", bytes(range(32)))
    for number in range(20):
        await ledger.record({f"subject:{name}-{number}": datetime(2024, 5, 6, tzinfo=UTC)})
        await ledger.record({f"subject:both-{number}": datetime(2024, 5, 6, tzinfo=UTC)})

asyncio.run(work(*sys.argv[1:]))
"""


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "registry.jsonl"


def a_ledger(path, service="registry", master=MASTER) -> FileLedger:
    return FileLedger(path, service, master)


class TestALedgerInMemory(LedgerContract):
    """The test double."""

    @pytest.fixture
    def ledger(self) -> MemoryLedger:
        return MemoryLedger()


class TestALedgerInAFile(LedgerContract):
    """The real one."""

    @pytest.fixture
    def ledger(self, path) -> FileLedger:
        return a_ledger(path)


@pytest.fixture
async def lines(path):
    """Three lines, written."""
    ledger = a_ledger(path)
    for name in "abc":
        await ledger.record({f"subject:{name}": NOON})
    return path.read_bytes().splitlines(keepends=True)


async def test_a_line_says_what_was_erased_and_when_and_no_more(path, lines):
    assert [set(json.loads(line)) for line in lines] == [{"service", "key", "erased_at", "hash"}] * 3
    assert json.loads(lines[0]) | {"hash": ""} == {
        "service": "registry",
        "key": "subject:a",
        "erased_at": "2024-05-06T04:00:00+00:00",
        "hash": "",
    }
    assert path.stat().st_mode & 0o777 == 0o600


async def test_another_ledger_of_the_same_file_goes_on_where_it_ends(path, lines):
    one, other = a_ledger(path), a_ledger(path)
    assert list(await one.read()) == ["subject:a", "subject:b", "subject:c"]
    await other.record({"subject:d": LATER})
    await one.record({"subject:e": LATER})
    assert list(await a_ledger(path).read()) == [f"subject:{name}" for name in "abcde"]
    assert path.read_bytes().startswith(b"".join(lines))


@pytest.mark.parametrize("kept", [0, 1, 20, -2])
async def test_a_last_line_that_was_never_finished_goes_and_the_next_follows(path, lines, kept):
    path.write_bytes(b"".join(lines[:2]) + lines[2][:kept])
    assert list(await a_ledger(path).read()) == ["subject:a", "subject:b"]
    await a_ledger(path).record({"subject:d": LATER})
    assert list(await a_ledger(path).read()) == ["subject:a", "subject:b", "subject:d"]


async def test_a_last_line_that_lacks_nothing_but_its_end_counts(path, lines):
    path.write_bytes(b"".join(lines)[:-1])
    assert list(await a_ledger(path).read()) == ["subject:a", "subject:b", "subject:c"]
    await a_ledger(path).record({"subject:d": LATER})
    assert path.read_bytes().startswith(b"".join(lines))
    assert list(await a_ledger(path).read()) == [f"subject:{name}" for name in "abcd"]


@pytest.mark.parametrize(
    ("tamper", "line"),
    [
        (lambda lines: [lines[0], lines[1].replace(b"subject:b", b"subject:x"), lines[2]], 2),
        (lambda lines: [lines[0], lines[1].replace(b"2024", b"2025"), lines[2]], 2),
        (lambda lines: [lines[0], lines[1].replace(b"registry", b"mediation"), lines[2]], 2),
        (lambda lines: [lines[0], lines[1].replace(b'","', b'", "'), lines[2]], 2),
        (lambda lines: [lines[0], lines[1].replace(b"{", b'{"more":1,'), lines[2]], 2),
        (lambda lines: [lines[0], lines[2]], 2),
        (lambda lines: lines[1:], 1),
        (lambda lines: [*lines, lines[2]], 4),
        (lambda lines: [lines[1], lines[0], lines[2]], 1),
        (lambda lines: [*lines, b"\n"], 4),
        (lambda lines: [*lines, b"[]\n"], 4),
        (lambda lines: [*lines, b'{"key": 1, "erased_at": "soon"}\n'], 4),
        (lambda lines: [*lines, bytes(40) + b"\n"], 4),
        (lambda lines: [lines[0], lines[1][:-1], lines[2]], 2),
    ],
)
async def test_a_line_that_was_altered_left_out_or_put_in_is_named_and_nothing_is_written(path, lines, tamper, line):
    path.write_bytes(b"".join(tamper(lines)))
    before = path.read_bytes()
    for use in (a_ledger(path).read(), a_ledger(path).record({"subject:d": NOON})):
        with pytest.raises(LedgerAltered, match=f"altered at line {line}:") as caught:
            await use
        assert caught.value.line == line
    assert path.read_bytes() == before


async def test_who_lacks_the_master_key_cannot_write_a_line_nor_is_another_service_s_taken(path, lines):
    assert len(lines) == 3
    with pytest.raises(LedgerAltered, match=r"line 1.* another master key"):
        await a_ledger(path, master=bytes(32)).read()
    with pytest.raises(LedgerAltered, match="line 1"):
        await a_ledger(path, "mediation").read()


async def test_a_file_that_became_shorter_under_way_is_noticed(path, lines):
    ledger = a_ledger(path)
    await ledger.read()
    path.write_bytes(lines[0])
    with pytest.raises(LedgerAltered, match="were there before, and are gone"):
        await ledger.record({"subject:d": NOON})
    assert path.read_bytes() == lines[0]


async def test_where_it_cannot_be_it_says_so(tmp_path):
    away = a_ledger(tmp_path / "not-mounted" / "registry.jsonl")
    for use in (away.record({}), away.read()):
        with pytest.raises(LedgerUnusable, match=r"the folder \S+/not-mounted is not there; mend that"):
            await use
    with pytest.raises(LedgerUnusable, match=r"registry.jsonl cannot be used: it is not there"):
        await a_ledger(tmp_path / "registry.jsonl").read()
    with pytest.raises(LedgerUnusable, match="Is a directory"):
        await a_ledger(tmp_path).record({})
    assert not (tmp_path / "not-mounted").exists(), "a folder that is not mounted is not made up for"


async def test_without_one_every_use_names_the_setting():
    ledger = NoLedger()
    for use in (ledger.record({"subject:a": NOON}), ledger.read()):
        with pytest.raises(LedgerUnset, match="MAPLEBRIDGE_ERASURE_FOLDER is not set"):
            await use


@pytest.mark.parametrize("fails", ["write", "fsync"])
async def test_what_does_not_reach_the_disk_is_not_put_down_and_the_next_attempt_writes_it(path, monkeypatch, fails):
    ledger = a_ledger(path)
    await ledger.record({"subject:a": NOON})

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, fails, full)
        with pytest.raises(LedgerUnusable, match="No space left"):
            await ledger.record({"subject:b": NOON})
    assert list(await a_ledger(path).read()) == ["subject:a"]
    await ledger.record({"subject:b": NOON})
    assert list(await a_ledger(path).read()) == ["subject:a", "subject:b"]


async def test_who_finds_a_line_of_another_there_sees_to_it_that_it_is_on_the_disk(path, monkeypatch):
    """The other may have died before."""
    await a_ledger(path).record({"subject:a": NOON})
    synced, sync = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (synced.append(file), sync(file)))
    await a_ledger(path).record({"subject:a": NOON})
    assert synced


def test_several_processes_append_at_once_and_every_line_follows(path):
    writers = [subprocess.Popen([sys.executable, "-c", APPENDS, str(path), name]) for name in ("x", "y", "z")]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    kept = list(asyncio.run(a_ledger(path).read()))
    wanted = {f"subject:{name}-{number}" for name in ("x", "y", "z", "both") for number in range(20)}
    assert set(kept) == wanted
    assert path.read_bytes().count(b"\n") == len(wanted)


async def test_tasks_of_one_process_take_turns(path):
    ledger = a_ledger(path)
    await asyncio.gather(*(ledger.record({f"subject:{number}": NOON}) for number in range(50)))
    assert len(await a_ledger(path).read()) == 50
