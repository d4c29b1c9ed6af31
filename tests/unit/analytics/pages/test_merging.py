"""What stands on a page stays the same element when it is drawn again, by the key of what it shows."""

from collections.abc import Iterator

import pytest
from nicegui import Client, ui

from services.analytics.pages.kit import Pressable, Text, box, button, keyed
from services.analytics.pages.merging import merge

Rows = list[tuple[str, str, bool]]


@pytest.fixture
def client() -> Iterator[Client]:
    """A page that no browser looks at."""
    client = Client(ui.page("/merging"), request=None)
    yield client
    client.delete()


class Lists:
    """A list of cards, each with a word and a button, drawn into the same container again and again."""

    def __init__(self) -> None:
        self.standing = box("cards")
        self.pressed: list[str] = []

    def show(self, rows: Rows) -> list[ui.element]:
        drawn = box()
        with drawn:
            for key, word, urgent in rows:
                with keyed(box("card urgent" if urgent else "card", "li"), key):
                    Text(word)
                    button("Go", lambda word=word: self.pressed.append(word))
        merge(self.standing, drawn)
        drawn.delete()
        return list(self.standing)


def words(card: ui.element) -> list[str]:
    return [each.text for each in card.descendants() if isinstance(each, Text)]


def press(card: ui.element) -> None:
    next(each for each in card.descendants() if isinstance(each, Pressable)).act()


async def test_a_card_stays_while_others_come_and_go_and_does_what_it_says_now(client):
    with client:
        lists = Lists()
        first, second = lists.show([("a", "one", False), ("b", "two", False)])
        new, moved, third = lists.show([("c", "three", False), ("b", "two again", True), ("a", "one", False)])
        assert (moved, third) == (second, first)
        assert [words(card)[0] for card in (new, moved, third)] == ["three", "two again", "one"]
        assert (list(first.classes), list(second.classes)) == (["card"], ["card", "urgent"])
        press(second)
        assert lists.pressed == ["two again"]
        (left,) = lists.show([("b", "two again", True)])
        assert (left, first.is_deleted) == (second, True)


async def test_what_people_write_in_is_built_again(client):
    with client:
        standing, drawn = box(), box()
        with standing:
            before = ui.element("input")
        with drawn:
            after = ui.element("input")
        merge(standing, drawn)
        assert list(standing) == [after]
        assert before.is_deleted


async def test_attributes_go_as_they_come(client):
    with client:
        standing, drawn = box(), box()
        with standing:
            kept = box().props('aria-pressed="true" data-old="1"')
        with drawn:
            box().props('aria-pressed="false"')
        merge(standing, drawn)
        assert list(standing) == [kept]
        assert dict(kept.props) == {"aria-pressed": "false"}
