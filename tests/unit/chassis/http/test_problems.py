"""Whatever is wrong, the answer is a problem with a stable type and a sentence, and repeats no value."""

import asyncio
import inspect
import json
from datetime import timedelta
from http import HTTPStatus

import asyncpg
import httpx
import pytest
import sqlalchemy.exc
import structlog

from contracts.common import Role
from contracts.refusals import Mistaken
from services.chassis.access import Issuer, OutsideScope, Principal, TokenRefused, new_issuer_key
from services.chassis.access import refusals as access_refusals
from services.chassis.eventstore.types import EventTooLarge, KeyReused, Overloaded, VersionConflict
from services.chassis.http import refusals as request_refusals
from services.chassis.http.problems import KNOWN, named, problem_of
from services.chassis.pace import Pace
from services.chassis.projections.checkpoints import NotReadYet, ReaderStopped, SetAside
from services.chassis.vault import Erased
from tests.unit.chassis.http import conftest
from tests.unit.chassis.http.conftest import ISSUER, NOON, TenancyOverlaps, UnitUnknown

CONFLICT = VersionConflict("unit-a", 2, 3)


def problem(answer: httpx.Response, status: int, name: str) -> dict:
    """The document, after what every problem has in common."""
    document = answer.json()
    assert answer.status_code == status == document["status"], document
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["type"] == f"/problems/{name}"
    assert document["title"]
    assert document["detail"].endswith(".")
    assert document["correlation_id"] == answer.headers["x-correlation-id"]
    assert "Traceback" not in answer.text
    return document


@pytest.mark.parametrize(
    ("outcome", "status", "name"),
    [
        (TenancyOverlaps("It overlaps: choose another day.", "/at"), 409, "tenancy-overlaps"),
        (UnitUnknown("There is no such unit: register it."), 404, "unit-unknown"),
        (CONFLICT, 409, "version-conflict"),
        (KeyReused("k1"), 422, "key-reused"),
        (EventTooLarge("test.v1", 70_000), 413, "event-too-large"),
        (Overloaded(), 503, "overloaded"),
        (Erased("subject:a"), 410, "erased"),
        (OutsideScope(), 403, "outside-scope"),
        (ConnectionRefusedError("no"), 503, "database-away"),
        (TimeoutError(), 503, "database-away"),
        (asyncpg.CannotConnectNowError("starting up"), 503, "database-away"),
        (asyncpg.DiskFullError("no space left"), 503, "database-away"),
        (sqlalchemy.exc.TimeoutError("pool"), 503, "database-away"),
        (ExceptionGroup("two", [ConnectionResetError()]), 503, "database-away"),
        (asyncpg.CharacterNotInRepertoireError("0x00"), 422, "text-unstorable"),
    ],
)
async def test_an_error_of_a_known_kind_has_its_status_and_name(small, outcome, status, name):
    small.handling.outcome = outcome
    problem(await small.observe(), status, name)


async def test_an_error_of_the_driver_is_found_behind_that_of_the_engine(small):
    cause = sqlalchemy.exc.OperationalError("select", {}, Exception())
    cause.orig = RuntimeError()
    cause.orig.__cause__ = asyncpg.ConnectionDoesNotExistError()
    small.handling.outcome = cause
    answer = await small.observe()
    problem(answer, 503, "database-away")
    assert int(answer.headers["retry-after"]) > 0


async def test_a_refusal_says_its_sentence_and_where(small):
    small.handling.outcome = TenancyOverlaps("It overlaps: choose another day.", "/at")
    document = problem(await small.observe(), 409, "tenancy-overlaps")
    assert (document["title"], document["detail"], document["pointer"]) == (
        "Tenancy overlaps",
        "It overlaps: choose another day.",
        "/at",
    )


async def test_a_stale_if_match_is_412_and_a_lost_race_409(small):
    small.handling.outcome = CONFLICT
    problem(await small.observe(If_Match='"2"'), 412, "version-conflict")
    problem(await small.observe(), 409, "version-conflict")


async def test_a_refusal_has_the_status_of_its_kind(small):
    class SomethingNew(Mistaken):
        pass

    small.handling.outcome = SomethingNew("Not like this: do it otherwise.")
    problem(await small.observe(), 422, "something-new")


async def test_an_unforeseen_error_tells_nothing_and_is_on_record(small):
    small.handling.outcome = RuntimeError("王小明 lives in 1812")
    with structlog.testing.capture_logs() as logs:
        answer = await small.observe()
    document = problem(answer, 500, "unforeseen")
    assert "王小明" not in answer.text
    assert "王小明" not in str(logs)
    error = next(entry for entry in logs if entry["log_level"] == "error")
    assert "RuntimeError" in error["exception"]
    assert "conftest.py" in error["exception"]
    assert document["correlation_id"] == answer.headers["x-correlation-id"]


async def test_a_database_that_is_away_is_one_line_with_its_cause_and_no_stack_trace(small):
    small.handling.outcome = ExceptionGroup("two", [asyncpg.LockNotAvailableError("王小明")])
    with structlog.testing.capture_logs() as logs:
        answer = await small.observe()
    problem(answer, 503, "database-away")
    (line,) = (entry for entry in logs if entry["event"] == "request_failed")
    assert (line["problem"], line["cause"]) == ("database-away", "LockNotAvailableError (SQLSTATE 55P03)")
    assert not {"exception", "exc_info"} & line.keys()
    assert "王小明" not in str(logs)


@pytest.mark.parametrize(
    "outcome",
    [NotReadYet("register", {"registry": 9}, {"registry": 3}), SetAside("r", "u", "e"), ReaderStopped("r", "u")],
)
async def test_a_question_that_cannot_be_answered_yet_is_503_and_says_when_to_ask_again(small, outcome):
    small.reading.outcome = outcome
    answer = await small.client.get("/units", headers={"Maple-After": "registry=9"})
    problem(answer, 503, named(type(outcome))[0])
    assert int(answer.headers["retry-after"]) > 0


class TestValidation:
    """A body or a parameter that has another form."""

    async def test_points_at_the_field_and_says_what_it_must_be(self, small):
        document = problem(await small.observe({"use": "hotel", "at": "2024-05-06T04:00:00"}), 422, "invalid")
        assert document["pointer"] == "/at"
        assert "time zone" in document["detail"]

    async def test_names_everything_that_is_wrong(self, small):
        body = {"use": "castle", "occupants": [{"name": "x" * 11, "age": -1}, {}, 7], "wing": 3}
        document = problem(await small.observe(body), 422, "invalid")
        assert {fault["pointer"]: fault["detail"] for fault in document["errors"]} == {
            "/use": "It must be one of 'hotel' or 'rental'.",
            "/occupants/0/name": "It must have at most 10 characters.",
            "/occupants/0/age": "It must be 0 or more.",
            "/occupants/1/name": "It is needed, and missing.",
            "/occupants/2": "It must be an object.",
            "/wing": "There is no such field here: remove it.",
        }

    async def test_never_repeats_a_value_or_a_name_that_somebody_made_up(self, small):
        body = {"use": "王小明", "at": "王小明", "occupants": [{"name": "王小明" * 5, "age": "王小明", "王小明": 1}]}
        answer = await small.observe(body)
        problem(answer, 422, "invalid")
        assert "王小明" not in json.dumps(answer.json(), ensure_ascii=False)

    async def test_of_a_name_of_10_000_characters_is_short(self, small):
        answer = await small.observe({"use": "hotel", "occupants": [{"name": "x" * 10_000}]})
        problem(answer, 422, "invalid")
        assert len(answer.content) < 400

    async def test_names_the_parameter(self, small):
        document = problem(await small.client.get("/units?limit=0"), 422, "invalid")
        assert document["parameter"] == "limit"
        assert "pointer" not in document
        assert problem(await small.client.get("/moments?at=soon"), 422, "invalid")["parameter"] == "at"
        assert problem(await small.client.get("/units/UPPER"), 422, "invalid")["parameter"] == "unit"

    async def test_of_a_missing_body_says_so(self, small):
        problem(await small.client.post("/units/a/observations"), 422, "invalid")

    @pytest.mark.parametrize("content", [b"{", b"", b"use=hotel", b"\xff\xfe", b'{"use": nope}', b"[" * 100_000])
    async def test_of_no_json_at_all_says_so(self, small, content):
        answer = await small.client.post(
            "/units/a/observations", content=content or b" ", headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 400
        assert answer.json()["detail"].endswith(".")

    async def test_of_a_number_too_long_to_read_is_a_problem_too(self, small):
        answer = await small.client.post(
            "/units/a/observations",
            content=b'{"use":' + b"9" * 10_000 + b"}",
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code in {400, 422}

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
    async def test_of_another_kind_of_body_asks_for_json(self, small, kind):
        answer = await small.client.post("/units/a/observations", content=b"use=hotel", headers={"Content-Type": kind})
        problem(answer, 415, "media-type-not-json")


class TestARequest:
    """Before any route has a say."""

    async def test_over_the_limit_is_refused_whether_it_says_so_or_not(self, small):
        async def flood():
            for _ in range(300):
                yield b" " * 1024

        for content in (b" " * 262_145, flood()):
            answer = await small.client.post(
                "/units/a/observations", content=content, headers={"Content-Type": "application/json"}
            )
            problem(answer, 413, "body-too-large")
        assert not small.handling.given

    async def test_just_under_the_limit_is_read(self, small):
        content = json.dumps({"use": "hotel"}).encode().ljust(262_144)
        answer = await small.client.post(
            "/units/a/observations", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 201

    @pytest.mark.parametrize("path", ["/nowhere", "/units/", "/", "/Units"])
    async def test_for_nothing_there_is_404(self, small, path):
        problem(await small.client.get(path), 404, "not-found")

    async def test_with_another_method_is_405_and_names_those_allowed(self, small):
        answer = await small.client.put("/units")
        problem(answer, 405, "method-not-allowed")
        assert "GET" in answer.headers["allow"]

    @pytest.mark.parametrize("path", ["/units?place=a%00b", "/units/a%00b"])
    async def test_with_a_nul_is_refused(self, small, path):
        problem(await small.client.get(path), 422, "text-unstorable")

    @pytest.mark.parametrize(
        ("headers", "parameter"),
        [
            ({"If-Match": "7"}, "If-Match"),
            ({"Idempotency-Key": "a b"}, "Idempotency-Key"),
        ],
    )
    async def test_with_a_broken_header_names_it(self, small, headers, parameter):
        answer = await small.client.post("/units/a/observations", json={"use": "hotel"}, headers=headers)
        assert problem(answer, 400, "header-malformed")["parameter"] == parameter

    async def test_with_a_broken_position_or_cursor_is_400(self, small):
        problem(await small.client.get("/units", headers={"Maple-After": "x"}), 400, "header-malformed")
        problem(await small.client.get("/units?cursor=x"), 422, "cursor-broken")

    async def test_that_breaks_off_leaves_nothing_behind(self, small):
        sent = []
        parts = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

        async def receive():
            return parts.pop(0)

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/units/a/observations",
            "query_string": b"",
            "headers": [],
            "root_path": "",
        }
        await asyncio.wait_for(small.app(scope, receive, send), 5)
        assert not sent
        assert not small.handling.given


class TestAccess:
    """Who is not let in."""

    @pytest.mark.parametrize(
        "authorization", [None, "", "Bearer", "Bearer ", "Basic bGk6bGk=", "Bearer x.y.z", "Bearer " + "x" * 9000]
    )
    async def test_without_a_good_token_is_401(self, small, authorization):
        del small.client.headers["authorization"]
        headers = {} if authorization is None else {"Authorization": authorization}
        answer = await small.client.get("/units", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["type"] in {"/problems/token-missing", "/problems/token-malformed"}

    async def test_an_expired_or_foreign_token_is_401_and_says_which(self, small):
        issuers = {
            "token-expired": (ISSUER, timedelta(minutes=-5)),
            "token-forged": (Issuer(new_issuer_key()), timedelta(1)),
        }
        for name, (issuer, lifetime) in issuers.items():
            token = issuer.issue(conftest.OFFICER, lifetime)
            answer = await small.client.get("/units", headers={"Authorization": f"Bearer {token}"})
            problem(answer, 401, name)
            assert token not in answer.text

    @pytest.mark.parametrize(
        ("principal", "name"),
        [
            (Principal(Role.ANALYST, "analyst-1", ("yinchuan",)), "role-refused"),
            (Principal(Role.OFFICER, "officer-ma"), "scope-missing"),
            (Principal(Role.OFFICER, "officer-ma", ("yinchuan/helan",)), "outside-scope"),
        ],
    )
    async def test_without_the_right_is_403(self, small, principal, name):
        small.client.headers["authorization"] = f"Bearer {ISSUER.issue(principal)}"
        problem(await small.observe(), 403, name)
        assert not small.handling.given

    async def test_is_told_before_what_is_wrong_with_the_body(self, small):
        del small.client.headers["authorization"]
        problem(await small.observe({"use": "castle"}), 401, "token-missing")

    async def test_is_told_before_what_is_wrong_with_a_header_and_nobody_waits(self, small):
        del small.client.headers["authorization"]
        problem(await small.observe(If_Match="x"), 401, "token-missing")
        problem(await small.client.get("/units", headers={"Maple-After": "x"}), 401, "token-missing")
        problem(await small.client.get("/units", headers={"Maple-After": "registry=9"}), 401, "token-missing")
        assert not small.reading.wanted

    @pytest.mark.parametrize("path", ["yinchuan/helan", "yinchuan/jinfeng2", "yinchuan"])
    async def test_outside_of_a_place_is_403(self, small, path):
        answer = await small.observe({"use": "hotel", "place": path})
        problem(answer, 403, "outside-scope")

    @pytest.mark.parametrize(
        "path", ["yinchuan/jinfeng/../helan", "yinchuan%2Fjinfeng/..", "", "%2e%2e", "yinchuan/jinfeng/", "YINCHUAN"]
    )
    async def test_a_place_written_otherwise_is_no_place(self, small, path):
        answer = await small.observe({"use": "hotel", "place": path})
        problem(answer, 422, "invalid")


def test_every_refusal_of_the_chassis_has_a_status():
    concrete = [
        kind
        for module in (access_refusals, request_refusals)
        for kind in vars(module).values()
        if inspect.isclass(kind) and kind not in {access_refusals.AccessRefused, request_refusals.RequestRefused}
    ]
    for kind in concrete:
        status = next((KNOWN[base] for base in kind.__mro__ if base in KNOWN), None)
        assert isinstance(status, HTTPStatus), kind
    assert all(KNOWN[TokenRefused] == 401 for kind in concrete if issubclass(kind, TokenRefused))


def test_an_error_of_no_known_kind_is_no_problem_of_the_senders():
    assert problem_of(ValueError("x"), {}) is None
    assert problem_of(KeyError(NOON), {}) is None


@pytest.mark.parametrize(
    ("name", "kebab", "title"),
    [
        ("TenancyOverlaps", "tenancy-overlaps", "Tenancy overlaps"),
        ("MediatorIsAParty", "mediator-is-a-party", "Mediator is a party"),
        ("HTTPAway2", "http-away2", "Http away2"),
    ],
)
def test_a_class_of_errors_gives_the_name_and_the_title(name, kebab, title):
    assert named(type(name, (Exception,), {})) == (kebab, title)


async def test_a_principal_that_asks_too_often_is_held_back_and_others_are_not(small):
    small.app.state.pace = Pace(1)
    answers = [await small.observe() for _ in range(20)]
    assert problem(answers[-1], 429, "rate-exceeded")["detail"].startswith("You have sent more requests")
    assert int(answers[-1].headers["retry-after"]) == 1
    other = ISSUER.issue(Principal(Role.OFFICER, "officer-ma", ("yinchuan/jinfeng",)))
    platform = ISSUER.issue(Principal(Role.SYSTEM, "platform"))
    assert (await small.observe(authorization=f"Bearer {other}")).status_code == 201
    assert {(await small.observe(authorization=f"Bearer {platform}")).status_code for _ in range(20)} == {403}
