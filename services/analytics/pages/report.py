"""A patrol's report: what was seen on the street, told to the dispatch room."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from nicegui import ui

from services.analytics.pages.forms import Choice, Field, Form
from services.analytics.pages.gateway import Done, Gateway
from services.analytics.pages.kit import Text, box, keyed, nothing
from services.analytics.pages.live import Live
from services.analytics.pages.sheet import new_key
from services.analytics.pages.viewer import View
from services.chassis.access.places import covers

CATEGORIES: Final = (
    *("public-order", "crime", "help", "dispute", "noise", "traffic"),
    *("safety", "facility", "hygiene", "other"),
)
"""What a patrol chooses from; the desk judges more closely."""


@dataclass
class Reporting:
    """The form, and what was told with it since the page was opened.

    Attributes:
        told: when, what and where, the latest first.
    """

    view: View
    content: ui.element
    told: list[str] = field(default_factory=list)

    def draw(self) -> None:
        """What was told, and an empty form below it."""
        words = self.view.words
        self.content.clear()
        with self.content:
            if self.told:
                Text(words.say("Reported by you just now"), tag="h2")
                with box("cards", "ul"):
                    for said in self.told:
                        with keyed(box("", "li"), said), box("panel item"):
                            Text(said, "item-title")
            self._form(places_of(self.view))

    def _form(self, places: Sequence[str]) -> None:
        view, words, key = self.view, self.view.words, new_key()
        with box("panel report-form"):
            with box("fields"):
                category = Choice(words.say("What is it?"), {each: view.category(each) for each in CATEGORIES})
                place = Choice(words.say("Where"), {each: view.place(each) for each in places})
                when = Field(words.say("When; blank: now"), kind="datetime-local")
            description = Field(
                words.say("What you see, and where exactly. Only those who deal with it read this."), tag="textarea"
            )
            fields = {
                "/category": category,
                "/place": place,
                "/occurred/earliest": when,
                "/description": description,
            }
            form = Form(view, fields, ["/description"])

            async def send(gateway: Gateway) -> Done:
                body = {"category": category.value, "place": place.value, "channel": "patrol"}
                body |= {"description": description.given} | occurred(when.given, view.at(place.value).zone)
                return await gateway.do("/incidents/cases", body, key=key)

            async def done(_: Done) -> None:
                parts = [view.at(place.value).clock(view.now), view.category(category.value), view.place(place.value)]
                self.told.insert(0, " · ".join(parts))
                self.draw()

            with box("acts"):
                form.button(words.say("Report it"), send, words.say("Reported. The dispatch room sees it now."), done)


async def build(view: View, live: Live, asked: dict[str, str]) -> None:
    """The form with which a patrol reports, for the places of its own."""
    del live, asked
    words = view.words
    with box("desk-head"), box("desk-title"):
        Text(words.say("Report"), tag="h1")
        Text(words.say("what you see on the street, to the dispatch room"), "desk-where")
    if not view.places:
        nothing(words.say("You have no place yet"), words.say("Ask who gave you your token for the place you patrol."))
        return
    Reporting(view, box("reporting")).draw()


def places_of(view: View) -> list[str]:
    """The viewer's places, each followed by those with a name that lie in it."""
    named = sorted(each for each in view.site.gazetteer.places if not each.endswith("*"))
    found = [place for own in view.places for place in (own, *(each for each in named if covers(own, each)))]
    return list(dict.fromkeys(found))


def occurred(given: str | None, zone: ZoneInfo) -> dict[str, Any]:
    """When it happened, by the clocks of the place; nothing where it happens now."""
    if given is None:
        return {}
    return {"occurred": {"earliest": datetime.fromisoformat(given).replace(tzinfo=zone).isoformat()}}
