"""What stands around every application: bodies in bounds and in time, on the real server too."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request, Response, WebSocket

from services.chassis.settings import Settings
from services.runtime.admission import Admission
from services.runtime.edge import Edge
from services.runtime.web import Web, listening

LIMIT = 4096


@pytest.fixture(autouse=True)
def collector_as_it_was(monkeypatch):
    for name in ("freeze", "set_threshold"):
        monkeypatch.setattr(gc, name, lambda *_: None)


def application() -> FastAPI:
    app = FastAPI()

    @app.api_route("/echo", methods=["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
    async def echo(request: Request) -> Response:
        answer = Response(await request.body())
        answer.set_cookie("a", "1")
        return answer

    @app.get("/health/live")
    async def live() -> str:
        return "live"

    @app.websocket("/socket")
    async def socket(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(await socket.receive_text())
        await socket.close()

    return app


def client(**settings) -> httpx.AsyncClient:
    limits = Settings(body_limit=LIMIT, half_request_seconds=0.2, **settings)
    transport = httpx.ASGITransport(app=Edge(application(), Admission(limits)))
    return httpx.AsyncClient(transport=transport, base_url="http://here")


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
async def test_a_body_over_the_limit_is_refused_before_it_is_read(method):
    read = []

    async def parts() -> AsyncIterator[bytes]:
        for number in range(100):
            read.append(number)
            yield b"x" * 1024

    async with client() as here:
        said = await here.request(method, "/echo", content=b"x" * (LIMIT + 1))
        in_chunks = await here.request(method, "/echo", content=parts())
        fitting = await here.request(method, "/echo", content=b"x" * LIMIT)
    assert (said.status_code, said.json()["type"]) == (413, "/problems/body-too-large")
    assert in_chunks.status_code == 413
    assert len(read) <= LIMIT / 1024 + 2
    assert (fitting.status_code, len(fitting.content)) == (200, LIMIT)


async def test_a_body_that_does_not_arrive_is_not_waited_for():
    never = asyncio.Event()

    async def parts() -> AsyncIterator[bytes]:
        yield b"x"
        await never.wait()

    async with client() as here:
        answer = await asyncio.wait_for(here.post("/echo", content=parts()), 10)
    assert (answer.status_code, answer.json()["type"]) == (408, "/problems/request-unfinished")


async def test_a_full_process_is_alive():
    async with client(requests_at_once=1) as here:
        edge = here._transport.app
        with edge._admission.inside():
            assert (await here.get("/echo")).status_code == 503
            assert (await here.get("/health/live")).status_code == 200


async def test_cookies_that_came_over_tls_go_back_over_tls_alone():
    async with client() as here:
        assert "secure" not in (await here.get("/echo")).headers["set-cookie"].lower()
        assert (await here.get("https://here/echo")).headers["set-cookie"].lower().endswith("; secure")


@contextlib.asynccontextmanager
async def serving(**settings) -> AsyncIterator[int]:
    """The application on a port."""
    limits = Settings(body_limit=LIMIT, half_request_seconds=0.3, **settings)
    web = Web.of(application(), limits)
    with listening("127.0.0.1", 0) as listener:
        task = asyncio.create_task(web.serve(sockets=[listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            web.should_exit = True
            await task


async def said(port: int, sent: bytes) -> bytes:
    """All that the server says after these bytes, until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTTP/1.1\r\nHost: x", b"\r\n\r\n", b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\nGET"]
)
async def test_a_connection_whose_request_does_not_begin_is_closed(sent):
    async with serving() as port:
        await said(port, sent)  # ends, or this is cancelled


async def test_a_head_without_end_is_closed():
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000)
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()


async def test_a_large_body_is_answered_and_the_connection_closed():
    async with serving() as port:
        answer = await said(port, b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 200000000\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_socket_stays_open_beyond_the_time_for_a_head_and_refuses_other_sites():
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidStatus

    async with serving() as port:
        async with connect(f"ws://127.0.0.1:{port}/socket") as socket:
            with pytest.raises(TimeoutError):  # longer than a head may take
                await asyncio.wait_for(socket.recv(), 0.6)
            await socket.send("leaf")
            assert await asyncio.wait_for(socket.recv(), 10) == "leaf"
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://127.0.0.1:{port}/socket", origin="https://evil.example")
    assert refused.value.response.status_code == 403
