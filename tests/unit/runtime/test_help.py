"""What --help of each command reads like."""

import re
import shlex
from collections.abc import Iterator

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from services.runtime.cli import app

COMMAND = get_command(app)


def commands() -> Iterator[list[str]]:
    """The words of every command and every group of them that people are shown."""
    waiting: list[list[str]] = [[]]
    while waiting:
        words = waiting.pop()
        yield words
        below = getattr(found(words)[0], "commands", {})
        waiting += [[*words, name] for name, command in below.items() if not command.hidden]


def found(words: list[str]):
    """The command that words name, and the words that are left to it."""
    command = COMMAND
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    return command, words


def examples(words: list[str]) -> list[str]:
    """The lines that a command's help shows as examples; a long one goes on in the next."""
    shown = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "120", "TERM": "dumb"}, prog_name="maplebridge")
    assert shown.exit_code == 0
    after = re.split(r"^ Examples:\s*$", shown.output, flags=re.MULTILINE)
    assert len(after) == 2, f"{' '.join(words)} has no examples"
    text = after[1].split("╭")[0].replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_each_has_examples_that_it_would_take(words):
    lines = examples(words)
    assert lines
    for line in lines:
        typed = shlex.split(line.partition("|")[0].partition(">")[0])
        if typed[0] != "maplebridge":
            continue
        command, left = found(typed[1:])
        if hasattr(command, "commands"):  # it puts a word in that was left out
            context = command.make_context("maplebridge", list(left))
            _, command, left = command.resolve_command(context, [*context._protected_args, *context.args])
        assert not hasattr(command, "commands"), line
        command.make_context("maplebridge", left)
