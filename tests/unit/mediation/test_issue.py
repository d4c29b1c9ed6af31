"""The rules of an issue: promises, their days, and the resident's word."""

from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.common import Sealed
from contracts.mediation import (
    CommitmentFulfilled,
    CommitmentMade,
    CommitmentMissed,
    IssueKind,
    IssueRaised,
    IssueResolved,
    ResolutionConfirmed,
    ResolutionDisputed,
)
from services.mediation.deciders import ISSUE
from services.mediation.domain.issue import IssuePhase
from services.mediation.domain.issue_commands import (
    ConfirmResolution,
    DisputeResolution,
    FulfilCommitment,
    MakeCommitment,
    MissCommitment,
    RaiseIssue,
    ResolveIssue,
)
from services.mediation.domain.refusals import (
    AlreadyConfirmed,
    CheckedByItsOwner,
    CommitmentExists,
    CommitmentNotOverdue,
    CommitmentsOpen,
    CommitmentUnknown,
    DueDayHasPassed,
    FloorWithoutBuilding,
    HappenedBeforeItsCause,
    IssueExists,
    IssueIsResolved,
    IssueNotResolved,
    IssueUnknown,
    NotTheResidentWhoRaisedIt,
    NotYetHappened,
    PainPointWithoutBuilding,
)
from tests.unit.given import NOON, story

given = story(ISSUE)
PLACE = "yinchuan/helan/xigang/tianehu"
ITEM = IssueKind.AGENDA_ITEM
WORDS = Sealed(key="case:q-1", text="d29yZHM=")
JUNE_30 = date(2024, 6, 30)


def issue(**changes):
    told = {
        "issue": "q-1",
        "kind": ITEM,
        "title": "Lamps on the lake path are dark",
        "place": PLACE,
        "category": "facilities/lighting",
        "raised_by": "s-ding",
    }
    return RaiseIssue(**{**told, **changes})


def was_raised(at=NOON, **changes):
    return IssueRaised(**{**vars(issue(**changes)), "effective_at": at})


def promise(commitment="c-1", **changes):
    told = {"commitment": commitment, "owner": "org-lights", "promise": "New lamps", "due_on": JUNE_30}
    return MakeCommitment(**{**told, **changes})


def was_promised(commitment="c-1", at=NOON, due_on=JUNE_30):
    return CommitmentMade(
        issue="q-1",
        place=PLACE,
        commitment=commitment,
        owner="org-lights",
        promise="New lamps",
        due_on=due_on,
        effective_at=at,
    )


def was_fulfilled(commitment="c-1", late_days=0, at=NOON):
    return CommitmentFulfilled(issue="q-1", place=PLACE, commitment=commitment, late_days=late_days, effective_at=at)


def was_resolved(at=NOON):
    return IssueResolved(issue="q-1", place=PLACE, kind=ITEM, effective_at=at)


def was_confirmed(by="s-ding", at=NOON):
    return ResolutionConfirmed(issue="q-1", place=PLACE, kind=ITEM, by=by, effective_at=at)


def was_disputed(by="s-ding", at=NOON, reason=None):
    return ResolutionDisputed(issue="q-1", place=PLACE, kind=ITEM, by=by, reason=reason, effective_at=at)


def was_missed(at):
    return CommitmentMissed(issue="q-1", place=PLACE, commitment="c-1", owner="org-lights", effective_at=at)


# raise


def test_a_residents_item_enters_the_list():
    assert given().when(issue()).then(was_raised()).state.phase is IssuePhase.RAISED


def test_a_pain_point_lies_in_a_building_and_on_a_floor():
    point = {"kind": IssueKind.PAIN_POINT, "building": "wanda-a", "floor": -1, "raised_by": None}
    given().when(issue(**point)).then(was_raised(**point))
    given().when(issue(kind=IssueKind.PAIN_POINT)).refused(PainPointWithoutBuilding, pointer="/building")
    given().when(issue(floor=3)).refused(FloorWithoutBuilding, pointer="/building")


def test_the_same_issue_twice_changes_nothing():
    given(was_raised()).when(issue()).nothing()
    given(was_raised(description=WORDS)).when(issue(description=Sealed(key="case:q-1", text="YWdhaW4="))).nothing()


def test_an_id_stands_for_one_issue():
    given(was_raised()).when(issue(title="Something else")).refused(IssueExists, pointer="/issue")


def test_an_issue_is_not_raised_tomorrow():
    given().when(issue(effective_at=NOON + timedelta(days=1))).refused(NotYetHappened, pointer="/effective_at")


# commitments


def test_an_organisation_promises_something_by_a_day():
    state = given(was_raised()).when(promise()).then(was_promised()).state
    assert (state.phase, state.commitment("c-1").owner) == (IssuePhase.COMMITTED, "org-lights")


def test_today_is_a_day_to_promise_for_and_yesterday_is_none():
    given(was_raised()).when(promise(due_on=JUNE_30)).then(was_promised())
    yesterday = promise(due_on=JUNE_30 - timedelta(days=1))
    given(was_raised()).when(yesterday).refused(DueDayHasPassed, pointer="/due_on")


def test_today_is_the_day_of_the_place():
    late_evening_utc = datetime(2024, 6, 30, 17, 0, tzinfo=UTC)
    given(was_raised()).when(promise(), now=late_evening_utc).refused(DueDayHasPassed)
    there = promise(zone="America/Vancouver")
    given(was_raised()).when(there, now=late_evening_utc).then(was_promised(at=late_evening_utc))


def test_the_very_same_promise_counts_once():
    past = given(was_raised(), was_promised())
    past.when(promise()).nothing()
    past.when(promise(promise="Old lamps")).refused(CommitmentExists, pointer="/commitment")
    past.when(promise("c-2")).then(was_promised("c-2"))


def test_a_promise_made_again_after_its_day_changes_nothing():
    given(was_raised(), was_promised()).when(promise(), now=NOON + timedelta(days=9)).nothing()


def test_a_promise_is_kept():
    state = given(was_raised(), was_promised()).when(FulfilCommitment(commitment="c-1")).then(was_fulfilled()).state
    assert state.commitment("c-1").fulfilled


def test_late_is_counted_in_days_of_the_place():
    a_minute_to_midnight = datetime(2024, 6, 30, 15, 59, tzinfo=UTC)
    midnight = datetime(2024, 6, 30, 16, 0, tzinfo=UTC)
    past = given(was_raised(), was_promised())
    kept = FulfilCommitment(commitment="c-1")
    past.when(kept, now=a_minute_to_midnight).then(was_fulfilled(at=a_minute_to_midnight))
    past.when(kept, now=midnight).then(was_fulfilled(late_days=1, at=midnight))
    past.when(kept, now=midnight + timedelta(days=9)).then(was_fulfilled(late_days=10, at=midnight + timedelta(days=9)))


def test_work_done_in_time_and_told_late_was_in_time():
    told = FulfilCommitment(commitment="c-1", effective_at=NOON)
    given(was_raised(), was_promised()).when(told, now=NOON + timedelta(days=3)).then(was_fulfilled())


def test_nothing_is_done_before_it_is_promised():
    early = FulfilCommitment(commitment="c-1", effective_at=NOON - timedelta(hours=1))
    given(was_raised(), was_promised()).when(early).refused(HappenedBeforeItsCause, pointer="/effective_at")


def test_a_promise_is_kept_once():
    given(was_raised(), was_promised(), was_fulfilled()).when(FulfilCommitment(commitment="c-1")).nothing()


def a_pain_point(**changes):
    return was_raised(kind=IssueKind.PAIN_POINT, building="wanda-a", raised_by=None, **changes)


def test_a_pain_point_that_is_nobodys_is_confirmed_by_who_looked_and_does_not_own_the_promise():
    def found(kind):
        return kind(issue="q-1", place=PLACE, kind=IssueKind.PAIN_POINT, by="officer-gu", effective_at=NOON)

    resolved = IssueResolved(issue="q-1", place=PLACE, kind=IssueKind.PAIN_POINT, effective_at=NOON)
    done = given(a_pain_point(), was_promised(), was_fulfilled(), resolved)
    looked = {"by": "officer-gu", "recorder": "staff", "organisation": "station"}
    done.when(ConfirmResolution(**looked)).then(found(ResolutionConfirmed))
    done.when(DisputeResolution(**looked)).then(found(ResolutionDisputed))
    owner = looked | {"organisation": "org-lights"}
    done.when(ConfirmResolution(**owner)).refused(CheckedByItsOwner)
    done.when(DisputeResolution(**owner)).refused(CheckedByItsOwner)


@pytest.mark.parametrize("command", [FulfilCommitment(commitment="c-9"), MissCommitment(commitment="c-9")])
def test_only_what_was_promised_can_be_kept_or_missed(command):
    given(was_raised(), was_promised()).when(command).refused(CommitmentUnknown, pointer="/commitment")


def test_a_promise_is_missed_from_the_midnight_after_its_day():
    midnight = datetime(2024, 6, 30, 16, 0, tzinfo=UTC)
    past = given(was_raised(), was_promised())
    missed = MissCommitment(commitment="c-1")
    past.when(missed, now=midnight - timedelta(seconds=1)).refused(CommitmentNotOverdue)
    state = past.when(missed, now=midnight + timedelta(hours=5)).then(was_missed(midnight)).state
    assert state.commitment("c-1").missed
    assert not state.commitment("c-1").fulfilled


def test_a_promise_is_missed_once_and_not_after_it_was_kept():
    later = NOON + timedelta(days=5)
    missed = MissCommitment(commitment="c-1")
    given(was_raised(), was_promised(), was_missed(NOON)).when(missed, now=later).nothing()
    given(was_raised(), was_promised(), was_fulfilled()).when(missed, now=later).nothing()


def test_a_missed_promise_can_still_be_kept():
    later = NOON + timedelta(days=2)
    past = given(was_raised(), was_promised(), was_missed(NOON))
    past.when(FulfilCommitment(commitment="c-1"), now=later).then(was_fulfilled(late_days=2, at=later))


# resolve


def test_an_issue_is_resolved_only_when_all_promises_are_kept():
    half = given(was_raised(), was_promised(), was_promised("c-2"), was_fulfilled())
    assert "c-2" in half.when(ResolveIssue()).refused(CommitmentsOpen).sentence
    whole = given(was_raised(), was_promised(), was_fulfilled())
    assert whole.when(ResolveIssue()).then(was_resolved()).state.phase is IssuePhase.RESOLVED


def test_what_was_answered_on_the_spot_needs_no_promise():
    given(was_raised()).when(ResolveIssue()).then(was_resolved())


def test_resolving_twice_changes_nothing():
    given(was_raised(), was_resolved()).when(ResolveIssue()).nothing()
    given(was_raised(), was_resolved(), was_confirmed()).when(ResolveIssue()).nothing()


def test_nothing_is_promised_for_a_resolved_issue():
    given(was_raised(), was_resolved()).when(promise()).refused(IssueIsResolved)


# the resident's word


def test_the_resident_confirms():
    confirmed = given(was_raised(), was_resolved()).when(ConfirmResolution(by="s-ding")).then(was_confirmed())
    assert confirmed.state.phase is IssuePhase.CONFIRMED


def test_the_resident_disputes_which_opens_the_issue_again():
    past = given(was_raised(), was_promised(), was_fulfilled(), was_resolved())
    disputed = past.when(DisputeResolution(by="s-ding", reason=WORDS)).then(was_disputed(reason=WORDS))
    assert disputed.state.phase is IssuePhase.DISPUTED
    disputed.when(promise("c-2")).then(was_promised("c-2"))
    disputed.when(ResolveIssue()).then(was_resolved())


def test_the_same_word_twice_changes_nothing():
    given(was_raised(), was_resolved(), was_confirmed()).when(ConfirmResolution(by="s-ding")).nothing()
    given(was_raised(), was_resolved(), was_disputed()).when(DisputeResolution(by="s-ding")).nothing()


def test_what_is_not_called_done_is_neither_confirmed_nor_disputed():
    given(was_raised()).when(ConfirmResolution(by="s-ding")).refused(IssueNotResolved)
    given(was_raised()).when(DisputeResolution(by="s-ding")).refused(IssueNotResolved)
    given(was_raised(), was_resolved(), was_disputed()).when(ConfirmResolution(by="s-ding")).refused(IssueNotResolved)


def test_what_was_confirmed_is_not_disputed_afterwards():
    past = given(was_raised(), was_resolved(), was_confirmed())
    past.when(DisputeResolution(by="s-ding")).refused(AlreadyConfirmed)


@pytest.mark.parametrize("word", [ConfirmResolution, DisputeResolution])
def test_only_the_resident_who_raised_it_has_the_word(word):
    past = given(was_raised(), was_resolved())
    past.when(word(by="s-other")).refused(NotTheResidentWhoRaisedIt, pointer="/by")
    past.when(word(by="s-ding", recorder="staff")).refused(NotTheResidentWhoRaisedIt, pointer="/by")


def test_staff_write_the_word_down_where_nobody_is_on_record():
    past = given(was_raised(raised_by=None), was_resolved())
    past.when(ConfirmResolution(by="s-any", recorder="staff")).then(was_confirmed("s-any"))
    past.when(DisputeResolution(by="s-any", recorder="staff")).then(was_disputed("s-any"))
    past.when(ConfirmResolution(by="s-any")).refused(NotTheResidentWhoRaisedIt)


@pytest.mark.parametrize(
    "command",
    [
        promise(),
        FulfilCommitment(commitment="c-1"),
        MissCommitment(commitment="c-1"),
        ResolveIssue(),
        ConfirmResolution(by="s-ding"),
        DisputeResolution(by="s-ding"),
    ],
)
def test_nothing_is_done_about_what_nobody_raised(command):
    given().when(command).refused(IssueUnknown, pointer="/issue")
