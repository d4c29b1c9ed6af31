"""Rules of a unit besides its tenancies."""

import pytest
from hypothesis import given as given_values
from hypothesis import settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from contracts.common import Identifier
from contracts.registry import ObservedUse, UnitRecordCorrected, UseClass, UseObserved
from services.registry.deciders import UNIT as DECIDER
from services.registry.domain.refusals import (
    AlreadyClassified,
    BuildingUnknown,
    ClassifiedOtherwise,
    DateBeforeUnit,
    DoorIsAnother,
    FloorOutsideBuilding,
    NothingToCorrect,
    NotYetHappened,
    TenantsStillThere,
    UnitBeforeBuilding,
    UnitExists,
    UnitIdNotItsDoor,
    UnitUnknown,
)
from services.registry.domain.unit_commands import (
    AssignOperator,
    ClassifyUnit,
    CorrectRecord,
    ObserveUse,
    RegisterUnit,
    StandingBuilding,
    spare_unit_id,
    unit_id,
)
from tests.unit.given import NOON, story
from tests.unit.registry.cases import (
    A_MOMENT,
    A_RENTAL_UNIT,
    BUILDING_PLACE,
    JANUARY_1,
    JUNE_3,
    JUNE_10,
    JUNE_20,
    PLACE,
    UNIT,
    ZHANG_LIVES_THERE,
    a_unit,
    classified,
    moved_out,
    operated,
)

given = story(DECIDER)
LATER = NOON + 86400 * A_MOMENT
standing = StandingBuilding(place=BUILDING_PLACE, since=JANUARY_1, lowest_floor=-2, highest_floor=28)
register = RegisterUnit(
    unit=UNIT, building="wanda-a", number="1812", floor=18, standing=standing, effective_at=JANUARY_1
)


def classify(use_class, at=JUNE_3):
    return ClassifyUnit(use_class=use_class, effective_at=at)


def correct(use_class, at=JANUARY_1):
    return CorrectRecord(corrects="event-1", use_class=use_class, reason="登记表看错行", effective_at=at)


def corrected(use_class, at=JANUARY_1):
    return UnitRecordCorrected(
        unit=UNIT, place=PLACE, corrects="event-1", use_class=use_class, reason="登记表看错行", effective_at=at
    )


def seen(use, *, differs, organisation=None):
    return UseObserved(
        unit=UNIT, place=PLACE, observed_use=use, differs=differs, organisation=organisation, effective_at=JUNE_3
    )


def see(use, at=JUNE_3, organisation=None):
    return ObserveUse(observed_use=use, organisation=organisation, effective_at=at)


def assign(operator, at=JUNE_3):
    return AssignOperator(operator=operator, effective_at=at)


# registering


def test_a_unit_enters_the_ledger_under_its_building_s_place():
    given().when(register).then(a_unit())


def test_registering_it_again_changes_nothing():
    given(a_unit()).when(register).nothing()


def test_another_unit_cannot_take_its_door():
    given(a_unit()).when(register.model_copy(update={"floor": 17})).refused(UnitExists, pointer="/number")


def test_a_repeat_is_known_only_where_it_names_the_same_door():
    in_capitals = register.model_copy(update={"number": "A1", "unit": "wanda-a-a1"})
    there = given().when(in_capitals).events()
    small = (
        given(*there).when(in_capitals.model_copy(update={"number": "a1"})).refused(DoorIsAnother, pointer="/number")
    )
    assert "wanda-a-a1 is the door A1 of wanda-a" in small.sentence
    other = register.model_copy(update={"building": "wanda", "number": "a-1812"})
    refused = given(a_unit()).when(other).refused(DoorIsAnother, pointer="/number")
    assert "the door 1812 of wanda-a" in refused.sentence
    spare = spare_unit_id("wanda", "a-1812")
    [registered] = given().when(other.model_copy(update={"unit": spare})).events()
    assert (registered.unit, registered.building, registered.number) == (spare, "wanda", "a-1812")


@settings(max_examples=200)
@given_values(
    building=st.from_regex(r"[a-z0-9][a-z0-9._-]{0,57}", fullmatch=True),
    number=st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True),
)
def test_a_spare_id_is_an_identifier_and_never_the_first_choice(building, number):
    spare = TypeAdapter(Identifier).validate_python(spare_unit_id(building, number))
    assert spare != unit_id(building, number)


def test_a_unit_needs_its_building():
    given().when(register.model_copy(update={"standing": None})).refused(BuildingUnknown, pointer="/building")


def test_a_unit_s_id_is_its_door():
    given().when(register.model_copy(update={"unit": "penthouse"})).refused(UnitIdNotItsDoor, pointer="/unit")


@pytest.mark.parametrize("floor", [-3, 29])
def test_a_floor_is_one_that_the_building_has(floor):
    given().when(register.model_copy(update={"floor": floor})).refused(FloorOutsideBuilding, pointer="/floor")


def test_a_basement_that_the_building_has_is_a_floor():
    basement = register.model_copy(update={"floor": -2})
    given().when(basement).then(a_unit().model_copy(update={"floor": -2}))


def test_a_unit_is_not_older_than_its_building_nor_from_the_future():
    early = register.model_copy(update={"effective_at": JANUARY_1 - A_MOMENT})
    given().when(early).refused(UnitBeforeBuilding, pointer="/effective_at")
    given().when(register.model_copy(update={"effective_at": LATER})).refused(NotYetHappened)


@pytest.mark.parametrize("command", [classify(UseClass.STUDIO), see(ObservedUse.VACANT), assign("hotel-1")])
def test_nothing_happens_to_a_unit_that_nobody_registered(command):
    given().when(command).refused(UnitUnknown, pointer="/unit")
    given().when(correct(UseClass.STUDIO)).refused(UnitUnknown)


@pytest.mark.parametrize(
    "command",
    [
        classify(UseClass.STUDIO, JANUARY_1 - A_MOMENT),
        see(ObservedUse.VACANT, JANUARY_1 - A_MOMENT),
        assign("hotel-1", JANUARY_1 - A_MOMENT),
    ],
)
def test_nothing_is_true_of_a_unit_before_it_was_there(command):
    given(a_unit()).when(command).refused(DateBeforeUnit, pointer="/effective_at")


# classes


def test_a_unit_is_registered_for_a_use_from_a_date():
    given(a_unit()).when(classify(UseClass.RENTAL, JANUARY_1)).then(classified(UseClass.RENTAL))


def test_a_class_may_begin_in_the_future():
    given(*A_RENTAL_UNIT).when(classify(UseClass.STUDIO, LATER)).then(classified(UseClass.STUDIO, LATER))


def test_the_same_class_from_the_same_date_changes_nothing():
    given(*A_RENTAL_UNIT).when(classify(UseClass.RENTAL, JANUARY_1)).nothing()


def test_the_same_class_from_a_later_date_is_refused():
    given(*A_RENTAL_UNIT).when(classify(UseClass.RENTAL)).refused(AlreadyClassified, pointer="/use_class")


def test_the_same_class_again_after_another_is_a_change():
    then_studio = classified(UseClass.STUDIO, JUNE_3)
    back = classified(UseClass.RENTAL, JUNE_10)
    given(*A_RENTAL_UNIT, then_studio).when(classify(UseClass.RENTAL, JUNE_10)).then(back)


def test_two_classes_cannot_begin_at_the_same_moment():
    given(*A_RENTAL_UNIT).when(classify(UseClass.STUDIO, JANUARY_1)).refused(ClassifiedOtherwise)


def test_a_class_that_becomes_known_late_holds_until_the_next_one():
    june_10, june_3 = classified(UseClass.STUDIO, JUNE_10), classified(UseClass.OWNER_OCCUPIED, JUNE_3)
    state = given(*A_RENTAL_UNIT, june_10).when(classify(UseClass.OWNER_OCCUPIED)).then(june_3).state
    assert [entry.value for entry in state.classes.entries] == ["rental", "owner-occupied", "studio"]


def test_a_unit_with_tenants_does_not_become_a_hotel():
    given(*ZHANG_LIVES_THERE).when(classify(UseClass.HOTEL, JUNE_20)).refused(TenantsStillThere, pointer="/use_class")
    given(*ZHANG_LIVES_THERE).when(classify(UseClass.HOTEL, JANUARY_1 + A_MOMENT)).refused(TenantsStillThere)


def test_a_unit_whose_tenants_have_left_may_become_a_hotel_from_then_on():
    past = (*ZHANG_LIVES_THERE, moved_out(JUNE_10))
    given(*past).when(classify(UseClass.HOTEL, JUNE_10)).then(classified(UseClass.HOTEL, JUNE_10))
    given(*past).when(classify(UseClass.HOTEL, JUNE_10 - A_MOMENT)).refused(TenantsStillThere)


# observations


def test_an_observed_use_that_differs_is_a_finding_and_no_change_of_class():
    state = given(*A_RENTAL_UNIT).when(see(ObservedUse.HOTEL)).then(seen(ObservedUse.HOTEL, differs=True)).state
    assert state.classes.at(JUNE_10).value is UseClass.RENTAL


def test_the_registered_use_is_no_finding_and_neither_is_an_empty_unit():
    given(*A_RENTAL_UNIT).when(see(ObservedUse.RENTAL)).then(seen(ObservedUse.RENTAL, differs=False))
    given(*A_RENTAL_UNIT).when(see(ObservedUse.VACANT)).then(seen(ObservedUse.VACANT, differs=False))


def test_a_use_that_is_registered_nowhere_is_a_finding():
    given(a_unit()).when(see(ObservedUse.STUDIO)).then(seen(ObservedUse.STUDIO, differs=True))


def test_an_observation_names_the_organisation_that_is_really_there():
    given(*A_RENTAL_UNIT).when(see(ObservedUse.OTHER, organisation="星河培训")).then(
        seen(ObservedUse.OTHER, differs=True, organisation="星河培训")
    )


def test_an_observation_is_measured_by_the_class_of_its_own_time():
    past = (*A_RENTAL_UNIT, classified(UseClass.STUDIO, JUNE_10))
    given(*past).when(see(ObservedUse.STUDIO)).then(seen(ObservedUse.STUDIO, differs=True))


def test_nobody_sees_the_future():
    given(a_unit()).when(see(ObservedUse.STUDIO, LATER)).refused(NotYetHappened, pointer="/effective_at")


# operators


def test_an_operator_is_assigned_and_dismissed():
    hotel = (a_unit(), classified(UseClass.HOTEL))
    run = given(*hotel).when(assign("hotel-1")).then(operated("hotel-1", JUNE_3))
    run.when(assign(None, JUNE_10)).then(operated(None, JUNE_10))


def test_an_operator_who_is_there_already_is_no_change():
    given(a_unit(), operated("hotel-1", JUNE_3)).when(assign("hotel-1", JUNE_10)).nothing()
    given(a_unit()).when(assign(None)).nothing()


def test_an_operator_is_not_assigned_in_the_future():
    given(a_unit()).when(assign("hotel-1", LATER)).refused(NotYetHappened)


# corrections


def test_a_wrong_class_is_corrected_from_its_own_date():
    state = given(*A_RENTAL_UNIT).when(correct(UseClass.STUDIO)).then(corrected(UseClass.STUDIO)).state
    assert state.classes.at(JANUARY_1).value is UseClass.STUDIO


def test_a_correction_may_be_corrected():
    past = (*A_RENTAL_UNIT, corrected(UseClass.STUDIO))
    given(*past).when(correct(UseClass.OWNER_OCCUPIED)).then(corrected(UseClass.OWNER_OCCUPIED))


def test_only_a_record_of_a_class_is_corrected():
    given(*A_RENTAL_UNIT).when(correct(UseClass.STUDIO, JUNE_3)).refused(NothingToCorrect, pointer="/corrects")


def test_a_correction_changes_something():
    given(*A_RENTAL_UNIT).when(correct(UseClass.RENTAL)).refused(AlreadyClassified)


def test_a_correction_does_not_make_a_hotel_of_a_unit_with_tenants():
    given(*ZHANG_LIVES_THERE).when(correct(UseClass.HOTEL)).refused(TenantsStillThere)
