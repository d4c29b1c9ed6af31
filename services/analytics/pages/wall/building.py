"""The four-colour ledger: each tower as a stack of floors, now or as of any day."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from nicegui import ui

from services.analytics.pages.alert import facts
from services.analytics.pages.drawing.figures import share_bar
from services.analytics.pages.drawing.towers import Timeline, Towers
from services.analytics.pages.gateway import Refusal
from services.analytics.pages.kit import Text, box, heading, nothing, picture
from services.analytics.pages.live import Live
from services.analytics.pages.panel import loading
from services.analytics.pages.phrases import MARKS, USE
from services.analytics.pages.rooms import UNIT, may_enter
from services.analytics.pages.shapes import Cell, Floors, Happening, Level, Tower
from services.analytics.pages.sheet import sheet
from services.analytics.pages.tokens import USE_CLASSES
from services.analytics.pages.viewer import View
from services.analytics.pages.wall.level import draw_level, floors_of, level_of
from services.analytics.pages.words import Words, mark

HOTEL_BAND = 0.9
"""A run of floors counts as the hotels' band where at least this share of its used units are hotel rooms."""


class BuildingPanel:
    """The towers of a place, or the places in it where its units are too many to draw; legend and slider of time."""

    def __init__(self, view: View, live: Live, place: str, asked: Mapping[str, str]) -> None:
        self._view, self._place, self._asked = view, place, asked
        self._level = Level()
        self._rows: ui.element | None = None
        self._day: date | None = None
        self._floors = Floors()
        self._towers: Towers | None = None
        self._timeline: Timeline | None = None
        self._noted: Text | None = None
        self._element = box("panel building", "section")
        with self._element:
            loading(view)
        live.when({"floors"}, self.refresh)

    async def refresh(self) -> None:
        """Asks for the day that is shown, and draws what is new."""
        asked = {
            "place": self._level.place or self._place or None,
            "as_of": self._day.isoformat() if self._day else None,
            "cursor": self._asked.get("after"),
        }
        gateway = self._view.gateway
        try:
            if self._towers is None:
                self._level = await level_of(gateway, asked)
            floors = None if self._rows is not None else await floors_of(gateway, self._level, asked)
        except Refusal as refusal:
            if refusal.passing:
                return
            raise
        self._show(floors)

    def _show(self, floors: Floors | None) -> None:
        first = self._towers is None and self._rows is None
        if floors is not None:
            self._floors = floors
        if first:
            self._element.clear()
            with self._element:
                self._draw(floors)
            return
        if self._towers is not None:
            self._towers.show(self._floors.items, self._band(self._floors.items))
        elif self._rows is not None:
            self._rows.clear()
            with self._rows:
                draw_level(self._view, self._level, self._asked)
        self._count()
        if self._timeline is not None and self._day is None:
            self._timeline.reach(self._today())

    def changed(self, happened: Happening) -> None:
        """Rings the unit of something that has just happened."""
        if self._towers is not None and happened.unit and self._day is None:
            words = self._view.words
            title = " ".join(filter(None, [happened.label, words.of(happened.words)]))
            self._towers.ring(happened.unit, title, words.of(happened.detail))

    def _today(self) -> date:
        known = self._floors.as_of or self._level.as_of
        return self._there.local(known or self._view.now).date()

    @property
    def _there(self) -> Words:
        """By the clocks of the place that is shown: the days of the slider are its days."""
        return self._view.at(self._level.place or self._place or "")

    def _draw(self, floors: Floors | None) -> None:
        words = self._view.words
        if floors is not None and not floors.items:
            heading(words.say("Four-colour ledger"), words.gloss("Four-colour ledger"))
            nothing(
                words.say("No building is registered yet"),
                words.say(
                    "Register a building with its floors and units (POST /registry/buildings, described at "
                    "/registry/docs), and it stands here at once."
                ),
            )
            return
        self._head()
        if floors is None:
            self._rows = box("level-box")
            with self._rows:
                draw_level(self._view, self._level, self._asked)
        elif self._view.visitor:
            self._shares(floors.items)
        else:
            self._tower_drawing(floors.items)
        if not self._view.visitor:
            self._slider()
        self._count()

    def _head(self) -> None:
        words = self._view.words
        with box("building-head"):
            heading(
                words.say("Four-colour ledger"),
                words.gloss("Four-colour ledger"),
                self._where(),
            )
            with box("legend", "ul"):
                self._counts = {name: self._legend_entry(f"c-{name[0]}", USE[name]) for name in USE_CLASSES}
                if not self._view.visitor:
                    self._noted = self._legend_entry("noted", mark("To look at"))

    def _where(self) -> str:
        words, place = self._view.words, self._level.place or self._place
        if not place:
            return words.say("registered use")
        return words.say("{place} · registered use", place=self._view.place(place))

    def _legend_entry(self, kind: str, name: str) -> Text:
        with box("legend-entry", "li"):
            box(f"swatch {kind}").props("aria-hidden=true")
            Text(self._view.words.say(name))
            return Text("", "legend-count")

    def _count(self) -> None:
        towers = self._floors.items
        total: Counter[str] = Counter()
        for tower in towers:
            total.update(tower.counts)
        noted = sum(bool(self._note(cell)) for tower in towers for floor in tower.floors for cell in floor.units)
        if self._rows is not None:
            total, noted = Counter(self._level.total.counts), self._level.total.noted
        for name, label in self._counts.items():
            label.text = self._view.words.number(total[name])
        if self._noted is not None:
            self._noted.text = self._view.words.number(noted)

    def _band(self, towers: Sequence[Tower]) -> Mapping[str, Any] | None:
        low, high = hotel_band(towers)
        if not low:
            return None
        return {"from": low, "to": high, "label": self._view.words.say("Hotel floors {a}–{b}", a=low, b=high)}

    def _tower_drawing(self, towers: Sequence[Tower]) -> None:
        words = self._view.words
        self._towers = Towers(
            towers,
            title=self._short,
            note=self._note,
            names={name: words.say(USE[name]) for name in USE_CLASSES},
            label=words.say("Towers, floor by floor. Arrow keys move, Enter opens a unit."),
            band=self._band(towers),
            on_unit=self._open,
        ).classes("towers")

    def _open(self, unit: str) -> None:
        if may_enter(UNIT, self._view.role):
            ui.navigate.to(UNIT.path.format(unit=unit))
            return
        towers = self._floors.items
        cells = (cell for tower in towers for floor in tower.floors for cell in floor.units if cell.id == unit)
        cell = next(cells, None)
        if cell is not None:
            open_cell(self._view, cell)

    def _short(self, tower: Tower) -> str:
        names = self._view.site.gazetteer.places.get(tower.place, {})
        short = names.get("short")
        return self._view.words.say("Tower {letter}", letter=short) if short else tower.name

    def _note(self, cell: Cell) -> str:
        return " · ".join(self._view.words.say(MARKS[mark]) for mark in cell.marks if mark in MARKS)

    def _slider(self) -> None:
        words, today, floors = self._there, self._today(), self._floors
        first_at = floors.first_at or self._level.first_at
        first = words.local(first_at).date() if first_at else date(today.year - 1, 1, 1)
        marks = [{"at": words.local(m.at).date().isoformat(), "words": words.of(m.words)} for m in floors.milestones]
        said = {
            "play": words.say("Play"),
            "pause": words.say("Pause"),
            "label": words.say("The building as of a day"),
            "now": words.say("Now"),
        }
        self._timeline = Timeline(min(first, today), today, marks, said, self._go_to)

    async def _go_to(self, day: date | None) -> None:
        self._day = day
        await self.refresh()

    def _shares(self, towers: Sequence[Tower]) -> None:
        say = self._view.words.say
        with box("shares-list"):
            for tower in towers:
                whole = max(1, sum(tower.counts.values()))
                parts = [(f"c-{name[0]}", tower.counts.get(name, 0) / whole) for name in USE_CLASSES]
                spoken = ", ".join(f"{say(USE[name])} {tower.counts.get(name, 0)}" for name in USE_CLASSES)
                with box("tower-share"):
                    Text(self._short(tower), "tower-share-name")
                    picture(share_bar(parts, spoken))
            Text(say("Visitor mode: nothing finer than a building is shown. Press v to leave it."), "aside", "p")


def open_cell(view: View, cell: Cell) -> None:
    """What the ledger says of a unit, without who lives there."""
    words = view.words
    use = cell.use_class or cell.colour
    pairs = [(words.say("Registered use"), words.say(USE.get(use, use)))]
    if cell.operator:
        pairs.append((words.say("Operator"), view.organisation(cell.operator)))
    pairs += [(words.say("Finding"), words.say(MARKS[mark])) for mark in cell.marks if mark in MARKS]
    with sheet(view, cell.label, words.say(USE.get(cell.colour, cell.colour))):
        facts(pairs)


def hotel_band(towers: Sequence[Tower]) -> tuple[int, int]:
    """The longest run of floors that are all but hotel rooms in every tower; zeros where there is none."""
    used: Counter[int] = Counter()
    hotel: Counter[int] = Counter()
    for tower in towers:
        for row in tower.floors:
            used[row.floor] += sum(cell.colour != "vacant" for cell in row.units)
            hotel[row.floor] += sum(cell.colour == "hotel" for cell in row.units)
    best, run = (0, -1), (0, -1)
    for floor in sorted(used):
        if used[floor] and hotel[floor] >= HOTEL_BAND * used[floor]:
            run = (run[0], floor) if run[1] == floor - 1 and run[0] else (floor, floor)
            best = max(best, run, key=lambda pair: pair[1] - pair[0])
        else:
            run = (0, -1)
    return best if best[1] > best[0] else (0, 0)
