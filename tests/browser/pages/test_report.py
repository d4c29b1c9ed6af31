"""A patrol reports what it sees, from a page of its own."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.pages.conftest import FakeSite, opened
from tests.browser.pages.fake_city import WANDA

WORDS = {
    "zh": ("什么情况？", "地点", "时间；不填就是现在", "您看到了什么", "上报", "请填写", "您刚刚上报的", "噪音"),
    "en": ("What is it?", "Where", "When", "What you see", "Report it", "Please fill", "Reported by you", "Noise"),
}


@pytest.mark.parametrize("size", ["wide", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_patrol_reports_what_it_sees(browser: Browser, site: FakeSite, language: str, size: str):
    what, where, when, description, report, missing, told, noise = WORDS[language]
    page = await opened(browser, site, "/as/patrol", language=language, size=size)
    await expect(page).to_have_url(f"{site.base}/report")
    content = page.locator("#content")
    send = content.get_by_role("button", name=report)
    await send.click()
    await expect(content.get_by_text(missing)).to_be_visible()
    await content.get_by_label(what).select_option("noise")
    await content.get_by_label(where, exact=True).select_option(f"{WANDA}/wanda-b")
    await content.get_by_label(when).fill("2025-01-14T20:15")
    await content.get_by_label(description).fill(f"Drums in the yard ({language}, {size})")
    await send.click()
    await expect(content.get_by_role("heading", name=told)).to_be_visible()
    await expect(content.locator(".item")).to_contain_text(noise)
    await expect(content.get_by_label(description)).to_have_value("")
    (body,) = [body for name, body in site.commands() if name == "report" and f"({language}, {size})" in str(body)]
    assert (body["category"], body["place"], body["channel"]) == ("noise", f"{WANDA}/wanda-b", "patrol")
    assert body["occurred"] == {"earliest": "2025-01-14T20:15:00+08:00"}


async def test_a_second_report_is_another_one_and_happens_now(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/report", language="en", role="patrol")
    for reported, text in enumerate(("The first of two", "The second of two"), start=1):
        await page.get_by_label("What you see").fill(text)
        await page.get_by_role("button", name="Report it").click()
        # the form is drawn anew below what was reported; before that its field is empty, and what is typed is lost
        await expect(page.locator("#content .item")).to_have_count(reported)
        await expect(page.get_by_label("What you see")).to_have_value("")
    told = [body for name, body in site.commands() if name == "report" and "of two" in body["description"]]
    assert [body["description"] for body in told] == ["The first of two", "The second of two"]
    assert all("occurred" not in body for body in told)
