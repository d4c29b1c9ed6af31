"""Each wrong change to a released event is found, with who it breaks; harmless ones pass."""

import copy
import json
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, StringConstraints, create_model

from contracts import generate
from contracts.catalogue import CATALOGUE, Catalogue, Upcaster
from contracts.common import Event, Frozen, Identifier
from contracts.compatibility import Harm, breaks, withdrawn
from contracts.schema import described


class Colour(StrEnum):
    GREEN = "green"
    BLUE = "blue"


class Latch(Frozen):
    height: int
    brand: str | None = None


DOOR = "registry.door-painted.v1"
BEFORE = {
    "door": (Identifier, ...),
    "colour": (Colour, ...),
    "coats": (Annotated[int, Field(ge=1, le=5)], ...),
    "latch": (Latch | None, None),
    "notes": (tuple[Annotated[str, StringConstraints(max_length=20)], ...], ()),
    "kind": (Literal["inner", "outer"], "inner"),
    "by": (Identifier | None, None),
}


def schema(fields):
    return described(create_model("DoorPainted", __base__=Event, **fields), DOOR)


def changed(**fields):
    kept = {name: rule for name, rule in BEFORE.items() if fields.get(name, ...) is not None}
    return schema({**kept, **{name: rule for name, rule in fields.items() if rule is not None}})


class WiderColour(StrEnum):
    GREEN = "green"
    BLUE = "blue"
    RED = "red"


class NarrowerColour(StrEnum):
    GREEN = "green"


class LatchWithoutBrand(Frozen):
    height: int


class LatchWithColour(Frozen):
    height: int
    brand: str | None = None
    colour: Colour


class LatchInWords(Frozen):
    height: str
    brand: str | None = None


WRONG = {
    "a field removed": ({"by": None}, "/by", Harm.BOTH),
    "a required field removed": ({"door": None}, "/door", Harm.BOTH),
    "a field renamed": ({"by": None, "painter": (Identifier | None, None)}, "/by", Harm.BOTH),
    "a type changed": ({"coats": (str, ...)}, "/coats", Harm.BOTH),
    "a whole number became a fraction": ({"coats": (Annotated[float, Field(ge=1, le=5)], ...)}, "/coats", Harm.BOTH),
    "a bound tightened": ({"coats": (Annotated[int, Field(ge=2, le=5)], ...)}, "/coats", Harm.OLD_EVENTS),
    "an upper bound tightened": ({"coats": (Annotated[int, Field(ge=1, le=4)], ...)}, "/coats", Harm.OLD_EVENTS),
    "a bound widened": ({"coats": (Annotated[int, Field(ge=1, le=9)], ...)}, "/coats", Harm.OLD_READERS),
    "a bound dropped": ({"coats": (Annotated[int, Field(ge=1)], ...)}, "/coats", Harm.OLD_READERS),
    "a bound added": (
        {"door": (Annotated[Identifier, Field(max_length=8)], ...)},
        "/door",
        Harm.OLD_EVENTS,
    ),
    "an enumerated value removed": ({"colour": (NarrowerColour, ...)}, "/colour", Harm.OLD_EVENTS),
    "an enumerated value added": ({"colour": (WiderColour, ...)}, "/colour", Harm.OLD_READERS),
    "an enumeration opened": ({"colour": (str, ...)}, "/colour", Harm.OLD_READERS),
    "a literal removed": ({"kind": (Literal["inner"], "inner")}, "/kind", Harm.OLD_EVENTS),
    "a literal added": ({"kind": (Literal["inner", "outer", "trap"], "inner")}, "/kind", Harm.OLD_READERS),
    "a new field required": ({"weight": (int, ...)}, "/weight", Harm.OLD_EVENTS),
    "a field became required": ({"by": (Identifier | None, ...)}, "/by", Harm.OLD_EVENTS),
    "a field became optional": ({"door": (Identifier, "front")}, "/door", Harm.OLD_READERS),
    "a pattern tightened": (
        {"door": (Annotated[str, StringConstraints(pattern="^[a-z]{1,8}$")], ...)},
        "/door",
        Harm.BOTH,
    ),
    "a pattern dropped": ({"door": (str, ...)}, "/door", Harm.OLD_READERS),
    "null refused": ({"by": (Identifier, "nobody")}, "/by", Harm.OLD_EVENTS),
    "null allowed": ({"door": (Identifier | None, ...)}, "/door", Harm.OLD_READERS),
    "a default changed": ({"kind": (Literal["inner", "outer"], "outer")}, "/kind", Harm.BOTH),
    "a list became one": ({"notes": (str, "")}, "/notes", Harm.BOTH),
    "what a list holds tightened": (
        {"notes": (tuple[Annotated[str, StringConstraints(max_length=5)], ...], ())},
        "/notes/*",
        Harm.OLD_EVENTS,
    ),
    "a field of an inner value removed": ({"latch": (LatchWithoutBrand | None, None)}, "/latch/brand", Harm.BOTH),
    "a field of an inner value required": (
        {"latch": (LatchWithColour | None, None)},
        "/latch/colour",
        Harm.OLD_EVENTS,
    ),
    "a field of an inner value changed": ({"latch": (LatchInWords | None, None)}, "/latch/height", Harm.BOTH),
    "one kind of value became several": ({"coats": (int | str, ...)}, "/coats", Harm.OLD_READERS),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_change_is_found_and_says_who_it_breaks(name):
    fields, path, harm = WRONG[name]
    found = breaks(schema(BEFORE), changed(**fields), DOOR)
    assert (path, harm) in {(one.path, one.harm) for one in found}, [str(one) for one in found]
    assert all("new version" in str(one) and DOOR in str(one) for one in found)


class LatchAndMore(Frozen):
    height: int
    brand: str | None = None
    weight: int | None = None


HARMLESS = {
    "nothing": {},
    "an optional field added": {"weight": (int | None, None)},
    "a field with a default added": {"glossy": (bool, False)},
    "an optional field of an inner value added": {"latch": (LatchAndMore | None, None)},
    "words added": {"coats": (Annotated[int, Field(ge=1, le=5, description="layers of paint")], ...)},
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_change_passes(name):
    assert breaks(schema(BEFORE), changed(**HARMLESS[name]), DOOR) == []


def test_the_same_values_under_another_name_are_the_same():
    class Paint(StrEnum):
        GREEN = "green"
        BLUE = "blue"

    assert breaks(schema(BEFORE), changed(colour=(Paint, ...)), DOOR) == []


def paths(node, trail=()):
    """Every keyword of a schema that a payload is judged by, as the way to it."""
    if isinstance(node, dict):
        for key, value in node.items():
            names = trail and trail[-1] in {"properties", "$defs"}
            if not names and key in {"title", "description", "examples", "$id", "$schema"}:
                continue
            if not names and not isinstance(value, (dict, list)):
                yield (*trail, key)
            yield from paths(value, (*trail, key))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from paths(value, (*trail, place))


TODAY = generate.schemas(CATALOGUE)
JUDGED = [
    (name, path)
    for name, model in TODAY.items()
    for path in paths(model)
    if path[-1] != "$ref" and "enum" not in path and "required" not in path
]


@given(st.sampled_from(JUDGED))
def test_no_keyword_of_any_contract_can_go_unnoticed(where):
    name, path = where
    released = TODAY[name]
    today = copy.deepcopy(released)
    node = today
    for part in path[:-1]:
        node = node[part]
    node.pop(path[-1])
    assert breaks(released, today, name), path


@given(st.sampled_from(sorted(CATALOGUE.models)), st.data())
def test_no_field_of_any_event_can_go_or_come_required_unnoticed(name, data):
    released = TODAY[name]
    field = data.draw(st.sampled_from(sorted(released["properties"])))
    gone, required = copy.deepcopy(released), copy.deepcopy(released)
    gone["properties"].pop(field)
    gone["required"] = [one for one in gone["required"] if one != field]
    assert [one.path for one in breaks(released, gone, name)] == [f"/{field}"]
    required["properties"]["brand_new"] = {"type": "string"}
    required["required"].append("brand_new")
    assert [one.path for one in breaks(released, required, name)] == ["/brand_new"]
    assert breaks(gone, released, name) == [] or field in released["required"]


class DoorPainted(Event):
    """A door was painted.

    Attributes:
        door: which.
    """

    type: ClassVar[str] = "registry.door-painted.v2"
    door: Identifier


def test_a_released_type_leaves_only_by_way_of_an_upcaster():
    lift = Upcaster(DOOR, "registry.door-painted.v2", lambda payload: {"door": payload["door"]})
    assert withdrawn(Catalogue.of([DoorPainted], [lift]), DOOR) is None
    assert withdrawn(Catalogue.of([DoorPainted]), DOOR) is not None
    assert withdrawn(Catalogue.of([], [lift]), DOOR) is not None


def test_the_check_fails_when_a_released_event_breaks(tmp_path, capsys):
    generate.write(tmp_path, CATALOGUE)
    generate.release(tmp_path, CATALOGUE)
    assert generate.main(["--check"], tmp_path) == 0
    victim = tmp_path / "released" / "registry.unit-registered.v1.json"
    frozen = json.loads(victim.read_text(encoding="utf-8"))
    frozen["properties"]["owner"] = {"type": "string"}
    victim.write_text(json.dumps(frozen), encoding="utf-8")
    assert generate.main(["--check"], tmp_path) == 1
    assert "/owner: the field was removed" in capsys.readouterr().err
    assert generate.main(["--release"], tmp_path) == 1
    assert "owner" in victim.read_text(encoding="utf-8")


def test_every_event_of_today_is_released():
    released = {path.stem for path in (generate.SCHEMAS / "released").glob("*.json")}
    assert set(CATALOGUE.models) <= released
