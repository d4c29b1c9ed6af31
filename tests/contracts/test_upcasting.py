"""A first version is read as the second, through the catalogue, and nobody else's payload is touched."""

import json
from typing import ClassVar

import pytest
from pydantic import ValidationError

from contracts.catalogue import CATALOGUE, Catalogue, TypeUnknown, Upcaster
from contracts.common import Event, Identifier, Instant
from contracts.examples import example_of
from contracts.registry import TenantMovedOut


class KeysReturned(Event):
    """The keys of a unit came back.

    Attributes:
        unit: whose. keys: how many of each kind. returned_by: who brought them, as an id; unknown of old.
    """

    type: ClassVar[str] = "registry.keys-returned.v3"
    unit: Identifier
    keys: dict[str, int]
    returned_by: Identifier | None
    seen_at: Instant


FIRST = json.dumps({"effective_at": "2023-05-01T02:00:00Z", "unit": "wanda-a-1812", "count": 3}).encode()


def count_becomes_kinds(payload):
    payload["keys"] = {"door": payload.pop("count")}
    return payload


def seen_when_it_was_true(payload):
    return {**payload, "seen_at": payload["effective_at"], "returned_by": None}


CHAIN = Catalogue.of(
    [KeysReturned],
    [
        Upcaster("registry.keys-returned.v1", "registry.keys-returned.v2", count_becomes_kinds),
        Upcaster("registry.keys-returned.v2", "registry.keys-returned.v3", seen_when_it_was_true),
    ],
)


def test_a_first_version_is_read_as_the_third():
    event = CHAIN.decode("registry.keys-returned.v1", FIRST)
    assert event == KeysReturned(
        unit="wanda-a-1812",
        keys={"door": 3},
        returned_by=None,
        seen_at="2023-05-01T02:00:00Z",
        effective_at="2023-05-01T02:00:00Z",
    )


def test_a_version_in_between_is_lifted_from_where_it_is():
    second = {"effective_at": "2023-05-01T02:00:00Z", "unit": "wanda-a-1812", "keys": {"door": 1, "lift": 1}}
    event = CHAIN.decode("registry.keys-returned.v2", json.dumps(second).encode())
    assert isinstance(event, KeysReturned)
    assert event.keys == {"door": 1, "lift": 1}


def test_a_lift_cannot_change_what_another_reader_holds():
    held: list[dict[str, object]] = []

    def greedy(payload):
        held.append(payload)
        payload["keys"] = {"door": payload.pop("count")}
        return {**payload, "returned_by": None, "seen_at": payload["effective_at"]}

    catalogue = Catalogue.of(
        [KeysReturned], [Upcaster("registry.keys-returned.v1", "registry.keys-returned.v3", greedy)]
    )
    before = bytes(FIRST)
    first = catalogue.decode("registry.keys-returned.v1", FIRST)
    held[0]["unit"] = "somebody-else"
    held[0]["keys"]["door"] = 99
    second = catalogue.decode("registry.keys-returned.v1", FIRST)
    assert first == second
    assert second.keys == {"door": 3}
    assert before == FIRST
    assert held[0] is not held[1]


def test_a_lifted_payload_is_held_to_todays_contract():
    catalogue = Catalogue.of(
        [KeysReturned], [Upcaster("registry.keys-returned.v1", "registry.keys-returned.v3", lambda payload: payload)]
    )
    with pytest.raises(ValidationError):
        catalogue.decode("registry.keys-returned.v1", FIRST)


def test_a_type_that_nobody_describes_is_named():
    with pytest.raises(TypeUnknown, match=r"registry\.keys-lost\.v1"):
        CHAIN.decode("registry.keys-lost.v1", b"{}")


def test_a_lift_that_leads_nowhere_is_named():
    catalogue = Catalogue.of([], [Upcaster("registry.keys-lost.v1", "registry.keys-lost.v2", lambda payload: payload)])
    with pytest.raises(TypeUnknown, match=r"registry\.keys-lost\.v2"):
        catalogue.decode("registry.keys-lost.v1", b"{}")


def test_no_type_has_two_meanings():
    with pytest.raises(ValueError, match="declared twice"):
        Catalogue.of([KeysReturned, KeysReturned])
    with pytest.raises(ValueError, match="two meanings"):
        Catalogue.of(
            [KeysReturned], [Upcaster(KeysReturned.type, "registry.keys-returned.v4", lambda payload: payload)]
        )


def test_a_field_of_a_later_release_is_ignored_by_a_reader_of_today():
    payload = {**example_of(TenantMovedOut), "forwarding_address_known": True}
    assert CATALOGUE.decode(TenantMovedOut.type, json.dumps(payload).encode()) == TenantMovedOut.model_validate(
        example_of(TenantMovedOut)
    )


def test_a_writer_of_today_cannot_write_a_field_that_no_contract_has():
    with pytest.raises(ValidationError):
        TenantMovedOut.model_validate({**example_of(TenantMovedOut), "forwarding_address_known": True})


@pytest.mark.parametrize("name", CATALOGUE.models)
def test_every_example_is_read_back_as_it_was_written(name):
    model = CATALOGUE.models[name]
    event = model.model_validate(example_of(model))
    assert CATALOGUE.decode(name, event.model_dump_json().encode()) == event
