"""A level of the city with too many units to draw each: its places with their shares, each a link to what is in it."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from nicegui import ui

from services.analytics.pages.drawing.figures import share_bar
from services.analytics.pages.gateway import Gateway
from services.analytics.pages.kit import Text, box, link, picture
from services.analytics.pages.phrases import USE
from services.analytics.pages.shapes import Floors, Level, PlaceSums
from services.analytics.pages.tokens import USE_CLASSES
from services.analytics.pages.viewer import View

MOST_UNITS: Final = 2_500
"""Units that are drawn one by one."""
MOST_TOWERS: Final = 40
MOST_PLACES: Final = 100

Asked = Mapping[str, str | None]


async def level_of(gateway: Gateway, asked: Asked) -> Level:
    """The level of a place; one that has nothing but a single place in it is that place's."""
    level = await gateway.get(Level, "/analytics/places", {**asked, "limit": MOST_PLACES})
    while level.total.units > MOST_UNITS and len(level.items) == 1 and not level.next and not asked["cursor"]:
        (only,) = level.items
        level = await gateway.get(Level, "/analytics/places", {**asked, "place": only.place, "limit": MOST_PLACES})
    return level


async def floors_of(gateway: Gateway, level: Level, asked: Asked) -> Floors | None:
    """The towers of a level, where they are few enough to be drawn."""
    if level.items and level.total.units > MOST_UNITS:
        return None
    query = {**asked, "place": level.place or asked.get("place"), "limit": MOST_TOWERS, "cursor": None}
    floors = await gateway.get(Floors, "/analytics/floors", query)
    return None if level.items and floors.next else floors


def draw_level(view: View, level: Level, asked: Mapping[str, str]) -> None:
    """A row for each place of the level; what is above it, and the rest of a long one, are links."""
    say = view.words.say
    with box("shares-list level"):
        if level.place and "/" in level.place:
            above = level.place.rpartition("/")[0]
            link(say("Up to {place}", place=view.place(above)), _href(asked, above))
        for item in level.items:
            _row(view, item, asked)
        if level.next:
            link(say("More places"), _href(asked, level.place or "", level.next))


def _row(view: View, item: PlaceSums, asked: Mapping[str, str]) -> None:
    words = view.words
    whole = max(1, item.units)
    parts = [(f"c-{name[0]}", item.counts.get(name, 0) / whole) for name in USE_CLASSES]
    spoken = ", ".join(f"{words.say(USE[name])} {words.number(item.counts.get(name, 0))}" for name in USE_CLASSES)
    name = view.building(item.place, item.name) if item.name else view.place(item.place)
    with ui.link(target=_href(asked, item.place)).classes("tower-share level-row"):
        with box("level-name"):
            Text(name, "tower-share-name")
            Text(words.count("{n} unit", "{n} units", item.units), "aside")
        picture(share_bar(parts, spoken))


def _href(asked: Mapping[str, str], place: str, after: str | None = None) -> str:
    kept = {name: value for name, value in asked.items() if name not in {"place", "after"}}
    return f"/?{urlencode({**kept, 'place': place, **({'after': after} if after else {})})}"
