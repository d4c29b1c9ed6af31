"""A unit through any life, beside a model simple enough to be believed."""

from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts.refusals import Refused
from contracts.registry import TenancyCategory, UseClass
from services.registry.deciders import UNIT as DECIDER
from services.registry.domain.tenancy_commands import MoveIn, MoveOut, Newcomer, VerifyOccupant
from services.registry.domain.unit_commands import AssignOperator, ClassifyUnit
from tests.unit.registry.cases import JANUARY_1, a_unit

DAYS = 40
NOW = JANUARY_1 + timedelta(days=DAYS)
days = st.integers(0, DAYS - 1)


def at(day):
    return JANUARY_1 + timedelta(days=day)


class UnitLife(RuleBasedStateMachine):
    """The model counts whole days: a class for each day, and the households of each day."""

    def __init__(self):
        super().__init__()
        self.unit = DECIDER.initial
        self.since = {}
        self.stays = {}
        self.open = set()
        self.serial = 0

    @initialize(capacity=st.integers(1, 3))
    def register(self, capacity):
        self.capacity = capacity
        self.unit = DECIDER.evolve(self.unit, a_unit(capacity))

    def decide(self, command):
        events = DECIDER.decide(self.unit, command, NOW)
        self.unit = DECIDER.fold(self.unit, events)
        return events

    def class_on(self, day, since=None):
        begun = [start for start in (since or self.since) if start <= day]
        return (since or self.since)[max(begun)] if begun else None

    def there(self, day):
        return [tenancy for tenancy, (start, end) in self.stays.items() if start <= day < end]

    @rule(use_class=st.sampled_from(UseClass), day=days)
    def classify(self, use_class, day):
        changed = {**self.since, day: use_class}
        allowed = self.since.get(day, use_class) is use_class and (
            self.class_on(day) is not use_class or day in self.since
        )
        hotel = any(self.class_on(d, changed) is UseClass.HOTEL and self.there(d) for d in range(DAYS + 1))
        try:
            self.decide(ClassifyUnit(use_class=use_class, effective_at=at(day)))
        except Refused:
            assert not allowed or hotel
        else:
            assert allowed
            assert not hotel
            self.since[day] = use_class

    @rule(day=days, stay=st.none() | st.integers(0, 10), person=st.integers(0, 3))
    def move_in(self, day, stay, person):
        self.serial += 1
        tenancy = f"t{self.serial}"
        end = DAYS + 1 if stay is None else min(day + stay, DAYS)
        span = range(day, end)
        subject = f"p{person}"
        fits = (
            self.class_on(day) is not None
            and all(len(self.there(d)) < self.capacity for d in span)
            and all(self.class_on(d) is not UseClass.HOTEL for d in span)
            and not any(self.people[other] == subject for d in span for other in self.there(d))
        )
        command = MoveIn(
            tenancy=tenancy,
            category=TenancyCategory.LONG_LET,
            occupants=(Newcomer(subject=subject),),
            effective_at=at(day),
            left_at=None if stay is None else at(end),
        )
        try:
            self.decide(command)
        except Refused:
            assert not fits
        else:
            assert fits
            self.stays[tenancy] = (day, end)
            self.people[tenancy] = subject
            if stay is None:
                self.open.add(tenancy)

    @property
    def people(self):
        return self.__dict__.setdefault("_people", {})

    @rule(day=days, data=st.data())
    def move_out(self, day, data):
        if not self.stays:
            return
        tenancy = data.draw(st.sampled_from(sorted(self.stays)))
        start, end = self.stays[tenancy]
        try:
            events = self.decide(MoveOut(tenancy=tenancy, effective_at=at(day)))
        except Refused:
            assert day < start or tenancy not in self.open
        else:
            assert day == end if tenancy not in self.open else day >= start
            assert len(events) == (tenancy in self.open)
            self.open.discard(tenancy)
            self.stays[tenancy] = (start, day)

    @rule(day=days, data=st.data())
    def verify(self, day, data):
        if not self.stays:
            return
        tenancy = data.draw(st.sampled_from(sorted(self.stays)))
        start, end = self.stays[tenancy]
        command = VerifyOccupant(
            tenancy=tenancy, subject=self.people[tenancy], method="in-person", effective_at=at(day)
        )
        try:
            self.decide(command)
        except Refused:
            assert not start <= day < end
        else:
            assert start <= day < end
            assert self.decide(command) == []

    @rule(day=days, operator=st.sampled_from(["hotel-1", "hotel-2", None]))
    def operate(self, day, operator):
        self.decide(AssignOperator(operator=operator, effective_at=at(day)))
        assert self.decide(AssignOperator(operator=operator, effective_at=at(day))) == []

    @invariant()
    def is_never_overcrowded_and_a_hotel_has_no_tenants(self):
        for day in range(DAYS + 1):
            running = [tenancy.id for tenancy in self.unit.tenancies if tenancy.runs_at(at(day))]
            assert sorted(running) == sorted(self.there(day))
            assert len(running) <= getattr(self, "capacity", 1)
            held = self.unit.classes.at(at(day))
            assert (held.value if held else None) == self.class_on(day)
            if held and held.value is UseClass.HOTEL:
                assert not running


TestUnitLife = pytest.mark.filterwarnings("error")(UnitLife.TestCase)
