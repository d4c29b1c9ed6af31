"""The register against the deciders: whatever is asked as of any two times, both give the same answer."""

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa

from contracts.refusals import Refused
from contracts.registry import ObservedUse, TenancyCategory, UseClass
from services.registry.deciders import BUILDING, SUBJECT, UNIT, VISIT_ROUND
from services.registry.domain.building_commands import RegisterBuilding, SurveyFloors
from services.registry.domain.subject_commands import CreateSubjectKey, EraseSubject, OpenRecord
from services.registry.domain.tenancy_commands import (
    CorrectTenancy,
    MoveIn,
    MoveOut,
    Newcomer,
    RecordVerificationFailure,
    VerifyOccupant,
)
from services.registry.domain.unit_commands import (
    AssignOperator,
    ClassifyUnit,
    CorrectRecord,
    ObserveUse,
    RegisterUnit,
    StandingBuilding,
)
from services.registry.domain.visit_round_commands import CloseVisitRound, PlanVisitRound, RecordVisit
from services.registry.views import buildings, people, rounds, units, verifications
from services.registry.views.households import occupants_of, tenancies_of
from services.registry.views.moment import Moment
from services.registry.views.register import REGISTER
from tests.integration import folding
from tests.unit.registry.cases import BUILDING_PLACE, JANUARY_1, NAME, wanda_a

DAY = timedelta(days=1)
DOORS = ("1801", "1802", "1803")
ALL = sa.true()


def dice(seed):
    return random.Random(seed)  # noqa: S311 - a life to repeat, no secret


def day(number):
    return JANUARY_1 + number * DAY


async def a_building(ledger):
    await ledger.tell(BUILDING, "wanda-a", RegisterBuilding(**wanda_a.model_dump()))
    standing = StandingBuilding(place=BUILDING_PLACE, since=JANUARY_1, lowest_floor=-2, highest_floor=28)
    for number in DOORS:
        unit = f"wanda-a-{number}"
        command = RegisterUnit(
            unit=unit,
            building="wanda-a",
            number=number,
            floor=18,
            capacity=2,
            standing=standing,
            effective_at=JANUARY_1,
        )
        await ledger.tell(UNIT, unit, command)


async def a_random_life(ledger, choice, days=60):
    """Reports that arrive on a later day than what they tell of, many of them refused."""
    serial = 0
    for today in range(1, days):
        ledger.clock.moment = day(today)
        for _ in range(4):
            serial += 1
            unit = f"wanda-a-{choice.choice(DOORS)}"
            then = day(choice.randint(0, today))
            known = (await ledger.handler.state(UNIT, unit))[0]
            held = choice.choice(known.tenancies).id if known.tenancies else "none"
            wrong = choice.choice(known.classes.entries).since if known.classes.entries else then
            command = choice.choice(
                [
                    ClassifyUnit(
                        use_class=choice.choice(list(UseClass)), effective_at=then + choice.choice([0, 9]) * DAY
                    ),
                    ObserveUse(observed_use=choice.choice(list(ObservedUse)), effective_at=then),
                    AssignOperator(operator=choice.choice(["hotel-1", "hotel-2", None]), effective_at=then),
                    CorrectRecord(
                        corrects="x", use_class=choice.choice(list(UseClass)), reason="看错行", effective_at=wrong
                    ),
                    MoveIn(
                        tenancy=f"t{serial}",
                        category=TenancyCategory.LONG_LET,
                        occupants=(Newcomer(subject=f"s{serial}", name=NAME), Newcomer(subject=f"z{serial}")),
                        effective_at=then,
                        left_at=choice.choice([None, None, min(then + 3 * DAY, day(today))]),
                    ),
                    MoveOut(tenancy=held, effective_at=then),
                    CorrectTenancy(
                        tenancy=held,
                        since=choice.choice([None, None, then]),
                        ended_at=choice.choice([None, then, day(today)]),
                        reason="看错行",
                    ),
                    VerifyOccupant(tenancy=held, subject=f"s{held[1:]}", method="document-seen", effective_at=then),
                    RecordVerificationFailure(
                        tenancy=held, subject=f"z{held[1:]}", reason="nobody-home", effective_at=then
                    ),
                ]
            )
            try:
                await ledger.tell(UNIT, unit, command)
            except Refused:
                continue


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_register_agrees_with_the_deciders_on_both_axes_of_time(ledger, seed):
    choice = dice(seed)
    await a_building(ledger)
    await a_random_life(ledger, choice)
    await ledger.catch_up(size=7)
    assert (await ledger.store.head()).position > 60
    for _ in range(40):
        moment = Moment(day(choice.randint(0, 65)), choice.choice([None, day(choice.randint(0, 60))]))
        found = {row["id"]: row for row in await ledger.rows(units.states(moment, ALL))}
        for number in DOORS:
            await agree(ledger, f"wanda-a-{number}", moment, found)


async def agree(ledger, unit, moment, found):
    past = [
        recorded.event
        for recorded in await ledger.store.load(f"unit-{unit}")
        if moment.known_at is None or recorded.recorded_at <= moment.known_at
    ]
    if not past:
        assert unit not in found
        return
    state, row = UNIT.fold(UNIT.initial, past), found[unit]
    held, operated = state.classes.at(moment.as_of), state.operators.at(moment.as_of)
    there = [tenancy for tenancy in state.tenancies if tenancy.runs_at(moment.as_of)]
    to_verify = [
        occupant.due_at
        for tenancy in there
        for occupant in tenancy.occupants
        if occupant.due_at and not (occupant.verified_at and occupant.verified_at <= moment.as_of)
    ]
    assert row["use_class"] == (held.value if held else None)
    assert row["operator"] == (operated.value if operated else None)
    assert row["tenancies"] == len(there)
    assert row["occupants"] == sum(len(tenancy.occupants) for tenancy in there)
    assert row["to_verify"] == len(to_verify)
    assert row["overdue"] == sum(due_at < moment.as_of for due_at in to_verify)
    vacant = not there and row["operator"] is None
    assert row["colour"] == ("vacant" if vacant or not held else held.value)
    lived = {tenancy.id: tenancy for tenancy in state.tenancies if tenancy.since <= moment.as_of}
    listed = {row["tenancy"]: row for row in await ledger.rows(tenancies_of(moment, unit))}
    assert listed.keys() == lived.keys()
    for tenancy_id, tenancy in lived.items():
        over = tenancy.ended_at is not None and tenancy.ended_at <= moment.as_of
        assert listed[tenancy_id]["ended_at"] == (tenancy.ended_at if over else None)
        assert listed[tenancy_id]["since"] == tenancy.since
    people_there = await ledger.rows(occupants_of(moment, unit))
    due = {(tenancy.id, who.subject): who.due_at for tenancy in lived.values() for who in tenancy.occupants}
    assert {(row["tenancy"], row["subject"]): row["due_at"] for row in people_there} == due


async def test_tasks_are_those_of_running_tenancies(ledger):
    await a_building(ledger)
    await a_random_life(ledger, dice(5))
    await ledger.catch_up()
    moment = Moment(day(61))
    found = await ledger.rows(units.states(moment, ALL))
    waiting = await ledger.rows(verifications.tasks(moment, ALL, "open"))
    late = await ledger.rows(verifications.tasks(moment, ALL, "overdue"))
    assert len(waiting) == sum(row["to_verify"] for row in found)
    assert len(late) == sum(row["overdue"] for row in found)
    assert all(row["verified_at"] for row in await ledger.rows(verifications.tasks(moment, ALL, "done")))
    for row in waiting:
        [task] = await ledger.rows(verifications.open_task(moment, row["tenancy"], row["subject"]))
        assert task["unit"] == row["unit"]


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_order_of_streams_among_each_other_does_not_matter(ledger, database, seed):
    await a_building(ledger)
    await a_random_life(ledger, dice(seed), days=20)
    log = await ledger.store.read(0, 5000)
    in_order = await folding.rows(REGISTER, database, [log], "in_order")
    assert sum(map(len, in_order.values())) > len(log)
    assert await folding.rows(REGISTER, database, folding.batches(log, seed), "shuffled") == in_order


async def test_batches_of_any_size_give_the_same_rows(ledger):
    await a_building(ledger)
    await a_random_life(ledger, dice(6), days=30)
    await ledger.tell(SUBJECT, "zhang", CreateSubjectKey(subject="zhang", place=BUILDING_PLACE, effective_at=day(1)))
    look = OpenRecord(subject="zhang", purpose="incident", fields=("name",), effective_at=day(2))
    await ledger.tell(SUBJECT, "zhang", look)
    await ledger.tell(SUBJECT, "zhang", EraseSubject(subject="zhang", ground="retention-ended", effective_at=day(3)))
    plan = PlanVisitRound(
        round="r1",
        place=BUILDING_PLACE,
        officer="officer-gu",
        units=("wanda-a-1801",),
        day_part="evening",
        effective_at=day(3),
    )
    await ledger.tell(VISIT_ROUND, "r1", plan)
    await ledger.tell(VISIT_ROUND, "r1", RecordVisit(unit="wanda-a-1801", outcome="met", effective_at=day(4)))
    await ledger.catch_up(size=1)
    [visit] = await ledger.rows(rounds.listed(ALL, "open"))
    assert visit["version"] == 2
    await ledger.tell(VISIT_ROUND, "r1", CloseVisitRound(effective_at=day(4)))
    survey = SurveyFloors(building="wanda-a", lowest_floor=-1, highest_floor=30, effective_at=day(5))
    await ledger.tell(BUILDING, "wanda-a", survey)
    await ledger.catch_up(size=1)
    comparison = await ledger.rebuild.run(switch=False)
    assert comparison.equal, comparison
    assert {table.table for table in comparison.tables if not table.rows} <= {"departures", "attempts"}
    [building] = await ledger.rows(buildings.listed(Moment(day(60)), ALL))
    assert building["highest_floor"] == 30
    [sums] = await ledger.rows(buildings.sums(Moment(day(60)), ALL, ["wanda-a"]))
    assert sums["units"] == 3
    [building] = await ledger.rows(buildings.listed(Moment(day(2)), ALL))
    assert building["highest_floor"] == 28
    [person] = await ledger.rows(people.subject("zhang"))
    assert person["erased_at"] == day(3)
    [reading] = await ledger.rows(people.opened(ALL))
    assert (reading["actor_role"], reading["fields"]) == ("officer", ["name"])
