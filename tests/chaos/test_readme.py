"""Every command of the README is run, or is what runs this test."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.instance import COMMAND, free_port

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [line.strip() for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
INLINE = re.findall(r"`((?:make|maplebridge) [^`]*)`", README)
STARTS = {"make demo"}
"""Run in test_demo.py, with a port and a folder of the test's own."""
RUNS_US = {"make test", "make check", "make bench"}


def targets() -> set[str]:
    """What make can do."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_the_readme_has_commands():
    assert "make demo" in BLOCKS
    assert "make test" in BLOCKS


@pytest.mark.parametrize("line", [line for line in BLOCKS if line.startswith(".venv/bin/maplebridge")])
def test_what_it_shows_of_the_command_works(line, tmp_path):
    words = shlex.split(line)[1:]
    command = [*COMMAND, *words] if words == ["--help"] else [*COMMAND, *words, "--data", str(tmp_path)]
    if words[0] == "doctor":
        command += ["--port", str(free_port())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("line", [line for line in BLOCKS if not line.startswith(".venv/bin/maplebridge")])
def test_what_it_shows_of_make_exists(line):
    assert line in STARTS | RUNS_US, f"nothing runs {line!r}"
    assert line.split()[1] in targets()


@pytest.mark.parametrize("line", INLINE)
def test_what_it_names_in_passing_exists(line):
    words = line.split()
    if words[0] == "make":
        assert words[1] in targets()
        return
    shown = subprocess.run([*COMMAND, words[1], "--help"], capture_output=True, text=True, timeout=60, check=False)
    assert shown.returncode == 0, shown.stderr
    for option in (word for word in words if word.startswith("--")):
        assert option in shown.stdout


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_what_it_links_to_is_there(link):
    assert (ROOT / link).exists()


def test_help_answers_at_once_and_without_a_terminal():
    environment = {name: value for name, value in os.environ.items() if name != "TERM"}
    shown = subprocess.run(
        [sys.executable, *COMMAND[1:], "--help"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=environment,
    )
    assert "demo" in shown.stdout
