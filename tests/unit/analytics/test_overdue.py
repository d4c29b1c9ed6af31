"""A verification that is due and was not made."""

from datetime import UTC, datetime, timedelta

from contracts.common import EventRef
from services.analytics.rules.overdue import Due, Erased, Left, Verified, Waiting, absorb, findings, occupant, wake_at
from services.analytics.rules.rule import shipped

RULE = next(rule for rule in shipped() if rule.kind == "overdue")
NOON = datetime(2024, 6, 3, 4, tzinfo=UTC)
PLACE = "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/1812"


def due(number, hours, tenancy="t-1"):
    ref = EventRef(source="registry", position=number, id=f"event-{number}")
    return Due(occupant(tenancy, f"s-{number}"), tenancy, NOON, NOON + timedelta(hours=hours), PLACE, ref)


def known(*facts):
    waiting = Waiting()
    for fact in facts:
        waiting = absorb(waiting, fact)
    return waiting


def at(hours, *facts):
    return findings(RULE, "wanda-a-1812", known(*facts), NOON + timedelta(hours=hours))


def test_nothing_is_overdue_until_its_time_has_come():
    assert at(23.9, due(1, 24)) == []
    (finding,) = at(24, due(1, 24))
    assert finding.due_at == finding.effective_at == NOON + timedelta(hours=24)
    assert [ref.position for ref in finding.evidence] == [1]


def test_who_was_verified_or_has_left_is_not_waited_for():
    assert at(48, due(1, 24), Verified(occupant("t-1", "s-1"))) == []
    assert at(48, due(1, 24), Left("t-1")) == []
    assert len(at(48, due(1, 24), Left("t-2"))) == 1


def test_an_erased_occupant_is_not_waited_for_whatever_is_told_before_or_later():
    erased = Erased(occupant("t-1", "s-1"))
    assert at(48, due(1, 24), erased) == []
    assert at(48, erased, due(1, 24)) == []
    assert at(48, due(1, 24), erased, Left("t-1"), due(1, 24)) == []
    (finding,) = at(48, due(1, 24), erased, due(2, 30))
    assert [ref.position for ref in finding.evidence] == [2]


def test_one_finding_a_tenancy_that_grows_with_those_who_are_waited_for():
    (one,) = at(24, due(1, 24), due(2, 30))
    (both,) = at(30, due(1, 24), due(2, 30))
    assert one.alert == both.alert
    assert [len(one.evidence), len(both.evidence)] == [1, 2]
    first, second = at(48, due(1, 24), due(2, 30, "t-2"))
    assert first.alert != second.alert


def test_the_next_time_to_look_is_the_next_due_time():
    waiting = known(due(1, 24), due(2, 30))
    assert wake_at(waiting, NOON) == NOON + timedelta(hours=24)
    assert wake_at(waiting, NOON + timedelta(hours=24)) == NOON + timedelta(hours=30)
    assert wake_at(waiting, NOON + timedelta(hours=30)) is None


def test_an_occupant_is_not_kept_by_name():
    assert "s-1" not in repr(known(due(1, 24)))
