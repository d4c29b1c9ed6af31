"""What is wrong with a request that carries a command is said, whatever it is."""

import json

import pytest

from contracts.common import Role
from services.chassis.access import Issuer, Principal, new_issuer_key

SEEN = {"observed_use": "hotel", "effective_at": "2024-06-01T10:00:00+08:00"}
UNIT = "/units/wanda-a-1812/observations"
JSON = {"Content-Type": "application/json"}
GOOD = json.dumps(SEEN).encode()

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


@pytest.fixture
def sent(city):
    """Sends a request; what was answered, as status and kind of problem."""

    async def send(path=UNIT, content=GOOD, headers=None, method="POST", token=None):
        said = {"Authorization": f"Bearer {token or city.officer.token}", **(JSON if headers is None else headers)}
        answer = await city.served.client.request(method, path, content=content, headers=said)
        told = answer.json() if answer.content else {}
        return answer.status_code, told.get("type", "").removeprefix("/problems/")

    return send


MALFORMED, INVALID, GOOD_ANSWER = (400, "malformed-json"), (422, "invalid"), (201, "")
NO_JSON, NO_HEADER = (415, "media-type-not-json"), (400, "header-malformed")
ANSWERS = {
    "good": GOOD_ANSWER,
    "with other spaces": GOOD_ANSWER,
    "cut off": MALFORMED,
    "not a number": MALFORMED,
    "a mark before it": MALFORMED,
    "in UTF-16": MALFORMED,
    "in Latin-1": MALFORMED,
    "half a character": MALFORMED,
    "a field twice": (400, "field-twice"),
    "before the unit was there": (422, "date-before-unit"),
    "deep": MALFORMED,
    "large": (413, "body-too-large"),
    "a character set": GOOD_ANSWER,
    "a kind of JSON": GOOD_ANSWER,
    "text": NO_JSON,
    "no type": NO_JSON,
    "a type that is none": NO_JSON,
    "capitals": GOOD_ANSWER,
    "a version that is none": NO_HEADER,
    "a version that is gone": (412, "version-conflict"),
    "any version": GOOD_ANSWER,
    "a key with a space": NO_HEADER,
    "an empty key": NO_HEADER,
    "a correlation": GOOD_ANSWER,
    "/units/wanda-a-9999/observations": (404, "unit-unknown"),
    "/units/Wanda%20A/observations": INVALID,
    "/units/wanda-a-1812%00/observations": (422, "text-unstorable"),
    "/units/wanda-a-1812/observations?observed_use=hotel": (422, "parameter-unknown"),
    # a path may end in a line end, which means nothing to it
    "/units/wanda-a-1812/observations%0A": GOOD_ANSWER,
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_is_answered(sent, name):
    assert await sent(content=BODIES[name]) == ANSWERS.get(name, INVALID)


@pytest.mark.parametrize("name", HEADERS)
async def test_headers_are_answered(sent, name):
    assert await sent(headers=HEADERS[name]) == ANSWERS[name]


@pytest.mark.parametrize("path", PATHS)
async def test_a_path_is_answered(sent, path):
    assert await sent(path) == ANSWERS.get(path, (404, "not-found"))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
async def test_a_method_is_answered(sent, method):
    assert await sent(method=method) == (405, "method-not-allowed")


async def test_who_may_not_is_told_so_before_what_is_wrong(sent, city):
    issuer = city.served.issuer
    elsewhere = issuer.issue(Principal(Role.OFFICER, "officer-1", ("yinchuan/xingqing",)))
    nowhere = issuer.issue(Principal(Role.OFFICER, "officer-1"))
    resident = issuer.issue(Principal(Role.RESIDENT, "resident-1", subject="s-1"))
    forged = Issuer(new_issuer_key()).issue(Principal(Role.OFFICER, "officer-1", ("yinchuan",)))
    told = {nowhere: (403, "scope-missing"), resident: (403, "role-refused"), forged: (401, "token-forged")}
    for token, refusal in told.items():
        for body in (GOOD, b"{}", b"{"):
            assert await sent(content=body, token=token) == refusal
    assert await sent(token=elsewhere) == (403, "outside-scope")
    assert await sent(content=b"{}", token=elsewhere) == INVALID


async def test_a_repeat_gets_the_same_and_another_body_under_its_key_is_refused(sent):
    key = JSON | {"Idempotency-Key": "a-key"}
    assert [await sent(headers=key), await sent(headers=key)] == [(201, ""), (200, "")]
    assert await sent(content=b'{"observed_use": "rental"}', headers=key) == (422, "key-reused")
