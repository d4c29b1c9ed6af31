"""The port in front: what it passes on, what it keeps to itself, and what it says of a service that is away."""

import asyncio
import socket
import time
from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from multidict import CIMultiDict
from yarl import URL

from services.chassis.settings import Settings
from services.runtime.processes.gateway import AddressesMissing, Gateway, Proxies

GO_ON = web.AppKey("go_on", asyncio.Event)


async def echo(request):
    """What reached the service."""
    body = await request.read()
    return web.json_response(
        {
            "path": request.raw_path,
            "method": request.method,
            "headers": [[name, value] for name, value in request.headers.items()],
            "body": body.decode(),
        },
        headers={"Connection": "X-Own", "X-Own": "hop", "Maple-Position": "registry=7", "Set-Cookie": "a=1"},
    )


async def slowly(request):
    """An answer in two parts; the second when the test says so."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"first")
    await request.app[GO_ON].wait()
    await response.write(b"second")
    return response


async def cut_short(request):
    """An answer that ends in the middle."""
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b"half")
    request.transport.abort()
    return response


async def repeat(request):
    """A socket that says everything twice, and closes with a code of its own."""
    ws = web.WebSocketResponse(protocols=["maple"])
    await ws.prepare(request)
    async for message in ws:
        if message.data == "end":
            await ws.close(code=4001)
        elif message.type == aiohttp.WSMsgType.TEXT:
            await ws.send_str(message.data * 2)
        else:
            await ws.send_bytes(message.data * 2)
    return ws


def service():
    """A service that tells what it was asked."""
    app = web.Application(client_max_size=64_000_000)
    app[GO_ON] = asyncio.Event()
    app.router.add_get("/registry/slowly", slowly)
    app.router.add_get("/registry/cut", cut_short)
    app.router.add_get("/_nicegui_ws/socket.io/", repeat)
    app.router.add_route("*", "/{path:.*}", echo)
    return app


def nobody():
    """An address where nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


class Front:
    """The gateway, with a registry and pages behind it, incidents away."""

    def __init__(self, server, behind, client):
        self.server = server
        self.behind = behind
        self.client = client


@pytest.fixture
async def front():
    behind = TestServer(service())
    await behind.start_server()
    here = str(behind.make_url("")).rstrip("/")
    addresses = {"registry": here, "pages": here, "incidents": nobody()}
    server = TestServer(Gateway(Settings(addresses=addresses, half_request_seconds=0.5, rate_per_address=20)).app())
    await server.start_server()
    async with aiohttp.ClientSession(base_url=server.make_url("/"), auto_decompress=False) as client:
        yield Front(server, behind, client)
    await server.close()
    behind.app[GO_ON].set()
    await behind.close()


async def test_a_request_reaches_its_service_as_it_was_sent(front):
    headers = {
        "Idempotency-Key": "k",
        "Connection": "X-Mine",
        "X-Mine": "1",
        "TE": "trailers",
        "X-Forwarded-For": "10.1.1.1",
    }
    path = "/registry/units/a%2Fb?after=1&name=%E9%A1%BE"
    async with front.client.post(
        URL(str(front.server.make_url("/")).rstrip("/") + path, encoded=True), data=b"{}", headers=headers
    ) as answer:
        told = await answer.json()
    reached = {name.lower(): value for name, value in told["headers"]}
    assert (told["path"], told["method"], told["body"]) == (path, "POST", "{}")
    assert reached["idempotency-key"] == "k"
    assert {"x-mine", "te"}.isdisjoint(reached)
    assert reached["x-forwarded-for"] == "10.1.1.1, 127.0.0.1"
    assert reached["host"] == f"127.0.0.1:{front.server.port}"


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        ("127.0.0.1", "127.0.0.1", "10.1.1.1", "10.1.1.1"),
        ("127.0.0.1", "127.0.0.1", "9.9.9.9, 10.1.1.1", "10.1.1.1"),
        ("127.0.0.1, 10.0.0.0/8", "127.0.0.1", "9.9.9.9, 10.1.1.1", "9.9.9.9"),
        ("127.0.0.1", "8.8.8.8", "10.1.1.1", "8.8.8.8"),
        ("", "127.0.0.1", "10.1.1.1", "127.0.0.1"),
        ("*", "8.8.8.8", "10.1.1.1", "10.1.1.1"),
    ],
)
def test_the_address_of_a_client_is_what_known_proxies_say(trusted, peer, forwarded, client):
    request = SimpleNamespace(remote=peer, headers=CIMultiDict({"X-Forwarded-For": forwarded}))
    assert Proxies(trusted).client(request) == client


async def test_an_answer_comes_back_without_what_meant_one_connection(front):
    async with front.client.get("/registry/units") as answer:
        assert answer.headers["Maple-Position"] == "registry=7"
        assert answer.headers["Set-Cookie"] == "a=1"
        assert "X-Own" not in answer.headers
    async with front.client.get("/registry/units") as again:
        cookies = [value for name, value in (await again.json())["headers"] if name.lower() == "cookie"]
    assert cookies in ([], ["a=1"]), "the gateway keeps no cookies of its own"


async def test_the_first_part_of_an_answer_does_not_wait_for_the_last(front):
    async with front.client.get("/registry/slowly") as answer:
        assert await answer.content.readexactly(5) == b"first"
        front.behind.app[GO_ON].set()
        assert await answer.content.read() == b"second"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/registry/anything", "/kpis"])
async def test_a_body_passes_up_to_the_limit(front, method, path):
    async def parts(number):
        for _ in range(number):
            yield b"x" * 65_536

    async with front.client.request(method, path, data=parts(4)) as answer:
        assert len((await answer.json())["body"]) == 4 * 65_536
    async with front.client.request(method, path, data=b"x" * 262_145) as said:
        assert said.status == 413
    async with front.client.request(method, path, data=parts(5)) as in_chunks:
        assert (await in_chunks.json(content_type=None))["type"] == "/problems/body-too-large"


async def test_a_body_that_does_not_arrive_holds_no_service_up(front):
    reader, writer = await asyncio.open_connection("127.0.0.1", front.server.port)
    writer.write(b"POST /registry/units HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nx")
    assert b" 408 " in await asyncio.wait_for(reader.readline(), 10)
    writer.close()


async def test_an_address_that_asks_too_often_is_held_back_and_another_is_not(front):
    async def status(address):
        async with front.client.get("/registry/units", headers={"X-Forwarded-For": address}) as answer:
            return answer.status

    assert 429 in [await status("10.0.0.1") for _ in range(150)]
    assert await status("10.0.0.2") == 200


async def test_the_page_of_another_site_opens_no_socket_and_sends_nothing(front):
    foreign = {"Origin": "https://evil.example"}
    async with front.client.post("/officer/session", data=b"{}", headers=foreign) as answer:
        assert answer.status == 403
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await front.client.ws_connect("/_nicegui_ws/socket.io/", headers=foreign)
    assert refused.value.status == 403


async def test_a_service_that_is_away_is_said_to_be_at_once(front):
    began = time.monotonic()
    async with front.client.get("/incidents/incidents") as answer:
        problem = await answer.json(content_type="application/problem+json")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert problem["type"] == "/problems/service-away"
    assert "incidents is away for a moment" in problem["detail"]
    assert time.monotonic() - began < 2
    async with front.client.get("/registry/units") as other:
        assert other.status == 200


async def test_an_answer_that_was_cut_short_is_cut_short_for_who_asked_too(front):
    with pytest.raises(aiohttp.ClientError):
        async with front.client.get("/registry/cut") as answer:
            await answer.read()


async def test_a_websocket_passes_both_ways_and_ends_with_the_same_code(front):
    async with front.client.ws_connect("/_nicegui_ws/socket.io/?EIO=4", protocols=["maple"]) as ws:
        assert ws.protocol == "maple"
        await ws.send_str("leaf")
        assert (await ws.receive(5)).data == "leafleaf"
        await ws.send_bytes(b"\x00\x01" * 500_000)
        assert len((await ws.receive(5)).data) == 2_000_000
        await ws.send_str("end")
        closed = await ws.receive(5)
    assert closed.type == aiohttp.WSMsgType.CLOSE
    assert closed.data == 4001


@pytest.mark.parametrize("target", ["http://example.org/", "@example.org/", "*"])
async def test_no_request_names_another_host(front, target):
    reader, writer = await asyncio.open_connection("127.0.0.1", front.server.port)
    writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert b" 400 " in answer.split(b"\r\n")[0] or b'"path": "/' in answer


async def test_paths_that_only_look_like_a_service_go_to_the_pages(front):
    async with front.client.get("/incidents-of-old") as answer:
        assert (await answer.json())["path"] == "/incidents-of-old"


async def test_a_message_over_the_limit_ends_its_socket(front):
    async with front.client.ws_connect("/_nicegui_ws/socket.io/") as ws:
        await ws.send_bytes(bytes(1_100_000))
        assert (await ws.receive(5)).type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}


def test_without_the_address_of_the_pages_it_does_not_start():
    with pytest.raises(AddressesMissing, match="pages"):
        Gateway(Settings(addresses={"registry": "http://127.0.0.1:1"}))
