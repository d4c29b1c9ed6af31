"""Whatever is asked of disputes, issues and sessions, in whatever order, what must hold holds."""

import itertools
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.mediation import (
    CommitmentFulfilled,
    CommitmentMissed,
    DisputeResolved,
    IssueKind,
    IssueResolved,
    Party,
    ResolutionConfirmed,
    ResolutionDisputed,
    SessionHeld,
    SessionKind,
)
from contracts.refusals import Refused
from services.mediation.deciders import DISPUTE, ISSUE, SESSION
from services.mediation.domain.dispute_commands import (
    AssignMediator,
    HoldSession,
    LogDispute,
    ReachAgreement,
    ReopenDispute,
    ResolveDispute,
)
from services.mediation.domain.issue_commands import (
    ConfirmResolution,
    DisputeResolution,
    FulfilCommitment,
    MakeCommitment,
    MissCommitment,
    RaiseIssue,
    ResolveIssue,
    local_day,
)
from services.mediation.domain.session_commands import AnnounceSession, CloseSession, PlaceItem, RecordAttendance

START = datetime(2024, 6, 30, 4, 0, tzinfo=UTC)
PERSONS = ("s-a", "s-b", "s-c")
SOME_PERSONS = st.lists(st.sampled_from([*PERSONS, "s-x"]), min_size=1, max_size=3).map(tuple)
COMMITMENTS = st.sampled_from(["c-1", "c-2", "c-3"])
ORGANISATIONS = st.lists(st.sampled_from(["org-1", "org-2"]), max_size=3).map(tuple)


class Lifecycle(RuleBasedStateMachine):
    """One aggregate under arbitrary commands; a command that is refused changes nothing."""

    decider = None
    not_repeatable = ()

    def __init__(self):
        super().__init__()
        self.now = START
        self.state = self.decider.initial
        self.log = []

    def decide(self, command):
        before = self.state
        try:
            events = self.decider.decide(self.state, command, self.now)
        except Refused:
            return
        self.state = self.decider.fold(self.state, events)
        self.log += events
        assert events or self.state == before
        # a shell that lost its answer sends the command again
        if not isinstance(command, self.not_repeatable):
            assert self.decider.decide(self.state, command, self.now) == []

    @rule(hours=st.integers(0, 200))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @invariant()
    def the_log_alone_gives_the_state(self):
        assert self.decider.fold(self.decider.initial, self.log) == self.state

    @invariant()
    def nothing_is_recorded_ahead_of_time(self):
        assert all(event.effective_at <= self.now for event in self.log)


class Disputes(Lifecycle):
    decider = DISPUTE
    not_repeatable = (ReopenDispute,)

    @rule(persons=SOME_PERSONS.filter(lambda persons: len(persons) > 1))
    def it_is_logged(self, persons):
        parties = tuple(Party(subject=person, household=f"home-{person}") for person in persons)
        self.decide(LogDispute(dispute="d-1", category="dispute", place="yinchuan", parties=parties))

    @rule(
        mediator=st.sampled_from(["mediator-guo", "mediator-na", "s-a"]),
        household=st.none() | st.sampled_from(["home-s-b", "home-x"]),
    )
    def a_mediator_is_assigned(self, mediator, household):
        self.decide(AssignMediator(mediator=mediator, household=household))

    @rule(present=SOME_PERSONS, sealed_from=st.none() | SOME_PERSONS)
    def they_meet(self, present, sealed_from):
        self.decide(HoldSession(present=present, sealed_from=sealed_from))

    @rule()
    def they_agree(self):
        self.decide(ReachAgreement())

    @rule(outcome=st.sampled_from(["agreement-kept", "withdrawn", "no-agreement"]))
    def it_ends(self, outcome):
        self.decide(ResolveDispute(outcome=outcome))

    @rule()
    def it_is_reopened(self):
        self.decide(ReopenDispute())

    @invariant()
    def the_mediator_is_never_a_party(self):
        assert self.state.mediator not in self.state.subjects

    @invariant()
    def what_was_said_is_not_sealed_from_who_was_there(self):
        for held in (event for event in self.log if isinstance(event, SessionHeld)):
            assert not set(held.present) & set(held.sealed_from)
            assert set(held.present) | set(held.sealed_from) <= set(self.state.subjects)

    @invariant()
    def an_agreement_that_was_kept_was_reached(self):
        ended = self.state.resolved
        assert ended is None or (ended.outcome == "agreement-kept") <= self.state.agreed

    @invariant()
    def it_ends_and_opens_in_turns(self):
        ends = [event.type for event in self.log if "dispute-re" in event.type]
        assert all(one != other for one, other in itertools.pairwise(ends))
        assert not ends or ends[0] == DisputeResolved.type


class Issues(Lifecycle):
    decider = ISSUE

    @rule(raised_by=st.none() | st.just("s-a"), kind=st.sampled_from(IssueKind))
    def it_is_raised(self, raised_by, kind):
        self.decide(
            RaiseIssue(
                issue="q-1",
                kind=kind,
                title="Lamps",
                place="yinchuan",
                category="facilities",
                building="wanda-a",
                raised_by=raised_by,
            )
        )

    @rule(commitment=COMMITMENTS, days=st.integers(-1, 9))
    def something_is_promised(self, commitment, days):
        due_on = local_day(self.now, "Asia/Shanghai") + timedelta(days=days)
        self.decide(MakeCommitment(commitment=commitment, owner="org-1", promise="New lamps", due_on=due_on))

    @rule(commitment=COMMITMENTS, hours=st.none() | st.integers(-99, 0))
    def a_promise_is_kept(self, commitment, hours):
        at = None if hours is None else self.now + timedelta(hours=hours)
        self.decide(FulfilCommitment(commitment=commitment, effective_at=at))

    @rule(commitment=COMMITMENTS)
    def a_promise_is_missed(self, commitment):
        self.decide(MissCommitment(commitment=commitment))

    @rule()
    def it_is_called_done(self):
        self.decide(ResolveIssue())

    @rule(by=st.sampled_from(["s-a", "s-b"]), recorder=st.sampled_from(["resident", "staff"]), done=st.booleans())
    def the_resident_speaks(self, by, recorder, done):
        word = ConfirmResolution if done else DisputeResolution
        self.decide(word(by=by, recorder=recorder))

    @invariant()
    def a_promise_is_kept_once_and_missed_once(self):
        for kind in (CommitmentFulfilled, CommitmentMissed):
            names = [event.commitment for event in self.log if isinstance(event, kind)]
            assert len(names) == len(set(names))

    @invariant()
    def what_is_done_has_no_open_promise(self):
        assert not self.state.done or all(made.fulfilled for made in self.state.commitments)

    @invariant()
    def the_word_answers_a_resolution(self):
        words = [
            event for event in self.log if isinstance(event, (IssueResolved, ResolutionConfirmed, ResolutionDisputed))
        ]
        for before, after in itertools.pairwise([None, *words]):
            assert isinstance(before, IssueResolved) != isinstance(after, IssueResolved)

    @invariant()
    def only_the_resident_speaks(self):
        raised = self.state.raised
        words = [event for event in self.log if isinstance(event, (ResolutionConfirmed, ResolutionDisputed))]
        assert all(raised.raised_by in {None, word.by} for word in words)


class Sessions(Lifecycle):
    decider = SESSION

    @rule(hours=st.integers(-50, 50), kind=st.sampled_from(SessionKind))
    def it_is_called(self, hours, kind):
        starts_at = self.now + timedelta(hours=hours)
        self.decide(AnnounceSession(session="m-1", kind=kind, place="yinchuan", starts_at=starts_at, venue="Pavilion"))

    @rule(issue=st.sampled_from(["q-1", "q-2"]))
    def an_item_is_placed(self, issue):
        self.decide(PlaceItem(issue=issue))

    @rule(organisations=ORGANISATIONS, residents=st.integers(0, 9))
    def people_come(self, organisations, residents):
        self.decide(RecordAttendance(organisations=organisations, residents=residents))

    @rule()
    def it_ends(self):
        self.decide(CloseSession())

    @invariant()
    def an_item_stands_once(self):
        assert len(self.state.agenda) == len(set(self.state.agenda))

    @invariant()
    def the_end_is_the_end(self):
        ends = [index for index, event in enumerate(self.log) if "closed" in event.type]
        assert ends in ([], [len(self.log) - 1])


TestDisputes = Disputes.TestCase
TestIssues = Issues.TestCase
TestSessions = Sessions.TestCase
