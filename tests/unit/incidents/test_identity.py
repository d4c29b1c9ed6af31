"""Who and what is the same: incidents of a source, officers of an issuer."""

import re

from contracts.common import Role
from services.chassis.access import Principal
from services.incidents.domain.identity import incident_of
from services.incidents.sight import officer_id
from services.runtime.imports.identity import digest_of_id, incident_id

IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


def test_what_a_source_calls_an_incident_decides_which_it_is():
    assert incident_of("city-110", "A-17") == incident_of("city-110", "A-17")
    assert len({incident_of(*pair) for pair in [("city-110", "A-17"), ("city-110", "a-17"), ("city-11", "0A-17")]}) == 3


def test_an_import_and_the_api_give_an_incident_the_same_id():
    assert incident_of("city-110", "A-17") == incident_id(digest_of_id("city-110", "A-17"))


def test_no_two_people_are_the_same_officer():
    names = ["officer-gu", "Officer-Gu", "officer gu", "顾警官", "陈警官", "-", "x" * 120, "x" * 80]
    officers = [officer_id(Principal(Role.OFFICER, name)) for name in names]
    assert officers[0] == "officer-gu"
    assert len(set(officers)) == len(names)
    assert all(IDENTIFIER.fullmatch(officer) for officer in officers)
