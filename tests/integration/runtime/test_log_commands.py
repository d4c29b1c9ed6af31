"""``maplebridge log`` on a data folder whose instance runs."""

import asyncio
import json
import os
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from services.chassis.clock import FixedClock
from services.chassis.eventstore.bulk import BulkEvent, BulkWriter
from services.chassis.eventstore.types import NewEvent
from services.chassis.ids import uuid7
from services.chassis.vault import FileLedger, PostgresKeys, Vault
from services.runtime.cli import app
from services.runtime.databases import make_databases
from services.runtime.folder import DataFolder, Running
from services.runtime.postgres import start_postgres
from services.runtime.sentences import sentence
from services.runtime.verifying import Remembered
from tests.apart import in_own_loop
from tests.integration.chassis.conftest import NOON

ABOUT = b'{"actor":{"role":"officer","id":"officer-gu"}}'
EVENTS = 30


class Instance:
    """A data folder in use, with a PostgreSQL and nothing else."""

    def __init__(self, path: Path) -> None:
        self.folder = DataFolder.open(path)
        self.folder.master_key()
        self.hold = self.folder.held()
        self.hold.__enter__()
        self.server = in_own_loop(lambda: start_postgres(self.folder.path, durable=False))
        in_own_loop(lambda: make_databases(self.server.dsn, "postgres"))
        self.folder.announce(Running(os.getpid(), None, str(self.server.socket)))

    def stop(self) -> None:
        in_own_loop(self.server.stop)
        self.hold.__exit__(None, None, None)

    def run(self, *words: str):
        """A command on the folder."""
        result = CliRunner().invoke(app, ["log", *words, "--data", str(self.folder.path)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            return result.exit_code, sentence(result.exception)
        return result.exit_code, result.output

    def execute(self, *statements: str) -> None:
        """As who may switch triggers off."""

        async def work() -> None:
            connection = await asyncpg.connect(self.server.dsn("registry", "postgres"))
            for statement in statements:
                await connection.execute(statement)
            await connection.close()

        asyncio.run(work())

    def fill(self) -> None:
        """Thirty events that no contract describes."""

        async def work() -> None:
            rows = [
                BulkEvent(f"s-{n}", 1, NewEvent(uuid7(), "test.counted.v1", b"%d" % n, ABOUT, NOON), NOON)
                for n in range(EVENTS)
            ]
            async with asyncpg.create_pool(self.server.dsn("registry"), min_size=1, max_size=1) as pool:
                await BulkWriter(pool).write(rows)

        asyncio.run(work())

    def lose_an_erasure(self) -> None:
        """A key lives that the ledger says was erased, as in a database from before."""

        async def work() -> None:
            key, clock = self.folder.master_key(), FixedClock(NOON)
            ledger = FileLedger(self.folder.erasure_folder() / "registry.jsonl", "registry", key)
            async with asyncpg.create_pool(self.server.dsn("registry"), min_size=1, max_size=1) as pool:
                await Vault(PostgresKeys(pool), master_key=key, clock=clock).create("subject:wang")
            await ledger.record({"subject:wang": NOON})

        asyncio.run(work())


@pytest.fixture
def instances(tmp_path):
    """Makes instances, the first with events in registry's log."""
    made = []

    def make(name: str = "data") -> Instance:
        instance = Instance(tmp_path / name)
        made.append(instance)
        return instance

    yield make
    for instance in made:
        instance.stop()


def test_logs_are_checked_signed_kept_and_restored(instances, tmp_path):
    instance = instances()
    instance.fill()
    heads, file, sealed = (str(tmp_path / name) for name in ("heads.json", "registry.jsonl.zst", "part.jsonl.zst"))

    assert instance.run("verify", "registry") == (0, "registry: 30 events, the chain is whole.\n")
    status, said = instance.run("head", "--sign", heads)
    assert status == 0
    signer = json.loads(Path(heads).read_text())["public_key"]
    assert f"signed by {signer}" in said
    status, said = instance.run("verify", "--against", heads, "--json")
    results = json.loads(said)
    assert [(result["service"], result["whole"]) for result in results] == [
        (name, True) for name in ("registry", "incidents", "mediation", "analytics", "city")
    ]
    assert results[0]["sentence"] == "30 events, the chain is whole and holds the head signed at 30."

    assert instance.run("export", "registry", file)[0] == 0
    assert instance.run("export", "registry", file) == (
        1,
        f"{file} is there already: choose another name, or move it away.",
    )
    assert Path(file).stat().st_mode & 0o777 == 0o600
    status, said = instance.run("archive", "registry", sealed, "--after", "10", "--upto", "20")
    assert (status, "11 to 20, sealed and signed" in said) == (0, True), said
    assert instance.run("check", sealed)[0] == 0

    fresh = instances("fresh")
    assert fresh.run("check", sealed)[0] == 1, "signed by another instance"
    assert fresh.run("check", sealed, "--signer", signer)[0] == 1, "its log never had that history"
    assert fresh.run("check", sealed, "--signer", signer, "--alone")[0] == 0
    fresh.lose_an_erasure()
    assert fresh.run("restore", file)[0] == 1, "signed by another instance"
    status, said = fresh.run("restore", file, "--signer", signer)
    assert (status, said.splitlines()) == (
        0,
        [
            "registry: 30 events restored; the log begins a new history after them.",
            "registry: 1 erasures, 1 keys destroyed again.",
        ],
    )
    assert fresh.run("restore", file, "--signer", signer)[0] == 1, "the log is not empty any more"
    assert fresh.run("verify", "registry", "--against", heads, "--signer", signer)[0] == 0
    assert fresh.run("check", sealed, "--signer", signer)[0] == 0

    status, said = instance.run("audit", "--json")
    audited = {result["service"]: result for result in json.loads(said)}
    assert (status, audited["registry"]["failed"], audited["incidents"]["failed"]) == (1, 30, 0)
    assert instance.run("audit", "incidents") == (0, "incidents: 0 events, 0 cannot be read.\n")

    lost = "update log.events set data = '7' where position = 7"
    instance.execute("alter table log.events disable trigger all", lost)
    status, said = instance.run("verify")
    assert status == 1
    assert "registry: The log of registry is broken at position 7" in said
    assert "incidents: 0 events, the chain is whole." in said
    assert instance.run("export", "registry", str(tmp_path / "broken.zst"))[0] == 1
    assert not [*tmp_path.glob("*broken*"), *tmp_path.glob(".*")]


def test_a_check_that_was_interrupted_goes_on_and_one_that_was_not_begins_anew(instances):
    instance = instances()
    instance.fill()

    async def hash_and_lineage() -> tuple[bytes, object]:
        connection = await asyncpg.connect(instance.server.dsn("registry"))
        row = await connection.fetchrow("select e.hash, h.lineage from log.events e, log.head h where e.position = 20")
        await connection.close()
        return row["hash"], row["lineage"]

    from services.chassis.eventstore.verify import Verified

    known, lineage = asyncio.run(hash_and_lineage())
    path = instance.folder.path / "verifying.json"

    def interrupt() -> None:
        Remembered(path).put("registry", lineage, Verified(20, known))

    interrupt()
    instance.execute(
        "alter table log.events disable trigger all", "update log.events set data = '7' where position = 7"
    )
    assert instance.run("verify", "registry")[0] == 0, "it went on after position 20"
    assert not path.exists()
    assert instance.run("verify", "registry")[0] == 1
    path.unlink(missing_ok=True)
    interrupt()
    assert instance.run("verify", "registry", "--from-start")[0] == 1
