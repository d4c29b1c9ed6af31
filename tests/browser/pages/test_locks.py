"""What a browser is allowed on the pages, and how a viewer leaves them."""

import httpx
import pytest
from playwright.async_api import Browser, expect

from contracts.common import Role
from services.analytics.pages.openings import UNCONNECTED
from services.chassis.access import Issuer, Principal, new_issuer_key
from tests.browser.pages.conftest import FakeSite, opened

ROOMS = {
    "dispatcher": ("/", "/dispatch", "/teahouse", "/kpis", "/map", "/mailbox"),
    "property-manager": ("/property", "/units/wanda-b-2708"),
    "overseer": ("/overseer",),
    "integrator": ("/start",),
}


@pytest.mark.parametrize("role", ROOMS)
async def test_each_page_keeps_within_its_policy(browser: Browser, site: FakeSite, role: str):
    page = await opened(browser, site, "/start", role=role)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    for path in ROOMS[role]:
        answer = await page.goto(site.base + path)
        assert answer is not None
        assert "nonce-" in answer.headers["content-security-policy"]
        await page.wait_for_function("() => window.socket && window.socket.connected")
        await expect(page.locator("#content")).to_be_visible()
    assert [each for each in told if "Content Security Policy" in each or "EvalError" in each] == []


async def test_markup_that_is_injected_does_not_run(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/start", role="integrator")
    ran = await page.evaluate(
        """() => new Promise((done) => {
            document.addEventListener("securitypolicyviolation", () => done("refused"));
            const box = document.createElement("div");
            box.innerHTML = '<img src="data:," onerror="window.ran = true">';
            document.body.append(box);
            setTimeout(() => done(window.ran ? "ran" : "nothing"), 5000);
        })"""
    )
    assert ran == "refused"


@pytest.mark.parametrize("role", ["operator", "partner", "integrator"])
async def test_a_role_without_a_page_of_its_own_is_told_what_it_can_do(browser: Browser, site: FakeSite, role: str):
    page = await opened(browser, site, f"/as/{role}", language="en")
    await expect(page).to_have_url(f"{site.base}/start")
    await expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    assert await page.locator("#content a").count() > 0
    await page.goto(f"{site.base}/overseer")
    await page.get_by_role("link", name="Go to your own page").click()
    await expect(page).to_have_url(f"{site.base}/start")


async def test_who_signs_out_leaves_the_session_behind(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/teahouse", language="en", role="resident")
    before = {each["name"]: each["value"] for each in await page.context.cookies()}
    await page.get_by_role("link", name="Sign out").click()
    await expect(page).to_have_url(f"{site.base}/sign-in")
    await expect(page.get_by_role("link", name="Dispatcher", exact=True)).to_be_visible()
    after = {each["name"]: each["value"] for each in await page.context.cookies()}
    assert before["maplebridge-session"] != after["maplebridge-session"]


async def test_a_viewer_who_brings_a_token_begins_where_its_role_does(browser: Browser, token_site: FakeSite):
    page = await opened(browser, token_site, "/map", language="en")
    await expect(page).to_have_url(f"{token_site.base}/sign-in")
    await page.get_by_label("Token").fill("no token")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("This is not an access token")).to_be_visible()
    token = Issuer(new_issuer_key()).issue(Principal(Role.OPERATOR, "operator-1"))
    await page.get_by_label("Token").fill(token)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(f"{token_site.base}/start")
    await expect(page.get_by_text("You look as: Operator.")).to_be_visible()
    assert token not in str(await page.context.cookies())
    await page.get_by_role("link", name="Sign out").click()
    await page.goto(f"{token_site.base}/start")
    await expect(page).to_have_url(f"{token_site.base}/sign-in")


def test_openings_without_a_cookie_are_not_kept(site: FakeSite):
    before = httpx.get(f"{site.base}/fake/clients", timeout=30).json()  # other tests' pages
    for _ in range(before + UNCONNECTED + 6):
        assert httpx.get(f"{site.base}/start", timeout=30).status_code == 200
    assert httpx.get(f"{site.base}/fake/clients", timeout=30).json() <= before + UNCONNECTED
