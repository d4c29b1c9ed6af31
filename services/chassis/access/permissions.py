"""Which roles may do what, and how far: data that stands on one page in each service."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from contracts.common import Role


class Scope(StrEnum):
    """What bounds a grant.

    PLACE: the places of the token and all inside them. ORGANISATION: what is the organisation's at that moment.
    SUBJECT: what is the person's own. NONE: no bound, for what belongs to no place and names nobody.
    """

    PLACE = "place"
    ORGANISATION = "organisation"
    SUBJECT = "subject"
    NONE = "none"


class RoleGrantedTwice(ValueError):
    """A permission grants a role under two scopes: it would be unclear which one bounds it."""

    def __init__(self, name: str, role: Role) -> None:
        super().__init__(f"{name!r} is granted to {role} twice: leave one of the scopes.")


@dataclass(frozen=True, init=False)
class Permission:
    """Something that one may be allowed to do.

    Attributes:
        name: in words, such as "observe the use of a unit"; people read it when they are refused.
        grants: each role that may, and what bounds it.
    """

    name: str
    grants: tuple[tuple[Role, Scope], ...]

    def __init__(
        self,
        name: str,
        *,
        place: Iterable[Role] = (),
        organisation: Iterable[Role] = (),
        subject: Iterable[Role] = (),
        unscoped: Iterable[Role] = (),
    ) -> None:
        bounds = {Scope.PLACE: place, Scope.ORGANISATION: organisation, Scope.SUBJECT: subject, Scope.NONE: unscoped}
        grants: dict[Role, Scope] = {}
        for scope, roles in bounds.items():
            for role in roles:
                if role in grants:
                    raise RoleGrantedTwice(name, role)
                grants[role] = scope
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "grants", tuple(sorted(grants.items())))

    @cached_property
    def _scopes(self) -> dict[Role, Scope]:
        return dict(self.grants)

    @property
    def roles(self) -> frozenset[Role]:
        """Who may at all."""
        return frozenset(self._scopes)

    def scope(self, role: Role) -> Scope:
        """What bounds the role.

        Raises:
            KeyError: the role is not granted it.
        """
        return self._scopes[role]
