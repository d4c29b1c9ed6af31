"""A command over HTTP: who sent it, what they saw, which repeat it is, and what became of it."""

import json
from dataclasses import replace

import orjson
import pytest

from contracts.common import Role
from services.chassis.access import Principal
from services.chassis.eventstore.types import VersionConflict
from services.chassis.http.bodies import surely_once
from services.chassis.http.commands import canonical
from tests.unit.chassis.http.conftest import HANDLED, ISSUER, TenancyOverlaps

TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


async def test_the_answer_says_what_happened_and_where_the_log_is(small):
    answer = await small.observe()
    assert answer.status_code == 201
    assert answer.headers["maple-position"] == "registry=17.3f9c2b7d@unit-a"
    assert answer.headers["etag"] == '"3"'
    assert answer.json() == {
        "stream": "unit-a",
        "version": 3,
        "position": 17,
        "events": [{"id": "e1", "type": "test.observed.v1"}],
        "id": "a",
        "repeated": False,
    }


@pytest.mark.parametrize("handled", [replace(HANDLED, repeated=True), replace(HANDLED, events=())])
async def test_200_says_that_nothing_new_happened(small, handled):
    small.handling.outcome = handled
    answer = await small.observe()
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"3"'
    assert answer.json()["repeated"] == handled.repeated


async def test_the_decider_is_told_who_asked_and_what_they_saw(small):
    await small.observe(If_Match='"2"', X_Correlation_ID="order-7")
    _, aggregate, command, context = small.handling.given[-1]
    assert (aggregate, command.use) == ("a", "hotel")
    assert (context.actor.role, context.actor.id) == (Role.OFFICER, "officer-li")
    assert (context.expected, context.correlation_id, context.command) == (2, "order-7", None)


async def test_the_trace_is_the_correlation_where_nobody_gave_one(small):
    await small.observe(traceparent=TRACE)
    assert small.handling.given[-1][3].correlation_id == "a" * 32
    assert small.handling.given[-1][3].traceparent == TRACE


class TestARepeat:
    """Known by the sender, the key, the address and the body."""

    async def record(self, small, body=None, path="/units/a/observations", key="k1"):
        await small.client.post(path, json=body or {"use": "hotel"}, headers={"Idempotency-Key": key})
        return small.handling.given[-1][3].command

    async def test_has_the_same_record(self, small):
        assert await self.record(small) == await self.record(small)

    async def test_may_write_the_same_body_differently(self, small):
        first = await self.record(small, {"use": "hotel", "occupants": []})
        await small.client.post(
            "/units/a/observations",
            content=b'{ "occupants": [],\n "use": "hotel" }',
            headers={"Idempotency-Key": "k1", "Content-Type": "application/json"},
        )
        assert small.handling.given[-1][3].command == first

    async def test_with_another_body_or_address_is_noticed(self, small):
        first = await self.record(small)
        others = [await self.record(small, {"use": "rental"}), await self.record(small, path="/units/b/observations")]
        for other in others:
            assert (other.actor, other.key) == (first.actor, first.key)
            assert other.digest != first.digest

    async def test_of_somebody_else_is_another_command(self, small):
        first = await self.record(small)
        other = Principal(Role.OFFICER, "officer-ma", ("yinchuan/jinfeng",))
        small.client.headers["authorization"] = f"Bearer {ISSUER.issue(other)}"
        assert (await self.record(small)).actor != first.actor

    async def test_is_known_by_a_digest_that_tells_nothing(self, small):
        record = await self.record(small)
        assert len(record.digest) == 32
        assert b"hotel" not in record.digest


def test_a_body_that_is_no_json_has_one_form_too():
    assert canonical(b"") == b""
    assert canonical(b"{") == canonical(b"{")
    assert canonical(b"{") != canonical(b"[")


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (HANDLED, "applied"),
        (replace(HANDLED, repeated=True), "repeated"),
        (replace(HANDLED, events=()), "unchanged"),
        (TenancyOverlaps("No: choose another day."), "refused"),
        (VersionConflict("unit-a", 1, 2), "conflict"),
        (RuntimeError(), "failed"),
    ],
)
async def test_what_became_of_it_is_counted(small, outcome, word):
    small.handling.outcome = outcome
    await small.observe()
    counted = small.telemetry.registry.get_sample_value
    assert counted("maplebridge_commands_total", {"type": "Observation", "outcome": word}) == 1
    assert counted("maplebridge_command_seconds_count", {"type": "Observation"}) == 1


PATH, JSON = "/units/a/observations", {"Content-Type": "application/json"}
TWICE = [
    b'{"use":"hotel","use":"rental"}',
    b'{"use": "hotel", "use": "rental"}',
    b'{"use" :"hotel","use":"rental"}',
    b'{"use":"hotel","\\u0075se":"rental"}',
    b'{"use":"hotel","occupants":[{"name":"a","name":"b"}]}',
]


@pytest.mark.parametrize("body", TWICE)
async def test_a_body_that_names_a_field_twice_is_refused(small, body):
    answer = await small.client.post(PATH, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/field-twice")
    assert not surely_once(body, orjson.loads(body))
    assert answer.json()["detail"] == "The body names a field twice: send each field once."


@pytest.mark.parametrize("name", ["a", '"name": b', '"', ":", '\\":'])
async def test_a_text_may_hold_what_looks_like_a_name(small, name):
    body = {"use": "hotel", "occupants": [{"name": name}, {"name": name}]}
    assert (await small.observe(body)).status_code == 201


def test_an_ordinary_body_is_not_read_twice():
    body = {"use": "hotel", "at": "2024-06-30T22:10:00+08:00", "occupants": [{"name": "a: b"}, {"name": "", "age": 3}]}
    assert surely_once(orjson.dumps(body), body)
    assert surely_once(json.dumps(body).encode(), body)


@pytest.mark.parametrize("body", [b"", b"[" * 100_000, b"{", b"\xff", b"1" * 10_000])
async def test_a_body_that_is_none_is_told_as_before(small, body):
    answer = await small.client.post(PATH, content=body, headers=JSON)
    assert answer.status_code in {400, 422}
    assert answer.json()["type"] != "/problems/field-twice"
