"""What every page keeps to: both languages, both themes, three sizes, nothing from outside, a foot that says where."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.pages.conftest import FakeSite, opened

ROOMS = (
    ("/", "dispatcher"),
    ("/dispatch", "dispatcher"),
    ("/teahouse", "resident"),
    ("/kpis", "dispatcher"),
    ("/kpis?place=vancouver", "dispatcher"),
    ("/map", "dispatcher"),
    ("/mailbox", "dispatcher"),
    ("/units/wanda-b-2708", "property-manager"),
    ("/property", "property-manager"),
    ("/report", "patrol"),
    ("/overseer", "overseer"),
)
ALLOWED = re.compile(
    r"Maple Bridge|\bEN\b|[A-C]-\d{4}|\b[A-C]\b|\(v\)|\(w\)|v\d+|\d+%|subject-\d+|outbox|city"
    r"|Break and enter|Mischief|Collision|Harbin lights"
)
"""The project's name, units and towers, keys, versions; identifiers; what the fake city names in English only, and an
organisation that has no name but its identifier."""
LATIN = re.compile(r"[A-Za-z]{2,}")


async def settled(page: Page) -> None:
    await expect(page.locator("footer .read")).to_be_visible()
    await expect(page.locator("footer .ticking").last).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))


@pytest.mark.parametrize(("path", "role"), ROOMS)
async def test_no_english_is_left_on_a_chinese_page(browser: Browser, site: FakeSite, path: str, role: str):
    page = await opened(browser, site, path, language="zh", role=role)
    await settled(page)
    text = await page.evaluate(
        "() => { document.querySelectorAll('.gloss, option, script, style').forEach((e) => e.remove());"
        " return document.querySelector('.page').innerText }"
    )
    left = [line for line in text.splitlines() if LATIN.search(ALLOWED.sub("", line))]
    assert left == []


@pytest.mark.parametrize(("path", "role"), ROOMS)
async def test_an_english_page_is_english_and_says_mode_position_clock_and_that_the_data_is_invented(
    browser: Browser, site: FakeSite, path: str, role: str
):
    page = await opened(browser, site, path, language="en", role=role)
    await settled(page)
    assert await page.locator("html").get_attribute("lang") == "en"
    assert LATIN.search(await page.locator("h1, h2").first.inner_text()) or path.startswith("/units/")
    foot = await page.locator("footer .stand").inner_text()
    assert "Embedded mode" in foot
    assert re.search(r"as of [\d,]+ events", foot)
    assert "Demonstration data" in foot


@pytest.mark.parametrize("size", ["wide", "desk", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_page_scrolls_sideways_or_clips_its_headings(
    browser: Browser, site: FakeSite, size: str, language: str
):
    for path, role in ROOMS:
        page = await opened(browser, site, path, size=size, language=language, role=role)
        await settled(page)
        width, inner = await page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert width <= inner, path
        clipped = await page.evaluate(
            "() => [...document.querySelectorAll('h1, h2, .figure, .change-figure, .button, .tile-where')]"
            ".filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')"
            ".map((e) => e.innerText)"
        )
        assert clipped == [], path
        await page.context.close()


@pytest.mark.parametrize(("path", "role"), ROOMS)
async def test_nothing_is_fetched_from_outside_and_nothing_fails(
    browser: Browser, site: FakeSite, path: str, role: str
):
    page = await opened(browser, site, "/teahouse", role=role)
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    await page.goto(site.base + path)
    await settled(page)
    assert [url for url in asked if not url.startswith((site.base, site.base.replace("http", "ws"), "data:"))] == []
    assert wrong == []


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_words_stand_out_from_their_ground(browser: Browser, site: FakeSite, theme: str):
    for path, role in ROOMS:
        page = await opened(browser, site, path, theme=theme, role=role)
        await settled(page)
        faint = await page.evaluate(CONTRAST)
        assert faint == [], path
        await page.context.close()


CONTRAST = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [x, y, z] = [r, g, b].map((v) => linear(v / 255));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.9) return colour;
    }
    return [255, 255, 255];
  };
  const seen = [...document.querySelectorAll(".page span, .page p, .page h1, .page h2, .page td, .page th, .page a")]
    .filter((e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
  return seen.map((e) => {
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), e.innerText];
  }).filter(([ratio]) => ratio < 4.5).map(([ratio, text]) => `${ratio.toFixed(2)} ${text}`);
}"""


async def test_the_whole_desk_is_reached_with_the_tab_key(browser: Browser, site: FakeSite):
    page = await opened(browser, site, "/teahouse", language="en", role="resident")
    await settled(page)
    reached = set()
    for _ in range(60):
        await page.keyboard.press("Tab")
        reached.add(await page.evaluate("() => document.activeElement.innerText.trim().split('\\n')[0]"))
    assert {"Skip to the content", "Raise an item", "Dark", "中文"} <= reached
    assert any(text.startswith("In progress") for text in reached)


async def test_motion_rests_where_the_viewer_asks_for_it(browser: Browser, site: FakeSite):
    context = await browser.new_context(reduced_motion="reduce", viewport={"width": 1920, "height": 1080})
    page = await context.new_page()
    await page.goto(site.base)
    await settled(page)
    moving = await page.evaluate("() => document.getAnimations().filter((a) => a.playState === 'running').length")
    assert moving == 0
