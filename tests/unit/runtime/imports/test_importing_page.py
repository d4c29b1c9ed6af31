"""Every example of docs/importing.md gives what the page says."""

import csv
import io
import itertools
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from services.runtime.imports.command import import_files
from services.runtime.imports.language import Default, FileRule, Identity, Lookup, Mapping, PlaceRule, Value
from services.runtime.imports.mapping_file import parse, shipped
from tests.unit.runtime.imports.conftest import read_files

PAGE = Path(__file__).parents[4] / "docs" / "importing.md"
BLOCK = re.compile(r"^```(\w+)(?: ([^\n]*))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Example:
    """A mapping of the page, the files beside it, and what it promises."""

    title: str
    mapping: str = ""
    files: dict[str, str] = field(default_factory=dict)
    result: list[str] = field(default_factory=list)


def examples() -> list[Example]:
    text = PAGE.read_text(encoding="utf-8")
    found: list[Example] = []
    headings: list[str] = []
    for before, part in itertools.pairwise(text.split("<!-- example -->")):
        headings += re.findall(r"^#+ (.*)$", before, re.MULTILINE)
        example = Example(f"{headings[-1]} {len(found)}")
        for language, said, content in BLOCK.findall(part):
            if said.startswith("file=") and language == "yaml":
                example.mapping = content
            elif said.startswith("file="):
                example.files[said.removeprefix("file=")] = content
            elif said == "result":
                example.result = content.splitlines()
                break
        found.append(example)
    return found


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    if path.suffix != ".xlsx":
        path.write_text(content, encoding="utf-8")
        return path
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(content)):
        book.active.append([_as_a_spreadsheet_has_it(cell) for cell in row])
    book.save(path)
    return path


def _as_a_spreadsheet_has_it(cell: str) -> object:
    try:
        return datetime.fromisoformat(cell) if "-" in cell else cell or None
    except ValueError:
        return cell


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.title)
def test_an_example_gives_what_the_page_says(tmp_path, example):
    paths = [written(tmp_path, name, content) for name, content in example.files.items()]
    read = read_files(example.mapping, paths[0])
    lines = []
    for event in read.events:
        occurred = event["occurred"]
        lines.append(f"{occurred['earliest']}  {occurred['latest']}  {event['category']}  {event['place']}")
    lines += [f"failed: line {error.line}, {error.column}, {error.value}" for error in read.errors]
    assert lines == example.result


def test_the_page_has_the_examples_that_another_city_needs():
    assert len(examples()) == 6
    assert all(example.mapping and example.files and example.result for example in examples())


def test_every_mapping_on_the_page_is_one():
    for language, _, content in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if language == "yaml" and content.startswith("source:"):
            parse(content)


@pytest.mark.parametrize("rule", [Mapping, Value, PlaceRule, Lookup, FileRule, Identity])
def test_the_page_explains_every_key(rule):
    text = PAGE.read_text(encoding="utf-8")
    keys = [given.alias or name for name, given in rule.model_fields.items()]
    assert [key for key in keys if f"`{key}" not in text and f"{key}:" not in text] == []


def test_the_page_names_every_policy_and_every_mapping_that_ships():
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"`{policy}`" in text for policy in ("fail", "keep", "blank"))
    assert Default.model_validate("keep").policy == "keep"
    assert all(f"mappings/{name}.yaml" in text for name in shipped())


def test_the_drill_of_the_page_is_one(tmp_path):
    example = next(example for example in examples() if "JSON" in example.title)
    path = written(tmp_path, "calls.jsonl", example.files["calls.jsonl"])
    read = read_files(example.mapping, path)
    assert [event["drill"] for event in read.events] == [False, True]
    assert read.descriptions == ["Li Si: Drilling again"]


def test_a_dry_run_of_the_first_example_by_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (first, *_) = examples()
    path = written(tmp_path, "calls.csv", first.files["calls.csv"])
    mapping = written(tmp_path, "my-city.yaml", first.mapping)
    assert import_files(str(mapping), [path], data=tmp_path / "data", dry_run=True, as_json=True) == 0
    assert '"rows": 3, "imported": 3, "known": 0, "failed": 0, "differing": 0, "encodings": ' in capsys.readouterr().out
    assert not (tmp_path / "data").exists()
