"""The OpenAPI document, with permissions, problems and headers written in for all routes; and its page, offline."""

from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.routing import iter_route_contexts
from starlette.responses import FileResponse, HTMLResponse, JSONResponse

from services.chassis.access.permit import PUBLIC, Permit, declared
from services.chassis.http.declared import CommandRoute
from services.chassis.http.problems import MEDIA_TYPE, ProblemDocument
from services.chassis.http.refusals import NotFound

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
                        _describe(operation, route)
            self.openapi_schema = document
        return self.openapi_schema


def _describe(operation: dict[str, Any], route: Any) -> None:
    calls = list(declared(route))
    permissions = [call.permission for call in calls if isinstance(call, Permit)]
    responses = operation["responses"]
    if isinstance(route.original_route, CommandRoute) and route.original_route.declared.repeatable:
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
            raise NotFound("file", "Look at /docs.")
        return FileResponse(folder / asset, media_type=ASSETS[asset], headers={"Cache-Control": "max-age=86400"})

    return router
