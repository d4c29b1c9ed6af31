"""Rules of moving in, verifying and moving out."""

import pytest

from contracts.registry import TenancyCategory, TenancyCorrected, UseClass, VerificationFailed
from services.registry.deciders import UNIT as DECIDER
from services.registry.domain.refusals import (
    AlreadyVerified,
    CategoryUnlikeClass,
    DateBeforeUnit,
    HotelHasNoTenants,
    MoveOutBeforeMoveIn,
    NobodyMovesIn,
    NotYetHappened,
    OccupantAlreadyThere,
    OccupantTwice,
    OccupantUnknown,
    TenancyEndedBefore,
    TenancyExists,
    TenancyOverlaps,
    TenancyUnknown,
    UnitUnclassified,
    UnitUnknown,
    VerificationBeforeMoveIn,
    VerificationLapsed,
)
from services.registry.domain.tenancy_commands import CorrectTenancy, RecordVerificationFailure, VerifyOccupant
from services.registry.domain.unit_commands import ClassifyUnit, CorrectRecord
from tests.unit.given import NOON, story
from tests.unit.registry.cases import (
    A_MOMENT,
    A_RENTAL_UNIT,
    JANUARY_1,
    JUNE_3,
    JUNE_10,
    JUNE_20,
    PLACE,
    UNIT,
    ZHANG_LIVES_THERE,
    a_unit,
    classified,
    local,
    move_in,
    move_out,
    moved_out,
    occupied,
    started,
    verified,
)

given = story(DECIDER)


def verify(at=JUNE_10, tenancy="t1", subject="zhang"):
    return VerifyOccupant(tenancy=tenancy, subject=subject, method="document-seen", effective_at=at)


def fail(at=JUNE_10, tenancy="t1", subject="zhang"):
    return RecordVerificationFailure(tenancy=tenancy, subject=subject, reason="nobody-home", effective_at=at)


failed = VerificationFailed(
    unit=UNIT, place=PLACE, tenancy="t1", subject="zhang", reason="nobody-home", effective_at=JUNE_10
)

# moving in


def test_a_household_moves_in_and_falls_due_for_verification():
    given(*A_RENTAL_UNIT).when(move_in()).then(started(), occupied(due_at=local(6, 6, 18)))


def test_each_of_a_household_is_registered():
    given(*A_RENTAL_UNIT).when(move_in(subjects=("zhang", "wang"))).then(
        started(), occupied(), occupied(subject="wang")
    )


@pytest.mark.parametrize(
    ("use_class", "category", "due_at"),
    [
        (UseClass.RENTAL, TenancyCategory.LONG_LET, local(6, 6, 18)),
        (UseClass.RENTAL, TenancyCategory.SHORT_LET, local(6, 4, 18)),
        (UseClass.STUDIO, TenancyCategory.LONG_LET, local(6, 11, 18)),  # June 10, 2024 is the Dragon Boat Festival
        (UseClass.OWNER_OCCUPIED, TenancyCategory.OWNER, local(6, 18, 18)),
    ],
)
def test_the_class_says_how_many_working_days_a_verification_may_take(use_class, category, due_at):
    past = (a_unit(), classified(use_class))
    given(*past).when(move_in(category=category)).then(started(category=category), occupied(due_at=due_at))


def test_the_class_is_that_of_the_day_of_moving_in():
    past = (*A_RENTAL_UNIT, classified(UseClass.OWNER_OCCUPIED, JUNE_10))
    given(*past).when(move_in()).then(started(), occupied(due_at=local(6, 6, 18)))


def test_nobody_moves_into_a_hotel():
    hotel = (a_unit(), classified(UseClass.HOTEL))
    given(*hotel).when(move_in()).refused(HotelHasNoTenants, pointer="/unit")


def test_nobody_stays_on_when_a_unit_becomes_a_hotel():
    past = (*A_RENTAL_UNIT, classified(UseClass.HOTEL, JUNE_10))
    given(*past).when(move_in()).refused(HotelHasNoTenants)
    given(*past).when(move_in(left_at=JUNE_10)).then(started(), occupied(), moved_out(JUNE_10))


def test_nobody_moves_into_what_is_not_registered_classified_or_there_yet():
    given().when(move_in()).refused(UnitUnknown, pointer="/unit")
    given(a_unit()).when(move_in()).refused(UnitUnclassified, pointer="/effective_at")
    given(*A_RENTAL_UNIT).when(move_in(at=JANUARY_1 - A_MOMENT)).refused(DateBeforeUnit)


def test_nobody_moves_in_tomorrow():
    given(*A_RENTAL_UNIT).when(move_in(at=NOON + 86400 * A_MOMENT)).refused(NotYetHappened)
    given(*A_RENTAL_UNIT).when(move_in(left_at=NOON + 86400 * A_MOMENT)).refused(NotYetHappened)


def test_an_owner_moves_into_an_owner_occupied_unit_only():
    owner = move_in(category=TenancyCategory.OWNER)
    given(*A_RENTAL_UNIT).when(owner).refused(CategoryUnlikeClass, pointer="/category")


def test_a_tenancy_has_somebody_in_it_and_nobody_twice():
    given(*A_RENTAL_UNIT).when(move_in(subjects=())).refused(NobodyMovesIn, pointer="/occupants")
    twice = move_in(subjects=("zhang", "zhang"))
    given(*A_RENTAL_UNIT).when(twice).refused(OccupantTwice, pointer="/occupants/1/subject")


def test_a_tenancy_s_id_is_its_own():
    past = (*ZHANG_LIVES_THERE, moved_out(JUNE_10))
    given(*past).when(move_in(at=JUNE_20)).refused(TenancyExists, pointer="/tenancy")


# overlaps


def test_two_tenancies_do_not_overlap():
    second = move_in("t2", JUNE_10, subjects=("wang",))
    refused = given(*ZHANG_LIVES_THERE).when(second).refused(TenancyOverlaps, pointer="/effective_at")
    assert "t1" in refused.sentence


def test_a_tenancy_may_begin_at_the_moment_that_another_ends():
    past = (*ZHANG_LIVES_THERE, moved_out(JUNE_10))
    due_at = local(6, 13, 18)
    given(*past).when(move_in("t2", JUNE_10)).then(started("t2", JUNE_10), occupied("t2", JUNE_10, due_at=due_at))
    given(*past).when(move_in("t2", JUNE_10 - A_MOMENT)).refused(TenancyOverlaps)


def test_a_move_in_that_becomes_known_late_overlaps_on_effective_times():
    earlier = move_in("t0", local(5, 6), subjects=("wang",))
    given(*ZHANG_LIVES_THERE).when(earlier).refused(TenancyOverlaps)


def test_a_past_tenancy_that_becomes_known_late_fits_before_the_running_one():
    earlier = move_in("t0", local(5, 6), left_at=JUNE_3, subjects=("wang",))
    due_at = local(5, 9, 18)
    given(*ZHANG_LIVES_THERE).when(earlier).then(
        started("t0", local(5, 6)),
        occupied("t0", local(5, 6), "wang", due_at),
        moved_out(JUNE_3, "t0", "wang"),
    )
    too_long = move_in("t0", local(5, 6), left_at=JUNE_3 + A_MOMENT, subjects=("wang",))
    given(*ZHANG_LIVES_THERE).when(too_long).refused(TenancyOverlaps)


def test_as_many_tenancies_overlap_as_the_unit_holds():
    shared = (a_unit(capacity=2), classified(UseClass.RENTAL), started(), occupied())
    second = given(*shared).when(move_in("t2", subjects=("wang",))).then(started("t2"), occupied("t2", subject="wang"))
    second.when(move_in("t3", JUNE_10, subjects=("li",))).refused(TenancyOverlaps)


def test_a_shared_unit_that_fills_up_only_later_is_full_all_the_same():
    shared = (
        a_unit(capacity=2),
        classified(UseClass.RENTAL),
        started("t1", JUNE_10),
        occupied("t1", JUNE_10),
        started("t2", JUNE_20),
        occupied("t2", JUNE_20, "wang"),
    )
    given(*shared).when(move_in("t3", JUNE_3, subjects=("li",))).refused(TenancyOverlaps)
    assert given(*shared).when(move_in("t3", JUNE_3, left_at=JUNE_20, subjects=("li",))).events()


def test_nobody_lives_under_two_tenancies_of_a_unit_at_once():
    shared = (a_unit(capacity=2), classified(UseClass.RENTAL), started(), occupied())
    again = move_in("t2", JUNE_10)
    given(*shared).when(again).refused(OccupantAlreadyThere, pointer="/occupants/0/subject")


# verifying


def test_an_occupant_is_verified_once():
    given(*ZHANG_LIVES_THERE).when(verify()).then(verified(JUNE_10)).when(verify(JUNE_20)).nothing()


def test_a_failed_attempt_leaves_the_task_and_its_due_time():
    state = given(*ZHANG_LIVES_THERE).when(fail()).then(failed).state
    assert state == given(*ZHANG_LIVES_THERE).state
    given(*ZHANG_LIVES_THERE, failed).when(verify(JUNE_20)).then(verified(JUNE_20))


def test_no_attempt_fails_after_success():
    given(*ZHANG_LIVES_THERE, verified(JUNE_10)).when(fail()).refused(AlreadyVerified, pointer="/subject")


@pytest.mark.parametrize("attempt", [verify, fail])
def test_only_registered_occupants_of_known_tenancies_are_verified(attempt):
    given().when(attempt()).refused(UnitUnknown)
    given(*ZHANG_LIVES_THERE).when(attempt(tenancy="t9")).refused(TenancyUnknown, pointer="/tenancy")
    given(*ZHANG_LIVES_THERE).when(attempt(subject="wang")).refused(OccupantUnknown, pointer="/subject")


@pytest.mark.parametrize("attempt", [verify, fail])
def test_a_verification_lies_within_the_tenancy_and_not_ahead(attempt):
    past = (*ZHANG_LIVES_THERE, moved_out(JUNE_10))
    given(*past).when(attempt(JUNE_3 - A_MOMENT)).refused(VerificationBeforeMoveIn, pointer="/effective_at")
    given(*past).when(attempt(JUNE_10)).refused(VerificationLapsed, pointer="/tenancy")
    given(*ZHANG_LIVES_THERE).when(attempt(NOON + 86400 * A_MOMENT)).refused(NotYetHappened)


def test_a_verification_before_the_move_out_counts_though_it_becomes_known_later():
    past = (*ZHANG_LIVES_THERE, moved_out(JUNE_10))
    given(*past).when(verify(JUNE_10 - A_MOMENT)).then(verified(JUNE_10 - A_MOMENT))


# moving out


def test_a_household_moves_out_once():
    given(*ZHANG_LIVES_THERE).when(move_out(JUNE_10)).then(moved_out(JUNE_10)).when(move_out(JUNE_10)).nothing()


def test_a_tenancy_does_not_end_twice():
    past = (*ZHANG_LIVES_THERE, moved_out(JUNE_10))
    given(*past).when(move_out(JUNE_20)).refused(TenancyEndedBefore, pointer="/effective_at")


def test_a_tenant_cannot_leave_before_moving_in():
    given(*ZHANG_LIVES_THERE).when(move_out(JUNE_3 - A_MOMENT)).refused(MoveOutBeforeMoveIn, pointer="/effective_at")
    given(*A_RENTAL_UNIT).when(move_in(left_at=JUNE_3 - A_MOMENT)).refused(MoveOutBeforeMoveIn)


def test_only_a_known_tenancy_ends_and_not_ahead():
    given().when(move_out(JUNE_10)).refused(UnitUnknown)
    given(*ZHANG_LIVES_THERE).when(move_out(JUNE_10, "t9")).refused(TenancyUnknown)
    given(*ZHANG_LIVES_THERE).when(move_out(NOON + 86400 * A_MOMENT)).refused(NotYetHappened)


# corrections


def correct(ended_at=None, since=None, tenancy="t1"):
    return CorrectTenancy(tenancy=tenancy, since=since, ended_at=ended_at, reason="登记时写错日期")


JUNE_6 = local(6, 6, 18)


def right(ended_at=None, since=JUNE_3, due_at=JUNE_6, to_verify=("zhang",), reason="登记时写错日期"):
    return TenancyCorrected(
        unit=UNIT,
        place=PLACE,
        tenancy="t1",
        category=TenancyCategory.LONG_LET,
        ended_at=ended_at,
        to_verify=to_verify,
        verification_due_at=due_at,
        verification_calendar="official",
        reason=reason,
        effective_at=since,
    )


ZHANG_LEFT_LATE = (*ZHANG_LIVES_THERE, moved_out(JUNE_20))


def test_a_wrong_move_out_is_put_right_and_the_next_household_can_move_in():
    corrected = given(*ZHANG_LEFT_LATE).when(correct(JUNE_10)).then(right(JUNE_10))
    assert corrected.when(move_in("t2", JUNE_10, subjects=("wang",))).events()
    corrected.when(correct(JUNE_10)).nothing()


def test_a_mistaken_move_out_is_undone_and_the_household_can_leave_later():
    undone = given(*ZHANG_LEFT_LATE).when(correct(None)).then(right(None))
    undone.when(verify(NOON)).then(verified(NOON))
    undone.when(move_out(NOON)).then(moved_out(NOON))


def test_a_move_out_is_not_undone_where_the_next_household_lives_there():
    next_one = (started("t2", JUNE_20), occupied("t2", JUNE_20, "wang"))
    given(*ZHANG_LEFT_LATE, *next_one).when(correct(None)).refused(TenancyOverlaps)


def test_a_corrected_move_in_moves_the_time_by_which_to_verify():
    given(*ZHANG_LIVES_THERE).when(correct(None, since=JUNE_10)).then(
        right(None, since=JUNE_10, due_at=local(6, 13, 18))
    )


def test_who_is_verified_stays_so_through_a_correction():
    given(*ZHANG_LIVES_THERE, verified(JUNE_10), moved_out(JUNE_20)).when(correct(None)).then(
        right(None, to_verify=())
    ).when(verify(NOON)).nothing()


def test_a_correction_keeps_the_rules_of_time():
    given(*ZHANG_LIVES_THERE).when(correct(NOON.replace(year=2030))).refused(NotYetHappened)
    given(*ZHANG_LIVES_THERE).when(correct(JUNE_3 - A_MOMENT)).refused(MoveOutBeforeMoveIn)
    given(*ZHANG_LIVES_THERE).when(correct(None, since=JANUARY_1 - A_MOMENT)).refused(DateBeforeUnit)
    given(*ZHANG_LIVES_THERE).when(correct(None, tenancy="t9")).refused(TenancyUnknown)
    given().when(correct(None)).refused(UnitUnknown)


def test_a_corrected_class_moves_the_time_by_which_to_verify():
    wrong = CorrectRecord(corrects="x", use_class=UseClass.STUDIO, reason="看错一行", effective_at=JANUARY_1)
    events = given(*ZHANG_LIVES_THERE).when(wrong).events()
    assert events[1:] == [right(due_at=local(6, 11, 18), reason="看错一行")]  # 4, 5, 6, 7, 11: the 10th was a holiday


def test_a_class_that_is_registered_late_for_an_earlier_date_moves_it_too():
    late = ClassifyUnit(use_class=UseClass.STUDIO, effective_at=JUNE_3 - A_MOMENT)
    events = given(*ZHANG_LIVES_THERE).when(late).events()
    assert events[1:] == [right(due_at=local(6, 11, 18), reason=None)]
    after = ClassifyUnit(use_class=UseClass.STUDIO, effective_at=JUNE_3 + A_MOMENT)
    assert len(given(*ZHANG_LIVES_THERE).when(after).events()) == 1
