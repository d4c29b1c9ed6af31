"""What was written: a supervisor erases it for a ground, and the desk gives a resident's item its public title."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.pages.conftest import FakeSite, opened

WORDS = {
    "zh": {
        "records": "记录",
        "erase": "销毁文字内容",
        "why": "原因",
        "forever": "永久销毁",
        "stays": "何人因何销毁",
        "title": "拟定公开标题",
        "about": "什么事？",
        "hang": "挂上公示栏",
        "item": "居民事项",
    },
    "en": {
        "records": "Records",
        "erase": "Erase what was written",
        "why": "Why",
        "forever": "Erase for ever",
        "stays": "by whom and why stays on record",
        "title": "Give it a public title",
        "about": "What is it about?",
        "hang": "Hang it on the board",
        "item": "A resident's item",
    },
}
LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


async def erased(page: Page, language: str, ground: str) -> None:
    """Presses the button of what stands open, says why, and confirms."""
    said = WORDS[language]
    await page.locator(".sheet").last.get_by_role("button", name=said["erase"]).click()
    asking = page.locator(".sheet").last
    await expect(asking).to_contain_text(said["stays"])
    await asking.get_by_label(said["why"]).select_option(ground)
    confirm = page.get_by_role("button", name=said["forever"])
    await confirm.click()
    await expect(confirm).to_have_count(0)


@LANGUAGES
async def test_a_supervisor_erases_what_was_written_about_a_dispute_and_a_session(
    browser: Browser, site: FakeSite, language: str
):
    page = await opened(browser, site, "/teahouse", language=language, role="supervisor")
    await page.get_by_role("button", name=WORDS[language]["records"]).click()
    records = page.locator(".sheet").first
    await records.locator("[data-key='dispute-2']").click()
    await expect(page.locator(".sheet")).to_have_count(2)
    assert await page.locator(".sheet textarea").count() == 0  # it is another's to mediate
    await erased(page, language, "written-in-error")
    await expect(page.locator(".sheet")).to_have_count(1)
    await records.locator("[data-key='s1']").click()
    await expect(page.locator(".sheet").last.locator(".step")).to_have_count(3)
    await erased(page, language, "retention-ended")
    await expect(page.locator(".sheet")).to_have_count(1)
    told = site.commands()
    assert ["erase disputes dispute-2", {"ground": "written-in-error"}] in told
    assert ["erase sessions s1", {"ground": "retention-ended"}] in told


@LANGUAGES
async def test_a_supervisor_erases_what_was_written_about_an_item(browser: Browser, site: FakeSite, language: str):
    page = await opened(browser, site, "/teahouse", language=language, role="supervisor")
    await page.locator(".items .item").first.click()
    await erased(page, language, "resident-request")
    await expect(page.locator(".sheet")).to_have_count(0)
    assert ["erase issues issue-0", {"ground": "resident-request"}] in site.commands()


@pytest.mark.parametrize("role", ["mediator", "officer"])
async def test_nobody_but_a_supervisor_erases(browser: Browser, site: FakeSite, role: str):
    page = await opened(browser, site, "/teahouse", language="en", role=role)
    await page.get_by_role("button", name="Records").click()
    await page.locator("[data-key='s1']").click()
    await expect(page.locator(".sheet").last.locator(".step")).to_have_count(3)
    assert await page.get_by_role("button", name="Erase what was written").count() == 0


@LANGUAGES
async def test_the_desk_gives_a_residents_item_its_public_title(browser: Browser, site: FakeSite, language: str):
    said, title = WORDS[language], f"三号楼楼道灯 {language}"
    page = await opened(browser, site, "/teahouse", language=language, role="mediator")
    await page.locator(".items .item", has_text=said["item"]).click()
    await page.locator(".sheet").get_by_role("button", name=said["title"]).click()
    field = page.locator(".sheet").last.get_by_label(said["about"])
    await expect(field).to_have_value("三楼张家门口的灯坏了")  # its first line is where the desk begins
    await field.fill(title)
    await page.locator(".sheet").last.get_by_role("button", name=said["hang"]).click()
    await expect(page.locator(".sheet")).to_have_count(0)
    assert ["title issue-of-a-resident", {"title": title}] in site.commands()
