"""The sign that makes a table a teahouse: where it stands, residents bring their items."""

from nicegui import ui

from services.analytics.pages.kit import Text, box, button
from services.analytics.pages.sheet import sheet
from services.analytics.pages.viewer import View


def open_sign(view: View, place: str) -> None:
    """The table sign, to be printed or shown."""
    words = view.words
    with sheet(view, words.say("Table sign"), words.say("Wherever it stands, there is the teahouse.")):
        with box("sign"):
            Text(words.say("People's teahouse"), "sign-title", "p")
            Text(words.gloss("People's teahouse"), "gloss")
            Text(view.place(place), "sign-place", "p")
            Text(words.say("Bring your item. We talk about it here, and you say when it is done."), "sign-words", "p")
        with box("acts"):
            button(words.say("Print"), lambda: ui.run_javascript("window.print()"), kind="solid")
