"""Where others reach the development issuer, a secret in the address is the door."""

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.settings import Settings
from services.runtime.embedded import Instance
from services.runtime.folder import DataFolder
from services.runtime.keyed import IssuerExposed, KeyedAddress, is_loopback
from services.runtime.processes.pages import show_pages
from services.runtime.scenario import Empty

KEY = "a-secret"


@pytest.fixture
async def stranger():
    """A browser that was given nothing."""
    app = FastAPI()

    @app.get("/{path:path}")
    async def answer(path: str) -> str:
        return path

    @app.post("/officer/session")
    async def sign_in() -> str:
        return "a token"

    app.add_middleware(KeyedAddress, key=KEY, free=("/registry/", "/health/"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://here:8080") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/map", "/officer/", "/?key=wrong", "/?key=", "/registry", "/registryx/"])
async def test_without_the_secret_nothing_is_shown_and_it_is_said_why(stranger, path):
    answer = await stranger.get(path)
    assert answer.status_code == 403
    assert "the whole address that it showed" in answer.text


async def test_without_the_secret_no_token_is_given_out_whatever_is_sent(stranger):
    headers = {"Authorization": "Bearer x", "Cookie": "maplebridge-key=; maplebridge-key=x"}
    assert (await stranger.post("/officer/session", headers=headers)).status_code == 403


async def test_services_and_probes_need_no_secret(stranger):
    assert (await stranger.get("/registry/units")).status_code == 200
    assert (await stranger.get("/health/live")).status_code == 200


async def test_the_secret_opens_once_and_a_cookie_from_then_on(stranger):
    first = await stranger.get("/map", params={"key": KEY, "item": "3"})
    assert (first.status_code, first.headers["location"]) == (303, "/map?item=3")
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert KEY not in cookie
    assert (await stranger.get("/map")).status_code == 200
    assert (await stranger.post("/officer/session")).json() == "a token"


async def test_the_secret_leads_to_no_other_host(stranger):
    answer = await stranger.get(f"http://here:8080//evil.example/?key={KEY}")
    assert answer.headers["location"] == "/evil.example/"


@pytest.mark.parametrize(
    ("host", "inside"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.9.9.9", True), ("0.0.0.0", False), ("::", False)],  # noqa: S104
)
def test_an_instance_that_others_reach_has_a_secret_in_its_address(tmp_path, host, inside):
    instance = Instance(DataFolder.open(tmp_path / "d"), host, 8080, Settings(), Empty())
    assert is_loopback(host) is inside
    assert ("?key=" in instance.address) is not inside
    assert "key" not in instance.url
    if not inside:
        again = Instance(DataFolder.open(tmp_path / "d"), host, 8080, Settings(), Empty())
        assert again.address == instance.address, "an address that was kept stays good"
        assert (tmp_path / "d" / "pages.key").stat().st_mode & 0o777 == 0o600


async def test_pages_with_the_development_issuer_do_not_listen_to_others_without_a_secret(tmp_path, monkeypatch):
    key = DataFolder.open(tmp_path / "d").issuer_key()
    (tmp_path / "issuer.key").write_bytes(key)
    monkeypatch.setenv("MAPLEBRIDGE_PAGES_SECRET", "s")
    monkeypatch.setenv("MAPLEBRIDGE_ISSUER_KEY_FILE", str(tmp_path / "issuer.key"))
    names = ("registry", "incidents", "mediation", "analytics")
    settings = Settings(host="0.0.0.0", addresses=dict.fromkeys(names, "http://127.0.0.1:1"))  # noqa: S104
    with pytest.raises(IssuerExposed, match="MAPLEBRIDGE_PAGES_KEY"):
        await show_pages(settings)
