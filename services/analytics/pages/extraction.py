"""Finds every message of the pages, for Babel; within f-strings too, which Babel's own reader passes over.

``python -m services.analytics.pages.extraction`` brings the catalogue up to what the pages say: new messages come in
untranslated, old ones leave.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from services.analytics.pages.words import LOCALES

PAGES: Final = Path(__file__).parent
CATALOGUE: Final = LOCALES / "zh" / "LC_MESSAGES" / "messages.po"
KEYWORDS: Final = {"say": None, "gloss": None, "mark": None, "count": (1, 2)}
READER: Final = f"{__name__}:read_python"
PLURAL: Final = "count"
APART: Final = "officer"
"""The officer's page has a catalogue of its own."""

Message = str | tuple[str, ...]


def read_python(
    source: Any, keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, str, str | tuple[str, ...], list[str]]]:
    """Babel's interface of an extractor: calls of the keywords whose first arguments are plain text."""
    del comment_tags, options
    for node in ast.walk(ast.parse(source.read())):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            texts = tuple(
                argument.value
                for argument in node.args[:2]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            )
            needed = 2 if name == PLURAL else 1
            if name in keywords and len(texts) >= needed:
                yield node.lineno, name, texts[:2] if needed > 1 else texts[0], []


def said() -> Iterator[tuple[Message, str]]:
    """Each message (singular and plural as a pair) with the file that says it."""
    for path in sorted(PAGES.rglob("*.py")):
        where = path.relative_to(PAGES).as_posix()
        if where.partition("/")[0] != APART:
            with path.open("rb") as source:
                for _, message, _, _ in extract(READER, source, keywords=KEYWORDS):
                    yield message, where


def update(path: Path = CATALOGUE) -> Catalog:
    """Brings the catalogue up to what the pages say."""
    template = Catalog(project="Maple Bridge", charset="utf-8")
    for message, where in said():
        template.add(message, locations=[(where, 0)])
    with path.open("rb") as file:
        catalogue = read_po(file, locale="zh")
    catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
    catalogue.obsolete.clear()
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, include_lineno=False)
    return catalogue


if __name__ == "__main__":
    update()
