"""A log line is the name of an event and its fields, so that it can be searched for and counted."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "services"
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
NAME = re.compile(r"[a-z]+(_[a-z]+)*")


def log_calls(path: Path) -> Iterator[ast.Call]:
    """Yields the calls that write a log line with our own logger."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="logger"), attr=level)) if (
                level in LEVELS or level.removeprefix("a") in LEVELS
            ):
                yield node


def named(call: ast.Call) -> bool:
    """Whether a call has one positional argument, the name of an event, and fields."""
    match call.args:
        case [ast.Constant(value=str(name))]:
            return NAME.fullmatch(name) is not None
    return False


@pytest.mark.parametrize(
    "path",
    [each for each in SERVICES.rglob("*.py") if "logger." in each.read_text()],
    ids=lambda path: str(path.relative_to(SERVICES)),
)
def test_a_log_line_is_the_name_of_an_event_and_fields(path):
    calls = list(log_calls(path))
    assert [call.lineno for call in calls if not named(call)] == []


@pytest.mark.parametrize(
    "text", ["logger.info('The relay waits.')", "logger.awarning(str(error))", "logger.error('a', 1)"]
)
def test_a_sentence_or_a_text_made_on_the_way_is_none(text):
    assert not named(ast.parse(text, mode="eval").body)
