"""Tests are dealt out to workers by files, the longest first."""

from pathlib import Path

import pytest

from tests.workers import LONGEST_FIRST, PIECES, piece, turn

ROOT = Path(__file__).parents[2]


def test_a_file_stays_together_unless_its_tests_share_nothing():
    assert piece("tests/chaos/test_demo.py::test_a") == piece("tests/chaos/test_demo.py::test_b[1]")
    assert piece(f"{PIECES[0]}::test_a") != piece(f"{PIECES[0]}::test_b")


def test_what_takes_longest_begins_first_and_nothing_is_without_a_turn():
    files = [str(path.relative_to(ROOT)) for path in ROOT.glob("tests/**/test_*.py")]
    assert max(turn(file) for file in files) == turn("tests/unit/test_workers.py") == len(LONGEST_FIRST) - 1


@pytest.mark.parametrize("beginning", [*PIECES, *LONGEST_FIRST])
def test_what_is_named_is_there(beginning):
    assert (ROOT / beginning).exists()


@pytest.mark.parametrize("file", PIECES)
def test_no_fixture_of_a_module_is_made_again_and_again(file):
    assert 'scope="module"' not in (ROOT / file).read_text(encoding="utf-8")
