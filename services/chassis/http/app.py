"""Makes the HTTP application of a service: what all four have in common is written here once."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import asyncpg
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.chassis.access.permit import check_routes
from services.chassis.http.guard import CORRELATION, Guard
from services.chassis.http.health import (
    Check,
    commands_flow,
    database_answers,
    health,
    nothing_set_aside,
    read_models_move,
)
from services.chassis.http.lag import LagWatch
from services.chassis.http.openapi import PROBLEM_RESPONSES, ServiceApp, documentation
from services.chassis.http.parameters import only_known
from services.chassis.http.problems import problem_of, unforeseen
from services.chassis.http.validation import invalid
from services.chassis.pace import Pace
from services.chassis.projections.model import ReadModel
from services.chassis.service import ServiceContext

Lifespan = Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]
# FastAPI's own telemetry would record request bodies and validation inputs
QUIET: Any = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False}


def create_service_app(
    name: str,
    context: ServiceContext,
    *,
    title: str,
    description: str,
    routers: Sequence[APIRouter],
    problems: Mapping[type[Any], HTTPStatus] = MappingProxyType({}),
    read_models: Sequence[ReadModel] = (),
    checks: Sequence[Check] = (),
    version: str = "0.1.0",
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """A service's HTTP.

    Args:
        name: of the service; it is mounted at ``/<name>``. context: what the service was built with.
        title, description, version: for its documentation. routers: its commands and queries.
        problems: HTTP status of what its questions are refused with, beside what all services know.
        read_models: watched by /health/ready and /metrics.
        checks: more of what must be so before it can be used. lifespan: runs while it serves.

    Raises:
        RoutesUndeclared: a route says nothing about who may use it; looked for again when it starts to serve.
    """
    watch = LagWatch(context, read_models)

    def pool() -> "asyncpg.Pool[asyncpg.Record]":
        return context.database.pool

    async def ping() -> object:
        return await pool().fetchval("select 1")

    @contextlib.asynccontextmanager
    async def serving(app: FastAPI) -> AsyncIterator[None]:
        check_routes(app)
        async with lifespan(app) if lifespan else contextlib.nullcontext():
            yield
        context.telemetry.close()

    app = ServiceApp(
        title=title,
        description=description,
        version=version,
        lifespan=serving,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(only_known)],
        responses=PROBLEM_RESPONSES,
        telemetry=QUIET,
        exception_handlers={HTTPException: _http, RequestValidationError: _validation},
    )
    app.state.context = context
    app.state.problems = problems
    app.state.verifier = context.verifier
    app.state.pace = Pace(context.settings.rate_per_principal)
    app.state.service = name
    for router in (
        *routers,
        health(
            [
                database_answers(ping),
                commands_flow(pool),
                read_models_move(watch),
                nothing_set_aside(pool),
                *checks,
            ],
            context.telemetry,
            watch.measure,
        ),
    ):
        app.include_router(router)
    app.include_router(documentation())
    app.add_middleware(
        Guard,
        telemetry=context.telemetry,
        statuses=problems,
        limit=context.settings.body_limit,
        new_id=context.new_id,
    )
    check_routes(app)
    return app


async def _http(request: Request, error: Exception) -> Response:
    return (problem_of(error, {}) or unforeseen()).response(request.scope.get(CORRELATION))


async def _validation(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return invalid(error, request.headers.get("content-type", "")).response(request.scope.get(CORRELATION))
