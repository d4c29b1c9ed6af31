"""The commands of docs/kafka.md work in their order, and its table names every setting."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from services.chassis.settings import PREFIX, Settings

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "kafka.md").read_text(encoding="utf-8")
COMMAND = [sys.executable, "-c", "from services.runtime.cli import main; main()"]


def test_the_commands_work_one_after_the_other(tmp_path):
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    commands = [shlex.split(line) for line in block.splitlines()]
    assert commands[0] == ["maplebridge", "kafka", "up"]
    assert commands[-1] == ["maplebridge", "kafka", "down"]
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path)}
    environment.pop("MAPLEBRIDGE_KAFKA", None)
    try:
        for _, *words in commands:
            done = subprocess.run(
                [*COMMAND, *words], capture_output=True, text=True, cwd=ROOT, env=environment, check=False
            )
            assert done.returncode == 0, (words, done.stderr)
    finally:
        subprocess.run([*COMMAND, "kafka", "down"], cwd=ROOT, env=environment, capture_output=True, check=True)


def test_every_setting_of_kafka_is_named():
    names = [name for name in Settings.model_fields if name.startswith(("kafka", "topic_"))]
    assert names
    for name in names:
        assert f"`{PREFIX}{name.upper()}`" in PAGE
