"""The OpenAPI document, with permissions, problems and headers written in for all routes; and its page, offline."""

import inspect
from collections import defaultdict
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.routing import iter_route_contexts
from starlette.responses import FileResponse, HTMLResponse, JSONResponse

from services.chassis.access.permit import PUBLIC, Permit, declared
from services.chassis.http import refusals
from services.chassis.http.declared import CommandRoute, DeclaredCommand
from services.chassis.http.foreseen import KINDS, foreseen
from services.chassis.http.problems import KNOWN, MEDIA_TYPE, ProblemDocument, Statuses, named, status_of
from services.chassis.projections.checkpoints import NotReadYet, ReaderStopped, SetAside

ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon.png": "image/png"}
PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "What is wrong with the request, and what to do.", **PROBLEM},
    "503": {"description": "The database is away or busy: try again after `Retry-After` seconds.", **PROBLEM},
}
HEADERS = {
    "Maple-Position": {"description": "How far each log has come.", "schema": {"type": "string"}},
    "ETag": {"description": "The version, for If-Match.", "schema": {"type": "string"}},
}
COMMAND_HEADERS = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Makes repeats harmless; new for each command.",
        "schema": {
            "type": "string",
            "pattern": '^("[!-~]{1,200}"|(?!""$)[!-~]{1,200})$',
            "examples": ["0191f2c0-7d3e"],
        },
    },
    {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The version that you saw, as its ETag; `*` for any.",
        "schema": {"type": "string", "pattern": r'^(\*|"[0-9]{1,18}")$', "examples": ['"7"']},
    },
]
"""Read by ``CommandCall``."""


class ServiceApp(FastAPI):
    """FastAPI whose document names permissions and problems."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            components = document.setdefault("components", {})
            components.setdefault("schemas", {})["Problem"] = ProblemDocument.model_json_schema(
                ref_template="#/components/schemas/Problem/$defs/{model}"
            )
            components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
            for route in iter_route_contexts(self.routes):
                for method in route.methods or ():
                    operation = document["paths"].get(route.path_format, {}).get(method.lower())
                    if operation is not None:
                        _describe(operation, route, self.state.problems)
            self.openapi_schema = document
        return self.openapi_schema


READERS = {
    refusals.NotFound,
    refusals.PositionAhead,
    refusals.PositionLost,
    refusals.CursorBroken,
    refusals.LogReplaced,
}
"""What only a question is answered with."""
BEHIND = {NotReadYet, SetAside, ReaderStopped}
"""What a command is answered with whose read models have not come far enough."""


def problems_of(command: DeclaredCommand, statuses: Statuses) -> dict[HTTPStatus, dict[str, str]]:
    """What a command may be answered with, by status: the names of the problems, and what each says.

    Args:
        statuses: of the service's own refusals.
    """
    kinds = {*foreseen(command), *KNOWN} - READERS - KINDS - (set() if command.after else BEHIND)
    found = defaultdict(
        dict,
        {
            HTTPStatus.UNPROCESSABLE_ENTITY: {"invalid": "The body or a parameter has another form."},
            HTTPStatus.SERVICE_UNAVAILABLE: {"database-away": "The database does not answer, is full or is busy."},
            HTTPStatus.PRECONDITION_FAILED: {"version-conflict": "If-Match names another version."},
        },
    )
    every = {each for kind in kinds for each in (kind, *kind.__subclasses__())}
    for kind in sorted(every, key=lambda each: each.__name__):
        if (status := status_of(kind, statuses)) is not None:
            found[status][named(kind)[0]] = (inspect.getdoc(kind) or "").partition("\n")[0]
    if not command.repeatable:
        del found[HTTPStatus.PRECONDITION_FAILED]
    return found


def _answers(problems: Mapping[HTTPStatus, Mapping[str, str]]) -> dict[str, Any]:
    def schema(names: Iterable[str]) -> dict[str, Any]:
        told = {"type": {"enum": [f"/problems/{name}" for name in names]}}
        return {"allOf": [{"$ref": "#/components/schemas/Problem"}, {"type": "object", "properties": told}]}

    return {
        str(status.value): {
            "description": "\n".join(f"* `{name}`: {said}" for name, said in found.items()),
            "content": {MEDIA_TYPE: {"schema": schema(found)}},
        }
        for status, found in sorted(problems.items())
    }


def _describe(operation: dict[str, Any], route: Any, statuses: Statuses) -> None:
    calls = list(declared(route))
    permissions = [call.permission for call in calls if isinstance(call, Permit)]
    responses = operation["responses"]
    if isinstance(route.original_route, CommandRoute):
        command = route.original_route.declared
        responses |= _answers(problems_of(command, statuses))
        if command.repeatable:
            operation["parameters"] = [*operation.get("parameters", ()), *COMMAND_HEADERS]
    for permission in permissions:
        grants = ", ".join(f"{role} ({scope})" if scope != "none" else role for role, scope in permission.grants)
        said = operation.get("description", "")
        operation["description"] = f"{said}\n\nMay {permission.name}: {grants}.".strip()
        operation["security"] = [{"bearer": []}]
    if any(parameter["name"] == "Maple-After" for parameter in operation.get("parameters", ())):
        responses.get("200", {})["headers"] = {"Maple-Position": HEADERS["Maple-Position"]}
    if "201" in responses:
        responses["201"]["headers"] = HEADERS
        responses.setdefault(
            "200", {**responses["201"], "description": "Nothing new happened: a repeat, or so already."}
        )


def documentation() -> APIRouter:
    """The routes /openapi.json and /docs; the page's scripts come from a package, not from the network."""
    router = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
    folder = Path(str(files("fastapi_offline"))) / "static"

    @router.get("/openapi.json")
    async def openapi(request: Request) -> JSONResponse:
        app = cast("FastAPI", request.app)
        return JSONResponse({**app.openapi(), "servers": [{"url": request.scope.get("root_path", "") or "/"}]})

    @router.get("/docs")
    async def docs(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        return get_swagger_ui_html(
            openapi_url=f"{root}/openapi.json",
            title=f"{request.app.title} · Maple Bridge",
            swagger_js_url=f"{root}/docs/swagger-ui-bundle.js",
            swagger_css_url=f"{root}/docs/swagger-ui.css",
            swagger_favicon_url=f"{root}/docs/favicon.png",
        )

    @router.get("/docs/{asset}")
    async def asset(asset: str) -> FileResponse:
        if asset not in ASSETS:
            raise refusals.NotFound("file", "Look at /docs.")
        return FileResponse(folder / asset, media_type=ASSETS[asset], headers={"Cache-Control": "max-age=86400"})

    return router
