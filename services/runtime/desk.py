"""The development issuer's desk: in embedded mode it gives whoever asks a token for a role, and the pages say so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from contracts.common import Role
from services.analytics.pages.gazetteer import Gazetteer
from services.analytics.pages.officer.site import Choice
from services.analytics.pages.words import LANGUAGES
from services.chassis.access import Issuer, Principal

LASTS = timedelta(hours=12)
ORGANISATIONS: Mapping[Role, str] = {Role.OPERATOR: "operator-desk", Role.PARTNER: "property-company"}
"""For whom those act who see what is their organisation's; the partner's is one that the form of a promise offers."""


@dataclass
class Desk:
    """Who a viewer is in each role.

    Attributes:
        issuer: makes the tokens. roots: places that a role reaches unless ``people`` says otherwise; grows as cities
            are imported. people: somebody in particular for a role. officers: whom the officer's page offers; where
            none are named, it offers one for each of the roots.
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
        wanted, ident = Role(role), f"{role}-desk"
        person = self.people.get(wanted)
        if person is None:
            subject = ident if wanted is Role.RESIDENT else None
            person = Principal(wanted, ident, tuple(self.roots), ORGANISATIONS.get(wanted), subject)
        return self.issuer.issue(person, LASTS)

    def offered(self) -> Sequence[Choice]:
        """Whom the officer's page offers at this moment."""
        return self.officers or [_officer_of(root) for root in self.roots]

    def officer(self, officer: str, place: str) -> str:
        """A token for one officer and their beat."""
        return self.issuer.issue(Principal(Role.OFFICER, officer, (place,)), LASTS)


def _officer_of(root: str) -> Choice:
    names = Gazetteer.shipped()
    place: dict[str, str] = {language: names.place(root, language) for language in LANGUAGES}
    return Choice(f"{Role.OFFICER}-desk", root, {"zh": "警官", "en": "Officer"}, place)
