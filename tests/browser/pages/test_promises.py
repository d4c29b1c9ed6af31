"""What an organisation promises is written down: one of the city's own, or another by its identifier."""

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.pages.conftest import FakeSite, opened

WORDS = {
    "zh": ("记下承诺", "谁", "另一个单位", "单位代号", "承诺什么", "记下", "请填写", "小写字母", "消防大队"),
    "en": (
        *("Write down a promise", "Who", "Another organisation", "Its identifier", "What, for the notice board"),
        *("Write it down", "Please fill", "lower-case letters", "Fire service"),
    ),
}


async def asked(page: Page, name: str) -> Locator:
    """The form of a promise about the last item that is raised."""
    await page.locator(".items .item").nth(4).click()
    await page.locator(".sheet").get_by_role("button", name=name).click()
    await expect(page.locator(".sheet")).to_have_count(2)
    return page.locator(".sheet").last


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_an_organisation_of_the_city_or_any_other_promises(browser: Browser, site: FakeSite, language: str):
    form, who, another, ident, what, write, missing, letters, fire = WORDS[language]
    page = await opened(browser, site, "/teahouse", language=language, role="mediator")
    sheet = await asked(page, form)
    choice, other = sheet.get_by_label(who, exact=True), sheet.get_by_label(ident)
    offered = await choice.locator("option").all_inner_texts()
    assert {"Harbin lights", fire, another} <= set(offered)
    assert offered[-1] == another
    await expect(other).to_be_hidden()
    await choice.select_option("harbin-lights")
    await sheet.get_by_label(what).fill(f"Lamp {language}")
    await sheet.get_by_role("button", name=write).click()
    await expect(page.locator(".sheet")).to_have_count(0)

    sheet = await asked(page, form)
    await choice.select_option("+")
    await expect(other).to_be_visible()
    await sheet.get_by_label(what).fill(f"Door {language}")
    await sheet.get_by_role("button", name=write).click()
    await expect(sheet.get_by_text(missing)).to_be_visible()
    await other.fill("Door Company")
    await sheet.get_by_role("button", name=write).click()
    await expect(sheet.locator(".wrong", has_text=letters)).to_be_visible()
    await other.fill("door-company")
    await sheet.get_by_role("button", name=write).click()
    await expect(page.locator(".sheet")).to_have_count(0)
    told = {body["promise"]: body["owner"] for name, body in site.commands() if name == "promise issue-4"}
    assert (told[f"Lamp {language}"], told[f"Door {language}"]) == ("harbin-lights", "door-company")
