"""The rooms of each role: what can be done there, and what stays closed."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.pages.conftest import FakeSite, opened


async def test_a_resident_raises_an_item(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/teahouse", language="en", role="resident")
    await page.get_by_role("button", name="Raise an item").click()
    await page.get_by_role("button", name="Raise it").click()
    await expect(page.get_by_text("Please fill this in")).to_be_visible()
    await page.get_by_label("What is it about?").fill("Lamp in the stairs")
    await page.get_by_role("button", name="Raise it").click()
    await expect(page.locator(".sheet")).to_have_count(0)
    raised = [body for name, body in site.commands() if name == "raise"]
    assert [body["title"] for body in raised] == ["Lamp in the stairs"]


async def test_the_teahouse_shows_both_rates_and_who_owes_what(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/teahouse")
    await expect(page.locator(".rates .figure")).to_have_text(["91.9", "86.8"])
    await expect(page.locator(".rates")).to_contain_text("12 件无回应")
    await expect(page.locator(".owed-line")).to_have_count(5)
    await expect(page.locator(".item").nth(2)).to_contain_text("逾期 3 天")


async def test_a_mediator_works_on_the_disputes_that_are_theirs(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/teahouse", language="en", role="mediator")
    await page.locator(".disputes .item").click()
    await page.locator(".sheet textarea").first.fill("Both want the deposit settled.")
    await page.locator(".sheet").get_by_role("button", name="Session held with the parties").click()
    await expect(page.locator(".sheet")).to_have_count(0)
    held = {"present": ["s-gu", "s-shan"], "minutes": "Both want the deposit settled."}
    assert ["sessions dispute-1", held] in site.commands()


async def test_an_item_opens_with_its_whole_chain(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/teahouse")
    await page.locator(".item").first.click()
    await expect(page.locator(".sheet .step")).to_have_count(3)


async def test_a_property_manager_registers_who_leaves_and_who_comes(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/property", language="en", role="property-manager")
    await page.locator(".unit-card", has_text="B-2708").click()
    await page.get_by_label("Name", exact=True).fill("马小云")
    await page.get_by_role("button", name="Register the move-in").click()
    await expect(page.locator(".sheet")).to_have_count(0)
    await page.locator(".unit-card", has_text="B-2708").click()
    await page.get_by_role("button", name="The tenant has moved out").click()
    await expect(page.get_by_role("heading", name="Nobody lives here now")).to_be_visible()
    told = dict(map(tuple, site.commands()))
    assert told["move-ins wanda-b-2708"]["occupants"] == [{"name": "马小云"}]
    assert told["tenancies/t2/move-out wanda-b-2708"] == {}
    await page.get_by_role("button", name="Undo the move-out").click()
    await expect(page.locator(".sheet")).to_have_count(0)
    told = dict(map(tuple, site.commands()))
    assert told["tenancies/t2/corrections wanda-b-2708"]["ended_at"] is None


async def test_a_vacated_flat_is_found_by_its_number_and_a_household_of_two_moves_in(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/property?unit=B-2709", role="property-manager")
    await page.locator(".unit-card", has_text="B-2709").click()
    await page.get_by_role("button", name="租户已退房").click()
    await expect(page.get_by_role("heading", name="现在无人居住")).to_be_visible()
    await page.goto(f"{site.base}/property?unit=B-2709")
    await page.locator(".unit-card", has_text="B-2709").click()
    await page.get_by_label("姓名", exact=True).fill("马小云")
    await page.get_by_role("button", name="再添一人").click()
    await page.get_by_label("姓名", exact=True).nth(1).fill("丁一")
    await page.get_by_label("证件号", exact=True).nth(1).fill("E12345678")
    await page.get_by_role("button", name="登记入住").click()
    await expect(page.locator(".sheet")).to_have_count(0)
    told = dict(map(tuple, site.commands()))
    occupants = told["move-ins wanda-b-2709"]["occupants"]
    assert occupants == [{"name": "马小云"}, {"name": "丁一", "document": "E12345678"}]


async def test_a_wrong_move_out_is_corrected_on_the_page_of_the_unit(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/property?unit=B-0312", language="en", role="property-manager")
    await page.locator(".unit-card", has_text="B-0312").click()
    await page.get_by_role("button", name="The tenant has moved out").click()
    await page.get_by_role("link", name="The unit's history").click()
    await page.get_by_role("button", name="Correct the dates").click()
    await page.get_by_label("Moved out; blank: lives here still").fill("2024-11-20T09:00")
    await page.get_by_label("Why, naming nobody").fill("wrong year")
    await page.get_by_role("button", name="Correct", exact=True).click()
    await expect(page.locator(".sheet")).to_have_count(0)
    corrected = dict(map(tuple, site.commands()))["tenancies/t2/corrections wanda-b-0312"]
    assert corrected["ended_at"] == "2024-11-20T09:00:00+08:00"
    assert corrected["reason"] == "wrong year"
    await page.get_by_role("button", name="Undo the move-out").click()
    await expect(page.get_by_role("button", name="Undo the move-out")).to_have_count(0)


async def test_an_overseer_reads_the_access_log_and_nothing_else(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/overseer", language="en", role="overseer")
    await expect(page.locator(".openings tbody tr")).to_have_count(3)
    await expect(page.locator(".city-readings tbody tr").first).to_contain_text("reading the city's log")
    assert await page.locator(".rooms .room").all_inner_texts() == ["Access log"]
    await page.goto(f"{site.base}/")
    await expect(page.get_by_role("heading", name="This page is not for your role")).to_be_visible()


@pytest.mark.parametrize("path", ["/property", "/overseer"])
async def test_a_room_of_another_role_stays_closed(browser: Browser, site: FakeSite, path: str):
    page = await opened(browser, site, path, language="en", role="dispatcher")
    await expect(page.get_by_role("heading", name="This page is not for your role")).to_be_visible()


async def test_the_switcher_leads_each_role_to_its_own_page(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/teahouse", language="en")
    await page.locator(".role", has_text="Property manager").click()
    await page.wait_for_url("**/property")
    await expect(page.locator(".role.here")).to_have_text("Property manager")


@pytest.mark.parametrize(
    ("language", "mine", "others", "promise", "nobody"),
    [
        ("zh", "发给你", "发给他人", "承诺逾期", "此地点未指定人员"),
        ("en", "To you", "To others", "Missed promise", "nobody is named for this place"),
    ],
)
async def test_the_mailbox_shows_what_its_reader_was_told_first_and_what_went_to_nobody(
    browser: Browser, site: FakeSite, language, mine, others, promise, nobody
):
    page = await opened(browser, site, "/mailbox", language=language)
    await expect(page.locator(".letters h2")).to_have_text([mine, others])
    lists = page.locator(".letters ul.cards")
    await expect(lists.nth(0).locator(".item")).to_have_count(1)
    await expect(lists.nth(0)).to_contain_text(promise)
    await expect(lists.nth(1).locator(".item")).to_have_count(3)
    await expect(lists.nth(1)).to_contain_text(nobody)


async def test_the_map_needs_nothing_from_outside(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/map", language="en")
    await expect(page.locator(".map path.leaflet-interactive")).to_have_count(3)
    await expect(page.locator(".map-label")).to_have_count(3)
    await page.locator(".spot-head", has_text="Tower B").click()
    await expect(page.locator(".problem")).to_have_count(3)


async def test_a_supervisor_releases_a_reported_figure_that_waits(browser: Browser, site: FakeSite):
    chinese = await opened(browser, site, "/kpis", role="supervisor")
    await expect(chinese.locator(".waiting-reports").get_by_role("button", name="放行")).to_be_visible()
    page = await opened(browser, site, "/kpis", language="en", role="supervisor")
    waiting = page.locator(".waiting-reports")
    await expect(waiting).to_contain_text("9,000,000 CNY")
    await waiting.get_by_role("button", name="Release").click()
    await expect(waiting.locator("tbody tr")).to_have_count(0)
    (body,) = [body for name, body in site.commands() if name == "release"]
    assert (body["value"], body["span"]) == (9e6, {"first": "2024-12-01", "last": "2024-12-31"})


async def test_imported_figures_open_by_place_and_period(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/kpis?place=vancouver&period=year", language="en")
    await expect(page.locator("tbody tr")).to_have_count(4 * 15)
    await expect(page.get_by_text("no like period").first).to_be_visible()


@pytest.mark.parametrize(
    ("language", "words", "way"),
    [("zh", "没有这个页面", "去自己的页面"), ("en", "There is no such page", "Go to your own page")],
)
async def test_an_address_that_there_is_not_leads_back(browser: Browser, site: FakeSite, language, words, way):
    page = await opened(browser, site, "/dispach", language=language, role="dispatcher")
    await expect(page.locator("h1")).to_have_text(words)
    await page.get_by_role("link", name=way).click()
    await expect(page).to_have_url(f"{site.base}/")
    answer = await page.request.get(f"{site.base}/dispach", headers={"Accept": "application/json"})
    assert (answer.status, await answer.json()) == (404, {"detail": "Not Found"})
    assert (await page.request.get(f"{site.base}/dispach", headers={"Accept": "text/html"})).status == 404
