"""A state from a snapshot is the state from all events, for every decider, and another state is of another version."""

import contextlib
import importlib
import itertools
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


ROOM = {
    "state.py": """
from dataclasses import dataclass
from .beside import twice

@dataclass(frozen=True)
class Tally:
    number: int = 0

def evolve(tally, event):
    return Tally(tally.number + twice(event))
""",
    "beside.py": """
def twice(number):
    return number * 2
""",
}
NUMBERS = itertools.count()
CHANGES = {
    "evolve": ("state.py", "tally.number +", "tally.number -"),
    "what evolve takes from beside it": ("beside.py", "* 2", "* 3"),
    "the state": ("state.py", "number: int = 0", "number: float = 0"),
}


@pytest.fixture
def version_of(tmp_path, monkeypatch):
    """The version of a decider that is made of these files."""
    monkeypatch.syspath_prepend(tmp_path)

    def version(files):
        room = f"room_{next(NUMBERS)}"
        (tmp_path / room).mkdir()
        for name, text in {"__init__.py": "", **files}.items():
            (tmp_path / room / name).write_text(text)
        importlib.invalidate_caches()
        state = importlib.import_module(f"{room}.state")
        return Decider("tally", state.Tally(), state.evolve, {}).version

    return version


def test_the_same_state_and_code_are_of_the_same_version_whatever_is_said_of_them(version_of):
    said = ROOM | {"beside.py": '# a comment\ndef twice(number):\n    """A docstring."""\n    return number * 2\n'}
    assert version_of(ROOM) == version_of(ROOM) == version_of(said)


@pytest.mark.parametrize("change", CHANGES)
def test_a_state_that_may_be_another_is_of_another_version(version_of, change):
    name, before, after = CHANGES[change]
    assert before in ROOM[name]
    assert version_of(ROOM) != version_of(ROOM | {name: ROOM[name].replace(before, after)})


@pytest.mark.parametrize("name", DECIDERS)
def test_a_version_is_a_number_that_the_database_keeps(name):
    assert 0 <= DECIDERS[name].version < 2**31


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
