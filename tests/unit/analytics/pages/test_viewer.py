"""Whose places a page is about: the viewer's own, whatever place the wall shows first."""

from datetime import UTC, datetime

import httpx
import pytest

from contracts.common import Role
from services.analytics.pages.rooms import TEAHOUSE
from services.analytics.pages.site import Site
from services.analytics.pages.viewer import View
from services.analytics.pages.words import Words
from services.chassis.access import Issuer, Principal, new_issuer_key

ISSUER = Issuer(new_issuer_key())


def token(*places: str) -> str:
    return ISSUER.issue(Principal(Role.RESIDENT, "resident-1", places, subject="resident-1"))


def view(*, issued: str | None, brought: str = "") -> View:
    issue = (lambda _: issued) if issued is not None else None
    site = Site(httpx.AsyncClient(), "embedded", False, lambda: datetime.now(UTC), issue, home_place="harbin/nangang")
    return View(site, TEAHOUSE, "resident", Words("en"), "light", brought)


@pytest.mark.parametrize("embedded", [True, False])
def test_the_first_place_of_the_token_is_the_viewers_own(embedded):
    given = token("harbin/daoli/jingwei", "harbin/xiangfang")
    shown = view(issued=given) if embedded else view(issued=None, brought=given)
    assert shown.own_place == "harbin/daoli/jingwei"


async def test_the_registered_names_and_zones_of_buildings_are_asked_for_once():
    tower, asked = "harbin/nangang/hexing/tower-1", []

    def answer(request):
        asked.append(request.url.params.get_list("place"))
        return httpx.Response(200, json={"items": [{"place": tower, "name": "一号楼", "zone": "Asia/Urumqi"}]})

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://here")
    site = Site(client, "embedded", False, lambda: datetime.now(UTC), lambda _: token("harbin"))
    shown = View(site, TEAHOUSE, "officer", Words("zh"), "light", "")
    for _ in range(2):
        await shown.learn_places([f"{tower}/1203", "harbin/nangang", "yinchuan/helan"])
    assert asked == [["harbin/nangang", f"{tower}/1203", "yinchuan/helan"]]
    assert shown.place(tower) == "一号楼"
    noon = datetime(2025, 1, 14, 4, tzinfo=UTC)
    clocks = [shown.at(place).clock(noon) for place in (tower, f"{tower}/1203", "harbin/nangang", "")]
    assert clocks == ["10:00", "10:00", "12:00", "12:00"]


async def test_who_may_not_ask_what_buildings_are_registered_as_sees_the_page_nevertheless():
    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(403)), base_url="http://here")
    site = Site(client, "embedded", False, lambda: datetime.now(UTC), lambda _: token("harbin"))
    shown = View(site, TEAHOUSE, "resident", Words("zh"), "light", "")
    await shown.learn_places(["harbin/nangang"])
    assert shown.place("harbin/nangang") == "Nangang"


def test_a_viewer_without_places_has_none():
    assert view(issued=token()).own_place == ""
