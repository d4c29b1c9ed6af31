"""Every event of a unit can be said, with every word that it may hold."""

from typing import get_args

import pytest

from contracts.registry import ObservedUse, TenancyCategory, UseClass, UseObserved
from services.registry.domain.tenancy_commands import Method, Reason
from services.registry.domain.unit import TAKES
from services.registry.words import CATEGORIES, METHODS, REASONS, SAID, USES, said
from tests.unit.registry.cases import JUNE_3, PLACE, UNIT, classified, operated, started


def test_no_event_and_no_word_is_left_out():
    assert SAID.keys() >= TAKES.keys()
    assert USES.keys() == {*UseClass, *ObservedUse}
    assert CATEGORIES.keys() == set(TenancyCategory)
    assert METHODS.keys() == set(get_args(Method))
    assert REASONS.keys() == set(get_args(Reason))


@pytest.mark.parametrize(
    ("event", "zh", "en"),
    [
        (classified(UseClass.STUDIO), "登记用途：工作室", "Registered as studio"),
        (operated(None, JUNE_3), "经营者撤出", "The operator left"),
        (operated("hotel-1", JUNE_3), "经营者：hotel-1", "Operated by hotel-1"),
        (started(), "入住：长租", "Moved in: a long let"),
        (
            UseObserved(
                unit=UNIT,
                place=PLACE,
                observed_use=ObservedUse.HOTEL,
                differs=True,
                organisation="星河民宿",
                effective_at=JUNE_3,
            ),
            "实地查看：酒店，实际单位 星河民宿，与登记不符",
            "Seen: hotel, by 星河民宿, unlike the register",
        ),
    ],
)
def test_an_event_is_said_in_both_languages(event, zh, en):
    assert said(event) == (zh, en)
