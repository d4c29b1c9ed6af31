"""Three from one unit within thirty days: against a slow reading of the rule, and in whatever order it is told."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contracts.common import EventRef
from services.analytics.rules.repeated import (
    BegunAnew,
    Happened,
    Judged,
    Recategorised,
    Redated,
    Stands,
    UnitSeen,
    absorb,
    findings,
    forget,
)
from services.analytics.rules.rule import shipped

RULE = next(rule for rule in shipped() if rule.kind == "repeated")
DAY_0 = datetime(2024, 6, 1, 4, tzinfo=UTC)
UNIT = "wanda-a-1812"
PLACE = "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/1812"


def day(number):
    return DAY_0 + timedelta(days=number)


def call(number, on, category="noise/neighbour", happening=None):
    name = happening or f"call-{number}"
    ref = EventRef(source="incidents", position=number, id=f"event-{number}")
    return Happened(f"incident-{number}", name, day(on), category, PLACE, ref)


def seen(*facts):
    known = UnitSeen()
    for fact in facts:
        known = absorb(known, fact)
    return known


def counts(*facts):
    return [len(finding.evidence) for finding in findings(RULE, UNIT, seen(*facts))]


def test_three_within_thirty_days_are_found_and_named():
    (finding,) = findings(RULE, UNIT, seen(Stands(PLACE), call(1, 0), call(2, 10), call(3, 30, "dispute/deposit")))
    assert (finding.key, finding.place) == (UNIT, PLACE)
    assert [ref.position for ref in finding.evidence] == [1, 2, 3]
    assert (finding.window_from, finding.window_to, finding.effective_at) == (day(0), day(30), day(30))
    assert finding.alert.startswith("repeated-disturbance-1-")


def test_a_third_on_the_thirty_first_day_is_none_of_the_window():
    assert counts(call(1, 0), call(2, 10), call(3, 31)) == []
    assert counts(call(1, 0), call(2, 10), call(3, 31), call(4, 35)) == [3]


def test_what_does_not_count_is_not_counted():
    assert counts(call(1, 0), call(2, 1), call(3, 2, "crime/theft"), call(4, 3, "noises")) == []


def test_a_call_and_the_dispute_that_it_led_to_are_one():
    dispute = call(9, 2, "dispute/noise", happening="call-1")
    assert counts(call(1, 0), call(2, 1), dispute) == []
    assert counts(call(1, 0), call(2, 1), dispute, call(3, 3)) == [3]


def test_counting_begins_anew_when_tenant_or_operator_changes():
    assert counts(call(1, 0), call(2, 5), BegunAnew(day(6)), call(3, 7)) == []
    assert counts(call(1, 0), call(2, 5), BegunAnew(day(6)), call(3, 7), call(4, 8), call(5, 9)) == [3]


def test_a_change_that_is_told_late_takes_the_finding_back():
    before = (call(1, 0), call(2, 5), call(3, 7))
    assert counts(*before) == [3]
    assert counts(*before, BegunAnew(day(6))) == []


def test_a_move_out_that_was_a_mistake_is_no_beginning():
    before = (BegunAnew(day(-90), "t-1"), call(1, 0), call(2, 5), BegunAnew(day(6), "t-1"), call(3, 7))
    assert counts(*before) == []
    assert counts(*before, Redated("t-1", (day(-90),))) == [3]


def test_counting_begins_at_the_date_that_was_put_right():
    before = (BegunAnew(day(6), "t-1"), call(1, 0), call(2, 7), call(3, 8), call(4, 9))
    assert counts(*before) == [3]
    assert counts(*before, Redated("t-1", (day(8),))) == []
    assert counts(*before, Redated("t-1", (day(8),)), Redated("t-1", (day(7),))) == [3]


def test_a_change_that_another_tells_of_stays_where_a_tenancy_is_corrected():
    before = (call(1, 0), call(2, 5), BegunAnew(day(6), "t-1"), call(3, 7))
    taken_back = Redated("t-1", (day(-90),))
    assert counts(*before, BegunAnew(day(6), "t-2"), taken_back) == []
    assert counts(*before, BegunAnew(day(6)), taken_back) == []


def test_a_date_that_is_forgotten_is_not_put_right_any_more():
    known = seen(call(1, 0), call(2, 5), BegunAnew(day(6), "t-1"), call(3, 7))
    kept = absorb(forget(RULE, known, day(97)), Redated("t-1", (day(-90),)))
    assert kept.changes == [day(6)]
    assert findings(RULE, UNIT, kept) == []


def test_what_turns_out_to_be_something_else_no_longer_counts():
    before = (call(1, 0), call(2, 5), call(3, 7, "other"))
    assert counts(*before) == []
    assert counts(*before, Recategorised("incident-3", "noise/party")) == [3]
    assert counts(*before, Recategorised("incident-3", "noise/party"), Recategorised("incident-1", "help")) == []


def test_what_is_found_to_be_unfounded_or_a_duplicate_no_longer_counts_until_it_is_reopened():
    before = (call(1, 0), call(2, 5), call(3, 7))
    assert counts(*before, Judged("incident-3", False)) == []
    assert counts(*before, Judged("incident-3", False), Judged("incident-3", True)) == [3]
    assert counts(*before, Judged("incident-3", False), call(4, 8)) == [3]


def test_the_dispute_that_a_duplicate_call_led_to_counts_by_itself():
    dispute = call(9, 2, "dispute/noise", happening="call-1")
    assert counts(call(1, 0), call(2, 1), call(3, 3), dispute, Judged("incident-1", False)) == [3]


def test_a_window_takes_in_what_comes_until_it_ends_and_stays_the_same_alert():
    (first,) = findings(RULE, UNIT, seen(*(call(n, n) for n in range(1, 4))))
    (more,) = findings(RULE, UNIT, seen(*(call(n, n) for n in range(1, 6))))
    (late,) = findings(RULE, UNIT, seen(*(call(n, n) for n in range(1, 4)), call(9, 0)))
    assert first.alert == more.alert == late.alert
    assert [len(finding.evidence) for finding in (first, more, late)] == [3, 5, 4]


def test_after_a_window_counting_begins_anew():
    two = findings(RULE, UNIT, seen(*(call(n, n) for n in range(1, 4)), *(call(n, 30 + n) for n in range(4, 7))))
    assert [[ref.position for ref in finding.evidence] for finding in two] == [[1, 2, 3], [4, 5, 6]]
    assert two[0].alert != two[1].alert


facts = st.lists(
    st.one_of(
        st.tuples(st.just("call"), st.integers(0, 200), st.sampled_from(["noise/a", "dispute", "crime", "other"])),
        st.tuples(st.just("anew"), st.integers(0, 200), st.sampled_from(["", "t-1", "t-2"])),
    ),
    max_size=14,
)


def made(told):
    return [
        call(number, on, category) if kind == "call" else BegunAnew(day(on), category or None)
        for number, (kind, on, category) in enumerate(told, start=1)
    ]


def slowly(told):
    """The rule read aloud: walk day by day, open a window where three lie within its thirty days, take all, go on."""
    changes = sorted({fact.at for fact in told if isinstance(fact, BegunAnew)})
    happened = [f for f in told if isinstance(f, Happened) and f.category.split("/")[0] in {"noise", "dispute"}]
    alerts = []
    for since, until in itertools.pairwise(
        [datetime.min.replace(tzinfo=UTC), *changes, datetime.max.replace(tzinfo=UTC)]
    ):
        mine = {fact.ref.position: fact for fact in happened if since <= fact.at < until}
        while mine:
            first = min(mine.values(), key=lambda fact: (fact.at, fact.ref.position))
            close = {n for n, fact in mine.items() if fact.at - first.at <= timedelta(days=30)}
            if len(close) >= 3:
                alerts.append(frozenset(close))
                mine = {n: fact for n, fact in mine.items() if n not in close}
            else:
                del mine[first.ref.position]
    return alerts


@given(facts)
def test_the_rule_finds_what_a_slow_reading_finds(told):
    told = made(told)
    found = [frozenset(ref.position for ref in f.evidence) for f in findings(RULE, UNIT, seen(*told))]
    assert found == slowly(told)


@given(facts, st.randoms())
def test_the_order_in_which_it_is_told_does_not_matter(told, chance):
    told = made(told)
    mixed = list(told)
    chance.shuffle(mixed)
    repeated = [*mixed, *mixed[: len(mixed) // 2]]
    assert findings(RULE, UNIT, seen(*told)) == findings(RULE, UNIT, seen(*repeated))


@given(facts, st.randoms(), st.integers(1, 120))
def test_what_is_forgotten_on_the_way_changes_no_finding_that_is_still_open(told, chance, apart):
    told = made(told)
    # each fact comes up to so many days late, which is within what the rule allows
    arrivals = sorted((fact.at + timedelta(days=chance.randint(0, min(apart, 60))), n) for n, fact in enumerate(told))
    known, kept = UnitSeen(), UnitSeen()
    for arrived_at, number in arrivals:
        known = absorb(known, told[number])
        kept = forget(RULE, absorb(kept, told[number]), arrived_at)
        open_from = kept.horizon
        whole = [f for f in findings(RULE, UNIT, known) if f.window_to >= open_from]
        assert [f for f in findings(RULE, UNIT, kept) if f.window_to >= open_from] == whole
    assert kept.late == 0
    assert len(kept.happened) <= len(known.happened)


@given(facts, st.integers(0, 200), st.integers(0, 60))
def test_a_correction_ends_as_if_its_dates_had_been_told_at_first(told, right, later):
    told = made(told)
    others = [fact for fact in told if not (isinstance(fact, BegunAnew) and fact.tenancy == "t-1")]
    at_first = seen(*others, BegunAnew(day(right), "t-1"))
    mended = seen(*told, Redated("t-1", (day(right),)))
    assert findings(RULE, UNIT, mended) == findings(RULE, UNIT, at_first)
    assert forget(RULE, mended, day(right + later)) == forget(RULE, at_first, day(right + later))


def test_what_was_found_stays_open_for_its_time_though_the_tenant_has_left():
    known = seen(call(1, 3), call(2, 6), call(3, 12), BegunAnew(day(19)))
    found = findings(RULE, UNIT, known)
    # lateness and window after the change, and a window more: until then somebody may still look at it
    assert findings(RULE, UNIT, forget(RULE, known, day(112))) == found
    assert findings(RULE, UNIT, forget(RULE, known, day(140))) == []


def test_what_comes_too_late_is_counted_as_late():
    known = forget(RULE, seen(call(1, 0)), day(200))
    assert not known.happened
    assert absorb(known, call(2, 1)).late == 1
