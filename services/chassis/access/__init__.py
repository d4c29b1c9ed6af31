"""Who may do what, and where: tokens, roles, places. Nothing is allowed that nobody has declared."""

from services.chassis.access.permissions import Permission, RoleGrantedTwice, Scope
from services.chassis.access.permit import (
    PUBLIC,
    Anyone,
    Authenticated,
    RoutesUndeclared,
    check_routes,
    granted,
    permit,
)
from services.chassis.access.places import PlaceMalformed, covers, parse_place, within
from services.chassis.access.principal import Principal, place_filter
from services.chassis.access.refusals import (
    AccessRefused,
    OutsideScope,
    RateExceeded,
    RoleRefused,
    ScopeMissing,
    TokenEndless,
    TokenExpired,
    TokenForeign,
    TokenForged,
    TokenMalformed,
    TokenMissing,
    TokenRefused,
)
from services.chassis.access.residents import IdIsMade, TooLongAgo, require_own, require_recent
from services.chassis.access.tokens import Issuer, Verifier, new_issuer_key

__all__ = [
    "PUBLIC",
    "AccessRefused",
    "Anyone",
    "Authenticated",
    "IdIsMade",
    "Issuer",
    "OutsideScope",
    "Permission",
    "PlaceMalformed",
    "Principal",
    "RateExceeded",
    "RoleGrantedTwice",
    "RoleRefused",
    "RoutesUndeclared",
    "Scope",
    "ScopeMissing",
    "TokenEndless",
    "TokenExpired",
    "TokenForeign",
    "TokenForged",
    "TokenMalformed",
    "TokenMissing",
    "TokenRefused",
    "TooLongAgo",
    "Verifier",
    "check_routes",
    "covers",
    "granted",
    "new_issuer_key",
    "parse_place",
    "permit",
    "place_filter",
    "require_own",
    "require_recent",
    "within",
]
