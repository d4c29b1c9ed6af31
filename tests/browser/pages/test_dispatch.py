"""The dispatch page: who is picked, sent and recalled, and that nothing is lost between two desks or two redraws."""

from playwright.async_api import Browser, Page, expect

from tests.browser.pages.conftest import FakeSite, opened


def card(page: Page, ident: str = "case-1"):
    return page.locator(f".case[data-key='{ident}']")


async def test_a_dispatcher_judges_and_sends_officers_who_are_on_duty(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/dispatch", language="en")
    await card(page).get_by_role("button", name="Emergency").click()
    await expect(card(page).locator("[aria-pressed=true]")).to_have_text("Emergency")
    await card(page).get_by_role("button", name="Send officers").click()
    sheet = page.locator(".sheet")
    officers = sheet.locator(".choice")
    await expect(officers).to_have_count(3)
    await expect(officers.filter(has_text="Officer 07")).to_contain_text("leaflets (on the spot)")
    await expect(officers.first).to_contain_text("free")
    await sheet.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_text("Choose who is sent.")).to_be_visible()
    for name in ("Officer Gu", "Officer Bai"):
        await officers.filter(has_text=name).click()
        await expect(officers.filter(has_text=name)).to_have_attribute("aria-pressed", "true")
    await sheet.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".sheet")).to_have_count(0)
    assert ["dispatches case-1", {"officers": ["officer-bai", "officer-gu"]}] in site.commands()


async def test_an_officer_without_a_page_is_put_on_duty_by_the_desk(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/dispatch", language="en")
    await card(page, "case-4").get_by_role("button", name="Send officers").click()
    sheet = page.locator(".sheet")
    await sheet.get_by_label("Identifier of an officer without a page").fill("officer-chen")
    await sheet.get_by_role("button", name="Put on duty").click()
    await expect(sheet.locator(".choice", has_text="Officer Chen")).to_be_visible()


async def test_an_officer_is_recalled(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/dispatch", language="en")
    await card(page, "case-3").get_by_role("button", name="Recall").click()
    await page.locator(".sheet").get_by_role("button", name="Recall Officer 02").click()
    await expect(page.locator(".sheet")).to_have_count(0)
    assert ["recalls case-3", {"officers": ["officer-02"]}] in site.commands()
    await expect(card(page, "case-3")).to_contain_text("Officer 05")


async def test_a_second_dispatcher_overwrites_nothing_and_reads_what_changed(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/dispatch", language="en")
    await card(page, "case-4").get_by_role("button", name="Recall").click()
    site.post("desk/case-4/dispatches/officer-gu")
    await page.locator(".sheet").get_by_role("button", name="Recall Officer 03").click()
    told = page.get_by_text("Meanwhile: dispatches officer-gu (Dispatcher 02). Look again, then decide.")
    await expect(told).to_be_visible()
    assert "recalls case-4" not in [name for name, _ in site.commands()]
    await expect(card(page, "case-4")).to_contain_text("+1")


HEARD = """() => window.socket.io.engine.on("packet", ({ data }) => {
    window.heard = (window.heard ?? "") + (typeof data === "string" ? data : "");
})"""


async def test_no_click_is_lost_while_the_list_is_redrawn(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/dispatch", language="en")
    await page.evaluate(HEARD)
    wanted = ["urgent", "routine"] * 2
    for number, priority in enumerate(wanted):
        judging = card(page, "case-2").get_by_role("button", name=priority)
        await judging.scroll_into_view_if_needed()
        place = await judging.bounding_box()
        assert place is not None
        await page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        await page.mouse.down()
        # a card that comes in above moves all others down, while the finger is on one of them
        site.post(f"reports/new-{number}")
        await page.wait_for_function(f"() => (window.heard ?? '').includes('new-{number}')", polling=100)
        await page.mouse.up()
        await expect(card(page, f"new-{number}")).to_be_visible()
        await expect(card(page, "case-2").locator("[aria-pressed=true]")).to_have_text(priority.title())
    assert [body["priority"] for name, body in site.commands() if name == "triage case-2"] == wanted


async def test_exercises_stand_below_what_is_real_and_are_not_counted(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/dispatch", language="en")
    cards = page.locator(".case")
    await expect(cards.last).to_contain_text("Drill")
    await expect(cards.first).not_to_contain_text("Drill")
    await expect(page.get_by_role("heading", name="1 exercise")).to_be_visible()
    real = await cards.count() - 1
    await expect(page.locator(".desk-where")).to_have_text(f"{real} open incidents")
