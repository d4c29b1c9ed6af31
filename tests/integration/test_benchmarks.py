"""Every benchmark still works: one short round of each, whose figures mean nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.__main__ import measures

ROOT = Path(__file__).parents[2]
NAMES = [measure.name for measure in measures()]


@pytest.fixture(scope="module")
def smoke(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Mapping[str, Any]], str]:
    """The results of all of them, in one process, and what it said."""
    told = tmp_path_factory.mktemp("benchmarks") / "results.json"
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks"],
        cwd=ROOT,
        env={**os.environ, "SMOKE": "1", "KAFKA": kafka, "JSON": str(told), "ONLY": ""},
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    return json.loads(told.read_text()) if told.exists() else [], ran.stderr


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_works(name: str, smoke: tuple[list[Mapping[str, Any]], str]) -> None:
    results, said = smoke
    told = [result for result in results if result["name"] == name or result["name"].startswith(f"{name}-")]
    failed = said.partition(f"{name} failed:")
    assert not failed[1], "".join(failed[1:])[:4000]
    assert told, said[-4000:]
    assert all(result["value"] > 0 and result["reference_value"] > 0 for result in told)
