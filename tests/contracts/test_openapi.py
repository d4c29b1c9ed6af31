"""The OpenAPI documents are those of FastAPI alone, and tell of each command what is done past FastAPI.

Commands in order go past FastAPI (docs/decisions/0020-commands-past-the-framework.md); its documents must not notice.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, TypeAdapter

from contracts.common import FORMS, Identifier, Role
from services.chassis.access import Permission, Principal, permit
from services.chassis.access.permit import Permit
from services.chassis.clock import FixedClock
from services.chassis.http import Command, CommandAnswer, create_service_app
from services.chassis.http.commands import command_call
from services.chassis.http.direct import DirectCommand
from services.chassis.http.parameters import taken
from services.chassis.ids import uuid7
from services.chassis.service import ServiceContext
from services.chassis.settings import Settings
from services.chassis.telemetry import Telemetry
from services.chassis.vault import MemoryKeys, Vault
from services.runtime.composition import build_of
from services.runtime.databases import LOGS, OUTLETS, SERVICES

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


def commands_of(app: FastAPI) -> list[tuple[str, DirectCommand]]:
    """The method of each command that goes past FastAPI, and the command."""
    return [(method, command) for (method, _, _), found in app.state.direct.items() for command in found]


def faults(document: dict[str, Any], commands: list[tuple[str, DirectCommand]]) -> Iterator[str]:
    """What is done past FastAPI and the document does not say, or says otherwise."""
    for method, command in commands:
        name = f"{method} {command.context.path_format}"
        operation = document["paths"].get(command.context.path_format, {}).get(method.lower())
        if operation is None:
            yield f"{name} is not in the document"
            continue
        for what, differs in _differences(operation, command, document["components"]["schemas"]):
            if differs:
                yield f"{name}: {what}"


def _differences(operation, command: DirectCommand, schemas) -> Iterator[tuple[str, bool]]:
    parameters = {(each["in"], each["name"]): each for each in operation.get("parameters", ())}
    headers = {("header", "Idempotency-Key"), ("header", "If-Match")}
    path = {("path", field.alias): field for field, _ in command.path}
    yield "other parameters", set(parameters) != headers | set(path)
    for place, field in path.items():
        told = parameters.get(place, {})
        yield f"{field.alias} has another form", plain(told.get("schema"), schemas) != of_field(field)
        yield f"{field.alias} may be left out", told.get("required") is not True
    yield "another body", _body(operation, schemas) != (command.body and of_field(command.body))
    answers = {status: each for status, each in operation["responses"].items() if status.startswith("2")}
    yield "another status", set(answers) != {str(command.status), "200"}
    for status, answer in answers.items():
        content = plain(answer["content"]["application/json"]["schema"], schemas)
        yield f"another answer with {status}", content != of_field(command.answer)
    permits = [step.call for step in command.steps if isinstance(step.call, Permit)]
    yield "another security", operation.get("security", []) != [{"bearer": []}] * bool(permits)
    said = operation["description"]
    yield "another permission", [f"May {each.permission.name}:" in said for each in permits] != [True]
    yield "no command", command_call not in [step.call for step in command.steps]


def _body(operation, schemas):
    if "requestBody" not in operation:
        return None
    body = operation["requestBody"]
    told = {kind: plain(each["schema"], schemas) for kind, each in body["content"].items()}
    return told["application/json"] if body.get("required") and len(told) == 1 else "it may be left out, or be other"


def of_field(field) -> Any:
    """The form of what a field takes or gives, by pydantic itself."""
    adapter: TypeAdapter[Any] = field._type_adapter  # what FastAPI validates with
    schema = adapter.json_schema(mode=field.mode, ref_template="#/components/schemas/{model}")
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


async def test_the_documents_are_those_of_fastapi_alone(apps, monkeypatch):
    monkeypatch.setattr("services.chassis.http.app.direct_commands", lambda _: {})
    alone = applications()
    assert set(alone) == set(apps) == set(LOGS)
    for name, app in alone.items():
        assert commands_of(app) == []
        assert await document_of(apps[name]) == await document_of(app), name


@pytest.mark.parametrize("name", LOGS)
async def test_the_document_tells_of_each_command_what_is_done_past_fastapi(apps, name):
    document, commands = await document_of(apps[name]), commands_of(apps[name])
    assert list(faults(document, commands)) == []
    posted = {path for path, methods in document["paths"].items() if "post" in methods}
    assert {command.context.path_format for _, command in commands} == posted
    assert bool(posted) is (name in SERVICES)


class Note(BaseModel):
    """A body, or an answer, of another form."""

    text: str


router = APIRouter()
NOTE = permit(Permission("note something", place={Role.OFFICER}))
READ = Permission("read a note", place={Role.OFFICER})


@router.post("/notes/{note}/words", status_code=201)
async def note_words(note: Identifier, body: Note, call: Command, principal: Principal = NOTE) -> CommandAnswer:
    """Notes something."""
    raise AssertionError((note, body, call, principal))


@router.post("/notes/{note}/secrets", status_code=201, include_in_schema=False)
async def note_secrets(note: Identifier, body: Note, call: Command, principal: Principal = NOTE) -> CommandAnswer:
    """Notes something, and no document says so."""
    raise AssertionError((note, body, call, principal))


@pytest.fixture
def notes() -> FastAPI:
    """A service with two commands."""
    return create_service_app(
        "registry", context_of("registry"), title="Notes", description="Notes.", routers=[router], problems={}
    )


BREAKS = {
    "no body": (lambda _: {"body": None}, "another body"),
    "another body": (lambda command: {"body": command.answer}, "another body"),
    "another answer": (lambda command: {"answer": command.body}, "another answer with 201"),
    "another status": (lambda _: {"status": 202}, "another status"),
    "no parameter": (lambda _: {"path": ()}, "other parameters"),
    "a parameter of another form": (lambda command: {"path": ((renamed(command), 2),)}, "note has another form"),
    "nobody is asked who they are": (lambda command: {"steps": without(command, Permit)}, "another security"),
    "another permission": (lambda command: {"steps": asking(command)}, "another permission"),
    "no command": (lambda _: {"steps": ()}, "no command"),
}


def renamed(command):
    """The form of the body under the name of the parameter."""
    return SimpleNamespace(alias="note", mode=command.body.mode, _type_adapter=command.body._type_adapter)


def without(command, kind):
    return tuple(step for step in command.steps if not isinstance(step.call, kind))


def asking(command):
    return tuple(replace(step, call=Permit(READ)) if isinstance(step.call, Permit) else step for step in command.steps)


async def test_a_command_that_no_document_names_is_found(notes):
    found = list(faults(await document_of(notes), commands_of(notes)))
    assert found == ["POST /notes/{note}/secrets is not in the document"]


@pytest.mark.parametrize("name", BREAKS)
async def test_a_command_that_does_otherwise_than_its_document_says_is_found(notes, name):
    changes, fault = BREAKS[name]
    [(method, command)] = [each for each in commands_of(notes) if each[1].context.path_format.endswith("words")]
    document = await document_of(notes)
    assert list(faults(document, [(method, command)])) == []
    found = list(faults(document, [(method, replace(command, **changes(command)))]))
    assert f"POST /notes/{{note}}/words: {fault}" in found


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
