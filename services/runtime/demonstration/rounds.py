"""Door to door at the estate on 68 days, in the evening where nobody is home by day; and tonight's round."""

from datetime import date, datetime, timedelta
from typing import Final

from contracts.common import Role
from contracts.registry import ObservedUse, UseClass, VisitOutcome
from services.registry.deciders import UNIT, VISIT_ROUND
from services.registry.domain.unit_commands import ObserveUse
from services.registry.domain.visit_round_commands import CloseVisitRound, PlanVisitRound, RecordVisit
from services.runtime.demonstration.city import WANDA, WANDA_OFFICERS
from services.runtime.demonstration.estate import TOLD_OF, Door, Estate
from services.runtime.demonstration.figures import VISIT_DAYS
from services.runtime.demonstration.plan import Plan, actor, days, moment, spread

FIRST: Final = date(2023, 2, 13)
FINDINGS: Final = 0.07
"""Share of flats that were in truth let by the night when somebody first looked."""

STILL_FOUND: Final = 3
"""Findings that nobody has cleared up to this day."""

ONE_NIGHT: Final = "日租房（未登记）"


def rounds(plan: Plan, estate: Estate) -> None:
    """Every door of the estate once, on 68 days, floor by floor."""
    chance = plan.chance("rounds")
    working = [day for day in days(FIRST, date(2023, 5, 31)) if day.weekday() < 6]
    chosen = sorted(chance.sample(working, VISIT_DAYS))
    flats = {home.first: home.use_class for home in estate.homes}
    doors, start = sorted(estate.doors), 0
    found: list[tuple[Door, UseClass]] = []
    for number, (day, count) in enumerate(zip(chosen, spread(len(doors), [1] * VISIT_DAYS), strict=True)):
        todays = doors[start : start + count]
        start += count
        officer = WANDA_OFFICERS[number % len(WANDA_OFFICERS)]
        evening = number % 3 == 2
        begins = moment(day, 19 if evening else 14, 0)
        ident = f"wanda-{day:%Y%m%d}"
        _planned(plan, ident, todays, begins, officer, evening=evening)
        for place, door in enumerate(todays):
            at = begins + timedelta(minutes=3 * place, seconds=chance.randrange(120))
            home = flats.get(door)
            met = chance.random() < (0.9 if door in estate.operators else 0.82 if evening else 0.55)
            outcome = VisitOutcome.MET if met else VisitOutcome.NOBODY_HOME
            visit = RecordVisit(unit=door.unit, outcome=outcome, effective_at=at)
            plan.add(at, "registry", VISIT_ROUND, ident, visit, actor(Role.OFFICER, officer))
            if met and door in estate.operators:
                _seen(plan, door, ObservedUse.HOTEL, at, officer, _sign(estate.operators[door]))
            elif met and home:
                differs = home is not UseClass.OWNER_OCCUPIED and door not in TOLD_OF and chance.random() < FINDINGS
                if differs:
                    found.append((door, home))
                used = ObservedUse.HOTEL if differs else ObservedUse(home.value)
                _seen(plan, door, used, at, officer, ONE_NIGHT if differs else None)
        closes = begins + timedelta(minutes=3 * len(todays) + 10)
        closing = CloseVisitRound(effective_at=closes)
        plan.add(closes, "registry", VISIT_ROUND, ident, closing, actor(Role.OFFICER, officer))
    _cleared(plan, [one for one in found if _stays_a_home(estate, one[0])])


def tonight(plan: Plan) -> None:
    """24 doors for this evening; nobody has knocked yet."""
    told = sorted(door for door in TOLD_OF if door.tower == "wanda-a")
    more = [Door("wanda-a", floor, place) for floor in (26, 27, 28, 29, 30) for place in (1, 5, 9, 18)]
    doors = [*told, *(door for door in more if door not in told)][:24]
    begins = moment(date(2025, 1, 14), 20, 45)
    _planned(plan, "wanda-20250114", doors, begins, WANDA_OFFICERS[0], evening=True, at=moment(date(2025, 1, 14), 17))


def _planned(
    plan: Plan,
    ident: str,
    doors: list[Door],
    begins: datetime,
    officer: str,
    *,
    evening: bool,
    at: datetime | None = None,
) -> None:
    command = PlanVisitRound(
        round=ident,
        place=WANDA,
        officer=officer,
        units=tuple(door.unit for door in doors),
        day_part="evening" if evening else "day",
        effective_at=begins,
    )
    when = at or begins - timedelta(hours=5)
    plan.add(when, "registry", VISIT_ROUND, ident, command, actor(Role.OFFICER, officer))


def _seen(plan: Plan, door: Door, use: ObservedUse, at: datetime, officer: str, organisation: str | None) -> None:
    command = ObserveUse(observed_use=use, organisation=organisation, effective_at=at)
    plan.add(at, "registry", UNIT, door.unit, command, actor(Role.OFFICER, officer))


def _sign(hotel: str) -> str:
    """What stands over the door of an invented hotel."""
    return f"公寓酒店 {hotel.rpartition('-')[2]} 店"


def _stays_a_home(estate: Estate, door: Door) -> bool:
    return not any(home.first == door and home.then for home in estate.homes)


def _cleared(plan: Plan, found: list[tuple[Door, UseClass]]) -> None:
    """By the autumn most flats that were let by the night are flats again."""
    for number, (door, use_class) in enumerate(found[:-STILL_FOUND]):
        at = moment(date(2023, 9, 4) + timedelta(days=number % 40), 15, 10)
        _seen(plan, door, ObservedUse(use_class.value), at, WANDA_OFFICERS[1], None)
