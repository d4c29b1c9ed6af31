"""What is on record: every dispute and every session of the viewer's places, with what became of each."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from services.analytics.pages.alert import facts
from services.analytics.pages.erasing import erase_button
from services.analytics.pages.gateway import Refusal
from services.analytics.pages.kit import Text, box, button, keyed, nothing, opening
from services.analytics.pages.panel import Panel
from services.analytics.pages.phrases import SESSION
from services.analytics.pages.shapes import Session, Shape, Step
from services.analytics.pages.sheet import refused, sheet
from services.analytics.pages.steps import history
from services.analytics.pages.teahouse.disputes import Dispute, dispute_line, open_dispute
from services.analytics.pages.viewer import View

PAGE = 20
MOST = 500
Listed = TypeVar("Listed", bound=Shape)


class Item(Shape):
    """What a session talks about."""

    title: str


class SessionDetail(Session):
    """A session with its agenda and all that happened, oldest first."""

    items: tuple[Item, ...] = ()
    residents: int | None = None
    history: tuple[Step, ...] = ()


async def open_records(view: View, place: str | None) -> None:
    """Opens the sheet with the disputes and the sessions of a place, or of all places the viewer may see."""
    words = view.words
    with sheet(view, words.say("Records"), view.place(place) if place else ""):
        disputes = _list(view, words.say("Disputes"), "/mediation/disputes", Dispute, place, _disputes)
        sessions = _list(view, words.say("Sessions"), "/mediation/sessions", Session, place, _sessions)
    await disputes.refresh()
    await sessions.refresh()


Draw = Callable[[View, Sequence[Listed], Callable[[], Awaitable[None]]], None]


def _list(
    view: View, name: str, path: str, shape: type[Listed], place: str | None, draw: Draw[Listed]
) -> "Panel[tuple[tuple[Listed, ...], bool]]":
    limit = PAGE

    async def load() -> tuple[tuple[Listed, ...], bool]:
        found = await view.reading("mediation").list(shape, path, {"place": place, "limit": limit})
        return found.items, found.more and limit < MOST

    async def more() -> None:
        nonlocal limit
        limit = min(MOST, limit + 5 * PAGE)
        await panel.refresh()

    def show(content: tuple[tuple[Listed, ...], bool]) -> None:
        items, goes_on = content
        Text(name, tag="h3")
        if not items:
            nothing(view.words.say("Nothing is on record yet"))
        draw(view, items, panel.refresh)
        if goes_on:
            button(view.words.say("Show more"), more)

    panel: Panel[tuple[tuple[Listed, ...], bool]] = Panel(load, show, "records", name=name, view=view)
    return panel


def _disputes(view: View, disputes: Sequence[Dispute], refresh: Callable[[], Awaitable[None]]) -> None:
    for dispute in disputes:
        dispute_line(view, dispute, lambda ident=dispute.id: open_dispute(view, ident, refresh, own=False))


def _sessions(view: View, sessions: Sequence[Session], _: Callable[[], Awaitable[None]]) -> None:
    words = view.words
    for session in sessions:
        name = words.say(SESSION.get(session.kind, session.kind))
        with keyed(opening("item", lambda ident=session.id: open_session(view, ident), name), session.id):
            Text(name, "item-title")
            Text(f"{view.at(session.place).stamp(session.starts_at)[:16]} · {session.venue}", "aside")


async def open_session(view: View, ident: str) -> None:
    """Opens a session; that its minutes were read is on record."""
    try:
        read = view.reading("mediation")
        session = await read.open(SessionDetail, f"/mediation/sessions/{ident}", "follow-up")
    except Refusal as refusal:
        refused(view, refusal)
        return
    words = view.words
    with sheet(view, words.say(SESSION.get(session.kind, session.kind)), view.place(session.place)) as dialog:
        starts = view.at(session.place).stamp(session.starts_at)[:16]
        pairs = [(words.say("When"), starts), (words.say("Where"), session.venue)]
        if session.organisations:
            who = words.say(", ").join(view.organisation(each) for each in session.organisations)
            pairs.append((words.say("Organisations"), who))
        if session.residents is not None:
            pairs.append((words.say("Residents"), words.number(session.residents)))
        facts(pairs)
        if session.items:
            Text(words.say("Agenda"), tag="h3")
            with box("event-list"):
                for item in session.items:
                    Text(item.title, tag="p")
        Text(words.say("What happened"), tag="h3")
        history(view, session.history, session.place)
        with box("acts"):
            erase_button(view, f"/mediation/sessions/{session.id}", dialog)
