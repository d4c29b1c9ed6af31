"""Each building is told by its own clocks, where they differ from those of the beat."""

from collections.abc import Callable
from datetime import UTC, datetime

from playwright.sync_api import expect

from tests.browser.officer.city import City, said
from tests.browser.officer.conftest import Phone

URUMQI = "Asia/Urumqi"
"""Two hours behind the city's clocks."""

TASK = "t-2708.s-2708"


def test_a_building_of_another_zone_is_told_and_asked_by_its_own_clocks(
    open_phone: Callable[..., Phone], city: City
) -> None:
    city.zones["wanda-b"] = URUMQI
    city.verifications[TASK]["due_at"] = said(datetime(2025, 1, 15, 17, 30, tzinfo=UTC))
    phone = open_phone()

    phone.go(f"task/{TASK}")
    expect(phone.page.locator("dl.facts")).to_contain_text("昨天 23:30")  # past midnight by the city's clocks

    phone.go("move-in/wanda-a-1203")
    expect(phone.page.locator("#since")).to_have_attribute("max", "2025-01-16T20:40")
    phone.go("move-out/wanda-b-2708")
    expect(phone.page.locator("#left")).to_have_attribute("max", "2025-01-16T18:40")
    phone.page.locator("[data-key='left-1']").check()
    phone.page.locator("#left").fill("2025-01-16T18:00")
    phone.page.locator("[data-key='tenancy-t-2708']").check()
    phone.page.locator("[data-key='tenancy-go']").click()
    phone.until(lambda: bool(city.commands))
    assert city.commands[-1]["body"]["effective_at"] == "2025-01-16T12:00:00.000Z"
