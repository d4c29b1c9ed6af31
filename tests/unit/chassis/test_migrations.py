"""Migrations are history: what one did stays what it was when it landed."""

import hashlib

import pytest

from services.chassis.migrations.migrate import HERE
from services.runtime.databases import SERVICES, migrations_of

FOLDERS = [HERE / "versions", *(folder for service in SERVICES for folder in migrations_of(service))]


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.parent.name for folder in FOLDERS])
def test_a_migration_that_has_landed_never_changes(folder):
    """A new one is put on record with ``sha256sum v0000_name.sql >> SHA256SUMS``; a line that is there stays."""
    lines = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
    recorded = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert len(recorded) == len(lines), "a migration was recorded twice: write another one instead of changing it"
    assert recorded == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("v*.sql")}


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.parent.name for folder in FOLDERS])
def test_a_migration_runs_the_file_of_its_own_name_and_no_other(folder):
    programs = {path.stem: path.read_text("utf-8") for path in folder.glob("v*.py")}
    assert programs.keys() == {path.stem for path in folder.glob("v*.sql")}
    assert all(program.endswith("    run(__file__)\n") for program in programs.values())
