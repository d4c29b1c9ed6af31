"""The commands that a service declares."""

from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts

from services.chassis.http.declared import CommandRoute, DeclaredCommand


def commands_of(app: APIRouter | FastAPI) -> list[DeclaredCommand]:
    """Those of a router, or of a whole service."""
    routes = [context.original_route for context in iter_route_contexts(app.routes)]
    endpoints = [route.endpoint for route in routes if isinstance(route, CommandRoute)]
    return [endpoint for endpoint in endpoints if isinstance(endpoint, DeclaredCommand)]
