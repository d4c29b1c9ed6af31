"""What has just happened, newest first."""

from collections.abc import Callable

from services.analytics.pages.kit import Text, box, heading, keyed, nothing, picture  # noqa: F401
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.shapes import Happening
from services.analytics.pages.viewer import View

LINES = 12
Content = tuple[Happening, ...]


def feed_panel(view: View, live: Live, changed: Callable[[Happening], None]) -> Panel[Content]:
    """The live feed. changed: told of each thing that is new since the last look."""
    panel: Panel[Content]

    async def load() -> Content:
        items = (await view.gateway.list(Happening, "/analytics/feed", {"limit": LINES})).items
        await view.learn_places(item.place for item in items)
        if panel.held is not None:
            known = {item.id for item in panel.held}
            for item in reversed(items):
                if item.id not in known:
                    changed(item)
        return items

    def draw(items: Content) -> None:
        heading(view.words.say("Live feed"), view.words.gloss("Live feed"))
        if not items:
            nothing(view.words.say("Nothing has happened yet"))
            return
        with box("feed-lines", "ol"):
            for item in items:
                line(view, item)

    panel = Panel(load, draw, "panel feed", name=view.words.say("Live feed"), view=view)
    return panel.follow(live, "feed")


def line(view: View, item: Happening) -> None:
    """One line of the feed: when, what, where."""
    words = view.at(item.place)
    with keyed(box("feed-line", "li"), item.id):
        moment = item.recorded_at or item.at
        today = words.day(moment, year=True) == words.day(view.now, year=True)
        Text(words.clock(moment, seconds=True) if today else words.when(moment, view.now), "feed-when")
        Text(words.of(item.words), "feed-what")
        Text(" · ".join(filter(None, [where(view, item), detail(view, item)])), "feed-where")


def where(view: View, item: Happening) -> str:
    """The unit's label, else the place; no finer than a building for visitors."""
    return item.label if item.label and not view.visitor else view.place(item.place)


def detail(view: View, item: Happening) -> str:
    """What more is said; left out for visitors, since it may name a unit."""
    if view.visitor:
        return ""
    said = view.words.of(item.detail)
    return said or (view.category(item.category) if item.category else "")
