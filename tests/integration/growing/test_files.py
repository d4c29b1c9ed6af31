"""A new event with its command touches at most six files of production, a new field of an event at most three.

Both are really written, into a copy of the sources: there the contracts are generated, the tests of the registers run,
and the new command is sent over HTTP. What is generated is counted apart.
"""

import filecmp
from pathlib import Path

import pytest

from tests.integration.growing.change import EVENT, FIELD, GENERATED, WRITTEN, files
from tests.integration.growing.copies import ROOT, copied, run

CHECKS = (
    "tests/contracts/test_schemas.py",
    "tests/contracts/test_openapi.py::test_the_document_tells_of_each_command_what_is_done[incidents]",
    "tests/contracts/test_openapi.py::test_the_document_names_what_a_command_may_be_answered_with[incidents]",
    "tests/unit/test_refusals.py",
    "tests/unit/incidents/test_words.py",
    "tests/integration/incidents/test_growing.py",
)
REQUESTS = "tests/integration/incidents/test_growing.py"


def asked(root: Path, kind: str) -> None:
    """Puts into a copy what it is asked about the event or the field."""
    parts = (Path(__file__).parent / "asked.py").read_text("utf-8").split("\n\n\n")
    kept = [part for part in parts if not part.startswith("@pytest.mark.") or part.startswith(f"@pytest.mark.{kind}")]
    (root / REQUESTS).write_text("\n\n\n".join(kept).replace(f"@pytest.mark.{kind}\n", ""), "utf-8")


def changed(root: Path) -> set[str]:
    """The files of production that differ from ours, or are new."""
    found = {
        path.relative_to(root).as_posix()
        for folder in WRITTEN
        for path in (root / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return {name for name in found if not (ROOT / name).exists() or not filecmp.cmp(root / name, ROOT / name, False)}


@pytest.mark.parametrize(
    ("edits", "kind", "most"), [(EVENT, "event", 6), (FIELD, "field", 3)], ids=["an event", "a field"]
)
def test_what_is_new_is_written_in_few_files_and_works(tmp_path, postgres, edits, kind, most):
    root = copied(tmp_path, edits)
    asked(root, kind)
    assert changed(root) == files(edits)
    assert len(changed(root)) <= most
    stale = run(root, postgres, "contracts.generate", "--check")
    assert stale.returncode == 1
    assert "is stale: run python -m contracts.generate." in stale.stderr
    made = run(root, postgres, "contracts.generate", "--release")
    assert made.returncode == 0, made.stderr
    assert all(name.startswith(GENERATED) for name in changed(root) - files(edits))
    assert run(root, postgres, "contracts.generate", "--check").returncode == 0
    tried = run(root, postgres, "pytest", "-q", *CHECKS)
    assert tried.returncode == 0, tried.stdout[-6000:]


@pytest.mark.parametrize("forgotten", sorted(files(EVENT)))
def test_what_is_forgotten_is_noticed(tmp_path, postgres, forgotten):
    root = copied(tmp_path, [edit for edit in EVENT if edit.path != forgotten])
    asked(root, "event")
    tried = run(root, postgres, "pytest", "-q", "-x", "tests/unit/incidents/test_words.py", REQUESTS)
    assert tried.returncode in {1, 2, 4}, "a test fails, or what it imports"
    assert "rror" in tried.stdout + tried.stderr
