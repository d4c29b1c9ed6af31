"""A site of pages over a fake city, in a process of its own, and a browser to look at it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
STARTS_WITHIN = 240.0
PATIENCE = 20_000
"""Milliseconds that a page may take on a machine with other things to do."""
ELSEWHERE = {"MAPLEBRIDGE_ZONES": '{"yinchuan/helan": "Asia/Urumqi"}'}
"""Places with clocks of their own: two hours behind."""
SIZES = {"wide": (1920, 1080), "desk": (1366, 768), "phone": (390, 844)}


@dataclass(frozen=True)
class FakeSite:
    """Where the pages are. `post` does something to the city behind them."""

    base: str

    def post(self, path: str) -> None:
        httpx.post(f"{self.base}/fake/{path}", timeout=10).raise_for_status()

    def commands(self) -> list[list[Any]]:
        """What the pages have commanded."""
        return list(httpx.get(f"{self.base}/fake/commands", timeout=10).json())


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def served(*arguments: str) -> Iterator[FakeSite]:
    port = free_port()
    command = [sys.executable, "-m", "tests.browser.pages.fake_city", "--port", str(port), *arguments]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")} | ELSEWHERE
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        site = FakeSite(f"http://127.0.0.1:{port}")
        answers(site, process)
        yield site
    finally:
        process.terminate()
        process.wait(20)


def answers(site: FakeSite, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        assert process.poll() is None, "the fake site fell"
        try:
            if httpx.get(site.base, timeout=20, follow_redirects=True).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    pytest.fail("the fake site did not answer")


@pytest.fixture(scope="module")
def site() -> Iterator[FakeSite]:
    """A city in full."""
    yield from served()


@pytest.fixture(scope="module")
def token_site() -> Iterator[FakeSite]:
    """A city whose viewers bring tokens."""
    yield from served("--tokens")


@pytest.fixture(scope="module")
def empty_site() -> Iterator[FakeSite]:
    """A city in which nothing has happened."""
    yield from served("--empty")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a file run in one event loop, since they share a browser."""
    for item in items:
        if item.path.parent == HERE and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser_of_the_file(chromium: str) -> AsyncIterator[Browser]:
    """A browser without a window."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def browser(browser_of_the_file: Browser) -> AsyncIterator[Browser]:
    """The browser; the contexts that a test opens in it are closed after the test."""
    yield browser_of_the_file
    for context in browser_of_the_file.contexts:
        await context.close()


async def opened(browser: Browser, site: FakeSite, path: str = "/", *, size: str = "wide", **choices: str) -> Page:
    """A page as a new viewer sees it. choices: role, language, theme."""
    width, height = SIZES[size]
    context = await browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = await context.new_page()
    for name, door in (("role", "as"), ("language", "speak"), ("theme", "theme")):
        if name in choices:
            await page.request.get(f"{site.base}/{door}/{choices[name]}", max_redirects=0)
    await page.goto(site.base + path)
    await page.wait_for_function("() => window.socket && window.socket.connected")
    return page
