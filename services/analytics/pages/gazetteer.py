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
    """Names by identifier: ``{zh, en}`` each.

    Attributes:
        registered: the names that buildings are registered by, by their places, as far as they were asked for.
    """

    places: Names = field(default_factory=dict)
    organisations: Names = field(default_factory=dict)
    staff: Names = field(default_factory=dict)
    categories: Names = field(default_factory=dict)
    sources: Names = field(default_factory=dict)
    registered: dict[str, str] = field(default_factory=dict)

    @classmethod
    def shipped(cls) -> "Gazetteer":
        """The names that come with the project."""
        with SHIPPED.open(encoding="utf-8") as file:
            held: dict[str, Any] = yaml.safe_load(file)
        return cls(held["places"], held["organisations"], held["staff"], categories(), held["sources"])

    def place(self, path: str, language: Language) -> str:
        """The name of a place; a unit of a known building is said by its number."""
        above, _, last = path.rpartition("/")
        if known := self._listed(path, language) or self.registered.get(path):
            return known
        if above in self.registered:
            return f"{self.registered[above]} {name_of(last).upper()}"
        return spelled(last)

    def lacks(self, path: str) -> bool:
        """Whether a place has neither a name here nor one that its building is known to be registered by."""
        known = self._listed(path, "zh") or self.registered.keys() & {path, path.rpartition("/")[0]}
        return bool(path) and not known

    def _listed(self, path: str, language: Language) -> str:
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
        return ""

    def building(self, path: str, language: Language) -> str:
        """The place no finer than a building."""
        while path and path not in self.registered and not self._whole(path):
            path = path.rpartition("/")[0]
        return self.place(path, language)

    def _whole(self, path: str) -> bool:
        return path in self.places or f"{path.rpartition('/')[0]}/*" in self.places

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
