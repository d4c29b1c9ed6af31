"""Beside a process in a container there is no data folder: operators' commands take the databases of the settings."""

import json
import os
import subprocess

import asyncpg
import pytest

from services.chassis.access import Issuer
from services.runtime.databases import for_any
from services.runtime.folder import DataFolder
from tests.chaos.instance import COMMAND


def run(environment, *words):
    done = subprocess.run(
        [*COMMAND, *words], capture_output=True, text=True, check=False, timeout=180, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_they_migrate_list_and_rebuild_without_a_folder(private_postgres, tmp_path):
    def address(role):
        return for_any(private_postgres.databases.address, role)

    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps(Issuer(DataFolder.open(tmp_path / "keys").issuer_key()).jwks))
    environment = {
        "MAPLEBRIDGE_ADMIN_DSN": private_postgres.databases.superuser,
        "MAPLEBRIDGE_OWNER_DSN": address("maplebridge_owner"),
        "MAPLEBRIDGE_DSN": address("maplebridge_app"),
        "MAPLEBRIDGE_MASTER_KEY": "A" * 43 + "=",
        "MAPLEBRIDGE_JWKS_FILE": str(jwks),
        "XDG_DATA_HOME": str(tmp_path / "nowhere"),
    }
    run(environment, "migrate")
    heads = json.loads(run(environment, "log", "head", "--json"))
    assert {each["service"]: each["position"] for each in heads} == dict.fromkeys(
        ("registry", "incidents", "mediation", "analytics", "city"), 0
    )
    assert json.loads(run(environment, "projections", "rebuild", "kpi", "--json"))["switched"] is True
    assert "kpi" in {each["name"] for each in json.loads(run(environment, "projections", "list", "--json"))}
    assert json.loads(run(environment, "projections", "rebuild", "--stopped", "--json")) == []
    analytics = await asyncpg.connect(address("maplebridge_app").format(service="analytics"))
    await analytics.executemany(
        "insert into projections.stopped values ($1, $2, 'The log was restored.')",
        [("kpi", "analytics"), ("floors", "registry")],
    )
    await analytics.close()
    assert states(environment) == {"kpi": "stopped", "floors": "stopped"}
    anew = json.loads(run(environment, "projections", "rebuild", "--stopped", "--json"))
    assert {(each["model"], each["switched"]) for each in anew} == {("kpi", True), ("rules", True), ("floors", True)}
    assert states(environment) == {}
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("words", [[], ["kpi", "--stopped"], ["--stopped", "--back"]])
def test_what_is_to_be_built_anew_is_named_in_one_way(words):
    refused = subprocess.run(
        [*COMMAND, "projections", "rebuild", *words], capture_output=True, text=True, check=False, timeout=60
    )
    assert refused.returncode == 2
    assert "--stopped" in refused.stderr


def states(environment):
    listed = json.loads(run(environment, "projections", "list", "--json"))
    return {each["name"]: each["state"] for each in listed if each["state"] != "reading"}
