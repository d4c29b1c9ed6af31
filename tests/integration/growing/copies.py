"""Copies of the sources, in which something is written and tried."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.integration.growing.change import WRITTEN, Edit

ROOT = Path(__file__).parents[3]


def copied(root: Path, edits: Sequence[Edit]) -> Path:
    """The sources with these edits."""
    leave = shutil.ignore_patterns("__pycache__", "benchmarks", "browser", "chaos")
    for folder in (*WRITTEN, "tests"):
        shutil.copytree(ROOT / folder, root / folder, ignore=leave)
    shutil.copy(ROOT / "pyproject.toml", root)
    for edit in edits:
        edit.apply(root)
    return root


def run(root: Path, postgres: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A module in the copy."""
    environment = os.environ | {"PYTHONPATH": str(root), "MAPLEBRIDGE_TEST_POSTGRES": postgres}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
