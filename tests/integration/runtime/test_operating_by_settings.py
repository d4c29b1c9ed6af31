"""Beside a process in a container there is no data folder: operators' commands take the databases of the settings."""

import json
import os
import subprocess

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
    assert not (tmp_path / "nowhere").exists()
