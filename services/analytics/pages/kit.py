"""The few elements that every page is made of."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments

Act = Callable[[], Any] | Callable[[], Awaitable[Any]]


class Text(TextElement):
    """Text in a tag of one's choice; it is never read as HTML."""

    def __init__(self, words: str, classes: str = "", tag: str = "span") -> None:
        super().__init__(tag=tag, text=words)
        self.classes(classes)


class Pressable(ui.element):
    """A button; what it does may change while it stays on the page.

    Attributes:
        act: what a press does, if anything.
    """

    def __init__(self, act: Act | None, classes: str) -> None:
        super().__init__("button")
        self.act = act
        self.classes(classes).props('type="button"')
        self.on("click", self._press)

    def _press(self, _: GenericEventArguments) -> Any:
        return self.act() if self.act else None


def box(classes: str = "", tag: str = "div") -> ui.element:
    """A container in a tag of one's choice."""
    return ui.element(tag).classes(classes)


def picture(svg: str, classes: str = "") -> ui.html:
    """A drawing made by this code; whoever makes it escapes what it is given."""
    return ui.html(svg, sanitize=False).classes(classes)


def button(words: str, act: Act | None = None, *, kind: str = "line", label: str = "") -> ui.element:
    """A button. kind: solid (the one thing to do), line, plain (words only)."""
    element = Pressable(act, f"button {kind}")
    named(element, label)
    with element:
        Text(words)
    return element


def opening(classes: str, act: Act, label: str) -> ui.element:
    """A whole card that opens something, with the keyboard too."""
    element = Pressable(act, f"opening {classes}")
    named(element, label)
    return element


def link(words: str, target: str, classes: str = "link") -> ui.link:
    """A link to another page of this site."""
    return ui.link(words, target).classes(classes)


def named(element: ui.element, label: str) -> ui.element:
    """Says aloud what an element is, where its own words do not."""
    if label:
        element.props["aria-label"] = label
    return element


Kept = TypeVar("Kept", bound=ui.element)


def keyed(element: Kept, key: str) -> Kept:
    """Says what an entry of a list shows, so that it stays the same element when the list around it changes."""
    element.props["data-key"] = key
    return element


def heading(words: str, gloss: str = "", aside: str = "", *, tag: str = "h2") -> ui.element:
    """A panel's heading with the other language small, and a word aside."""
    element = box("heading")
    with element:
        Text(words, tag=tag)
        if gloss:
            Text(gloss, "gloss")
        if aside:
            Text(aside, "aside")
    return element


def nothing(words: str, hint: str = "") -> None:
    """What stands where there is nothing to show."""
    with box("nothing"):
        Text(words, "nothing-words", "p")
        if hint:
            Text(hint, "nothing-hint", "p")
