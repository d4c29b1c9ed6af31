"""Raising an item."""

from collections.abc import Awaitable, Callable

from services.analytics.pages.forms import Choice, Field, Form
from services.analytics.pages.gateway import Done, Gateway
from services.analytics.pages.kit import Text, box
from services.analytics.pages.sheet import new_key, sheet
from services.analytics.pages.viewer import View
from services.analytics.pages.words import mark

CATEGORIES = {
    "safety": mark("Safety"),
    "facility/upkeep": mark("Upkeep of the house"),
    "noise/neighbours": mark("Noise"),
    "traffic/parking": mark("Parking and ways"),
    "other": mark("Something else"),
}
Refresh = Callable[[], Awaitable[None]]


def open_raising(view: View, place: str, refresh: Refresh) -> None:
    """The form with which an item is raised."""
    words, key = view.words, new_key()
    with sheet(view, words.say("Raise an item"), view.place(place)) as dialog:
        hint = words.say("The title hangs on the notice board. Name nobody in it.")
        if view.role == "resident":
            hint = words.say("Only the desk reads what you write. It gives your item its public title.")
        Text(hint, "sentence", "p")
        title = Field(words.say("What is it about?"), limit=80)
        category = Choice(words.say("Kind"), {value: words.say(message) for value, message in CATEGORIES.items()})
        description = Field(words.say("More, if you like. Only those who deal with it read this."), tag="textarea")
        form = Form(view, {"/title": title, "/category": category, "/description": description}, ["/title"])

        async def send(gateway: Gateway) -> Done:
            body = {"kind": "agenda-item", "title": title.given, "place": place, "category": category.value}
            if description.given:
                body["description"] = description.given
            return await gateway.do("/mediation/issues", body, key=key)

        async def done(_: Done) -> None:
            dialog.close()
            await refresh()

        with box("acts"):
            form.button(words.say("Raise it"), send, words.say("Your item is on the list."), done)
