"""The OpenAPI documents tell of each command what its declaration does."""

import copy
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import TypeAdapter

from contracts.common import FORMS, Frozen, Identifier, Role
from services.chassis.access import Permission
from services.chassis.clock import FixedClock
from services.chassis.decider import Decider
from services.chassis.http import Noun, create_service_app
from services.chassis.http.declared import DeclaredCommand
from services.chassis.http.foreseen import foreseen
from services.chassis.http.parameters import taken
from services.chassis.http.problems import named, status_of
from services.chassis.ids import uuid7
from services.chassis.service import ServiceContext
from services.chassis.settings import Settings
from services.chassis.telemetry import Telemetry
from services.chassis.vault import MemoryKeys, Vault
from services.runtime.composition import build_of
from services.runtime.databases import LOGS, OUTLETS, SERVICES
from tests.declared import commands_of

CLOCK = FixedClock(datetime(2024, 5, 6, 4, tzinfo=UTC))
FOR_PEOPLE = {"title", "description", "examples"}


def context_of(name: str) -> ServiceContext:
    """What a service is made of where nobody asks it anything."""
    return ServiceContext(
        settings=Settings(),
        database=SimpleNamespace(name=name, pool=None, engine=None),
        store=SimpleNamespace(source=name),
        handler=None,
        vault=Vault(MemoryKeys(), master_key=bytes(32), clock=CLOCK),
        checkpoints=None,
        verifier=None,
        clock=CLOCK,
        new_id=uuid7,
        telemetry=Telemetry(name, Settings()),
        readers={},
        subscriptions={},
        outlets={outlet: context_of(outlet) for outlet in OUTLETS.get(name, ())},
    )


def applications() -> dict[str, FastAPI]:
    """The HTTP of every service and outlet, by name."""
    services = [build_of(name)(context_of(name)) for name in SERVICES]
    found = {service.name: service.app for service in services}
    for service in services:
        found |= service.outlets
    return found


@pytest.fixture(scope="module")
def apps() -> dict[str, FastAPI]:
    return applications()


async def document_of(app: FastAPI) -> dict[str, Any]:
    """As a client gets it."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        answer = await client.get("/openapi.json")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def faults(document: dict[str, Any], commands: Iterable[DeclaredCommand]) -> Iterator[str]:
    """What a command does and the document does not say, or says otherwise."""
    for command in commands:
        operation = document["paths"].get(command.path, {}).get("post")
        if operation is None:
            yield f"{command.path} is not in the document"
            continue
        for what, differs in _differences(operation, command, document["components"]["schemas"]):
            if differs:
                yield f"{command.path}: {what}"


def _differences(operation, command: DeclaredCommand, schemas) -> Iterator[tuple[str, bool]]:
    parameters = {(each["in"], each["name"]): each for each in operation.get("parameters", ())}
    headers = {("header", "Idempotency-Key"), ("header", "If-Match")} if command.repeatable else set()
    path = {("path", name) for name in command.parameters}
    yield "other parameters", set(parameters) != headers | path
    for place in path:
        told = parameters.get(place, {})
        yield f"{place[1]} has another form", plain(told.get("schema"), schemas) != form_of(Identifier, "validation")
        yield f"{place[1]} may be left out", told.get("required") is not True
    yield "another body", _body(operation, schemas) != form_of(command.said, "validation")
    answers = {status: each for status, each in operation["responses"].items() if status.startswith("2")}
    yield "another status", set(answers) != {"201", "200"}
    for status, answer in answers.items():
        content = plain(answer["content"]["application/json"]["schema"], schemas)
        yield f"another answer with {status}", content != form_of(command.answer, "serialization")
    yield "another security", operation.get("security", []) != [{"bearer": []}]
    yield "another permission", f"May {command.permission.name}:" not in operation["description"]


def _body(operation, schemas):
    body = operation["requestBody"]
    told = {kind: plain(each["schema"], schemas) for kind, each in body["content"].items()}
    return told["application/json"] if body.get("required") and len(told) == 1 else "it may be left out, or be other"


def form_of(kind, mode) -> Any:
    """The form of what is taken or given, by pydantic itself."""
    schema = TypeAdapter(kind).json_schema(mode=mode, ref_template="#/components/schemas/{model}")
    return plain(schema, schema.pop("$defs", {}))


def plain(schema, schemas) -> Any:
    """A schema with what it refers to in place, and without what is there for people alone."""
    if isinstance(schema, list):
        return [plain(each, schemas) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return plain(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    return {
        key: {name: plain(each, schemas) for name, each in value.items()}
        if key == "properties"
        else plain(value, schemas)
        for key, value in schema.items()
        # FastAPI leaves out what is null, a default of null too
        if key not in FOR_PEOPLE and value is not None
    }


@pytest.mark.parametrize("name", LOGS)
async def test_the_document_tells_of_each_command_what_is_done(apps, name):
    document, commands = await document_of(apps[name]), commands_of(apps[name])
    assert list(faults(document, commands)) == []
    posted = {path for path, methods in document["paths"].items() if "post" in methods}
    assert {command.path for command in commands} == posted, "a command is declared, never written as a route"
    assert bool(posted) is (name in SERVICES)


@pytest.mark.parametrize("name", SERVICES)
async def test_the_document_names_what_a_command_may_be_answered_with(apps, name):
    document = await document_of(apps[name])
    for command in commands_of(apps[name]):
        answers = document["paths"][command.path]["post"]["responses"]
        told = {
            kind.removeprefix("/problems/"): int(status)
            for status, answer in answers.items()
            if status.isdigit() and int(status) >= 400
            for kind in answer["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["type"][
                "enum"
            ]
        }
        for refusal in foreseen(command):
            assert told.get(named(refusal)[0]) == status_of(refusal, apps[name].state.problems), command.path
        assert told["invalid"] == 422
        assert ("not-read-yet" in told) is bool(command.after)


async def test_one_form_has_one_name(apps):
    for app in apps.values():
        schemas = (await document_of(app))["components"]["schemas"]
        assert [name for name in schemas if "__" in name or name[-1].isdigit()] == []


class Note(Frozen):
    """A command."""

    text: str


class Other(Frozen):
    """A command of another form."""

    note: Identifier


def nothing(*_: object) -> None:
    """Lets everything pass."""


BREAKS: dict[str, tuple[dict[str, Any], str]] = {
    "another body": ({"said": Other}, "another body"),
    "another answer": ({"answer": Note}, "another answer with 201"),
    "no parameter": ({"parameters": {}}, "other parameters"),
    "no repeat": ({"repeatable": False}, "other parameters"),
    "another permission": (
        {"permission": Permission("read a note", place={Role.OFFICER})},
        "another permission",
    ),
}


@pytest.fixture
def notes() -> FastAPI:
    """A service with a command."""
    router = APIRouter()
    decider = Decider[None]("note", None, lambda state, _: state, {})
    permission = Permission("note something", place={Role.OFFICER})
    Noun(decider, "/notes/{note}", router, nothing).command(Note, "words", permission, summary="Notes something")
    return create_service_app("registry", context_of("registry"), title="Notes", description="Notes.", routers=[router])


async def test_a_command_that_no_document_names_is_found(notes):
    document = await document_of(notes)
    del document["paths"]["/notes/{note}/words"]
    assert list(faults(document, commands_of(notes))) == ["/notes/{note}/words is not in the document"]


@pytest.mark.parametrize("name", BREAKS)
async def test_a_command_that_does_otherwise_than_its_document_says_is_found(notes, name):
    changes, fault = BREAKS[name]
    [command] = commands_of(notes)
    document = await document_of(notes)
    assert list(faults(document, [command])) == []
    changed = copy.copy(command)
    vars(changed).update(changes)
    assert f"/notes/{{note}}/words: {fault}" in list(faults(document, [changed]))


def patterns(node: Any) -> Iterator[str]:
    """Every pattern that a document asks for."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict) and isinstance(node.get("pattern"), str):
        yield node["pattern"]
    for child in children:
        yield from patterns(child)


async def test_every_pattern_of_every_request_has_a_sentence_for_whom_it_refuses(apps):
    asked = set()
    for app in apps.values():
        document = await document_of(app)
        for path in document["paths"].values():
            for operation in path.values():
                # headers have refusals of their own
                asked |= set(patterns([each for each in operation.get("parameters", ()) if each["in"] != "header"]))
        asked |= set(patterns(document["components"]["schemas"]))
    assert asked
    asked.discard(r"^[a-z]+\.[a-z0-9-]+\.v[0-9]+$")  # a type's name, which is only ever answered
    assert asked <= set(FORMS), "Declare it with contracts.common.form."


@pytest.mark.parametrize("name", [*SERVICES, "city"])
async def test_a_route_takes_the_parameters_that_its_document_names_and_no_other(name):
    app = applications()[name]
    paths = (await document_of(app))["paths"]
    seen = 0
    for route in iter_route_contexts(list(app.routes)):
        for method in route.methods or ():
            operation = paths.get(route.path, {}).get(method.lower())
            if operation is not None:
                told = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
                assert taken(route) == told, (method, route.path)
                seen += 1
    assert seen > 3
