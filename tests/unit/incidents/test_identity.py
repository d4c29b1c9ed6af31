"""Who and what is the same: incidents of a source, officers of an issuer."""

import re

from contracts.common import Role
from services.chassis.access import Principal
from services.incidents.domain.identity import digest_in, digest_of, incident_of
from services.incidents.sight import officer_id

IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


def test_what_a_source_calls_an_incident_decides_which_it_is():
    # what is in logs already was given this id
    assert incident_of(digest_of("city-110", "A-17")) == "a3826b0a68f84b3af43533e8"
    assert len({digest_of(*pair) for pair in [("city-110", "A-17"), ("city-110", "a-17"), ("city-11", "0A-17")]}) == 3


def test_a_digest_stands_for_another_incident_in_another_city():
    digest = digest_of("city-110", "A-17")
    assert digest_in("yinchuan/jinfeng", digest) == digest_in("yinchuan", digest)
    assert len({digest, digest_in("yinchuan", digest), digest_in("yin", digest), digest_in("vancouver", digest)}) == 4


def test_no_two_people_are_the_same_officer():
    names = ["officer-gu", "Officer-Gu", "officer gu", "顾警官", "陈警官", "-", "x" * 120, "x" * 80]
    officers = [officer_id(Principal(Role.OFFICER, name)) for name in names]
    assert officers[0] == "officer-gu"
    assert len(set(officers)) == len(names)
    assert all(IDENTIFIER.fullmatch(officer) for officer in officers)
