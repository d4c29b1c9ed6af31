"""Tests are dealt out to workers by files; what starts whole instances is together, and begins first."""

from pathlib import Path

import pytest

from tests.workers import INSTANCES, LONGEST_FIRST, piece, turn

ROOT = Path(__file__).parents[2]


def test_a_file_stays_together_and_apart_from_others():
    assert piece("tests/unit/test_workers.py::test_a") == piece("tests/unit/test_workers.py::test_b[1]")
    assert piece("tests/unit/test_workers.py::test_a") != piece("tests/unit/test_servers.py::test_a")


def test_no_two_instances_are_started_at_once():
    assert len({piece(f"{beginning}::test_a") for beginning in INSTANCES}) == 1


def test_what_takes_longest_begins_first_and_nothing_is_without_a_turn():
    files = [str(path.relative_to(ROOT)) for path in ROOT.glob("tests/**/test_*.py")]
    assert max(turn(file) for file in files) == turn("tests/unit/test_workers.py") == len(LONGEST_FIRST) - 1


@pytest.mark.parametrize("beginning", LONGEST_FIRST)
def test_what_is_named_is_there(beginning):
    assert (ROOT / beginning).exists()
