"""The teahouse: who promised what by when, and two rates that are never one."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from services.analytics.pages.kit import Text, box, button, keyed, nothing
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.rooms import ROLE_NAMES
from services.analytics.pages.shapes import Issue, Rates
from services.analytics.pages.teahouse.beside import owed_panel, rates_panel, session_panel
from services.analytics.pages.teahouse.cards import card
from services.analytics.pages.teahouse.disputes import MEDIATING, disputes_panel
from services.analytics.pages.teahouse.item import open_item
from services.analytics.pages.teahouse.raising import open_raising
from services.analytics.pages.teahouse.records import open_records
from services.analytics.pages.teahouse.sign import open_sign
from services.analytics.pages.viewer import View

TABS = ("open", "waiting", "done", "all")
PAGE = 60
Content = tuple[str, tuple[Issue, ...], Rates, bool]
RAISING = frozenset({"resident", "mediator", "officer", "supervisor", "property-manager", "dispatcher"})


class Items:
    """The list of items by state, and what stands above it."""

    def __init__(self, view: View, live: Live, place: str | None, state: str) -> None:
        self._view, self._place = view, place
        self.state = state if state in TABS else "open"
        self._limit = PAGE
        self.panel: Panel[Content] = Panel(self.load, self._draw, "items", view=view, name=view.words.say("Items"))
        self.panel.follow(live, "mediation")

    async def load(self) -> Content:
        """Asks for the items in the state that is shown."""
        gateway = self._view.reading("mediation")
        asked = {"kind": "agenda-item", "state": self.state, "place": self._place, "limit": self._limit}
        listed, rates = await asyncio.gather(
            gateway.list(Issue, "/mediation/issues", asked),
            gateway.get(Rates, "/mediation/rates", {"kind": "agenda-item", "place": self._place}),
        )
        return self.state, listed.items, rates, listed.next is not None

    @property
    def common_place(self) -> str:
        """The place that most of the items shown are of."""
        held = self.panel.held
        places = Counter(issue.place for issue in held[1]) if held else Counter()
        return self._place or (places.most_common(1)[0][0] if places else self._view.own_place)

    async def _choose(self, state: str) -> None:
        self.state, self._limit = state, PAGE
        await self.panel.refresh()

    async def _more(self) -> None:
        self._limit = min(500, self._limit + PAGE)
        await self.panel.refresh()

    def _opening(self, ident: str) -> Callable[[], Awaitable[None]]:
        return lambda: open_item(self._view, ident, self.panel.refresh)

    def _draw(self, content: Content) -> None:
        state, issues, rates, more = content
        say = self._view.words.say
        with box("tabs item-tabs").props('role="tablist"'):
            for tab, name, count in (
                ("open", say("In progress"), rates.open),
                ("waiting", say("Waiting for the resident"), rates.unanswered + rates.pending),
                ("done", say("Done"), rates.resolved),
                ("all", say("All"), rates.raised),
            ):
                made = button(f"{name} {count}", lambda tab=tab: self._choose(tab), kind="tab")
                made.props(f'role="tab" aria-selected="{str(tab == state).lower()}"')
        if not issues:
            self._none(anywhere=rates.raised > 0)
        with box("cards", "ul"):
            for issue in issues:
                with keyed(box("", "li"), issue.id):
                    card(self._view, issue, self._opening(issue.id))
        if more:
            button(say("Show more"), self._more)

    def _none(self, *, anywhere: bool) -> None:
        say = self._view.words.say
        if anywhere:
            nothing(say("No item here"))
        elif self._view.role == "resident":
            nothing(say("You have not raised an item yet"), say("What you bring, and what came of it, stands here."))
        else:
            nothing(say("Nobody has raised an item yet"), say("The first one opens the teahouse."))


async def build(view: View, live: Live, asked: dict[str, str]) -> None:
    """The teahouse of a place, or of all places the viewer may see."""
    place = asked.get("place")
    with box("desk-grid teahouse-grid"):
        head = box("desk-head")
        items = Items(view, live, place, asked.get("state", "open"))
        with box("beside", "aside"):
            mine = (disputes_panel(view, live),) if view.role in MEDIATING else ()
            beside = rates_panel(view, live, place), owed_panel(view, live, place), session_panel(view, live, place)
    await asyncio.gather(items.panel.refresh(), *(panel.refresh() for panel in (*mine, *beside)))
    with head:
        _title(view, items.common_place)
        with box("acts"):
            button(view.words.say("Table sign"), lambda: open_sign(view, items.common_place))
            if view.role in MEDIATING:
                button(view.words.say("Records"), lambda: open_records(view, place))
            if may_raise(view.role, items.common_place):
                _raising(view, items)


def may_raise(role: str, place: str) -> bool:
    """Whether a role raises items, and there is a place to raise one at: none before a city is imported."""
    return role in RAISING and bool(place)


def _raising(view: View, items: Items) -> None:
    def raise_one() -> None:
        open_raising(view, items.common_place, items.panel.refresh)

    button(view.words.say("Raise an item"), raise_one, kind="solid")


def _title(view: View, place: str) -> None:
    words = view.words
    who = words.say(ROLE_NAMES["resident"]) if view.role == "resident" else ""
    with box("desk-title"):
        Text(words.say("People's teahouse"), tag="h1")
        Text(" · ".join(filter(None, [view.place(place), who])), "desk-where")
