"""Names of places, organisations and categories in both languages; what is not listed is said by its path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from contracts.segments import name_of
from services.analytics.pages.words import Language
from services.analytics.words import categories

SHIPPED: Final = Path(__file__).parent / "gazetteer.yaml"
Names = Mapping[str, Mapping[Any, str]]


@dataclass(frozen=True)
class Gazetteer:
    """Names by identifier: ``{zh, en}`` each."""

    places: Names = field(default_factory=dict)
    organisations: Names = field(default_factory=dict)
    staff: Names = field(default_factory=dict)
    categories: Names = field(default_factory=dict)
    sources: Names = field(default_factory=dict)

    @classmethod
    def shipped(cls) -> "Gazetteer":
        """The names that come with the project."""
        with SHIPPED.open(encoding="utf-8") as file:
            held: dict[str, Any] = yaml.safe_load(file)
        return cls(held["places"], held["organisations"], held["staff"], categories(), held["sources"])

    def place(self, path: str, language: Language) -> str:
        """The name of a place; a unit of a known building is said by its number."""
        if not path:
            return ""
        known = self.places.get(path)
        if known:
            return known[language]
        above, _, last = path.rpartition("/")
        houses = self.places.get(f"{above}/*")
        if houses:
            return houses[language].format(n=last.rpartition("-")[2].lstrip("0"))
        if f"{above.rpartition('/')[0]}/*" in self.places:
            return f"{self.place(above, language)} {last.upper()}"
        if above in self.places and self.places[above].get("building"):
            return f"{self.places[above]['short']}-{last.upper()}"
        return spelled(last)

    def building(self, path: str, language: Language) -> str:
        """The place no finer than a building."""
        while path and path not in self.places and f"{path.rpartition('/')[0]}/*" not in self.places:
            path = path.rpartition("/")[0]
        return self.place(path, language)

    def knows_building(self, path: str) -> bool:
        """Whether the building of a path, or the estate that its houses are numbered in, has a name here."""
        above = path.rpartition("/")[0]
        return any(
            "building" in self.places.get(at, {}) or f"{at.rpartition('/')[0]}/*" in self.places for at in (path, above)
        )

    def organisation(self, ident: str, language: Language) -> str:
        """The name of an organisation."""
        known = self.organisations.get(ident)
        if known:
            return known[language]
        kind, _, number = ident.rpartition("-")
        kinds = self.organisations.get(f"{kind}-*")
        return f"{kinds[language]} {number}" if kinds else spelled(ident)

    def listed_organisations(self) -> list[str]:
        """Ids of the organisations that have a name of their own, to choose from."""
        return [ident for ident in self.organisations if not ident.endswith("*")]

    def source(self, ident: str, language: Language) -> str:
        """Whose figures they are."""
        known = self.sources.get(ident)
        return known[language] if known else spelled(ident)

    def category(self, path: str, language: Language) -> str:
        """The name of a category: its first and its last segment."""
        known = self.categories.get(path)
        if known:
            return known[language]
        first, _, rest = path.partition("/")
        top = self.categories.get(first, {}).get(language, spelled(first))
        return f"{top} · {self._tail(rest, language)}" if rest else top

    def _tail(self, rest: str, language: Language) -> str:
        last = rest.rpartition("/")[2]
        known = self.categories.get(f"*/{last}")
        return known[language] if known else spelled(last)


def spelled(ident: str) -> str:
    """An identifier as words."""
    text = name_of(ident).replace("-", " ").replace("_", " ").strip()
    return text[:1].upper() + text[1:]
