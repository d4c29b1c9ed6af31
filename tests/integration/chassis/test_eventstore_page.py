"""docs/eventstore.md: its example runs, and what it names is there."""

import ast
import inspect
import re
from pathlib import Path

from services.chassis.eventstore import bulk, segments, signed, types, verify
from services.chassis.eventstore.store import EventStore
from tests.integration.chassis.conftest import NOON

PAGE = (Path(__file__).parents[3] / "docs" / "eventstore.md").read_text(encoding="utf-8")


async def test_the_example_runs(database, capsys):
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    code = compile(example, "eventstore.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    await eval(code, {"dsn": database.app, "now": NOON})  # noqa: S307 - the project's own page
    assert capsys.readouterr().out == "1 hotel 1 [1]\n"


def test_the_example_is_short():
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    lines = [line for line in example.splitlines() if line and not line.startswith("from ")]
    assert len(lines) <= 11


def test_what_the_page_calls_is_there_with_these_arguments():
    calls = re.findall(r"`store\.(\w+)\(([^`]*?)\)`", PAGE)
    assert {name for name, _ in calls} >= {"append", "load", "read", "span", "head", "recall", "close", "keep"}
    for name, given in calls:
        names = list(inspect.signature(getattr(EventStore, name)).parameters)[1:]
        if "(" not in given:
            assert [part.partition("=")[0].strip() for part in given.split(",") if part] == names, name


def test_the_shapes_on_the_page_are_those_of_the_code():
    homes = (types, bulk, verify, segments, signed)
    for name, given in re.findall(r"`(\w+)\(([\w, \n]+)\)`", PAGE):
        kind = next((getattr(home, name) for home in homes if hasattr(home, name)), None)
        if inspect.isclass(kind) and hasattr(kind, "__dataclass_fields__"):
            assert [field.strip() for field in given.split(",")] == list(kind.__dataclass_fields__), name


def test_every_error_that_an_append_may_raise_is_on_the_page():
    raised = re.findall(r"^    (\w+): ", inspect.getdoc(EventStore.append) or "", re.MULTILINE)
    assert {"VersionConflict", "KeyReused", "Overloaded"} <= set(raised)
    assert all(f"`{name}`" in PAGE for name in raised)
