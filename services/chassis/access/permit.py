"""Who may use a route: declared on each, checked before it runs, and missed at start-up where it is not declared."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from fastapi import Depends
from fastapi.routing import iter_route_contexts
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Mount

from contracts.common import Role
from services.chassis.access.permissions import Permission, Scope
from services.chassis.access.principal import Principal
from services.chassis.access.refusals import RateExceeded, RoleRefused, ScopeMissing, TokenMissing
from services.chassis.access.tokens import Verifier

PRINCIPAL = "maplebridge.principal"


class RoutesUndeclared(RuntimeError):
    """Routes that say nothing about who may use them; the service does not start."""

    def __init__(self, routes: list[str]) -> None:
        super().__init__(
            "These routes declare no permission: " + ", ".join(routes) + ". "
            "Give each a parameter Annotated[Principal, permit(...)], or dependencies=[PUBLIC]."
        )
        self.routes = routes


class Permit:
    """A dependency that yields the principal where they hold the permission."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, connection: HTTPConnection) -> Principal:
        """Verifies the bearer token, then the grant."""
        principal = await authenticated(connection)
        granted(self.permission, principal)
        return principal


class Public:
    """A dependency that declares a route open to everybody."""

    async def __call__(self) -> None:
        """Lets everybody in."""


def permit(permission: Permission) -> Any:
    """Declares what a route needs: ``principal: Annotated[Principal, permit(READ_UNITS)]``."""
    return Depends(Permit(permission))


PUBLIC: Any = Depends(Public())
"""Declares that a route is open to everybody: ``dependencies=[PUBLIC]``."""

Anyone = Permission("use Maple Bridge", unscoped=frozenset(Role))
"""Held by everybody who has a token."""

Authenticated = Annotated[Principal, permit(Anyone)]


async def authenticated(connection: HTTPConnection) -> Principal:
    """Who is asking; also for what has to know it before the permission is looked at.

    Raises:
        TokenRefused: they do not show it. RateExceeded: they ask too often.
    """
    if PRINCIPAL not in connection.scope:
        state = connection.app.state
        verifier: Verifier = state.verifier
        connection.scope[PRINCIPAL] = principal = await verifier.principal(bearer(connection))
        if principal.role is not Role.SYSTEM:  # the platform's own processes catch up as fast as they can
            seconds = state.pace.wait(f"{principal.role}:{principal.id}")
            if seconds:
                raise RateExceeded(seconds)
    found: Principal = connection.scope[PRINCIPAL]
    return found


def bearer(connection: HTTPConnection) -> str:
    """The token of the Authorization header (RFC 6750).

    Raises:
        TokenMissing: there is none.
    """
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMissing
    return token.strip()


def granted(permission: Permission, principal: Principal) -> None:
    """Lets a principal pass who holds the permission and has the scope that bounds it.

    Raises:
        RoleRefused, ScopeMissing: they do not.
    """
    try:
        scope = permission.scope(principal.role)
    except KeyError:
        raise RoleRefused(permission.name) from None
    if not _has(scope, principal):
        raise ScopeMissing(permission.name, scope.value)


def _has(scope: Scope, principal: Principal) -> bool:
    match scope:
        case Scope.PLACE:
            return bool(principal.places)
        case Scope.ORGANISATION:
            return principal.org is not None
        case Scope.SUBJECT:
            return principal.subject is not None
        case Scope.NONE:
            return True


def check_routes(app: Any, exempt: Iterable[str] = ()) -> None:
    """Walks every route of an application, those of mounted ones too.

    Args:
        app: a Starlette or FastAPI application. exempt: whole paths, or prefixes that end with ``/``, which are
            checked by their own handlers.

    Raises:
        RoutesUndeclared: a route declares neither a permission nor that it is public.
    """
    exemptions = tuple(exempt)
    undeclared = sorted(name for path, name in _undeclared(app.routes, "") if not _exempt(path, exemptions))
    if undeclared:
        raise RoutesUndeclared(undeclared)


def _exempt(path: str, exemptions: tuple[str, ...]) -> bool:
    prefixes = tuple(each for each in exemptions if each.endswith("/") and each != "/")
    return path in exemptions or f"{path}/".startswith(prefixes)


def _undeclared(routes: Iterable[BaseRoute], prefix: str) -> Iterator[tuple[str, str]]:
    for context in iter_route_contexts(list(routes)):
        route = context.original_route
        path = f"{prefix}{context.path or ''}"
        inner = getattr(getattr(route, "app", None), "routes", None)
        if isinstance(route, Mount) and inner:
            yield from _undeclared(inner, path)
        elif not any(isinstance(call, Permit | Public) for call in declared(context)):
            methods = ",".join(sorted(context.methods or {"any"})) if hasattr(route, "methods") else "socket or mount"
            yield path, f"{methods} {path}"


def declared(route: Any) -> Iterator[Any]:
    """The functions that a route depends on, at any depth."""
    waiting = [getattr(route, "dependant", None)]
    while waiting:
        dependant = waiting.pop()
        if dependant is not None:
            yield dependant.call
            waiting += dependant.dependencies
