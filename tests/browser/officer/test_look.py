"""How the officer's page looks and speaks."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.officer.city import OFFICER, PLACE, City
from tests.browser.officer.conftest import Phone
from tests.browser.officer.fake import token
from tests.browser.officer.snippets import CONTRASTS, REACHABLE, TARGETS, TEXTS

VIEWS = (
    "today",
    "alert/al-1",
    "incident/in-1",
    "task/t-2708.s-2708",
    "round/ro-1",
    "door/ro-1/wanda-a-2714",
    "find/move-in",
    "move-in/wanda-a-1203",
    "move-out/wanda-b-2708",
    "ledger",
    "unit/wanda-b-2708",
    "teahouse",
    "me",
)
LATIN_ALLOWED = re.compile(r"English|officer-[a-z]+|\b[ABC]-\d{4}\b|\b[ABC]\b")
"""Names of languages, officers' ids, door numbers, towers."""
CONTROL = re.compile(r"- '?(link|button|textbox|searchbox|spinbutton|checkbox|radio|combobox|slider|switch)\b")
NAMED = re.compile(CONTROL.pattern + r' "[^"]')
"""As the browser tells what is on a page to who cannot see it."""


def opened(phone: Phone, view: str) -> None:
    phone.go(view)
    expect(phone.page.locator("h1")).not_to_be_empty()
    phone.page.wait_for_timeout(150)


def test_the_chinese_page_has_no_latin_words(phone: Phone) -> None:
    for view in VIEWS:
        opened(phone, view)
        left = [text for text in phone.page.evaluate(TEXTS) if re.search(r"[A-Za-z]", LATIN_ALLOWED.sub("", text))]
        assert left == [], view


def test_the_english_page_has_no_chinese_but_what_the_ledger_says(open_phone: Callable[..., Phone], city: City) -> None:
    for issue in city.issues:
        issue["title"] = "Lift out of use"
        for promise in issue["commitments"]:
            promise["promise"] = "Repair it"
    phone = open_phone(language="en-GB")
    for view in VIEWS:
        opened(phone, view)
        left = [text for text in phone.page.evaluate(TEXTS) if re.search(r"[\u3000-\u9fff]", re.sub(r"中文", "", text))]
        assert left == [], view


def test_a_refusal_is_told_without_the_pointer_that_programs_need(phone: Phone) -> None:
    said = phone.page.evaluate("""async () => {
        const { problemSentence } = await import("/officer/core/words.js");
        return [{ pointer: "/place" }, { parameter: "place" }, {}].map((where) =>
            problemSentence({ detail: `${where.pointer ?? where.parameter ?? "the body"}: It must be.`, ...where }));
    }""")
    assert said == ["It must be.", "It must be.", "the body: It must be."]


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 640), (1366, 768)])
def test_nothing_is_wider_than_the_screen(
    open_phone: Callable[..., Phone], width: int, height: int, language: str
) -> None:
    phone = open_phone(language=language, width=width, height=height)
    for view in VIEWS:
        opened(phone, view)
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= width, view


def test_every_target_is_large_enough_for_a_thumb(phone: Phone) -> None:
    for view in VIEWS:
        opened(phone, view)
        assert phone.page.evaluate(TARGETS) == [], view


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_its_ground(open_phone: Callable[..., Phone], theme: str) -> None:
    phone = open_phone(theme=theme)
    for view in VIEWS:
        opened(phone, view)
        assert phone.page.evaluate(CONTRASTS) == [], view


def test_the_theme_and_the_language_are_chosen_on_the_page_and_stay(phone: Phone) -> None:
    phone.go("me")
    phone.page.locator("[data-key='theme-dark']").check(force=True)
    assert phone.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 22, 27)"
    phone.page.locator("[data-key='language-en']").check(force=True)
    expect(phone.page.locator("h1")).to_have_text("Me")
    phone.offline()
    phone.page.reload()
    expect(phone.page.locator("h1")).to_have_text("Me")
    assert phone.page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_keyboard_reaches_everything_in_the_order_of_the_page(phone: Phone) -> None:
    opened(phone, "today")
    wanted = phone.page.evaluate(REACHABLE)
    phone.page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in wanted:
        phone.page.keyboard.press("Tab")
        reached.append(phone.page.evaluate("document.activeElement.closest('[data-key]')?.dataset.key"))
        assert phone.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert reached == wanted


def test_the_keyboard_stays_where_it_was_when_the_page_changes(phone: Phone) -> None:
    phone.page.locator("[data-key='go-in-1']").focus()
    phone.page.keyboard.press("Enter")
    expect(phone.page.locator("[data-key='arrive-in-1']")).to_be_visible()
    phone.page.locator("[data-key='tab-me']").focus()
    phone.page.keyboard.press("Enter")
    expect(phone.page.locator("h1")).to_be_focused()


def test_what_happens_to_an_action_is_said_aloud(phone: Phone) -> None:
    phone.page.locator("[data-key='take-al-1']").click()
    expect(phone.page.locator("#said[aria-live='polite']")).to_have_text("台账已收到。")
    phone.offline()
    phone.page.locator("[data-key='go-in-1']").click()
    expect(phone.page.locator("#said")).to_have_text("已记下，有信号就送出。")


def test_every_page_says_that_the_data_is_invented_and_which_clock_it_goes_by(phone: Phone) -> None:
    for view in VIEWS:
        opened(phone, view)
        expect(phone.page.locator("footer")).to_contain_text("演示数据")
        expect(phone.page.locator("footer")).to_contain_text("2025-01-16 20:40")
        expect(phone.page.locator("footer")).to_contain_text("41,208")


def test_no_control_is_without_a_name(phone: Phone) -> None:
    for view in VIEWS:
        opened(phone, view)
        # of the whole page at once: one control after the other may be drawn anew in between
        controls = [line for line in phone.page.locator("body").aria_snapshot().splitlines() if CONTROL.search(line)]
        assert controls, view
        assert [line for line in controls if not NAMED.search(line)] == [], view


def test_nothing_breaks_the_pages_own_policy(open_phone: Callable[..., Phone]) -> None:
    phone = open_phone(signed_in=False)
    said: list[str] = []
    phone.page.on(
        "console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None
    )
    phone.page.on("pageerror", lambda error: said.append(str(error)))
    phone.sign_in()
    for view in VIEWS:
        opened(phone, view)
    assert said == []


@pytest.mark.parametrize(
    ("language", "said", "name"),
    [("zh-CN", "这里还没有城市数据", "登录"), ("en-GB", "No city is known here yet", "Sign in")],
)
def test_before_a_city_is_imported_an_officer_signs_in_with_a_token(
    open_phone: Callable[..., Phone], city: City, language: str, said: str, name: str
) -> None:
    city.imported = False
    phone = open_phone(language=language, signed_in=False)
    phone.page.goto(phone.address)
    expect(phone.page.get_by_text(said)).to_be_visible()
    phone.page.locator("input[type=password]").fill(token(OFFICER, PLACE))
    phone.page.get_by_role("button", name=name).click()
    expect(phone.page.locator("[data-alert]").first).to_be_visible()


def test_what_the_officer_was_told_stands_on_the_first_page_once(phone: Phone) -> None:
    letters = phone.page.get_by_text("承诺逾期未兑现")
    expect(letters).to_have_count(1)
