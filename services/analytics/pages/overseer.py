"""The access log: who opened whose record, when, and for what purpose. An overseer reads this and nothing else."""

import asyncio

from nicegui import ui

from services.analytics.pages.kit import Text, box, button, nothing
from services.analytics.pages.ledger import Access, CityReading
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.people import actor
from services.analytics.pages.phrases import EXPORT_PURPOSE, FIELD, PURPOSE
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
    await asyncio.gather(panel.refresh(), _city_panel(view, live).refresh())


def _city_panel(view: View, live: Live) -> Panel[tuple[CityReading, ...]]:
    """The latest readings of the city's figures: exports, and the log itself."""
    say = view.words.say

    async def load() -> tuple[CityReading, ...]:
        return (await view.gateway.list(CityReading, "/city/access-log", {"limit": PAGE})).items

    def draw(items: tuple[CityReading, ...]) -> None:
        Text(say("Readings of the city's figures"), tag="h2")
        if not items:
            nothing(say("The city's figures were not read yet"))
            return
        titles = [say("When"), say("Who"), say("Purpose"), say("Where"), say("Events")]
        with table(say("Readings of the city's figures"), [(title, "") for title in titles]):
            for item in items:
                with box("", "tr"):
                    for title, value in zip(titles, _reading(view, item), strict=True):
                        cell(value, "", title)

    panel = Panel(load, draw, "city-readings", name=say("Readings of the city's figures"), view=view)
    return panel.follow(live, "analytics")


def _reading(view: View, item: CityReading) -> tuple[str, ...]:
    words, say = view.words, view.words.say
    purpose = say(EXPORT_PURPOSE.get(item.purpose, item.purpose)) if item.purpose else say("reading the city's log")
    upto = words.number(item.at)
    span = say("up to {n}", n=upto) if item.after is None else f"{words.number(item.after + 1)} – {upto}"
    return view.at(item.place).stamp(item.when), actor(view, item.by), purpose, view.place(item.place), span


def _table(view: View, items: tuple[Access, ...]) -> None:
    say = view.words.say
    titles = [say("When"), say("Who"), say("Purpose"), say("Fields"), say("Where"), say("Record")]
    with table(say("Access log"), [(title, "") for title in titles]):
        for item in items:
            fields = say(", ").join(say(FIELD.get(field, field)) for field in item.fields)
            values = (
                view.at(item.place).stamp(item.at),
                actor(view, item.actor),
                say(PURPOSE.get(item.purpose, item.purpose)),
                fields,
                view.place(item.place),
                item.subject,
            )
            with box("", "tr"):
                for title, value in zip(titles, values, strict=True):
                    cell(value, "", title)
