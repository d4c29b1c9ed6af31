"""A state from a snapshot is the state from all events, for every decider; and its shape is on record."""

import ast
import contextlib
import hashlib
import importlib
import inspect
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import city
from contracts.examples import example_of
from services.chassis.decider import Decider
from tests.unit.payloads import events

SERVICES = ("registry", "incidents", "mediation", "analytics")
DECIDERS = {
    f"{service}.{name}": decider
    for service in SERVICES
    for name, decider in vars(importlib.import_module(f"services.{service}.deciders")).items()
    if isinstance(decider, Decider)
}
ON_RECORD = {
    "registry.UNIT": (2, "71e9f96bc4c2527d"),
    "registry.BUILDING": (2, "0b94b118aa45a0e5"),
    "registry.VISIT_ROUND": (1, "b2c8f00e6bf32aca"),
    "registry.SUBJECT": (1, "c8efcb9c8c98b1e1"),
    "incidents.INCIDENT": (2, "f797f00293da81ab"),
    "incidents.DUTY": (1, "24c38dda78f684b6"),
    "incidents.ERASURE": (1, "d432d867534a223a"),
    "incidents.OPENING": (1, "34ef245572a6a36b"),
    "mediation.DISPUTE": (1, "bb86daec91f30c22"),
    "mediation.ISSUE": (2, "3639e101dc8f090c"),
    "mediation.ERASURE": (1, "b9219428b88f0833"),
    "mediation.SESSION": (1, "f663d0c44d228944"),
    "mediation.OPENING": (1, "b2941631caaf6553"),
    "analytics.ALERT": (2, "503dd5bedf2fdf53"),
    "analytics.INDICATOR": (2, "0412b2b40ad32b8c"),
    "analytics.COVERAGE": (1, "e7ceead162bdf1b7"),
    "analytics.CITY_POLICY": (1, "abdb0ded3bbb5f26"),
    "analytics.CITY_FIGURES": (1, "59af50b7232cf10c"),
    "analytics.CITY_EXPORT": (1, "c02766d371874683"),
}
"""A digest of each decider's state and evolve, by its version."""


ANY_EVENT = {
    service: st.one_of([events(model) for model in importlib.import_module(f"contracts.{service}").EVENTS])
    for service in SERVICES
}
CITY = [model.model_validate(example_of(model)) for model in city.EVENTS]
ANY_EVENT["analytics"] = st.one_of(ANY_EVENT["analytics"], st.sampled_from(CITY))


def followed(decider, state, events):
    """The state after those of the events that can follow."""
    for event in events:
        with contextlib.suppress(Exception):  # no command leads there
            state = decider.evolve(state, event)
    return state


@pytest.mark.parametrize("name", DECIDERS)
def test_a_state_from_a_snapshot_is_the_state_from_all_events(name):
    decider = DECIDERS[name]

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(ANY_EVENT[name.split(".")[0]], max_size=12), st.integers(0, 12))
    def holds(happened, cut):
        early = followed(decider, decider.initial, happened[:cut])
        kept = decider.adapter.validate_json(decider.adapter.dump_json(early))
        assert kept == early
        assert type(kept) is type(early)
        assert followed(decider, kept, happened[cut:]) == followed(decider, early, happened[cut:])

    holds()


def digest(decider):
    """Of the state's shape, and of the module that says how events change it, comments and docstrings aside."""
    tree = ast.parse(inspect.getsource(inspect.getmodule(decider.evolve)))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            told = [each for each in body if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)]
            node.body = [each for each in body if each not in told] or [ast.Pass()]
    shape = json.dumps(decider.adapter.json_schema(mode="serialization"), sort_keys=True)
    return hashlib.sha256((ast.unparse(tree) + shape).encode()).hexdigest()[:16]


@pytest.mark.parametrize("name", DECIDERS)
def test_a_state_that_changes_raises_its_version(name):
    decider = DECIDERS[name]
    assert ON_RECORD[name] == (decider.version, digest(decider)), (
        f"{name} changed: raise its version, unless every state is what it was before; then put "
        f"{(decider.version, digest(decider))} on record here."
    )


PERSONAL = {"name", "phone", "document", "description", "note", "minutes", "summary", "terms", "reason", "text"}
PUBLIC = {("Building", "name"), ("BuildingRegistered", "name"), ("Sealed", "text")}
"""A building's name is not a person's; a sealed text is noise without its key."""


@pytest.mark.parametrize("name", DECIDERS)
def test_what_could_name_a_person_is_sealed_in_a_state_too(name):
    schema = DECIDERS[name].adapter.json_schema(mode="serialization")
    for kind in (schema, *schema.get("$defs", {}).values()):
        for field, about in kind.get("properties", {}).items():
            if field in PERSONAL and (kind["title"], field) not in PUBLIC:
                assert "Sealed" in json.dumps(about), f"{kind['title']}.{field} is readable"
