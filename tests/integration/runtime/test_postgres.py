"""PostgreSQL under our supervisor: started, killed, started again; nothing lost, nothing left behind."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import psutil
import pytest

from services.runtime.postgres import PostgresUnavailable, binaries, kept_postgres, running_postgres, server

ROOT = Path(__file__).parents[3]
PATIENCE = 30.0

# A Maple Bridge in small: starts PostgreSQL, says where it is, waits to be stopped.
INSTANCE = """
import asyncio, json, signal, sys
from pathlib import Path
from services.runtime.postgres import running_postgres

async def main():
    stopped = asyncio.Event()
    for way in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(way, stopped.set)
    async with running_postgres(Path(sys.argv[1])) as server:
        pids = {"postgres": server.pid, "guardian": server.guarded.guardian}
        print(json.dumps({"dsn": server.dsn(), **pids}), flush=True)
        await stopped.wait()

asyncio.run(main())
"""


class Instance:
    """The small Maple Bridge as a process in a session of its own, as a terminal would start it."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", INSTANCE, str(folder)],
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert self.process.stdout is not None
        said = json.loads(self.process.stdout.readline())
        self.dsn, self.postgres, self.guardian = said["dsn"], said["postgres"], said["guardian"]
        self.tree = [psutil.Process(self.guardian), *psutil.Process(self.guardian).children(recursive=True)]

    def gone(self) -> bool:
        return not any(alive(process) for process in self.tree)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def start():
    started = []

    def instance(folder: Path) -> Instance:
        started.append(Instance(folder))
        return started[-1]

    yield instance
    for one in started:
        one.close()
        assert eventually(one.gone)


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def eventually(condition) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


async def write(dsn: str, text: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("create table if not exists notes (note text)")
    await connection.execute("insert into notes values ($1)", text)
    await connection.close()


async def read(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    notes = await connection.fetch("select note from notes order by note")
    await connection.close()
    return [row["note"] for row in notes]


async def test_what_was_written_is_there_at_the_next_start(tmp_path):
    async with running_postgres(tmp_path / "data") as first:
        await write(first.dsn(), "天鹅湖")
    async with running_postgres(tmp_path / "data") as second:
        assert await read(second.dsn()) == ["天鹅湖"]


async def show(dsn: str, *names: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    shown = [await connection.fetchval(f"show {name}") for name in names]
    await connection.close()
    return shown


async def test_no_address_of_the_network_is_listened_on(tmp_path):
    async with running_postgres(tmp_path / "data") as running:
        assert await show(running.dsn(), "listen_addresses") == [""]


async def test_commits_wait_for_the_disk(tmp_path):
    async with running_postgres(tmp_path / "data") as running:
        assert await show(running.dsn(), "fsync", "synchronous_commit") == ["on", "on"]


async def test_a_long_path_with_spaces_and_chinese_is_no_obstacle(tmp_path):
    folder = tmp_path / ("枫桥 " * 20) / ("long " * 20) / "data"
    async with running_postgres(folder) as running:
        await write(running.dsn(), "here")
        assert await read(running.dsn()) == ["here"]


async def test_the_folder_with_the_socket_is_removed_and_closed_to_others(tmp_path):
    async with running_postgres(tmp_path / "data") as running:
        assert running.socket.stat().st_mode & 0o077 == 0
    assert not running.socket.exists()


async def test_a_killed_postgres_comes_back_with_what_was_committed(private_postgres):
    await write(private_postgres.server.dsn(), "committed")
    killed = private_postgres.pid
    os.kill(killed, signal.SIGKILL)
    while private_postgres.pid == killed:  # noqa: ASYNC110 - a process has no event to wait for
        await asyncio.sleep(0.01)
    await private_postgres.server.ready()
    assert await read(private_postgres.server.dsn()) == ["committed"]


async def test_an_attempt_killed_while_making_the_folder_is_begun_anew(tmp_path):
    half_made = tmp_path / "data" / "postgres.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    async with running_postgres(tmp_path / "data") as running:
        await write(running.dsn(), "whole")
        assert await read(running.dsn()) == ["whole"]
    assert not half_made.exists()


async def test_a_status_file_whose_process_id_went_to_another_program_is_no_obstacle(tmp_path):
    async with running_postgres(tmp_path / "data"):
        pass
    status = tmp_path / "data" / "postgres" / "postmaster.pid"
    status.write_text(f"{os.getpid()}\n{tmp_path}\n0\n5432\n/tmp\n\n0 0\nready\n")
    async with running_postgres(tmp_path / "data") as running:
        await write(running.dsn(), "started")


async def test_a_folder_of_another_postgres_is_refused_in_one_sentence(tmp_path):
    data = tmp_path / "data" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(PostgresUnavailable, match="was made by PostgreSQL 16; this is PostgreSQL 18"):
        await server.start_postgres(tmp_path / "data")


async def test_a_folder_that_postgres_cannot_start_from_says_why(tmp_path):
    async with running_postgres(tmp_path / "data"):
        pass
    (tmp_path / "data" / "postgres" / "global" / "pg_control").unlink()
    with pytest.raises(PostgresUnavailable, match=r"does not start: .*pg_control"):
        await server.start_postgres(tmp_path / "data")


async def test_a_second_instance_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "LOCK_PATIENCE", 0.1)
    async with running_postgres(tmp_path / "data"):
        with pytest.raises(PostgresUnavailable, match="in use by another instance"):
            await server.start_postgres(tmp_path / "data")


def test_ctrl_c_ends_everything_in_order(tmp_path, start):
    instance = start(tmp_path / "data")
    os.killpg(instance.process.pid, signal.SIGINT)
    assert instance.process.wait(PATIENCE) == 0
    assert instance.gone()
    assert "database system is shut down" in (tmp_path / "data" / "postgres.log").read_text()


@pytest.mark.parametrize(
    "victims", [("instance",), ("guardian",), ("instance", "guardian"), ("instance", "guardian", "postgres")]
)
async def test_after_kill_9_postgres_ends_by_itself_and_nothing_is_lost(tmp_path, start, victims):
    first = start(tmp_path / "data")
    await write(first.dsn, "committed")
    pids = {"instance": first.process.pid, "guardian": first.guardian, "postgres": first.postgres}
    for victim in victims:
        os.kill(pids[victim], signal.SIGKILL)

    assert eventually(first.gone)
    first.close()
    again = start(tmp_path / "data")
    assert await read(again.dsn) == ["committed"]


async def test_it_is_there_again_at_the_same_address_when_its_guardian_was_killed(tmp_path):
    said = []
    async with (
        running_postgres(tmp_path / "data") as running,
        kept_postgres(tmp_path / "data", running, said.append),
    ):
        await write(running.dsn(), "committed")
        for starts in (2, 3):
            os.kill(running.guarded.guardian, signal.SIGKILL)
            async with asyncio.timeout(PATIENCE):
                while running.guarded.seen().starts < starts:  # noqa: ASYNC110 - a process has no event
                    await asyncio.sleep(0.05)
            await running.ready()
            assert await read(running.dsn()) == ["committed"]
        assert said == ["PostgreSQL ended with its guardian; starting it again", "PostgreSQL runs again"] * 2
    assert not running.socket.exists()


async def test_a_new_start_right_after_kill_9_waits_for_what_is_still_ending(tmp_path, start):
    first = start(tmp_path / "data")
    await write(first.dsn, "committed")
    first.process.kill()
    again = start(tmp_path / "data")
    assert await read(again.dsn) == ["committed"]


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")


@as_root
async def test_root_runs_it_under_an_account_that_was_there_without_opening_a_folder(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    async with running_postgres(closed / "data") as running:
        assert psutil.Process(running.pid).uids().real != 0
    assert closed.stat().st_mode & 0o777 == 0o700
    assert closed.stat().st_uid == 0


@as_root
async def test_programs_in_a_closed_folder_are_copied_for_the_time_they_run(tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    package = binaries.installation().parent
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, closed / part.name, symlinks=True)
    monkeypatch.setattr(server, "installation", lambda: closed / package.name / binaries.installation().name)
    async with running_postgres(tmp_path / "data") as running:
        await write(running.dsn(), "copied")
        assert Path(psutil.Process(running.pid).exe()).is_relative_to(running.socket)
    assert not running.socket.exists()
