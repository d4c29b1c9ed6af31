"""The officer's page in a browser, against an invented city.

Fixtures:
    city      what the fake services know; tests turn it
    phone     a signed-in officer's phone: `.page`, `.context`, `.go(view)`, `.offline()`, `.online()`, `.kept()`
    open_phone  makes one with another language, theme or width
"""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.officer.city import City, the_city
from tests.browser.officer.fake import application
from tests.browser.officer.snippets import KEPT


@dataclass
class Phone:
    """A phone in an officer's hand."""

    page: Page
    context: BrowserContext
    address: str

    def go(self, view: str) -> None:
        """Opens a view by its address."""
        self.page.goto(f"{self.address}#/{view}")

    def offline(self) -> None:
        """Into the lift."""
        self.context.set_offline(True)

    def online(self) -> None:
        """Out of the lift."""
        self.context.set_offline(False)

    def kept(self) -> dict[str, list[Any]]:
        """Everything in the phone's database."""
        kept: dict[str, list[Any]] = self.page.evaluate(KEPT)
        return kept

    def queue(self) -> list[dict[str, Any]]:
        """What has not reached the ledger."""
        return [entry for entry in self.kept()["queue"] if entry["state"] != "sent"]

    def until(self, condition: Callable[[], bool]) -> None:
        """Waits for a condition; the page's policy forbids the browser's own way, which evaluates text."""
        for _ in range(150):
            if condition():
                return
            self.page.wait_for_timeout(100)
        pytest.fail("what the test waits for did not come within 15 s")

    def sign_in(self) -> None:
        """As the first officer that the demonstration offers; ready for a life without signal."""
        self.page.goto(self.address)
        self.page.locator("button.card").first.click()
        expect(self.page.locator("[data-alert]").first).to_be_visible()
        self.until(lambda: bool(self.page.evaluate("navigator.serviceWorker.controller !== null")))
        # the work of the day comes first, the ledger last
        for part in ("instance", "buildings"):
            self.until(lambda part=part: any(isinstance(each, dict) and part in each for each in self.kept()["cache"]))
        expect(self.page.locator("header .link")).to_contain_text("20:40")


@pytest.fixture
def city() -> City:
    """An invented city of the test's own."""
    return the_city()


@pytest.fixture
def address(city: City) -> Iterator[str]:
    """Where the page and the fake services are."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    # a browser that comes before the server is up waits in the line
    listener.listen()
    server = uvicorn.Server(uvicorn.Config(application(city), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/officer/"
    server.should_exit = True
    thread.join(timeout=10)


# one a file: while a browser of the blocking API is open, its event loop runs, and no async test can
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A browser; each test has contexts of its own in it."""
    expect.set_options(timeout=20_000)  # a machine with other things to do is slow, not wrong
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def open_phone(browser: Browser, address: str) -> Iterator[Callable[..., Phone]]:
    """Makes a signed-in phone."""
    opened: list[BrowserContext] = []

    def make(
        *, language: str = "zh-CN", theme: str = "light", width: int = 390, height: int = 844, signed_in: bool = True
    ) -> Phone:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            color_scheme=theme,
            reduced_motion="reduce",  # type: ignore[arg-type]
        )
        opened.append(context)
        context.set_default_timeout(15_000)
        phone = Phone(context.new_page(), context, address)
        if signed_in:
            phone.sign_in()
        return phone

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def phone(open_phone: Callable[..., Phone]) -> Phone:
    """A signed-in phone in Chinese."""
    return open_phone()
