"""What a user can mend is said in one sentence, without what was typed."""

import pytest

from services.chassis.settings import Settings
from services.runtime.sentences import sentence


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MAPLEBRIDGE_PORT", "abc", "A setting cannot be used. MAPLEBRIDGE_PORT: Input should be a valid integer"),
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


def test_what_nobody_has_foreseen_says_how_to_see_more():
    assert sentence(KeyError("x")).startswith("This should not have happened: KeyError")
