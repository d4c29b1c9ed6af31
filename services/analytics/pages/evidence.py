"""The very events behind a figure or an alert."""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote

from nicegui import ui

from services.analytics.pages.comparison import notes
from services.analytics.pages.gateway import Query, Refusal
from services.analytics.pages.kit import Text, box, button, nothing
from services.analytics.pages.shapes import Figure, Happening
from services.analytics.pages.sheet import refused, sheet
from services.analytics.pages.viewer import View

PAGE = 50
More = Callable[[str, str | None], Awaitable[None]]


async def open_figure(view: View, figure: Figure, name: str) -> None:
    """Opens a figure: what it counts, over which days, and each event that was counted."""
    words = view.words
    with sheet(view, name, view.place(figure.place or "")):
        Text(definition(view, figure), "sentence", "p")
        for note in notes(view, figure):
            Text(note, "aside", "p")
        with box("tabs", "div").props('role="tablist"') as tabs:
            pass
        listed = box("event-list")

        async def show(which: str) -> None:
            tabs.clear()
            with tabs:
                for part, span, count in (
                    ("value", figure.span, figure.value),
                    ("previous", figure.previous_span, figure.previous),
                ):
                    if span:
                        label = f"{span.first:%Y-%m-%d} – {span.last:%Y-%m-%d}"
                        tab = button(f"{label} · {words.number(count)}", lambda part=part: show(part), kind="tab")
                        tab.props(f'role="tab" aria-selected="{str(part == which).lower()}"')
            listed.clear()
            await more(which, None)

        async def more(which: str, cursor: str | None) -> None:
            await load_events(view, listed, figure, which, cursor, more)

        await show("value")


async def load_events(
    view: View, listed: ui.element, figure: Figure, which: str, cursor: str | None, more: More
) -> None:
    """Adds a page of the events to the list."""
    asked: Query = {"which": which, "limit": PAGE, "cursor": cursor}
    try:
        events = await view.gateway.list(Happening, f"/analytics/kpis/{quote(figure.id, safe='')}/events", asked)
    except Refusal as refusal:
        refused(view, refusal)
        return
    with listed:
        event_rows(view, events.items)
        if not events.items and cursor is None:
            nothing(view.words.say("No event in this span"))
        if events.next:
            following = events.next

            async def add() -> None:
                further.delete()
                await more(which, following)

            further = button(view.words.say("Show more"), add)


def definition(view: View, figure: Figure) -> str:
    """What a figure counts, as a sentence."""
    say = view.words.say
    if figure.unit != "count":
        return say("The sum of what outside parties reported for each month. Corrections replace what was reported.")
    what = view.category(figure.category) if figure.category else ""
    return say(
        "Each event counts once, on its day: {what}. Drills, duplicates and unfounded reports do not count.",
        what=what,
    )


def event_rows(view: View, events: Sequence[Happening]) -> None:
    """Events, one a row: when it was true, what, where, and its place in its log."""
    words = view.words
    for event in events:
        with box("event-row"):
            Text(view.at(event.place).stamp(event.at)[:16], "event-when")
            with box("event-words"):
                Text(words.of(event.words) or (view.category(event.category) if event.category else event.type))
                where = event.label if event.label and not view.visitor else view.place(event.place)
                detail = "" if view.visitor else words.of(event.detail)
                Text(" · ".join(filter(None, [where, detail])), "aside")
            Text(f"{source_words(view, event.source)} {words.number(event.position)}", "event-position")


def source_words(view: View, source: str) -> str:
    """The log an event stands in."""
    say = view.words.say
    known = {
        "registry": say("Registry"),
        "incidents": say("Incidents"),
        "mediation": say("Mediation"),
        "analytics": say("Analytics"),
    }
    return known.get(source, source)
