"""Each process starts from settings in the environment alone, and says in a sentence what it lacks."""

import asyncio
import base64
import json
import os
import signal
import subprocess
from pathlib import Path

import httpx

from contracts.common import Role
from services.chassis.access import Issuer, Principal, new_issuer_key
from services.chassis.settings import Settings
from services.runtime.databases import migrations_of
from services.runtime.folder import DataFolder
from services.runtime.processes.ground import ByService
from services.runtime.processes.pages import PagesSettings
from services.runtime.processes.plan import plan
from tests.chaos.instance import COMMAND, free_port
from tests.chaos.test_instance import BUILDING

PATIENCE = 60


def test_every_setting_that_a_process_is_given_is_one(tmp_path):
    known = {f"MAPLEBRIDGE_{name.upper()}" for model in (Settings, PagesSettings) for name in model.model_fields}
    folder = DataFolder.open(tmp_path / "folder")
    planned = plan(folder, lambda name, role: f"postgresql://{role}@/{name}", Settings(), "127.0.0.1:9092", 1)
    people = planned.people(folder, "secret", "", living=True)
    programs = [planned.migrate("postgresql://"), *planned.relays(), *planned.services(), *people]
    given = {name for program in programs for name in program.environment}
    assert given - known == {"MAPLEBRIDGE_ALERT_FOLDER"}, "delivery has settings of its own"
    assert planned.common["MAPLEBRIDGE_DSN"] == "postgresql://maplebridge_app@/{service}"
    tokens = {program.name for program in programs if "MAPLEBRIDGE_PLATFORM_TOKEN" in program.environment}
    assert tokens == {"analytics", "project", "stream"}, "only who reads others' logs may"


def test_what_is_not_set_is_named():
    settings = {name: value for name, value in os.environ.items() if not name.startswith("MAPLEBRIDGE_")}
    for words, missing in (
        (["serve", "registry"], "MAPLEBRIDGE_JWKS_FILE is not set: set it in the environment."),
        (["serve", "park"], "There is no service 'park'; there are registry, incidents, mediation, analytics."),
        (["migrate"], "MAPLEBRIDGE_OWNER_DSN is not set: set it in the environment."),
        (["gateway"], "MAPLEBRIDGE_ADDRESSES does not say where pages answers: add it."),
    ):
        finished = subprocess.run([*COMMAND, *words], env=settings, capture_output=True, text=True, check=False)
        assert finished.returncode == 1
        assert finished.stderr.strip().splitlines()[-1] == missing


async def test_a_service_alone_answers_as_it_does_with_the_others(databases, tmp_path):
    database = await databases.fresh(*migrations_of("registry"))
    issuer, port = Issuer(new_issuer_key()), free_port()
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps(issuer.jwks))
    settings = {
        "MAPLEBRIDGE_DSN": database.app,
        "MAPLEBRIDGE_OWNER_DSN": database.owner,
        "MAPLEBRIDGE_MASTER_KEY": base64.b64encode(bytes(32)).decode(),
        "MAPLEBRIDGE_JWKS_FILE": str(keys),
        "MAPLEBRIDGE_ERASURE_FOLDER": str(tmp_path),
        "MAPLEBRIDGE_PORT": str(port),
    }
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "serve", "registry", env=os.environ | settings, stderr=asyncio.subprocess.PIPE
    )
    try:
        token = issuer.issue(Principal(Role.OFFICER, "officer-1", ("yinchuan",)))
        there = Settings(addresses={"registry": f"http://127.0.0.1:{port}"})
        async with httpx.AsyncClient(
            transport=ByService(there), base_url="http://services", headers={"Authorization": f"Bearer {token}"}
        ) as client:
            await _answers(client)
            told = await client.post("/registry/buildings", json=BUILDING)
            assert told.status_code == 201, told.text
            after = {"Maple-After": told.headers["Maple-Position"]}
            found = await client.get("/registry/buildings", headers=after)
            assert [item["id"] for item in found.json()["items"]] == ["wanda-a"]
    finally:
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            _, said = await process.communicate()
    assert process.returncode == 0, said.decode()


async def _answers(client):
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                if (await client.get("/registry/health/ready")).status_code == 200:
                    return
            except httpx.ConnectError:
                await asyncio.sleep(0.1)


def test_every_setting_is_in_the_document():
    told = (Path(__file__).parents[3] / "docs" / "running.md").read_text(encoding="utf-8")
    for model in (Settings, PagesSettings):
        for name, field in model.model_fields.items():
            assert f"| `MAPLEBRIDGE_{name.upper()}` | {field.description} |" in told
