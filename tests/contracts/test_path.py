"""The path of a command is as its page says: each file and each name in it is there, and it has not grown."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "path-of-a-command.md").read_text("utf-8")
ROW = re.compile(r"^\| `([\w./-]+)` \| (.*) \|$", re.MULTILINE)
SHORT = {"S": "services", "P": "services/analytics/pages"}
BEFORE = 51
"""As many files it was before commands were declared."""


def file(name: str) -> Path:
    first, _, rest = name.partition("/")
    return ROOT / SHORT.get(first, first) / rest


def test_every_file_of_the_path_is_there_once():
    named = [name for name, _ in ROW.findall(PAGE)]
    beside = re.findall(r"`([SP]/[\w./-]+)`", PAGE)
    assert all(file(name).is_file() for name in {*named, *beside})
    assert len(named) == len(set(named)) > 30
    assert len(named) < BEFORE


def test_every_name_on_the_path_is_in_its_file():
    missing = [
        (name, word)
        for name, said in ROW.findall(PAGE)
        for word in re.findall(r"`(\w+)`", said.partition(":")[0])
        if not re.search(rf"\b{word}\b", file(name).read_text("utf-8"))
    ]
    assert missing == []
