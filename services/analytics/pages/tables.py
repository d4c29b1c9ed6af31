"""Tables that read well: figures to the right, words to the left; on a phone each row is a card."""

import contextlib
from collections.abc import Iterator, Sequence

from nicegui import ui

from services.analytics.pages.kit import Text, box


@contextlib.contextmanager
def table(caption: str, columns: Sequence[tuple[str, str]]) -> Iterator[ui.element]:
    """A table, of which one gets the body. columns: title and class (``number`` for figures) of each."""
    with box("table-box"), box("table", "table"):
        Text(caption, "unseen", "caption")
        with box("", "thead"), box("", "tr"):
            for title, kind in columns:
                Text(title, kind, "th").props('scope="col"')
        with box("", "tbody") as body:
            yield body


def cell(words: str, kind: str = "", title: str = "") -> ui.element:
    """A cell with words in it. title: its column's, which a phone shows beside it."""
    element = Text(words, kind, "td")
    element.props["data-title"] = title
    return element


@contextlib.contextmanager
def drawn_cell(kind: str = "", title: str = "") -> Iterator[None]:
    """A cell with elements in it."""
    element = box(kind, "td")
    element.props["data-title"] = title
    with element:
        yield
