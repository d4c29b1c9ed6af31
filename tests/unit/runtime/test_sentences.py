"""What a user can mend is said in one sentence, without what was typed."""

import asyncpg
import pytest

from services.chassis.settings import Settings
from services.runtime.sentences import sentence


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MAPLEBRIDGE_PORT", "abc", "A setting cannot be used. MAPLEBRIDGE_PORT: Input should be a valid integer"),
        ("MAPLEBRIDGE_TOPIC_PREFIX", "a b", "A setting cannot be used. MAPLEBRIDGE_TOPIC_PREFIX: It must be 1 to 100"),
        ("MAPLEBRIDGE_ADDRESSES", "nonsense", 'A setting cannot be read: error parsing value for field "addresses"'),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_not_shown(monkeypatch, name, value, words):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - of two libraries
        Settings()
    told = sentence(raised.value)
    assert told.startswith(words)
    assert value not in told


@pytest.mark.parametrize("grouped", [False, True])
def test_a_database_that_is_away_is_said_with_what_to_do(grouped):
    error: BaseException = asyncpg.CannotConnectNowError("the database system is starting up")
    if grouped:
        error = ExceptionGroup("two", [error])
    assert sentence(error) == (
        "PostgreSQL does not answer, is full or is busy (the database system is starting up): see that it runs, and "
        "start this again."
    )


def test_what_nobody_has_foreseen_says_how_to_see_more():
    assert sentence(KeyError("x")).startswith("This should not have happened: KeyError")
