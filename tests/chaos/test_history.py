"""The checker of histories finds what is wrong in hand-made ones, and nothing in a right one."""

from dataclasses import replace

import pytest

from tests.chaos.history import Outcome, Sending, Stored, check

LOG = [Stored(1, "s", 1, "a"), Stored(2, "t", 1, "b"), Stored(3, "s", 2, "c")]
A = Sending("a", "s", 10, 20, Outcome.APPENDED, version=1, position=1)
B_UNANSWERED = Sending("b", "t", 11, None, Outcome.UNKNOWN)
B_AGAIN = Sending("b", "t", 30, 40, Outcome.APPENDED, version=1, position=2)
C = Sending("c", "s", 25, 50, Outcome.APPENDED, version=2, position=3, expected=1)
REFUSED = Sending("d", "s", 60, 70, Outcome.REFUSED, version=2, expected=1)
READ = Sending(None, "s", 21, 45, Outcome.READ, version=2, seen=("a", "c"))
RIGHT = [A, B_UNANSWERED, B_AGAIN, C, REFUSED, READ]


def rules(history, log=LOG):
    return {fault.rule for fault in check(history, log)}


def test_a_right_history_has_no_fault():
    assert check(RIGHT, LOG) == []


def test_an_unknown_outcome_may_be_either():
    assert rules([A, C, B_UNANSWERED]) == set()
    assert rules([A, Sending("x", "s", 1, 99, Outcome.UNKNOWN), C, B_AGAIN]) == set()


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        (replace(B_AGAIN, position=9), "nothing acknowledged is lost"),
        (Sending("e", "s", 80, 90, Outcome.APPENDED, version=3, position=4), "nothing acknowledged is lost"),
        (Sending("c", "s", 55, 58, Outcome.APPENDED, version=3, position=4), "repeats are equal"),
        (replace(READ, invoked=51, returned=59, version=1, seen=("a",)), "linearizable"),
        (replace(READ, seen=("c", "a")), "linearizable"),
        (replace(REFUSED, version=1), "linearizable"),
        (replace(REFUSED, expected=2), "linearizable"),
        (replace(C, expected=0), "linearizable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_wrong_answer_is_found(changed, rule):
    assert rule in rules([*RIGHT, changed])


def test_an_append_that_went_before_what_was_told_earlier_is_found():
    late = replace(A, invoked=51, returned=59)
    assert rules([late, C, B_AGAIN]) == {"linearizable"}


def test_an_event_of_a_command_that_was_only_refused_is_a_phantom():
    assert rules(RIGHT, [*LOG, Stored(4, "s", 3, "d")]) == {"no phantom"}
    assert rules(RIGHT, [*LOG, Stored(4, "s", 3, "nobody")]) == {"no phantom"}


def test_a_command_in_the_log_twice_is_found():
    assert "a command is applied once" in rules(RIGHT, [*LOG, Stored(4, "t", 2, "b")])


@pytest.mark.parametrize("log", [LOG[1:], [LOG[0], LOG[2]], [LOG[0], LOG[1], replace(LOG[2], version=3)]])
def test_a_hole_in_the_log_is_found(log):
    assert rules(RIGHT, log) & {"positions are gapless", "versions are gapless"}
