"""The building as a stack of floors, and the slider of time below it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from services.analytics.pages.shapes import Cell, Tower
from services.analytics.pages.tokens import USE_CLASSES

LETTERS: Final[Mapping[str, str]] = {name: name[0] for name in USE_CLASSES}
"""hotel, studio, rental, owner-occupied, vacant: their first letters are all different."""


def painted(towers: Sequence[Tower]) -> list[str]:
    """The colours of each tower's units, one letter a unit, floor by floor from the top."""
    return [
        "".join(LETTERS.get(cell.colour, "v") for floor in tower.floors for cell in floor.units) for tower in towers
    ]


def shape_of(towers: Sequence[Tower]) -> tuple[tuple[str, ...], ...]:
    """Which units stand where; the drawing is made anew only when this changes."""
    return tuple(tuple(cell.id for floor in tower.floors for cell in floor.units) for tower in towers)


class Towers(Element, component="towers.js"):
    """Towers side by side.

    Args:
        towers: highest floor first. title: how a tower is called. note: what is said of a unit beside its class.
        names: the use classes in the viewer's words. band: floors that belong together, and what they are called.
        on_unit: called with the id of the unit that is opened.
    """

    def __init__(
        self,
        towers: Sequence[Tower],
        *,
        title: Callable[[Tower], str],
        note: Callable[[Cell], str],
        names: Mapping[str, str],
        label: str,
        band: Mapping[str, Any] | None,
        on_unit: Callable[[str], Any],
    ) -> None:
        super().__init__()
        self._title = title
        self._note = note
        self.props["names"] = {LETTERS[name]: words for name, words in names.items()}
        self.props["label"] = label
        self._shape: tuple[tuple[str, ...], ...] = ()
        self._colours: list[str] = []
        self.show(towers, band)
        self.on("unit", lambda event: on_unit(_argument(event)))

    def show(self, towers: Sequence[Tower], band: Mapping[str, Any] | None) -> None:
        """Draws what is new: the whole, or only the band and the cells whose colour changed."""
        if self.props.get("band") != band:
            self.props["band"] = dict(band) if band else None
        shape, colours = shape_of(towers), painted(towers)
        if shape == self._shape:
            if colours != self._colours:
                self.run_method("paint", colours)
        else:
            self.props["colours"] = colours
            self.props["towers"] = [self._drawn(tower) for tower in towers]
        self._shape, self._colours = shape, colours

    def ring(self, unit: str, title: str, detail: str) -> None:
        """Rings a unit that changed, and names it, for some seconds."""
        self.run_method("ring", unit, title, detail)

    def _drawn(self, tower: Tower) -> dict[str, Any]:
        floors = [
            {"floor": floor.floor, "units": [[cell.id, cell.label, self._note(cell)] for cell in floor.units]}
            for floor in tower.floors
        ]
        return {
            "name": self._title(tower),
            "columns": max((len(floor.units) for floor in tower.floors), default=1),
            "lowest": min((floor.floor for floor in tower.floors), default=tower.lowest_floor),
            "highest": max((floor.floor for floor in tower.floors), default=tower.highest_floor),
            "floors": floors,
        }


class Timeline(Element, component="timeline.js"):
    """The slider of time.

    Args:
        first, last: its ends. milestones: ``{at: ISO date, words}``. words: play, pause, label, now.
        on_at: called with a day, or None at the right end, which is now.
    """

    def __init__(
        self,
        first: date,
        last: date,
        milestones: Sequence[Mapping[str, str]],
        words: Mapping[str, str],
        on_at: Callable[[date | None], Any],
    ) -> None:
        super().__init__()
        self.props["first"] = first.isoformat()
        self.props["last"] = last.isoformat()
        self.props["milestones"] = [dict(milestone) for milestone in milestones]
        self.props["words"] = dict(words)

        def moved(event: GenericEventArguments) -> Any:
            day = _argument(event)
            return on_at(date.fromisoformat(day) if day else None)

        self.on("at", moved)

    def reach(self, last: date) -> None:
        """Moves the right end on to a new day."""
        if self.props["last"] != last.isoformat():
            self.props["last"] = last.isoformat()


def _argument(event: GenericEventArguments) -> Any:
    args = event.args
    return args[0] if isinstance(args, list) and args else args
