"""Identifiers sort by the time they were made."""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

from services.chassis.ids import uuid7


def test_they_are_of_version_7_and_do_not_repeat():
    made = [uuid7() for _ in range(1000)]
    assert {identifier.version for identifier in made} == {7}
    assert {identifier.variant for identifier in made} == {"specified in RFC 4122"}
    assert len(set(made)) == 1000


def test_their_milliseconds_do_not_run_backwards():
    made = [uuid7().int >> 80 for _ in range(1000)]
    assert made == sorted(made)


def test_a_process_that_was_forked_makes_others():
    uuid7()  # more randomness is at hand than it took
    with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as forked:
        theirs = [each for many in forked.map(make_many, range(4)) for each in many]
    ours = make_many(0)
    tails = [each.int & (1 << 62) - 1 for each in (*theirs, *ours)]
    assert len(set(tails)) == len(tails)


def make_many(_):
    time.sleep(0.05)  # so that each of the two has its turn
    return [uuid7() for _ in range(300)]
