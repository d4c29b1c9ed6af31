"""Identifiers sort by the time they were made."""

from services.chassis.ids import uuid7


def test_they_are_of_version_7_and_do_not_repeat():
    made = [uuid7() for _ in range(1000)]
    assert {identifier.version for identifier in made} == {7}
    assert {identifier.variant for identifier in made} == {"specified in RFC 4122"}
    assert len(set(made)) == 1000


def test_their_milliseconds_do_not_run_backwards():
    made = [uuid7().int >> 80 for _ in range(1000)]
    assert made == sorted(made)
