"""The hash of a row depends on every column, and on nothing that two rows could share."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.eventstore.chain import GENESIS, link

ROW = {
    "position": 7,
    "stream": "unit-a",
    "version": 3,
    "event_id": UUID(int=5),
    "type_name": "registry.unit-classified.v1",
    "data": b"{}",
    "metadata": b"[]",
    "effective_at": datetime(2024, 1, 1, tzinfo=UTC),
    "recorded_at": datetime(2024, 1, 2, tzinfo=UTC),
}
OTHER = {
    "position": 8,
    "stream": "unit-b",
    "version": 4,
    "event_id": UUID(int=6),
    "type_name": "registry.unit-classified.v2",
    "data": b"{ }",
    "metadata": b"[ ]",
    "effective_at": ROW["effective_at"] + timedelta(microseconds=1),
    "recorded_at": ROW["recorded_at"] + timedelta(microseconds=1),
}


@pytest.mark.parametrize("column", ROW)
def test_every_column_counts(column):
    assert link(GENESIS, **ROW) != link(GENESIS, **(ROW | {column: OTHER[column]}))


def test_the_predecessor_counts():
    assert link(GENESIS, **ROW) != link(bytes(31) + b"\x01", **ROW)


@given(st.text(max_size=20), st.binary(max_size=20), st.integers(0, 20))
def test_bytes_cannot_wander_from_one_column_to_the_next(stream, data, cut):
    moved = ROW | {"data": data[:cut], "metadata": data[cut:], "stream": stream}
    whole = ROW | {"data": data, "metadata": b"", "stream": stream}
    assert (link(GENESIS, **moved) == link(GENESIS, **whole)) == (moved == whole)
