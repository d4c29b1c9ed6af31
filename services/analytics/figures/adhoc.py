"""The name of a figure that no definition lists: what it counts, so that its events can be asked for."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from services.analytics.figures.counting import Selection
from services.analytics.statistics.days import Days, named

SEPARATOR = "~"


@dataclass(frozen=True, slots=True)
class Adhoc:
    """A figure by what it counts; ``str`` of it is its id, and safe in an address.

    Attributes:
        kind, source, category, place, period: what is counted; empty where there is no bound. mark: of the label of
        one leaf; empty where all below the category is counted.
    """

    kind: str
    source: str
    category: str
    mark: str
    place: str
    period: str

    def __str__(self) -> str:
        parts = (self.kind, self.source, self.category, self.mark, self.place, self.period)
        return SEPARATOR.join(part.replace("/", ":") for part in parts)

    @classmethod
    def of(cls, wanted: Selection, source: str, category: str | None, label: str | None, period: str) -> "Adhoc":
        """The figure of one source and period; ``label``: of a leaf, None where it is the total of several."""
        marked = "" if label is None else mark(label)
        return cls(wanted.kinds[0], source, category or "", marked, wanted.place or "", period)

    @classmethod
    def read(cls, text: str) -> "Adhoc | None":
        """Reads an id; None where it is none."""
        parts = [part.replace(":", "/") for part in text.split(SEPARATOR)]
        if len(parts) != 6 or not parts[0] or not parts[1]:
            return None
        made = cls(*parts)
        try:
            named(made.period)
        except (ValueError, OverflowError):
            return None
        return made

    @property
    def days(self) -> Days:
        """Over which days it counts."""
        return named(self.period)

    def selection(self, places: tuple[str, ...], at: Mapping[str, int] | None) -> Selection:
        """What it counts, for a caller."""
        leaf = bool(self.mark)
        return Selection(
            places,
            (self.kind,),
            sources=(self.source,),
            category=self.category or None,
            exact=leaf,
            mark=self.mark or None,
            place=self.place or None,
            at=at,
        )


def mark(label: str) -> str:
    """A short mark of a label, which may hold any character."""
    return hashlib.md5(label.encode(), usedforsecurity=False).hexdigest()[:8]
