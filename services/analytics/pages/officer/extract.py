"""Finds what the officer's page says, for the catalogue: ``python -m services.analytics.pages.officer.extract``.

Run it after a change of words: new messages come into the catalogue untranslated, old ones leave it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from services.analytics.pages.officer.shell import STATIC
from services.analytics.pages.words import LOCALES

PROBLEMS: Final = Path(__file__).parent / "problems.py"
CATALOGUE: Final = LOCALES / "zh" / "LC_MESSAGES" / "officer.po"


def said() -> Iterator[tuple[str | tuple[str, ...], str]]:
    """Each message (singular and plural as a pair) with the file that says it."""
    keywords = {"t": None, "plural": (1, 2)}
    for path in sorted(STATIC.rglob("*.js")):
        with path.open("rb") as source:
            for _, message, _, _ in extract("javascript", source, keywords=keywords):
                yield message, path.relative_to(STATIC).as_posix()
    with PROBLEMS.open("rb") as source:
        for _, message, _, _ in extract("python", source, keywords={"mark": None}):
            yield message, PROBLEMS.name


def update(path: Path = CATALOGUE) -> Catalog:
    """Brings the catalogue up to what the page says."""
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
