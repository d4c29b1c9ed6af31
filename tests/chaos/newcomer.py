"""The ``maplebridge`` command as a newcomer has it: with the packages that are locked, and none that tests bring.

Run by path, with the command's own arguments. A package that is installed for the tests alone is not to be found.
``MAPLEBRIDGE_TEST_LOCK`` names the lock file; requirements.lock unless it is set.
"""

import importlib.metadata
import os
import re
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
OURS = {"maplebridge"}
LOCK = "MAPLEBRIDGE_TEST_LOCK"


def named(distribution: str) -> str:
    """The one way to write a distribution's name."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def locked(lock: Path) -> set[str]:
    """The distributions that a lock file names."""
    return {named(found) for found in re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==", lock.read_text(), re.MULTILINE)}


class OnlyLocked(MetaPathFinder):
    """Finds nothing that comes from a distribution which is not locked."""

    def __init__(self, lock: Path) -> None:
        kept = locked(lock) | OURS
        self._hidden = {
            module
            for module, distributions in importlib.metadata.packages_distributions().items()
            if not any(named(each) in kept for each in distributions)
        }

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in self._hidden:
            raise ModuleNotFoundError(f"No module named {fullname!r} among what is locked", name=fullname)
        return None


if __name__ == "__main__":
    sys.path.pop(0)  # the folder of this file, which no newcomer has on it
    sys.meta_path.insert(0, OnlyLocked(ROOT / os.environ.get(LOCK, "requirements.lock")))
    from services.runtime.cli import main

    main()
