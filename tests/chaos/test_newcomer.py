"""What is locked is enough: the tests' own packages stand beside it in this environment and would hide a gap."""

import subprocess
import sys

import pytest

from tests.chaos.newcomer import ROOT, OnlyLocked, locked

EVERY_MODULE = """
import pkgutil, sys
from importlib import import_module
from pathlib import Path
from tests.chaos.newcomer import OnlyLocked
sys.meta_path.insert(0, OnlyLocked(Path(sys.argv[1])))
for root in map(import_module, ("contracts", "services")):
    for found in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
        if not found.name.endswith("__main__") and ".migrations" not in found.name:
            import_module(found.name)
"""


@pytest.mark.parametrize("name", ["playwright", "pytest", "hypothesis"])
def test_what_the_tests_bring_is_not_to_be_found(name):
    with pytest.raises(ModuleNotFoundError):
        OnlyLocked(ROOT / "requirements.lock").find_spec(name, None)


def test_what_is_locked_is_found_by_whoever_finds_it_otherwise():
    assert "pydantic" in locked(ROOT / "requirements.lock")
    assert OnlyLocked(ROOT / "requirements.lock").find_spec("pydantic", None) is None


def test_every_module_loads_with_what_running_over_kafka_has_locked():
    lock = str(ROOT / "requirements-kafka.lock")
    done = subprocess.run(
        [sys.executable, "-c", EVERY_MODULE, lock], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
