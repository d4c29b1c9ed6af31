"""Which parameters a route takes in its query: another one is a slip that would change the answer without a word."""

from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel

from services.chassis.http.refusals import ParameterUnknown


async def only_known(request: Request) -> None:
    """Lets a request pass whose query names nothing that its route does not take.

    Raises:
        ParameterUnknown: it does.
    """
    if not request.scope["query_string"]:
        return
    known = taken(route_of(request.scope))
    if any(name not in known for name in request.query_params):
        raise ParameterUnknown(sorted(known))


def taken(route: Any) -> set[str]:
    """The names that a route takes in its query, by itself or by what it depends on."""
    return set(_names(route.dependant))


def route_of(scope: Any) -> Any:
    """FastAPI's view of the route that a request has come to; the route itself, where it was not included."""
    return scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")


def _names(dependant: Dependant) -> list[str]:
    own = [name for field in dependant.query_params for name in _fields(field.alias, field.field_info.annotation)]
    return own + [name for inner in dependant.dependencies for name in _names(inner)]


def _fields(name: str, annotation: Any) -> list[str]:
    """A parameter's own name; of one that is a model, its fields, each of which is a parameter."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return [name]
    return [field.alias or own for own, field in annotation.model_fields.items()]
