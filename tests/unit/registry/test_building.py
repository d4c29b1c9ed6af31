"""Rules of a building."""

import pytest

from contracts.common import Point
from contracts.registry import BuildingRegistered, FloorsSurveyed
from services.registry.deciders import BUILDING
from services.registry.domain.building_commands import RegisterBuilding, SurveyFloors
from services.registry.domain.refusals import (
    BuildingExists,
    BuildingPlaceTooDeep,
    BuildingPlaceUnlikeItsId,
    BuildingUnknown,
    FloorsUpsideDown,
    NotYetHappened,
    SurveyBeforeBuilding,
    UnitsBeyondFloors,
    ZoneUnknown,
)
from tests.unit.given import NOON, story
from tests.unit.registry.cases import A_MOMENT, JANUARY_1, JUNE_3, JUNE_10, wanda_a

given = story(BUILDING)
register = RegisterBuilding(**wanda_a.model_dump())


def survey(lowest, highest, at=JUNE_3, units_between=None):
    return SurveyFloors(
        building="wanda-a", lowest_floor=lowest, highest_floor=highest, units_between=units_between, effective_at=at
    )


def surveyed(lowest, highest, at=JUNE_3):
    return FloorsSurveyed(building="wanda-a", lowest_floor=lowest, highest_floor=highest, effective_at=at)


def test_a_building_enters_the_ledger():
    given().when(register).then(wanda_a)


@pytest.mark.parametrize(
    "other",
    [{"highest_floor": 29}, {"lowest_floor": 1}, {"zone": "Asia/Urumqi"}, {"location": Point(longitude=1, latitude=2)}],
)
def test_registering_it_again_otherwise_is_no_repeat(other):
    command = RegisterBuilding(**dict(wanda_a) | other)
    given(wanda_a).when(command).refused(BuildingExists, pointer="/building")


def test_registering_it_again_changes_nothing():
    given(wanda_a).when(register).nothing()


def test_another_building_cannot_take_its_id():
    other = register.model_copy(update={"name": "别处"})
    given(wanda_a).when(other).refused(BuildingExists, pointer="/building")


def test_a_building_cannot_stand_in_the_future():
    given().when(register, now=JANUARY_1 - 700 * A_MOMENT).refused(NotYetHappened, pointer="/effective_at")


def test_a_phone_a_few_minutes_ahead_is_believed():
    given().when(register, now=JANUARY_1 - 500 * A_MOMENT).then(wanda_a)


def test_its_place_ends_in_the_building_itself():
    elsewhere = register.model_copy(update={"place": "yinchuan/jinfeng/wanda-b"})
    given().when(elsewhere).refused(BuildingPlaceUnlikeItsId, pointer="/place")


@pytest.mark.parametrize("zone", ["Asia/Yinchuan", "Asia", "/etc/localtime", "Etc/GMT+5"])
def test_its_days_are_counted_in_a_zone_that_exists(zone):
    given().when(register.model_copy(update={"zone": zone})).refused(ZoneUnknown, pointer="/zone")


def test_its_place_leaves_room_for_a_unit():
    deep = "/".join([*"abcdefghi", "wanda-a"])
    given().when(register.model_copy(update={"place": deep})).refused(BuildingPlaceTooDeep, pointer="/place")


def test_floors_are_not_upside_down():
    given().when(register.model_copy(update={"lowest_floor": 29})).refused(FloorsUpsideDown, pointer="/lowest_floor")
    given(wanda_a).when(survey(3, 2)).refused(FloorsUpsideDown)


def test_a_survey_finds_other_floors():
    given(wanda_a).when(survey(-1, 29)).then(surveyed(-1, 29))


def test_a_survey_that_finds_what_is_on_record_changes_nothing():
    given(wanda_a).when(survey(-2, 28)).nothing()
    given(wanda_a, surveyed(-1, 29)).when(survey(-1, 29, at=JUNE_10)).nothing()


def test_only_a_registered_building_is_surveyed():
    given().when(survey(1, 6)).refused(BuildingUnknown, pointer="/building")


def test_a_survey_is_neither_older_than_the_building_nor_in_the_future():
    given(wanda_a).when(survey(1, 6, at=JANUARY_1 - A_MOMENT)).refused(SurveyBeforeBuilding)
    given(wanda_a).when(survey(1, 6, at=NOON + 700 * A_MOMENT)).refused(NotYetHappened)


def test_a_survey_cannot_cut_off_floors_with_units():
    given(wanda_a).when(survey(1, 17, units_between=(6, 18))).refused(UnitsBeyondFloors, pointer="/lowest_floor")
    given(wanda_a).when(survey(1, 18, units_between=(1, 18))).then(surveyed(1, 18))


def test_a_survey_that_becomes_known_late_does_not_undo_a_later_one():
    later, earlier = surveyed(-1, 29, JUNE_10), surveyed(-1, 27, JUNE_3)
    assert given(wanda_a, later, earlier).state.highest_floor == 29


def test_events_of_others_do_not_touch_a_building():
    assert given(wanda_a, BuildingRegistered(**wanda_a.model_dump())).state == given(wanda_a).state
