"""What the officer's page is made of, and how it is served."""

import re
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI

from services.analytics.pages.officer import Choice, mount
from services.analytics.pages.officer.shell import STATIC, WORKERS, files
from services.chassis.access import check_routes

NOW = datetime(2025, 1, 16, 12, 40, tzinfo=UTC)
MA = Choice("officer-ma", "yinchuan/jinfeng", {"zh": "马警官", "en": "Officer Ma"}, {"zh": "金凤区", "en": "Jinfeng"})
LIMIT = 250


def page(*, issuer: bool = True) -> httpx.AsyncClient:
    app = FastAPI()
    mount(
        app,
        mode="embedded",
        demonstration=True,
        clock=lambda: NOW,
        speed=lambda: 60.0,
        zone={"": "Asia/Shanghai", "vancouver": "America/Vancouver"}.__getitem__,
        issue=(lambda officer, place: f"token of {officer} in {place}") if issuer else None,
        officers=lambda: [MA],
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


def test_every_route_declares_that_it_is_public() -> None:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    mount(app, mode="embedded", demonstration=True, clock=lambda: NOW)
    check_routes(app)


async def test_every_file_of_the_shell_is_served_under_a_strict_policy() -> None:
    async with page() as client:
        for name, file in files().items():
            answer = await client.get(f"/officer/{name}")
            assert answer.status_code == 200, name
            assert answer.content == file.content
            assert "'unsafe" not in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_worker_knows_every_file_that_the_page_needs() -> None:
    worker = files()["sw.js"].content.decode()
    for name in files():
        assert (f'"./{name}"' in worker) == (name not in WORKERS), name


async def test_the_clock_of_the_instance_is_told_with_the_zone_of_the_beat() -> None:
    async with page() as client:
        home, answer = [await client.get("/officer/clock", params=asked) for asked in ({}, {"place": "vancouver"})]
    assert home.json()["zone"] == "Asia/Shanghai"
    assert answer.json() == {
        "now": NOW.isoformat(),
        "speed": 60.0,
        "zone": "America/Vancouver",
        "demonstration": True,
        "mode": "embedded",
    }
    assert answer.headers["Cache-Control"] == "no-store"


async def test_an_officer_of_the_demonstration_gets_a_token() -> None:
    async with page() as client:
        offered = (await client.get("/officer/session")).json()
        answer = await client.post("/officer/session", json={"officer": "officer-ma", "place": "yinchuan/jinfeng"})
    assert offered["issuer"] == "development"
    assert answer.json()["token"] == "token of officer-ma in yinchuan/jinfeng"


@pytest.mark.parametrize(
    "asked", [{"officer": "officer-xu", "place": "yinchuan/jinfeng"}, {"officer": "officer-ma", "place": "yinchuan"}]
)
async def test_nobody_else_and_nowhere_else_gets_one(asked: dict[str, str]) -> None:
    async with page() as client:
        assert (await client.post("/officer/session", json=asked)).status_code == 404


async def test_who_comes_later_is_offered_without_a_start() -> None:
    known: list[Choice] = []
    app = FastAPI()
    mount(
        app, mode="embedded", demonstration=False, clock=lambda: NOW, issue=lambda *_: "token", officers=lambda: known
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/officer/session")).json()["officers"] == []
        known.append(MA)
        assert [each["officer"] for each in (await client.get("/officer/session")).json()["officers"]] == ["officer-ma"]
        asked = {"officer": "officer-ma", "place": "yinchuan/jinfeng"}
        assert (await client.post("/officer/session", json=asked)).json()["token"] == "token"


async def test_without_a_development_issuer_nobody_signs_in_by_themselves() -> None:
    async with page(issuer=False) as client:
        assert (await client.get("/officer/session")).json() == {"issuer": "station", "officers": []}
        asked = {"officer": "officer-ma", "place": "yinchuan/jinfeng"}
        assert (await client.post("/officer/session", json=asked)).status_code == 404


def test_modules_are_small_and_say_what_they_are() -> None:
    for path in STATIC.rglob("*.js"):
        text = path.read_text("utf-8")
        assert len(text.splitlines()) < LIMIT, path.name
        assert text.startswith("/*"), path.name
        assert all(len(line) <= 120 for line in text.splitlines()), path.name


def test_nothing_typed_can_become_markup_or_code() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\son\w+=\"|style=\""
    )
    for path in [*STATIC.rglob("*.js"), *STATIC.rglob("*.html")]:
        assert not forbidden.search(path.read_text("utf-8")), path.name


def test_nothing_comes_from_anywhere_else() -> None:
    for name, file in files().items():
        text = file.content.decode().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//cdn", text), name


def test_the_colours_are_those_of_all_pages() -> None:
    tokens = files()["tokens.css"].content.decode()
    for name in ("page.css", "parts.css"):
        text = files()[name].content.decode()
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b", re.sub(r"#(page|tabs|said|view)", "", text)), name
        for used in re.findall(r"var\(--([\w-]+)\)", text):
            assert f"--{used}:" in tokens, used
