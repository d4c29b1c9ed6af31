"""Which parameters a route takes in its query: another one is a slip that would change the answer without a word."""

from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant

from services.chassis.http.refusals import ParameterUnknown


async def only_known(request: Request) -> None:
    """Lets a request pass whose query names nothing that its route does not take.

    Raises:
        ParameterUnknown: it does.
    """
    if not request.scope["query_string"]:
        return
    known = set(_names(route_of(request.scope).dependant))
    if any(name not in known for name in request.query_params):
        raise ParameterUnknown(sorted(known))


def route_of(scope: Any) -> Any:
    """FastAPI's view of the route that a request has come to; the route itself, where it was not included."""
    return scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")


def _names(dependant: Dependant) -> list[str]:
    own = [field.alias for field in dependant.query_params]
    return own + [name for inner in dependant.dependencies for name in _names(inner)]
