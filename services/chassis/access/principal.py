"""Who is asking, and how far their word reaches."""

import re
from dataclasses import dataclass
from hashlib import blake2b

import sqlalchemy as sa

from contracts.common import Actor, Role
from services.chassis.access.places import covers, within
from services.chassis.access.refusals import OutsideScope


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody whose token was verified.

    Attributes:
        role: what they are here. id: who, never a name. places: paths whose inside they are responsible for.
        org: the organisation that they act for. subject: who they are as a person in the register.
    """

    role: Role
    id: str
    places: tuple[str, ...] = ()
    org: str | None = None
    subject: str | None = None

    @property
    def actor(self) -> Actor:
        """As events name them: the city's data platform is an integrator there, by its own id."""
        role = Role.INTEGRATOR if self.role is Role.DATA_PLATFORM else self.role
        return Actor(role=role, id=self.id)

    @property
    def identifier(self) -> str:
        """Their id in the letters of an identifier, as tasks name them.

        An outside issuer may name people in other letters; two people never get the same one.
        """
        plain = re.sub(r"[^a-z0-9._-]", "-", self.id.lower()).lstrip("._-")[:80]
        if plain == self.id:
            return plain
        return f"{plain[:63] or 'officer'}-{blake2b(self.id.encode(), digest_size=8).hexdigest()}"

    def sees(self, place: str) -> bool:
        """Whether the place lies within theirs."""
        return any(covers(scope, place) for scope in self.places)

    def require(self, place: str) -> None:
        """Lets a place pass that lies within theirs.

        Raises:
            OutsideScope: it does not.
        """
        if not self.sees(place):
            raise OutsideScope

    def require_organisation(self, organisation: str | None) -> None:
        """Lets their own organisation pass.

        Raises:
            OutsideScope: it is another, or none.
        """
        if organisation is None or organisation != self.org:
            raise OutsideScope

    def require_subject(self, subject: str | None) -> None:
        """Lets themselves pass.

        Raises:
            OutsideScope: it is somebody else, or nobody.
        """
        if subject is None or subject != self.subject:
            raise OutsideScope


def place_filter(column: "sa.ColumnElement[str]", principal: Principal) -> "sa.ColumnElement[bool]":
    """The rows whose place lies within the principal's; none where they have no place."""
    return within(column, principal.places)
