"""Commands that go past the framework are answered as the framework answers them, whatever is wrong with them."""

import json
import re

import pytest

from contracts.common import Role
from services.chassis.access import Issuer, Principal, new_issuer_key

SEEN = {"observed_use": "hotel", "effective_at": "2024-06-01T10:00:00+08:00"}
UNIT = "/units/wanda-a-1812/observations"
JSON = {"Content-Type": "application/json"}
GOOD = json.dumps(SEEN).encode()
VARIES = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+")

BODIES = {
    "good": GOOD,
    "with other spaces": b'  {"observed_use" :"hotel"}\n',
    "empty": b"",
    "null": b"null",
    "a list": b"[]",
    "a number": b"12",
    "cut off": GOOD[:-1],
    "not a number": b'{"observed_use": NaN}',
    "a mark before it": b"\xef\xbb\xbf" + GOOD,
    "in UTF-16": GOOD.decode().encode("utf-16"),
    "in Latin-1": '{"observed_use": "hôtel"}'.encode("latin-1"),
    "half a character": b'{"observed_use": "hotel", "organisation": "\\ud800"}',
    "no character of text": b'{"observed_use": "hotel", "organisation": "\\u0000"}',
    "a field twice": b'{"observed_use": "hotel", "observed_use": "rental"}',
    "a number too large": b'{"observed_use": 123456789012345678901234567890}',
    "no field": b"{}",
    "another field": b'{"observed_use": "hotel", "colour": "red"}',
    "a value that is none": b'{"observed_use": "palace"}',
    "several faults": b'{"observed_use": 1, "organisation": 2, "effective_at": "today"}',
    "no time zone": b'{"observed_use": "hotel", "effective_at": "2024-06-01T10:00:00"}',
    "before the unit was there": b'{"observed_use": "hotel", "effective_at": "1999-06-01T10:00:00+08:00"}',
    "deep": b'{"observed_use": ' + b"[" * 3000 + b"]" * 3000 + b"}",
    "large": b'{"observed_use": "' + b"x" * 300_000 + b'"}',
}
HEADERS = {
    "a character set": {"Content-Type": "application/json; charset=utf-8"},
    "a kind of JSON": {"Content-Type": "application/merge-patch+json"},
    "text": {"Content-Type": "text/plain"},
    "no type": {},
    "a type that is none": {"Content-Type": "json"},
    "capitals": {"Content-Type": "Application/JSON"},
    "a version that is none": JSON | {"If-Match": "7"},
    "a version that is gone": JSON | {"If-Match": '"1"'},
    "any version": JSON | {"If-Match": "*"},
    "a key with a space": JSON | {"Idempotency-Key": "a key"},
    "an empty key": JSON | {"Idempotency-Key": ""},
    "a correlation": JSON | {"X-Correlation-ID": "order-7"},
}
PATHS = (
    "/units/wanda-a-9999/observations",
    "/units/Wanda%20A/observations",
    "/units/wanda%2Fa/observations",
    "/units//observations",
    "/units/wanda-a-1812/observations/",
    "/units/wanda-a-1812/observations%0A",
    "/units/wanda-a-1812%00/observations",
    "/units/wanda-a-1812/observation",
    "/units/wanda-a-1812/observations?observed_use=hotel",
    "/buildings/wanda-a/observations",
)


def told(answer):
    """What an answer says, but for what is new in each."""
    headers = sorted((name, VARIES.sub("#", value)) for name, value in answer.headers.multi_items())
    kept = [each for each in headers if each[0] not in {"x-correlation-id", "content-length"}]
    return answer.status_code, kept, VARIES.sub("#", answer.text)


@pytest.fixture
def both(city):
    """Sends a request past the framework and through it; answers what was told."""
    table = city.served.app.state.direct
    commands = dict(table)

    async def send(path=UNIT, content=GOOD, headers=None, method="POST", token=None):
        said = {"Authorization": f"Bearer {token or city.officer.token}", **(JSON if headers is None else headers)}
        table.update(commands)
        first = told(await city.served.client.request(method, path, content=content, headers=said))
        table.clear()
        second = told(await city.served.client.request(method, path, content=content, headers=said))
        table.update(commands)
        return first, second

    return send


async def test_every_body_is_answered_alike(both):
    for name, body in BODIES.items():
        past, through = await both(content=body)
        assert past == through, name


async def test_every_header_is_answered_alike(both):
    for name, headers in HEADERS.items():
        past, through = await both(headers=headers)
        assert past == through, name


async def test_every_path_and_method_is_answered_alike(both):
    for path in PATHS:
        past, through = await both(path)
        assert past == through, path
    for method in ("GET", "PUT", "DELETE", "OPTIONS", "HEAD"):
        past, through = await both(method=method)
        assert past == through, method


async def test_who_may_not_is_told_so_before_what_is_wrong(both, city):
    issuer = city.served.issuer
    elsewhere = issuer.issue(Principal(Role.OFFICER, "officer-1", ("yinchuan/xingqing",)))
    nowhere = issuer.issue(Principal(Role.OFFICER, "officer-1"))
    resident = issuer.issue(Principal(Role.RESIDENT, "resident-1", subject="s-1"))
    forged = Issuer(new_issuer_key()).issue(Principal(Role.OFFICER, "officer-1", ("yinchuan",)))
    for token in (elsewhere, nowhere, resident, forged, "nonsense"):
        for body in (GOOD, b"{}", b"{"):
            past, through = await both(content=body, token=token)
            assert past == through
            assert past[0] >= 400


async def test_a_repeat_gets_the_same_and_another_body_under_its_key_is_refused(both):
    key = JSON | {"Idempotency-Key": "a-key"}
    [first, repeated] = await both(headers=key)
    assert (first[0], repeated[0]) == (201, 200)
    past, through = await both(headers=key)
    assert past == through == repeated
    past, through = await both(content=b'{"observed_use": "rental"}', headers=key)
    assert past == through
    assert "key-reused" in past[2]


async def test_what_is_in_order_does_not_go_through_the_framework(city, monkeypatch):
    async def refuse(**_):
        raise AssertionError

    monkeypatch.setattr("fastapi.routing.solve_dependencies", refuse)
    assert (await city.officer.post(UNIT, SEEN)).status_code == 201
    assert (await city.officer.post(UNIT, {"observed_use": "palace"})).status_code == 500


def test_every_command_that_is_posted_goes_past_the_framework(city):
    document = city.served.app.openapi()["paths"]
    posted = {path for path, methods in document.items() if "post" in methods}
    direct = {each.context.path for commands in city.served.app.state.direct.values() for each in commands}
    assert direct == posted
    assert len(direct) > 10
