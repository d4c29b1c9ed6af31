"""Makes what stands on a page like what was drawn, and keeps each element that can stay.

An element that is built again has another id: a press on the one before it, which the browser still shows, reaches
nothing. So the elements of a list stay, by the key of what they show, and are changed where they differ.
"""

from collections import defaultdict, deque
from typing import Final

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from services.analytics.pages.drawing.clocks import Ticking
from services.analytics.pages.kit import Pressable, Text

KEPT: Final = frozenset({ui.element, ui.html, ui.link, Text, Pressable, Ticking})
"""What is nothing but its tag, its words, its attributes and what a press does."""
WRITTEN_IN: Final = frozenset({"input", "select", "textarea"})


def merge(standing: ui.element, drawn: ui.element) -> None:
    """Makes the children of one element like those of another, which loses those that are new.

    Args:
        standing: on the page. drawn: in the same client, to be deleted afterwards.
    """
    before: defaultdict[object, deque[ui.element]] = defaultdict(deque)
    for child in standing:
        before[_kind(child)].append(child)
    for index, child in enumerate(list(drawn)):
        alike = before[_kind(child)]
        if alike and type(child) in KEPT and child.tag not in WRITTEN_IN:
            _put(alike[0], standing, index)
            _change(alike.popleft(), child)
        else:
            child.move(standing, index)
    for rest in before.values():
        for child in rest:
            child.delete()


def _kind(element: ui.element) -> object:
    return type(element), element.tag, element.props.get("data-key")


def _put(element: ui.element, within: ui.element, index: int) -> None:
    if within.default_slot.children[index] is not element:
        element.move(within, index)


def _change(standing: ui.element, drawn: ui.element) -> None:
    if isinstance(standing, TextElement) and isinstance(drawn, TextElement) and standing.text != drawn.text:
        standing.text = drawn.text
    if isinstance(standing, Pressable) and isinstance(drawn, Pressable):
        standing.act = drawn.act
    if standing.classes != drawn.classes:
        standing.classes(replace=" ".join(drawn.classes))
    if standing.props != drawn.props:
        with standing.props.suspend_updates():
            standing.props.clear()
            standing.props.update(drawn.props)
        standing.update()
    merge(standing, drawn)
