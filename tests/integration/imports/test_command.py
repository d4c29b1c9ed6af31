"""The command as a user has it: a data folder of its own, a summary for people, an object for programs."""

import asyncio
import json

import asyncpg
import pytest

from services.runtime.folder import DataFolder
from services.runtime.imports.command import clock_of, import_files
from services.runtime.reach import reach_postgres
from tests.integration.imports.conftest import VANCOUVER_HEADER, vancouver_rows


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "vancouver.csv"
    path.write_text("\n".join([VANCOUVER_HEADER, *vancouver_rows(50), "Nothing,2003,1,1,0,0,A,B,1,2,,"]) + "\n")
    return path


async def _recorded(data) -> list[str]:
    async with reach_postgres(DataFolder.open(data)) as reached:
        connection = await asyncpg.connect(reached.dsn("incidents", "maplebridge_app"))
        try:
            return [row[0] for row in await connection.fetch("select distinct recorded_at::text from log.events")]
        finally:
            await connection.close()


def test_files_into_a_new_folder_and_again(rows, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "data"
    DataFolder.open(data)
    # a demonstration lives in a year of its own
    (data / "clock.json").write_text('{"not_before": "2025-02-03T04:05:06+00:00"}')
    assert import_files("vancouver-crime", [rows], data=data, as_json=True) == 0
    first = capsys.readouterr()
    told = json.loads(first.out)
    keys = ["rows", "imported", "known", "failed", "differing", "encodings", "clock_changes", "seconds"]
    assert list(told) == keys
    assert (told["rows"], told["imported"], told["known"], told["failed"]) == (51, 50, 0, 1)
    assert "1 x TYPE is not among the values of category" in first.err
    assert "The rows that failed are in vancouver-crime-errors.csv." in first.err
    left_out = "2003-01-01 to 2003-01-01, 2004-01-01 to 2004-12-31"
    assert f"Covered: vancouver-crime, 2003-01-01 to 2017-06-30, without {left_out}." in first.err
    assert "Not covered: 2003-01-01 to 2003-01-01. 1 rows of 2003 failed." in first.err
    assert (tmp_path / "vancouver-crime-errors.csv").exists()

    assert import_files("vancouver-crime", [rows], data=data, dry_run=True, as_json=True) == 0
    second = json.loads(capsys.readouterr().out)
    assert (second["imported"], second["known"]) == (0, 50)
    assert asyncio.run(_recorded(data)) == ["2025-02-03 04:05:06+00"]


def test_an_import_waits_for_no_lock_that_another_instance_holds(rows, tmp_path, capsys):
    data = tmp_path / "data"
    with DataFolder.open(data).held():
        assert import_files("vancouver-crime", [rows], data=data) == 1
    assert "is still starting or ending; try again in a moment." in " ".join(capsys.readouterr().err.split())


def test_what_is_refused_is_one_sentence_and_a_status(tmp_path, capsys):
    assert import_files("nowhere", [tmp_path / "a.csv"], data=tmp_path / "data") == 1
    said = " ".join(capsys.readouterr().err.split())
    assert said.startswith("There is no mapping nowhere: name a file, or one that ships")
    assert not (tmp_path / "data").exists()


def test_rows_that_all_fail_are_a_failure(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.csv"
    path.write_text(f"{VANCOUVER_HEADER}\nNothing,2003,1,1,0,0,A,B,1,2,,\n")
    assert import_files("vancouver-crime", [path], data=tmp_path / "data", dry_run=True) == 1
    assert "Dry run: nothing was written" in capsys.readouterr().err


TOWN = """
source: town
zone: America/New_York
category: {constant: other}
place: {under: town}
time: {column: when, gap: GAP}
"""


def dry_run(tmp_path, capsys, gap: str, *lines: str) -> tuple[int, dict, str]:
    """The exit code of a dry run of one file, its object and what it says."""
    (tmp_path / "town.yaml").write_text(TOWN.replace("GAP", gap))
    (tmp_path / "a.csv").write_text("\n".join(["when", *lines, ""]))
    errors = tmp_path / "errors.csv"
    code = import_files(
        str(tmp_path / "town.yaml"),
        [tmp_path / "a.csv"],
        data=tmp_path / "data",
        dry_run=True,
        as_json=True,
        errors=errors,
    )
    said = capsys.readouterr()
    return code, json.loads(said.out), " ".join(said.err.split())


def test_times_that_the_clocks_skipped_or_showed_twice_are_told(tmp_path, capsys):
    code, told, said = dry_run(tmp_path, capsys, "later", "2024-03-10 02:30", "2024-11-03 01:30", "2024-11-03 01:40")
    assert (code, told["imported"]) == (0, 3)
    assert told["clock_changes"] == {"skipped": 1, "repeated": 2}
    assert "1 rows tell a time that the clocks skipped in America/New_York, and were read later by as much" in said
    assert "2 rows tell a time that came twice in America/New_York, and were kept as the interval between" in said

    code, told, said = dry_run(tmp_path, capsys, "fail", "2024-03-10 02:30", "2024-03-10 03:30")
    assert (code, told["imported"], told["failed"], told["clock_changes"]["skipped"]) == (0, 1, 1, 0)
    assert "1 x when is a time that the clocks skipped in America/New_York: correct the row, or write gap: " in said


def test_a_file_of_headings_alone_is_told_and_is_a_failure(tmp_path, capsys):
    code, told, said = dry_run(tmp_path, capsys, "fail")
    assert (code, told["rows"], told["imported"], told["failed"]) == (1, 0, 0, 0)
    assert "a.csv has headings and no row below them, so nothing came in from it." in said
    assert "year-on-year" not in said


def test_without_a_demonstration_the_clock_is_the_machines(tmp_path):
    assert type(clock_of(tmp_path)).__name__ == "SystemClock"
