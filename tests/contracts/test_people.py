"""People are not sorted: no contract has a place for a score, a colour or a history of a person."""

import re

import pytest

from contracts.catalogue import CATALOGUE
from contracts.common import Sealed

FORBIDDEN = re.compile(
    r"(^|_)(score|risk|colou?r|rating|rank|grade|blacklist|criminal|record_type|conviction|ethnic\w*|relig\w*|politic\w*"
    r"|diagnos\w*|health|face|biometric\w*|template|gender|nationality)(_|$)"
)
PERSONAL = {"name", "phone", "document", "description", "note", "minutes", "summary", "terms"}
PUBLIC_NAMES = {"registry.building-registered.v1"}
"""A building's name is not a person's."""


def fields():
    return [
        (name, field, info) for name, model in CATALOGUE.models.items() for field, info in model.model_fields.items()
    ]


@pytest.mark.parametrize(
    ("type_name", "field", "info"), fields(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_no_event_has_a_field_that_sorts_people(type_name, field, info):
    assert not FORBIDDEN.search(field), f"{type_name}.{field}"


def test_what_could_name_a_person_is_sealed():
    for type_name, field, info in fields():
        if field in PERSONAL and type_name not in PUBLIC_NAMES:
            assert Sealed in getattr(info.annotation, "__args__", ()), f"{type_name}.{field} is readable"


def test_a_face_is_never_a_way_to_verify():
    from contracts.registry import OccupantVerified

    methods = OccupantVerified.model_fields["method"].annotation.__args__
    assert not [method for method in methods if "face" in method]
    assert len(methods) >= 2
