"""Whatever is asked of an incident, in whatever order, what must hold holds."""

import itertools
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.common import Occurred
from contracts.incidents import Channel, IncidentReported, IncidentResolved, OfficersArrived, Priority
from contracts.refusals import Refused
from services.incidents.deciders import INCIDENT
from services.incidents.domain.incident import Phase
from services.incidents.domain.incident_commands import (
    Arrive,
    DispatchOfficers,
    ReopenIncident,
    ReportIncident,
    ResolveIncident,
    SetOut,
    TriageIncident,
)

START = datetime(2024, 6, 30, 4, 0, tzinfo=UTC)
OFFICERS = st.sampled_from(["officer-li", "officer-ma", "officer-tian"])
MOMENTS = st.none() | st.integers(-120, 30).map(lambda m: timedelta(minutes=m))


class Lifecycle(RuleBasedStateMachine):
    """One incident under arbitrary commands; a command that is refused changes nothing."""

    def __init__(self):
        super().__init__()
        self.now = START
        self.state = INCIDENT.initial
        self.log = []

    def decide(self, command):
        before = self.state
        try:
            events = INCIDENT.decide(self.state, command, self.now)
        except Refused:
            return
        self.state = INCIDENT.fold(self.state, events)
        self.log += events
        assert events or self.state == before
        # a shell that lost its answer sends the command again
        if not isinstance(command, ReopenIncident):
            assert INCIDENT.decide(self.state, command, self.now) == []

    def at(self, offset):
        return None if offset is None else self.now + offset

    @rule(minutes=st.integers(0, 600))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule(
        earliest=st.integers(-600, 30), length=st.integers(-5, 300), zone=st.sampled_from(["Asia/Shanghai", "Mars/A"])
    )
    def somebody_reports(self, earliest, length, zone):
        begin = self.now + timedelta(minutes=earliest)
        occurred = Occurred(earliest=begin, latest=begin + timedelta(minutes=length), zone=zone)
        self.decide(
            ReportIncident(incident="i-1", category="help", place="yinchuan", occurred=occurred, channel=Channel.APP)
        )

    @rule(priority=st.sampled_from(Priority), category=st.none() | st.sampled_from(["help", "crime/theft"]))
    def a_dispatcher_judges(self, priority, category):
        self.decide(TriageIncident(priority=priority, category=category))

    @rule(officers=st.lists(OFFICERS, min_size=1, max_size=4))
    def officers_are_sent(self, officers):
        self.decide(DispatchOfficers(officers=tuple(officers)))

    @rule(officer=OFFICERS, offset=MOMENTS)
    def an_officer_sets_out(self, officer, offset):
        self.decide(SetOut(officer=officer, effective_at=self.at(offset)))

    @rule(officer=OFFICERS, offset=MOMENTS)
    def an_officer_arrives(self, officer, offset):
        self.decide(Arrive(officer=officer, effective_at=self.at(offset)))

    @rule(outcome=st.sampled_from(["settled", "unfounded"]), offset=MOMENTS)
    def it_is_resolved(self, outcome, offset):
        self.decide(ResolveIncident(outcome=outcome, effective_at=self.at(offset)))

    @rule()
    def it_is_reopened(self):
        self.decide(ReopenIncident())

    @invariant()
    def nothing_happens_before_the_report(self):
        assert not self.log or isinstance(self.log[0], IncidentReported)
        assert sum(isinstance(event, IncidentReported) for event in self.log) <= 1

    @invariant()
    def who_arrived_was_sent(self):
        assert self.state.arrived | self.state.en_route <= set(dict(self.state.dispatched))

    @invariant()
    def resolved_is_what_ended_and_was_not_reopened(self):
        assert (self.state.phase is Phase.RESOLVED) == (self.state.resolved is not None)

    @invariant()
    def nothing_is_recorded_ahead_of_time(self):
        assert all(event.effective_at <= self.now + timedelta(minutes=10) for event in self.log)
        assert all(event.waited_seconds >= 0 for event in self.log if isinstance(event, OfficersArrived))

    @invariant()
    def the_log_alone_gives_the_state(self):
        assert INCIDENT.fold(INCIDENT.initial, self.log) == self.state

    @invariant()
    def nobody_resolves_twice_without_reopening(self):
        ends = [event.type for event in self.log if "resolved" in event.type or "reopened" in event.type]
        assert all(one != other for one, other in itertools.pairwise(ends))
        assert IncidentResolved.type in ends or not ends


TestLifecycle = Lifecycle.TestCase
