"""The wall: live, quiet, honest about not being live, and no finer than a building for visitors."""

from playwright.async_api import Browser, expect

from tests.browser.pages.conftest import FakeSite, opened


async def test_a_tenant_who_leaves_changes_the_unit_at_once_and_is_named(browser: Browser, site: FakeSite):
    page = await opened(browser, site)
    await expect(page.locator(".cell")).to_have_count(3 * 30 * 21)
    unit = await page.locator(".cell.c-o").first.get_attribute("data-unit")
    site.post(f"moves-out/{unit}")
    # pushed, not asked for: the page is not loaded again
    await expect(page.locator(f'.cell.rung.c-v[data-unit="{unit}"]')).to_have_count(1)
    await expect(page.locator(".callout-title")).to_contain_text("租户退房")
    await expect(page.locator(".feed-line").first).to_contain_text("租户退房")


async def test_nothing_moves_on_the_wire_while_nothing_happens(browser: Browser, site: FakeSite):
    page = await opened(browser, site)
    await expect(page.locator(".cell").first).to_be_visible()
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda payload: frames.append(str(payload))))
    await page.reload()
    await expect(page.locator(".cell").first).to_be_visible()
    await page.wait_for_function("() => window.socket && window.socket.connected")
    before = len([frame for frame in frames if "update" in frame])
    shown = await page.locator(".clock").inner_text()
    await expect(page.locator(".clock")).not_to_have_text(shown)
    await expect(page.locator(".clock")).not_to_have_text(await page.locator(".clock").inner_text())
    assert len([frame for frame in frames if "update" in frame]) == before


async def test_a_figure_opens_the_events_behind_it(browser: Browser, site: FakeSite):
    page = await opened(browser, site, language="en")
    await page.get_by_role("button", name="Dispute calls, Wanda Apts").click()
    sheet = page.locator(".sheet")
    await expect(sheet.locator(".event-row")).to_have_count(50)
    await expect(sheet.get_by_role("tab", selected=True)).to_contain_text("293")
    await sheet.get_by_role("button", name="Show more").click()
    await expect(sheet.locator(".event-row")).to_have_count(100)
    await page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)


async def test_an_alert_is_taken_from_the_wall(browser: Browser, site: FakeSite):
    page = await opened(browser, site, language="en", role="supervisor")
    await page.locator(".alert.untaken").first.click()
    await expect(page.locator(".sheet .event-row")).to_have_count(3)
    await page.get_by_role("button", name="I take it").click()
    await expect(page.locator(".alert.untaken")).to_have_count(0)
    assert ["acknowledgement alert-1", {}] in site.commands()


async def test_the_slider_shows_the_building_as_of_a_day(browser: Browser, site: FakeSite):
    page = await opened(browser, site)
    before = await page.locator(".legend").inner_text()
    await page.locator(".timeline input").press("Home")
    await expect(page.locator(".moment-shown")).to_have_text("2023-01-01")
    await expect(page.locator(".legend")).not_to_have_text(before, use_inner_text=True)


async def test_the_band_of_hotel_floors_belongs_to_the_day_that_is_shown(browser: Browser, site: FakeSite):
    page = await opened(browser, site, language="en")
    await expect(page.locator(".band-name")).to_have_text("Hotel floors 6–25")
    await page.locator(".timeline input").press("Home")
    await expect(page.locator(".moment-shown")).to_have_text("2023-01-01")
    await expect(page.locator(".cell.c-h")).to_have_count(0)
    await expect(page.locator(".band-name")).to_have_count(0)
    await page.locator(".timeline input").press("End")
    await expect(page.locator(".band-name")).to_have_text("Hotel floors 6–25")


async def test_a_large_city_opens_on_its_districts_and_each_opens_what_is_in_it(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/?place=big", language="en")
    await expect(page.locator(".level-row")).to_have_count(3)
    await expect(page.locator(".cell")).to_have_count(0)
    await expect(page.locator(".legend")).to_contain_text("45,000")
    await page.locator(".level-row", has_text="North").click()
    await expect(page.locator(".level-row")).to_have_count(2)
    await page.get_by_role("link", name="Up to Big").click()
    await expect(page.locator(".level-row")).to_have_count(3)
    await expect(page.locator(".level-row").first).to_contain_text("30,000 units")
    chinese = await opened(browser, site, "/?place=big/north", language="zh")
    await expect(chinese.get_by_role("link", name="返回Big")).to_be_visible()


async def test_the_keyboard_walks_from_unit_to_unit_and_opens_one(browser: Browser, site: FakeSite):
    page = await opened(browser, site, role="supervisor")
    await expect(page.locator(".cell").first).to_be_visible()
    await page.locator(".towers-svg").focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(".callout-title")).to_contain_text("A-2902")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/units/wanda-a-2902")
    await expect(page.get_by_role("heading", level=1)).to_have_text("A-2902")


async def test_visitors_see_nothing_finer_than_a_building(browser: Browser, site: FakeSite):
    page = await opened(browser, site)
    await expect(page.locator(".cell").first).to_be_visible()
    await page.keyboard.press("v")
    await page.wait_for_url("**visitor=1**")
    await expect(page.locator(".tower-share")).to_have_count(3)
    await expect(page.locator(".feed-line").first).to_be_visible()
    assert await page.locator(".cell").count() == 0
    text = await page.locator("#content").inner_text()
    assert "A-1812" not in text
    assert "B-0417" not in text
    await expect(page.get_by_role("button", name="万达公寓 A 座 30 天内第 3 次噪音")).to_be_visible()
    assert await page.locator("#content [aria-label*='A-1812']").count() == 0


async def test_it_says_when_and_since_when_it_is_not_live_and_keeps_the_picture(browser: Browser, site: FakeSite):
    page = await opened(browser, site)
    await expect(page.locator(".cell").first).to_be_visible()
    site.post("down/true")
    try:
        await expect(page.locator(".pulse.off")).to_contain_text("起未实时")
        await expect(page.locator("html")).to_have_class("not-live")
        assert await page.locator(".cell").count() == 3 * 30 * 21
    finally:
        site.post("down/false")
    await expect(page.locator(".pulse.off")).to_have_count(0)


async def test_a_browser_that_is_cut_off_says_so_by_itself(browser: Browser, site: FakeSite):
    page = await opened(browser, site)
    await expect(page.locator(".cell").first).to_be_visible()
    await page.evaluate("() => window.socket.io.engine.close()")
    await page.evaluate("() => window.socket.disconnect()")
    await expect(page.locator(".pulse.off")).to_contain_text("起未实时")


async def test_an_empty_city_is_drawn_with_care(browser: Browser, empty_site: FakeSite):
    page = await opened(browser, empty_site, language="en")
    await expect(page.get_by_text("No building is registered yet")).to_be_visible()
    for sentence in ("No figures yet", "No open alert", "No open incident", "Nothing has happened yet"):
        await expect(page.get_by_text(sentence)).to_be_visible()
    await expect(page.get_by_text("Demonstration data")).to_have_count(0)
