"""The door to erasing what was written about a case: a supervisor says why, and cannot take it back."""

from typing import Final

from nicegui import ui

from services.analytics.pages.forms import Choice, Form
from services.analytics.pages.gateway import Done, Gateway
from services.analytics.pages.kit import Text, box, button
from services.analytics.pages.sheet import new_key, sheet
from services.analytics.pages.viewer import View
from services.analytics.pages.words import mark

GROUNDS: Final = {
    "resident-request": mark("The person asks for it"),
    "retention-ended": mark("Its retention has ended"),
    "written-in-error": mark("It was written in error"),
}


def erase_button(view: View, case: str, opened: ui.dialog) -> None:
    """The button, for supervisors alone. case: address of the case. opened: its sheet, which closes afterwards."""
    if view.role == "supervisor" and not view.visitor:
        button(view.words.say("Erase what was written"), lambda: _asking(view, case, opened))


def _asking(view: View, case: str, opened: ui.dialog) -> None:
    words, key = view.words, new_key()
    with sheet(view, words.say("Erase what was written")) as dialog:
        Text(words.say("What was written about this case can be read no more, by anybody, anywhere."), tag="p")
        Text(words.say("That it was erased, by whom and why stays on record."), "aside", "p")
        ground = Choice(words.say("Why"), {ground: words.say(name) for ground, name in GROUNDS.items()})
        form = Form(view, {"/ground": ground}, ["/ground"])

        async def send(gateway: Gateway) -> Done:
            return await gateway.do(f"{case}/erasure", {"ground": ground.value}, key=key)

        async def done(_: Done) -> None:
            dialog.close()
            opened.close()

        with box("acts"):
            form.button(words.say("Erase for ever"), send, words.say("Erased."), done)
