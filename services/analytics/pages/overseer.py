"""The access log: who opened whose record, when, and for what purpose. An overseer reads this and nothing else."""

from nicegui import ui

from services.analytics.pages.kit import Text, box, button, nothing
from services.analytics.pages.ledger import Access
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.people import actor
from services.analytics.pages.phrases import FIELD, PURPOSE
from services.analytics.pages.shapes import Listing
from services.analytics.pages.tables import cell, table
from services.analytics.pages.viewer import View

PAGE = 50
Content = tuple[tuple[Access, ...], str | None]


async def build(view: View, live: Live, asked: dict[str, str]) -> None:
    """The openings, newest first."""
    say, cursor = view.words.say, asked.get("cursor")
    with box("desk-head"), box("desk-title"):
        Text(say("Access log"), tag="h1")
        Text(say("each opening of a person's record"), "desk-where")

    async def load() -> Content:
        listed: Listing[Access] = await view.reading("registry").list(
            Access, "/registry/access-log", {"limit": PAGE, "cursor": cursor}
        )
        return listed.items, listed.next

    def draw(content: Content) -> None:
        items, following = content
        if not items:
            nothing(say("No record was opened"), say("Whoever opens a person's record stands here, with the purpose."))
            return
        _table(view, items)
        if following:
            button(say("Older"), lambda: ui.navigate.to(f"/overseer?cursor={following}"))

    panel = Panel(load, draw, "openings", name=say("Access log"), view=view).follow(live, "registry")
    await panel.refresh()


def _table(view: View, items: tuple[Access, ...]) -> None:
    words, say = view.words, view.words.say
    titles = [say("When"), say("Who"), say("Purpose"), say("Fields"), say("Where"), say("Record")]
    with table(say("Access log"), [(title, "") for title in titles]):
        for item in items:
            fields = say(", ").join(say(FIELD.get(field, field)) for field in item.fields)
            values = (
                words.stamp(item.at),
                actor(view, item.actor),
                say(PURPOSE.get(item.purpose, item.purpose)),
                fields,
                view.place(item.place),
                item.subject,
            )
            with box("", "tr"):
                for title, value in zip(titles, values, strict=True):
                    cell(value, "", title)
