"""A visit round and a subject through any life, beside the simplest model of each."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts.refusals import Refused
from contracts.registry import VisitOutcome, VisitRoundClosed
from services.registry.deciders import BUILDING, SUBJECT, VISIT_ROUND
from services.registry.domain.building_commands import RegisterBuilding, SurveyFloors
from services.registry.domain.subject_commands import CreateSubjectKey, EraseSubject, OpenRecord
from services.registry.domain.visit_round_commands import CloseVisitRound, PlanVisitRound, RecordVisit
from tests.unit.registry.cases import BUILDING_PLACE, JANUARY_1, PLACE, wanda_a

NOW = JANUARY_1 + timedelta(days=30)
DOORS = tuple(f"wanda-a-{number}" for number in range(5))
hours = st.integers(0, 700).map(lambda hours: JANUARY_1 + timedelta(hours=hours))


class RoundLife(RuleBasedStateMachine):
    """The model is a dictionary from doors to outcomes."""

    def __init__(self):
        super().__init__()
        self.round = VISIT_ROUND.initial
        self.met = {}
        self.closed = False

    def decide(self, command):
        events = VISIT_ROUND.decide(self.round, command, NOW)
        self.round = VISIT_ROUND.fold(self.round, events)
        return events

    @initialize()
    def plan(self):
        self.decide(
            PlanVisitRound(
                round="r1",
                place=BUILDING_PLACE,
                officer="officer-gu",
                units=DOORS[:3],
                day_part="day",
                effective_at=JANUARY_1,
            )
        )

    @rule(door=st.sampled_from(DOORS), outcome=st.sampled_from(VisitOutcome), at=hours)
    def knock(self, door, outcome, at):
        repeated = (door, outcome, at) in self.round.visits
        try:
            events = self.decide(RecordVisit(unit=door, outcome=outcome, effective_at=at))
        except Refused:
            assert self.closed or door not in DOORS[:3]
        else:
            assert repeated or not self.closed
            assert len(events) == (not repeated)
            self.met.setdefault(door, set()).add(outcome)

    @rule(at=hours)
    def close(self, at):
        events = self.decide(CloseVisitRound(effective_at=at))
        assert len(events) == (not self.closed)
        for event in events:
            assert isinstance(event, VisitRoundClosed)
            assert event.visited == len(self.met)
            assert event.met == sum(VisitOutcome.MET in outcomes for outcomes in self.met.values())
        self.closed = True

    @invariant()
    def knows_its_doors(self):
        assert self.round.visited == len(self.met)
        assert self.round.met <= self.round.visited <= 3


class SubjectLife(RuleBasedStateMachine):
    """Nobody, somebody, nobody for ever."""

    def __init__(self):
        super().__init__()
        self.subject = SUBJECT.initial
        self.known = False
        self.erased = False

    def decide(self, command):
        events = SUBJECT.decide(self.subject, command, NOW)
        self.subject = SUBJECT.fold(self.subject, events)
        return events

    @rule(at=hours)
    def create(self, at):
        try:
            events = self.decide(CreateSubjectKey(subject="zhang", place=PLACE, effective_at=at))
        except Refused:
            assert self.erased
        else:
            assert not self.erased
            assert len(events) == (not self.known)
            self.known = True

    @rule(at=hours, purpose=st.sampled_from(["incident", None]), fields=st.sampled_from([(), ("name",)]))
    def look(self, at, purpose, fields):
        try:
            events = self.decide(OpenRecord(subject="zhang", purpose=purpose, fields=fields, effective_at=at))
        except Refused:
            assert self.erased or not self.known or not purpose or not fields
        else:
            assert self.known
            assert not self.erased
            assert len(events) == 1

    @rule(at=hours)
    def erase(self, at):
        try:
            events = self.decide(EraseSubject(subject="zhang", ground="retention-ended", effective_at=at))
        except Refused:
            assert not self.known
        else:
            assert len(events) == (not self.erased)
            self.erased = True


TestRoundLife = pytest.mark.filterwarnings("error")(RoundLife.TestCase)
TestSubjectLife = pytest.mark.filterwarnings("error")(SubjectLife.TestCase)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(-9, 40), st.integers(-9, 40), hours), max_size=8))
def test_a_building_has_the_floors_of_its_latest_survey(surveys):
    building = BUILDING.fold(BUILDING.initial, [wanda_a])
    found = {JANUARY_1: (-2, 28)}
    for lowest, highest, at in surveys:
        command = SurveyFloors(building="wanda-a", lowest_floor=lowest, highest_floor=highest, effective_at=at)
        try:
            events = BUILDING.decide(building, command, NOW)
        except Refused:
            assert lowest > highest
            continue
        building = BUILDING.fold(building, events)
        if events:
            found[at] = (lowest, highest)
        assert (building.lowest_floor, building.highest_floor) == found[max(found)]


def test_registering_is_once_only():
    command = RegisterBuilding(**wanda_a.model_dump())
    building = BUILDING.fold(BUILDING.initial, BUILDING.decide(BUILDING.initial, command, NOW))
    assert BUILDING.decide(building, command, NOW) == []
