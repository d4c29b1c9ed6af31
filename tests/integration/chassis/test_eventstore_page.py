"""docs/eventstore.md: its example runs, and what it names is there."""

import ast
import inspect
import re
from pathlib import Path

import asyncpg

from services.chassis.eventstore import bulk, segments, signed, types, verify
from services.chassis.eventstore.store import EventStore
from tests.integration.chassis.conftest import NOON

PAGE = (Path(__file__).parents[3] / "docs" / "eventstore.md").read_text(encoding="utf-8")


EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


async def run(example: str, given: dict[str, object]) -> None:
    code = compile(example, "eventstore.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    await eval(code, given)  # noqa: S307 - the project's own page


async def test_the_example_runs(database, capsys):
    await run(EXAMPLES[0], {"dsn": database.app, "now": NOON})
    assert capsys.readouterr().out == "1 hotel 1 [1]\n"


async def test_the_example_of_a_subscription_takes_each_event_in_once(log):
    owner = await asyncpg.connect(log.owner)
    await owner.execute("create table counted (events bigint); grant all on counted to maplebridge_app")
    await owner.close()
    for number in (1, 2):
        await log.put("s-1", *map(str, range(number)))
        await run(EXAMPLES[1], {"database": log.database, "EventStore": EventStore})
    counted = await log.database.pool.fetch("select events from counted")
    assert [row["events"] for row in counted] == [1, 2]


def test_the_example_is_short():
    lines = [line for line in EXAMPLES[0].splitlines() if line and not line.startswith("from ")]
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
