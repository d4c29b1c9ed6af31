"""An event of an earlier version comes through each door of the chassis as one of today's."""

from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest

from contracts.catalogue import CATALOGUE, Upcaster
from contracts.examples import example_of
from contracts.registry import TenantMovedOut, UnitClassified
from services.chassis.eventstore.archive import linked
from services.chassis.eventstore.types import Recorded
from services.chassis.http.events import written
from services.chassis.kafka.messages import Encoder, decode
from services.chassis.subscriptions.continuity import Held
from services.chassis.subscriptions.folding import fold
from services.chassis.subscriptions.remote import _recorded
from tests.unit.chassis.subscriptions.test_folding import Record
from tests.versions import as_of_old, bumped, earlier, row_of_old

NOON = datetime(2024, 6, 3, 4, tzinfo=UTC)
ABOUT = b'{"actor":{"role":"officer","id":"officer-gu"}}'
MOVED = TenantMovedOut.type
ENCODER = Encoder("registry", UUID(int=7), 0, 3)


@pytest.fixture(autouse=True)
def invented():
    with bumped((MOVED,)):
        yield


def today(position=1):
    data = TenantMovedOut.model_validate(example_of(TenantMovedOut)).model_dump_json().encode()
    return Recorded("registry", position, "s-1", 1, UUID(int=position), MOVED, data, ABOUT, NOON, NOON, bytes(32))


def of_old(data=None):
    row = list(row_of_old(today()))
    row[5] = data or row[5]
    (event,) = Recorded.of("registry", [row])
    return event


def test_it_has_todays_name_and_payload_and_the_stored_name_beside_them():
    event = of_old()
    assert event.columns == today().columns
    assert event.event == today().event
    assert (event.stored_type, today().stored_type) == (earlier(MOVED), MOVED)


def test_who_copies_a_log_has_what_the_log_holds():
    row = row_of_old(today())
    (event,) = Recorded.stored("registry", [row])
    assert event.columns == row
    assert linked(bytes(32), event) != linked(bytes(32), of_old())


def test_a_row_of_today_is_kept_as_it_came():
    row = today().columns
    (event,) = Recorded.of("registry", [row])
    assert event.row is row


def test_the_relay_sends_it_as_todays():
    assert ENCODER.event(of_old(), 0) == ENCODER.event(today(), 0)


def test_the_http_log_hands_it_out_as_todays():
    assert orjson.dumps(written(of_old())) == orjson.dumps(written(today()))


def message_of_old():
    """As it lies on a topic since before the upgrade."""
    (stored,) = Recorded.stored("registry", [row_of_old(today())])
    sent = ENCODER.event(stored, 0)
    return Record(list(sent.headers), sent.value, 100)


def test_a_topic_that_holds_it_is_read_as_todays():
    (event,) = fold(Held(), [message_of_old()], frozenset({MOVED})).events
    assert event.columns == decode(message_of_old()).recorded.columns == (*today().columns[:-1], b"")
    assert not fold(Held(), [message_of_old()], frozenset({UnitClassified.type})).events


def test_the_log_of_an_owner_of_an_earlier_release_is_read_as_todays():
    (stored,) = Recorded.stored("registry", [row_of_old(today())])
    item = written(stored) | {"data": example_of(TenantMovedOut)}
    item["data"] = {f"{name}_of_old": value for name, value in item["data"].items()}
    read = _recorded(item)
    assert (read.type, read.event) == (MOVED, today().event)


def refuse(_):
    raise ValueError("nothing of this can be lifted")


def test_one_that_cannot_be_lifted_is_wanted_fails_when_it_is_read_and_goes_on_as_it_is_stored(monkeypatch):
    monkeypatch.setitem(CATALOGUE.upcasters, earlier(MOVED), Upcaster(earlier(MOVED), MOVED, refuse))
    event = of_old()
    assert event.type == MOVED
    with pytest.raises(ValueError, match="nothing of this"):
        _ = event.event
    sent = ENCODER.event(event, 0)
    assert (dict(sent.headers)["ce_type"], sent.value) == (earlier(MOVED).encode(), as_of_old(today().data))
    assert written(event)["type"] == earlier(MOVED)


def test_whoever_wants_todays_wants_those_before_it():
    assert CATALOGUE.names({MOVED, UnitClassified.type}) == {MOVED, UnitClassified.type, earlier(MOVED)}
    assert CATALOGUE.names({UnitClassified.type}) == {UnitClassified.type}
