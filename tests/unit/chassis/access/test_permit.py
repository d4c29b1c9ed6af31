"""Deny by default: a route that declares nothing keeps the service from starting."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from contracts.common import Role
from services.chassis.access import PUBLIC, Permission, Principal, RoutesUndeclared, check_routes, permit

READ = Permission("read units", place={Role.OFFICER})
Reader = Annotated[Principal, permit(READ)]


def bare() -> FastAPI:
    return FastAPI(openapi_url=None)


async def nothing() -> str:
    return ""


async def for_readers(principal: Reader) -> str:
    return principal.id


def test_declared_routes_pass():
    router = APIRouter(prefix="/units")
    router.add_api_route("/{unit}", for_readers)
    app = bare()
    app.include_router(router, prefix="/v1")
    app.add_api_route("/health", nothing, dependencies=[PUBLIC])
    check_routes(app)


def test_an_undeclared_route_is_named():
    app = bare()
    app.add_api_route("/units", for_readers)
    app.add_api_route("/units/{unit}", nothing, methods=["GET", "DELETE"])
    with pytest.raises(RoutesUndeclared) as refused:
        check_routes(app)
    assert refused.value.routes == ["DELETE,GET /units/{unit}"]


def test_so_is_each_of_an_included_router_of_a_router():
    inner, outer, app = APIRouter(prefix="/inner"), APIRouter(prefix="/outer"), bare()
    inner.add_api_route("/a", nothing)
    inner.add_api_route("/b", for_readers)
    outer.include_router(inner)
    app.include_router(outer, prefix="/v1")
    with pytest.raises(RoutesUndeclared) as refused:
        check_routes(app)
    assert refused.value.routes == ["GET /v1/outer/inner/a"]


def test_so_is_each_of_a_mounted_application():
    inner, app = bare(), bare()
    inner.add_api_route("/a", nothing)
    app.mount("/inner", inner)
    app.mount("/plain", Starlette(routes=[Route("/b", lambda _: PlainTextResponse(""))]))
    with pytest.raises(RoutesUndeclared) as refused:
        check_routes(app)
    assert refused.value.routes == ["GET /inner/a", "GET,HEAD /plain/b"]


def test_so_are_files_sockets_and_the_documents_that_come_by_themselves(tmp_path):
    app = FastAPI()
    app.mount("/files", StaticFiles(directory=tmp_path))

    @app.websocket("/live")
    async def live(_: WebSocket) -> None: ...

    with pytest.raises(RoutesUndeclared) as refused:
        check_routes(app)
    names = " ".join(refused.value.routes)
    assert all(path in names for path in ("/files", "/live", "/openapi.json", "/docs"))


def test_a_socket_may_declare_too():
    app = bare()

    @app.websocket("/live")
    async def live(_: WebSocket, principal: Reader) -> None: ...

    check_routes(app)


def test_a_declaration_at_the_router_counts_for_all_of_it():
    router, app = APIRouter(dependencies=[permit(READ)]), bare()
    router.add_api_route("/a", nothing)
    app.include_router(router)
    check_routes(app)


def test_a_declaration_inside_another_dependency_counts():
    async def reader(principal: Reader) -> str:
        return principal.id

    async def route(who: Annotated[str, Depends(reader)]) -> str:
        return who

    app = bare()
    app.add_api_route("/a", route)
    check_routes(app)


def test_an_exemption_is_a_whole_path_or_all_below_one(tmp_path):
    app = bare()
    for path in ("/", "/wall", "/wall/x", "/wallpaper"):
        app.add_api_route(path, nothing)
    with pytest.raises(RoutesUndeclared) as refused:
        check_routes(app, exempt=("/", "/wall/"))
    assert refused.value.routes == ["GET /wallpaper"]
