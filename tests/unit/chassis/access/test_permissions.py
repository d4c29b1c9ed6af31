"""A permission is data: who may, and what bounds them."""

import pytest

from contracts.common import Role
from services.chassis.access import (
    OutsideScope,
    Permission,
    Principal,
    RoleGrantedTwice,
    RoleRefused,
    Scope,
    ScopeMissing,
    granted,
)

READ = Permission(
    "read units",
    place={Role.OFFICER},
    organisation={Role.OPERATOR},
    subject={Role.RESIDENT},
    unscoped={Role.ADMINISTRATOR},
)
OFFICER = Principal(Role.OFFICER, "officer-li", ("yinchuan/jinfeng", "yinchuan/helan/xigang"))
OPERATOR = Principal(Role.OPERATOR, "operator-7", org="hotel-7")
RESIDENT = Principal(Role.RESIDENT, "resident-1", subject="s1")


def test_each_role_has_the_scope_that_it_was_granted_in():
    assert {role: READ.scope(role) for role in READ.roles} == {
        Role.OFFICER: Scope.PLACE,
        Role.OPERATOR: Scope.ORGANISATION,
        Role.RESIDENT: Scope.SUBJECT,
        Role.ADMINISTRATOR: Scope.NONE,
    }


def test_a_role_is_granted_a_permission_in_one_scope_only():
    with pytest.raises(RoleGrantedTwice):
        Permission("read units", place={Role.OFFICER}, unscoped={Role.OFFICER})


@pytest.mark.parametrize("principal", [OFFICER, OPERATOR, RESIDENT, Principal(Role.ADMINISTRATOR, "root")])
def test_who_has_the_role_and_the_scope_may(principal):
    granted(READ, principal)


def test_another_role_may_not():
    with pytest.raises(RoleRefused, match="read units"):
        granted(READ, Principal(Role.ANALYST, "analyst-1", ("yinchuan",)))


@pytest.mark.parametrize("role", [Role.OFFICER, Role.OPERATOR, Role.RESIDENT])
def test_a_role_without_its_scope_may_not(role):
    with pytest.raises(ScopeMissing):
        granted(READ, Principal(role, "somebody"))


@pytest.mark.parametrize("place", ["yinchuan/jinfeng", "yinchuan/jinfeng/x", "yinchuan/helan/xigang/tianehu"])
def test_a_place_within_theirs_passes(place):
    OFFICER.require(place)


@pytest.mark.parametrize("place", ["yinchuan", "yinchuan/jinfeng2", "yinchuan/helan", "helan/xigang", ""])
def test_a_place_outside_theirs_does_not(place):
    with pytest.raises(OutsideScope):
        OFFICER.require(place)


@pytest.mark.parametrize("other", [None, "", "hotel-70", "HOTEL-7"])
def test_only_ones_own_organisation_passes(other):
    OPERATOR.require_organisation("hotel-7")
    with pytest.raises(OutsideScope):
        OPERATOR.require_organisation(other)


@pytest.mark.parametrize("other", [None, "", "s10"])
def test_only_oneself_passes(other):
    RESIDENT.require_subject("s1")
    with pytest.raises(OutsideScope):
        RESIDENT.require_subject(other)


def test_nobody_is_the_same_as_nobody():
    with pytest.raises(OutsideScope):
        OFFICER.require_organisation(None)
    with pytest.raises(OutsideScope):
        OFFICER.require_subject(None)
