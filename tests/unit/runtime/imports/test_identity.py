"""The same rows are the same incidents, however they come; two rows that are equal are two incidents."""

import random
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from services.runtime.imports.identity import Occurrences, digest_of_row, event_id
from tests.unit.runtime.imports.conftest import read_files

MAPPING = """
source: town
zone: Asia/Shanghai
category: {constant: other}
place: {under: town}
time: when
identity: {row: all}
"""
ROWS = st.lists(
    st.tuples(st.sampled_from(["2020-01-01", "2020-01-02", "2020-01-03"]), st.sampled_from(["a", "b", ""])),
    min_size=1,
    max_size=40,
)


def ids(
    *files: list[tuple[str, ...]], mapping: str = MAPPING, header: str = "when,note", batch: int = 3000
) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, rows in enumerate(files):
            paths.append(Path(folder) / f"{number}.csv")
            paths[-1].write_text(header + "\n" + "".join(",".join(row) + "\n" for row in rows))
        read = read_files(mapping, *paths, rows_a_batch=batch)
        assert not read.errors
        return read.ids


@given(ROWS)
@settings(deadline=None, max_examples=60)
def test_every_row_is_an_incident_of_its_own(rows):
    assert len(set(ids(rows))) == len(rows)


@given(ROWS, st.integers(0, 40), st.integers(1, 7))
@settings(deadline=None, max_examples=60)
def test_neither_split_nor_batches_change_who_is_who(rows, cut, batch):
    parts = [part for part in (rows[:cut], rows[cut:]) if part]
    assert ids(*parts, batch=batch) == ids(rows)


@given(ROWS, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_the_order_of_rows_does_not_change_which_incidents_there_are(rows, chance: random.Random):
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert set(ids(shuffled)) == set(ids(rows))


@given(ROWS, ROWS)
@settings(deadline=None, max_examples=60)
def test_of_two_imports_that_overlap_each_content_stays_as_often_as_in_the_one_with_most(first, second):
    together = Counter(first) | Counter(second)
    assert len(set(ids(first)) | set(ids(second))) == together.total()


@given(ROWS)
@settings(deadline=None, max_examples=60)
def test_the_order_of_columns_does_not_matter(rows):
    swapped = [(note, when) for when, note in rows]
    assert ids(swapped, header="note,when") == ids(rows)


def test_a_blank_column_more_changes_nothing():
    rows = [("2020-01-01", "a"), ("2020-01-01", "a")]
    assert ids([(*row, "") for row in rows], header="when,note,more") == ids(rows)


def test_columns_may_be_left_out_of_the_identity():
    mapping = MAPPING.replace("{row: all}", "{row: all, except: [note]}")
    assert ids([("2020-01-01", "exported on Monday")], mapping=mapping) == ids(
        [("2020-01-01", "exported on Tuesday")], mapping=mapping
    )
    mapping = MAPPING.replace("{row: all}", "{row: [when]}")
    assert ids([("2020-01-01", "x")], mapping=mapping) == ids([("2020-01-01", "y")], mapping=mapping)


def test_the_sources_own_id_is_enough():
    mapping = MAPPING.replace("identity: {row: all}", "identity: note")
    first = ids([("2020-01-01", "17"), ("2020-01-02", "17"), ("2020-01-02", "18")], mapping=mapping)
    assert first[0] == first[1] != first[2]


def test_two_sources_do_not_share_incidents():
    rows = [("2020-01-01", "17")]
    for rule in ("identity: {row: all}", "identity: note"):
        ours = MAPPING.replace("identity: {row: all}", rule)
        assert ids(rows, mapping=ours) != ids(rows, mapping=ours.replace("source: town", "source: city"))


def test_an_id_and_a_content_are_never_the_same_incident():
    assert ids([("2020-01-01", "1")]) != ids(
        [("2020-01-01", "1")], mapping=MAPPING.replace("identity: {row: all}", "identity: note")
    )


def test_a_row_that_fails_is_counted_so_that_a_better_mapping_changes_no_other():
    rows = [("2020-01-01", "a"), ("2020-01-01", "a")]
    assert digest_of_row(b"c", 1) != digest_of_row(b"c", 2)
    assert len(set(ids(rows))) == 2


@given(st.lists(st.integers(0, 30), max_size=300), st.integers(1, 12))
@settings(deadline=None, max_examples=40)
def test_occurrences_are_counted_right_beyond_what_memory_holds(contents, most):
    occurrences, expected = Occurrences(most), Counter()
    for content in contents:
        expected[content] += 1
        assert occurrences.next(content.to_bytes(16, "little")) == expected[content]
    occurrences.close()


def test_the_id_of_an_event_is_a_uuid_made_of_the_digest():
    made = event_id(bytes(range(16)))
    assert (made.version, made.variant) == (8, "specified in RFC 4122")
    assert made == event_id(bytes(range(16))) != event_id(bytes(16))
