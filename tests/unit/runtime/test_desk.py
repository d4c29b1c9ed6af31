"""Who a viewer is in one's own city, where nobody is named for a role."""

import pytest

from contracts.common import Role
from services.analytics.pages.officer.site import Choice
from services.chassis.access import Issuer, Principal, Verifier, new_issuer_key
from services.runtime.desk import Desk

ISSUER = Issuer(new_issuer_key())


def told(token: str) -> Principal:
    """What a service reads of a token."""
    return Verifier(ISSUER.jwks).verify(token)


def test_the_officers_page_offers_an_officer_of_each_city_once_it_is_imported():
    desk = Desk(ISSUER)
    assert desk.offered() == []
    desk.roots.append("harbin")
    (choice,) = desk.offered()
    assert (choice.officer, choice.place, choice.place_name["en"]) == ("officer-desk", "harbin", "Harbin")
    assert set(choice.name) == set(choice.place_name) == {"zh", "en"}
    assert told(desk.officer(choice.officer, choice.place)) == told(desk.token("officer"))


def test_officers_who_are_named_stand_alone():
    named = Choice("officer-ma", "harbin", {}, {})
    assert list(Desk(ISSUER, ["harbin"], officers=(named,)).offered()) == [named]


@pytest.mark.parametrize(
    ("role", "subject", "org"),
    [
        (Role.RESIDENT, "resident-desk", None),
        (Role.PARTNER, None, "property-company"),
        (Role.OPERATOR, None, "operator-desk"),
        (Role.ANALYST, None, None),
    ],
)
def test_each_role_has_what_its_permissions_go_by(role, subject, org):
    assert told(Desk(ISSUER, ["harbin"]).token(role)) == Principal(role, f"{role}-desk", ("harbin",), org, subject)
