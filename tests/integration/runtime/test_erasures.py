"""A backup of a database brings back what was erased since; whatever starts on it destroys it again first."""

import asyncio
import base64
import json
import os
import signal
from pathlib import Path

import asyncpg
import pytest

from services.chassis.access import Issuer, new_issuer_key
from services.chassis.clock import FixedClock
from services.chassis.vault import Erased, FileLedger, PostgresKeys, Vault, subject_key
from services.runtime.databases import migrations_of
from services.runtime.folder import Running
from tests.chaos.instance import COMMAND, Instance, free_port, instance, maplebridge, runtime_file
from tests.chaos.test_instance import BUILDING
from tests.unit.chassis.vault.ledger_contract import NOON

PATIENCE = 90
NAME = "顾小满"
SINCE = {"effective_at": BUILDING["effective_at"]}
KEYS = "select name, wrapped, created_at, erased_at from vault.keys"


class Backup:
    """A copy of registry's keys, as a dump of the database has it."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._rows = asyncio.run(self._taken())

    async def _connection(self) -> asyncpg.Connection:
        where = Running(**runtime_file(self._data))
        return await asyncpg.connect(where.dsn("registry", "postgres"))

    async def _taken(self):
        connection = await self._connection()
        rows = await connection.fetch(KEYS)
        await connection.close()
        return rows

    def put_back(self) -> None:
        """Makes the table what it was."""

        async def work() -> None:
            connection = await self._connection()
            await connection.execute("truncate vault.keys")
            await connection.copy_records_to_table("keys", schema_name="vault", records=self._rows)
            await connection.close()

        asyncio.run(work())

    def alive(self) -> set[str]:
        """Names of the keys that there are now."""
        return {row["name"] for row in asyncio.run(self._taken()) if row["wrapped"] is not None}


def moved_in(running: Instance) -> str:
    """Somebody is registered; their id."""
    with running.client("officer", "yinchuan") as officer:
        for path, body in (
            ("/registry/buildings", BUILDING),
            ("/registry/buildings/wanda-a/units", {"number": "1812", "floor": 18} | SINCE),
            ("/registry/units/wanda-a-1812/classifications", {"use_class": "rental"} | SINCE),
        ):
            told = officer.post(path, json=body)
            assert told.status_code == 201, told.text
        household = {"category": "long-let", "occupants": [{"name": NAME}]}
        told = officer.post("/registry/units/wanda-a-1812/move-ins", json=household)
        assert told.status_code == 201, told.text
        return str(told.json()["subjects"][0])


def erase(running: Instance, subject: str) -> None:
    with running.client("supervisor", "yinchuan") as supervisor:
        told = supervisor.post(f"/registry/subjects/{subject}/erasure", json={"ground": "resident-request"})
        assert told.status_code in {200, 201}, told.text


def test_an_instance_destroys_again_what_a_backup_brought_back(tmp_path):
    data, ledger = tmp_path / "data", tmp_path / "data" / "erasures" / "registry.jsonl"
    with instance(data) as running:
        running.wait_until_up()
        subject = moved_in(running)
        key = subject_key(subject)
        backup = Backup(data)
        assert key in backup.alive()
        erase(running, subject)
        assert key not in backup.alive()
        told = maplebridge("erasures", "list", "registry", "--data", data, "--json")
        assert told.returncode == 0, told.stderr
        listed = json.loads(told.stdout)
        assert [(row["service"], row["key"]) for row in listed] == [("registry", key)]
        backup.put_back()
        applied = maplebridge("erasures", "apply", "registry", "--data", data)
        assert applied.stdout == "registry: 1 erasures, 1 keys destroyed again.\n", applied.stderr
        assert key not in backup.alive()
        backup.put_back()
        assert key in backup.alive()

    with instance(data) as running:
        running.wait_until_up()
        assert any("The database had 1 keys that were erased" in line for line in running.lines), running.lines
        assert key not in backup.alive()
        assert NAME not in ledger.read_text(encoding="utf-8")

    away = ledger.rename(tmp_path / "away")
    refused = maplebridge("up", "--data", data, "--port", free_port())
    assert refused.returncode == 1
    assert f"knows of 1 erasures that are not on the ledger {ledger}: put back" in refused.stderr.splitlines()[-1]
    away.rename(ledger)

    lines = ledger.read_bytes()
    ledger.write_bytes(lines.replace(b"2", b"3", 1))
    refused = maplebridge("up", "--data", data, "--port", free_port())
    assert refused.returncode == 1
    assert f"The ledger of erasures {ledger} was altered at line 1" in refused.stderr.splitlines()[-1]

    ledger.unlink()
    assert maplebridge("erasures", "mend", "registry", "--data", data).stdout == (
        "registry: 1 erasures put on the ledger.\n"
    )
    assert maplebridge("erasures", "list", "--data", data).stdout.split()[0] == "registry"


@pytest.fixture
async def settings(databases, tmp_path):
    """Of a process of the registry; the database lacks an erasure that is on the ledger."""
    database = await databases.fresh(*migrations_of("registry"))
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps(Issuer(new_issuer_key()).jwks))
    return {
        "MAPLEBRIDGE_DSN": database.app,
        "MAPLEBRIDGE_OWNER_DSN": database.owner,
        "MAPLEBRIDGE_MASTER_KEY": base64.b64encode(bytes(32)).decode(),
        "MAPLEBRIDGE_JWKS_FILE": str(keys),
        "MAPLEBRIDGE_PORT": str(free_port()),
    }


async def ended(settings, *words: str) -> tuple[int, str]:
    """How a process ends that ends by itself, and its last words."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *words, env=os.environ | settings, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE):
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return process.returncode or 0, said.decode().strip().splitlines()[-1]


async def test_a_service_by_itself_applies_its_ledger_and_does_not_start_without(settings, tmp_path):
    async with asyncpg.create_pool(settings["MAPLEBRIDGE_DSN"], min_size=1, max_size=2) as pool:
        ledger = FileLedger(tmp_path / "registry.jsonl", "registry", bytes(32))
        vault = Vault(PostgresKeys(pool), master_key=bytes(32), clock=FixedClock(NOON), ledger=ledger)
        sealed = await vault.seal("subject:wang", NAME)
        await ledger.record({"subject:wang": NOON})

        status, said = await ended(settings, "serve", "registry")
        assert (status, "MAPLEBRIDGE_ERASURE_FOLDER is not set" in said) == (1, True), said
        unmounted = settings | {"MAPLEBRIDGE_ERASURE_FOLDER": str(tmp_path / "no-such")}
        status, said = await ended(unmounted, "serve", "registry")
        assert (status, f"the folder {tmp_path / 'no-such'} is not there" in said) == (1, True), said
        assert await vault.open(sealed) == NAME, "nothing has been applied so far"

        process = await asyncio.create_subprocess_exec(
            *COMMAND, "serve", "registry", env=os.environ | settings | {"MAPLEBRIDGE_ERASURE_FOLDER": str(tmp_path)}
        )
        try:
            async with asyncio.timeout(PATIENCE):
                while await pool.fetchval("select wrapped from vault.keys"):  # noqa: ASYNC110 - a row says so
                    await asyncio.sleep(0.1)
        finally:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE):
                await process.wait()
        vault.forget("subject:wang")
        with pytest.raises(Erased):
            await vault.open(sealed)
