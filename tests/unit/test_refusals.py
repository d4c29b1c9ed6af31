"""Every refusal of every service is of a kind that has an HTTP status, and says what the rule is."""

import pkgutil
from http import HTTPStatus
from importlib import import_module

import pytest

import services.analytics.domain
import services.incidents.domain
import services.mediation.domain
import services.registry.domain
from contracts import refusals
from contracts.refusals import Refused
from services.chassis.access import residents
from services.chassis.http.problems import KNOWN, status_of

ROOMS = [services.registry.domain, services.incidents.domain, services.mediation.domain, services.analytics.domain]
MODULES = [
    residents,
    *(
        import_module(f"{room.__name__}.{module.name}")
        for room in ROOMS
        for module in pkgutil.iter_modules(room.__path__)
    ),
]
KINDS = {kind for kind in vars(refusals).values() if isinstance(kind, type) and kind is not Refused}
FOUND = sorted(
    {
        kind
        for module in MODULES
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Refused) and kind.__module__ != refusals.__name__
    },
    key=lambda kind: f"{kind.__module__}.{kind.__name__}",
)


def test_every_kind_is_the_callers_to_mend():
    assert {KNOWN[kind] for kind in KINDS} == {
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.GONE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
    assert len(FOUND) > 110


@pytest.mark.parametrize("refusal", FOUND, ids=lambda refusal: refusal.__name__)
def test_a_refusal_is_of_one_kind_and_says_the_rule(refusal):
    assert sum(issubclass(refusal, kind) for kind in KINDS) == 1
    assert status_of(refusal, {}) is not None
    assert vars(refusal).get("__doc__"), "its docstring is what the document says of it"


def test_a_refusal_of_no_kind_has_no_status():
    assert status_of(Refused, {}) is None
