"""The development issuer's desk: in embedded mode it gives whoever asks a token for a role, and the pages say so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from contracts.common import Role
from services.analytics.pages.officer.site import Choice
from services.chassis.access import Issuer, Principal

LASTS = timedelta(hours=12)


@dataclass
class Desk:
    """Who a viewer is in each role.

    Attributes:
        issuer: makes the tokens. roots: places that a role reaches unless ``people`` says otherwise; grows as cities
            are imported. people: somebody in particular for a role. officers: whom the officer's page offers.
    """

    issuer: Issuer
    roots: list[str] = field(default_factory=list)
    people: Mapping[Role, Principal] = field(default_factory=dict)
    officers: Sequence[Choice] = ()

    def token(self, role: str) -> str:
        """A token for a role.

        Raises:
            ValueError: there is no such role.
        """
        wanted = Role(role)
        person = self.people.get(wanted)
        if person is None:
            person = Principal(wanted, f"{role}-desk", tuple(self.roots))
        return self.issuer.issue(person, LASTS)

    def officer(self, officer: str, place: str) -> str:
        """A token for one officer and their beat."""
        return self.issuer.issue(Principal(Role.OFFICER, officer, (place,)), LASTS)
