"""Rules of a visit round."""

from contracts.registry import VisitOutcome, VisitRecorded, VisitRoundClosed, VisitRoundPlanned
from services.registry.deciders import VISIT_ROUND
from services.registry.domain.refusals import (
    NotYetHappened,
    OfficerUnnamed,
    RoundClosed,
    RoundExists,
    RoundUnknown,
    RoundWithoutUnits,
    UnitElsewhere,
    UnitNotInRound,
    UnitTwiceInRound,
)
from services.registry.domain.visit_round_commands import CloseVisitRound, PlanVisitRound, RecordVisit
from tests.unit.given import story
from tests.unit.registry.cases import BUILDING_PLACE, JUNE_3, JUNE_10

given = story(VISIT_ROUND)
UNITS = ("wanda-a-1801", "wanda-a-1802", "wanda-a-1812")
AT = {"round": "r1", "place": BUILDING_PLACE}
planned = VisitRoundPlanned(**AT, officer="officer-li", units=UNITS, day_part="evening", effective_at=JUNE_3)
plan = PlanVisitRound(**planned.model_dump())


def knock(unit, outcome=VisitOutcome.MET, at=JUNE_3):
    return RecordVisit(unit=unit, outcome=outcome, effective_at=at)


def knocked(unit, outcome=VisitOutcome.MET, at=JUNE_3):
    return VisitRecorded(**AT, unit=unit, outcome=outcome, effective_at=at)


close = CloseVisitRound(effective_at=JUNE_10)
closed = VisitRoundClosed(**AT, visited=0, met=0, effective_at=JUNE_10)


def test_a_round_is_planned_once_and_may_lie_ahead():
    given().when(plan, now=JUNE_3.replace(month=5)).then(planned).when(plan).nothing()


def test_another_round_cannot_take_its_id():
    given(planned).when(plan.model_copy(update={"units": UNITS[:1]})).refused(RoundExists, pointer="/round")


def test_a_round_leads_to_doors_and_to_each_once():
    given().when(plan.model_copy(update={"units": ()})).refused(RoundWithoutUnits, pointer="/units")
    twice = plan.model_copy(update={"units": (*UNITS, UNITS[0])})
    given().when(twice).refused(UnitTwiceInRound, pointer="/units/3")


def test_a_round_leads_to_doors_of_its_place_and_is_somebody_s():
    given().when(plan.model_copy(update={"elsewhere": {UNITS[1]}})).refused(UnitElsewhere, pointer="/units/1")
    given().when(plan.model_copy(update={"officer": None})).refused(OfficerUnnamed, pointer="/officer")


def test_a_knock_is_recorded_and_the_very_same_counts_once():
    given(planned).when(knock(UNITS[0])).then(knocked(UNITS[0])).when(knock(UNITS[0])).nothing()


def test_a_door_may_be_knocked_at_again():
    first = knocked(UNITS[0], VisitOutcome.NOBODY_HOME)
    given(planned, first).when(knock(UNITS[0], at=JUNE_10)).then(knocked(UNITS[0], at=JUNE_10))


def test_only_doors_of_the_round_are_knocked_at():
    given(planned).when(knock("wanda-b-101")).refused(UnitNotInRound, pointer="/unit")


def test_a_knock_is_not_in_the_future():
    given(planned).when(knock(UNITS[0], at=JUNE_10), now=JUNE_3).refused(NotYetHappened)


def test_closing_counts_doors_not_knocks():
    nobody = knocked(UNITS[0], VisitOutcome.NOBODY_HOME)
    again = knocked(UNITS[0], at=JUNE_10)
    refused = knocked(UNITS[1], VisitOutcome.NO_COOPERATION)
    given(planned, nobody, again, refused).when(close).then(closed.model_copy(update={"visited": 2, "met": 1}))


def test_a_closed_round_takes_no_more_knocks_and_closes_once():
    given(planned, closed).when(close).nothing()
    given(planned, closed).when(knock(UNITS[0])).refused(RoundClosed, pointer="/round")


def test_nothing_happens_to_a_round_that_nobody_planned():
    given().when(close).refused(RoundUnknown)
    given().when(knock(UNITS[0])).refused(RoundUnknown, pointer="/round")
