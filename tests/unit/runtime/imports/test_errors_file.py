"""The errors file: made when needed, whole when the import ends, harmless in a spreadsheet."""

import csv
from pathlib import Path

import pytest

from services.runtime.imports.batches import RowError
from services.runtime.imports.errors_file import ErrorsFile
from services.runtime.imports.refusals import ImportRefused


def error(value: str = "x", column: str = "kind") -> RowError:
    return RowError("calls.csv", 7, column, value, "is not among the values of category")


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_errors_are_rows_with_headings(tmp_path):
    path = tmp_path / "errors.csv"
    with ErrorsFile(path) as errors:
        errors.add([error("盗窃")])
        errors.add([error("a, b")])
        assert not path.exists()
    assert lines(path)[0] == {
        "file": "calls.csv",
        "line": "7",
        "column": "kind",
        "value": "盗窃",
        "reason": "is not among the values of category",
    }
    assert lines(path)[1]["value"] == "a, b"
    assert [entry.name for entry in tmp_path.iterdir()] == ["errors.csv"]


def test_without_errors_there_is_no_file(tmp_path):
    with ErrorsFile(tmp_path / "errors.csv") as errors:
        errors.add([])
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_down_stays_where_the_import_stops(tmp_path):
    path = tmp_path / "errors.csv"
    with pytest.raises(ImportRefused):
        _stopped(path)
    assert len(lines(path)) == 1


def _stopped(path: Path) -> None:
    with ErrorsFile(path) as errors:
        errors.add([error()])
        raise ImportRefused


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-123.5", "-123.5"),
        ("+1", "+1"),
        ("-", "'-"),
        ("\udcff", "<FF>"),
        ("Sachbesch\udce4digung", "Sachbesch<E4>digung"),
    ],
)
def test_values_do_no_harm(tmp_path, value, shown):
    with ErrorsFile(tmp_path / "errors.csv") as errors:
        errors.add([error(value)])
    assert lines(tmp_path / "errors.csv")[0]["value"] == shown
