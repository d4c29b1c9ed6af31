"""Moments and days are told by the clocks of the place that they belong to, whatever the home place's say."""

import re

from playwright.async_api import Browser, expect

from tests.browser.pages.conftest import FakeSite, opened


async def test_a_session_in_another_zone_begins_by_the_clocks_of_its_place(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/teahouse", language="en")
    await expect(page.locator(".session-when")).to_contain_text(re.compile(r" 18:[45]\d"))  # it is 20:4x at home
    await expect(page.locator("footer .stand")).to_contain_text(re.compile(r"20:[45]\d"))


async def test_an_item_is_told_by_the_clocks_of_its_place(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/teahouse", language="en", role="mediator")
    await page.locator(".items .item").first.click()
    await expect(page.locator(".sheet .event-when").last).to_have_text(re.compile(r" 18:[45]\d"))


async def test_an_incident_is_told_by_the_clocks_of_its_building(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/dispatch", language="en")
    await page.locator(".case[data-key='case-2']").get_by_role("button", name="What happened").click()
    await expect(page.locator(".sheet .facts")).to_contain_text(re.compile(r"2025-01-14 04:[23]\d"))  # Vancouver's
    await expect(page.locator(".sheet .event-when")).to_have_text(re.compile(r"2025-01-14 04:[23]\d"))


async def test_messages_of_several_zones_are_told_each_by_its_own(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/mailbox", language="en")
    lists = page.locator(".letters ul.cards")
    await expect(lists.nth(0)).to_contain_text(re.compile(r"18:[45]\d"))
    await expect(lists.nth(1)).to_contain_text(re.compile(r"20:[345]\d"))
