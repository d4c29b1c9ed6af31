"""Chinese and English: nothing is left untranslated, and numbers and times are said as people say them."""

import string
from datetime import UTC, date, datetime

import pytest
from babel.messages.catalog import Message

from contracts.segments import segment_of
from services.analytics.pages.extraction import said
from services.analytics.pages.gazetteer import Gazetteer
from services.analytics.pages.words import WEEKDAYS, Words, catalogue
from services.analytics.words import name

ZH, EN = Words("zh"), Words("en")
EVENING = datetime(2025, 1, 14, 12, 41, 7, tzinfo=UTC)


def places(text: str) -> set[str]:
    """The places in a message that values go to."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def translations() -> dict[object, Message]:
    return {message.id if isinstance(message.id, str) else tuple(message.id): message for message in catalogue("zh")}


def first(text: object) -> str:
    return text if isinstance(text, str) else text[0]  # type: ignore[index]


def test_every_message_of_the_pages_has_its_chinese():
    known = translations()
    missing = {(message, where) for message, where in said() if not (m := known.get(message)) or not first(m.string)}
    assert missing == set()


def test_the_catalogue_holds_nothing_that_no_page_says():
    spoken = {message for message, _ in said()}
    assert {ident for ident in translations() if ident} - spoken == set()


def test_a_translation_has_the_places_of_its_message():
    wrong = [
        message.id
        for ident, message in translations().items()
        if ident and not places(first(message.string)) <= places(first(ident))
    ]
    assert wrong == []


def test_no_translation_is_marked_as_doubtful():
    assert [message.id for message in catalogue("zh") if message.id and message.fuzzy] == []


def test_messages_within_f_strings_are_found_too():
    assert "attempt {n}" in {message for message, _ in said()}


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (-3, "0 秒", "0 s"),
        (14, "14 秒", "14 s"),
        (134, "2 分 14 秒", "2 min 14 s"),
        (420, "7 分", "7 min"),
        (26 * 60, "26 分", "26 min"),
        (3 * 3600, "3 小时", "3 h"),
        (86400 * 2, "2 天", "2 days"),
    ],
)
def test_a_duration_says_its_unit(seconds: float, zh: str, en: str):
    assert (ZH.lasting(seconds), EN.lasting(seconds)) == (zh, en)


def test_a_change_has_a_true_minus_and_no_arrow():
    assert [EN.percent(value, 2) for value in (-19.28, 3.5, 0.0, None)] == ["−19.28%", "+3.50%", "±0.00%", "–"]


def test_a_number_has_its_thousands_apart():
    assert [ZH.number(value) for value in (41208, -5, None)] == ["41,208", "−5", "–"]


def test_times_are_told_on_the_viewers_clock():
    assert ZH.clock(EVENING, seconds=True) == "20:41:07"
    assert ZH.when(EVENING, EVENING) == "20:41"
    assert ZH.when(datetime(2024, 12, 31, 16, 5, tzinfo=UTC), EVENING) == "01-01 00:05"
    assert ZH.when(datetime(2024, 12, 30, 16, 5, tzinfo=UTC), EVENING) == "2024-12-31 00:05"


def test_the_days_of_the_week_are_named():
    assert ZH.weekday(date(2025, 1, 14)) == "周二"
    assert len(set(map(ZH.say, WEEKDAYS))) == 7


def test_one_is_not_many_in_english():
    assert [EN.count("{n} item", "{n} items", n) for n in (1, 2)] == ["1 item", "2 items"]
    assert ZH.count("{n} item", "{n} items", 2) == "2 件"


def test_what_the_services_say_in_both_languages_is_said_in_one():
    assert ZH.of({"zh": "退房", "en": "Moved out"}) == "退房"
    assert EN.of({"zh": "退房"}) == "退房"
    assert EN.of(None) == ""


def test_a_place_or_category_of_other_letters_is_shown_by_its_name():
    street, noise = segment_of("中山路12号"), segment_of("噪音")
    for language in ("zh", "en"):
        assert Gazetteer.shipped().place(f"town/{street}", language) == "中山路12号"
        assert Gazetteer.shipped().category(f"my-kind/{noise}", language) == "My kind · 噪音"
    assert name(f"my-kind/{noise}").en.endswith(" · 噪音")
