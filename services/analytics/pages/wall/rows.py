"""The rows of a panel that may hold more than the wall has room for."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from services.analytics.pages.kit import box, button
from services.analytics.pages.sheet import sheet
from services.analytics.pages.viewer import View

Item = TypeVar("Item")
DRAWN = 6
ALWAYS_IN_SIGHT = 2
"""So many rows are in sight on a large screen; where letters are large or the screen is low, it is one."""


def rows(view: View, name: str, items: Sequence[Item], row: Callable[[Item], Any], *, more: bool = False) -> None:
    """The first rows, and a way to all that were loaded where some may be out of sight.

    Args:
        more: whether there are more than were loaded.
    """
    with box("rows"):
        for item in items[:DRAWN]:
            row(item)

    def show_all() -> None:
        with sheet(view, name, ""), box("all-rows"):
            for item in items:
                row(item)

    if len(items) > 1:
        kind = "plain see-all" if len(items) > ALWAYS_IN_SIGHT else "plain see-all few"
        say = view.words.say
        words = say("See the first {n}", n=len(items)) if more else say("See all {n}", n=len(items))
        button(words, show_all, kind=kind)
