"""A sheet that lies over the page: details, histories, forms. Escape or the button closes it."""

import contextlib
import uuid
from collections.abc import Awaitable, Callable, Iterator

from nicegui import ui

from services.analytics.pages.gateway import Done, Gateway, Refusal
from services.analytics.pages.kit import Text, box, button
from services.analytics.pages.refusals import sentence
from services.analytics.pages.viewer import View


@contextlib.contextmanager
def sheet(view: View, title: str, aside: str = "") -> Iterator[ui.dialog]:
    """A sheet with its title; what is built within the block stands in it. It is gone once closed."""
    with ui.context.client:
        dialog = ui.dialog().classes("sheet-dialog")
    dialog.props["aria-label"] = title
    dialog.on("hide", dialog.delete)
    with dialog, box("sheet"):
        with box("sheet-head"):
            with box("sheet-title"):
                Text(title, tag="h2")
                if aside:
                    Text(aside, "aside", "p")
            button(view.words.say("Close"), dialog.close, kind="plain")
        with box("sheet-body"):
            yield dialog
    dialog.open()


def tell(sentence: str, *, bad: bool = False) -> None:
    """Says in a line at the foot what has happened."""
    with ui.context.client:
        ui.notify(sentence, position="bottom", classes="told bad" if bad else "told", timeout=4000, type=None)


def refused(view: View, refusal: Refusal) -> None:
    """Says why a service said no."""
    tell(sentence(view.words, refusal), bad=True)


def new_key() -> str:
    """A key of one intention: it makes a repeated press harmless."""
    return str(uuid.uuid4())


Command = Callable[[Gateway], Awaitable[Done]]


async def attempt(view: View, command: Command, said: str) -> Done | None:
    """Gives a command and says what became of it; None where it was refused."""
    try:
        done = await command(view.gateway)
    except Refusal as refusal:
        refused(view, refusal)
        return None
    tell(said)
    return done
