"""The officer's words in both languages, from the Babel catalogue, in the shape that the page reads."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from services.analytics.pages.gazetteer import Gazetteer, Names
from services.analytics.pages.officer.problems import PROBLEMS
from services.analytics.pages.words import LANGUAGES, LOCALES, Language

__all__ = ["LANGUAGES", "catalogue", "translated"]

DOMAIN: Final = "officer"


@lru_cache(maxsize=1)
def translated() -> Catalog:
    """The Chinese catalogue; English is its key."""
    with (LOCALES / "zh" / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale="zh")


def catalogue(language: Language) -> Mapping[str, Mapping[str, Any]]:
    """What the page reads: ``messages`` by their English, plurals as a list under their singular; ``problems`` by kind;
    ``places``, ``organisations``, ``staff`` and ``categories`` by identifier."""
    return {**_sentences(language), **_names(language)}


def _names(language: Language) -> Mapping[str, Mapping[str, str]]:
    known = Gazetteer.shipped()

    def said(names: Names) -> Mapping[str, str]:
        return {ident: words[language] for ident, words in names.items()}

    return {
        "places": said(known.places),
        "organisations": said(known.organisations),
        "staff": said(known.staff),
        "categories": said(known.categories),
    }


def _sentences(language: Language) -> Mapping[str, Mapping[str, Any]]:
    if language == "en":
        return {"messages": {}, "problems": PROBLEMS}
    messages = {key: said for key, said in map(_said, translated()) if key and said}
    problems = {kind: messages.get(sentence, sentence) for kind, sentence in PROBLEMS.items()}
    return {"messages": messages, "problems": problems}


def _said(message: Message) -> tuple[str, str | list[str]]:
    key = message.id if isinstance(message.id, str) else message.id[0]
    return key, message.string if isinstance(message.string, str) else list(message.string or ())
