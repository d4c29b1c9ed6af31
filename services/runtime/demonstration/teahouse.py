"""The people's teahouse at Tianehu: residents' items, who promised what, and what the residents say of it."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from contracts.common import Actor, Role
from contracts.mediation import IssueKind, SessionKind
from services.mediation.deciders import ISSUE, SESSION
from services.mediation.domain.issue_commands import (
    ConfirmResolution,
    DisputeResolution,
    FulfilCommitment,
    MakeCommitment,
    MissCommitment,
    RaiseIssue,
    ResolveIssue,
)
from services.mediation.domain.session_commands import AnnounceSession, CloseSession, PlaceItem, RecordAttendance
from services.runtime.demonstration.city import COMMITTEE, FIRE, PROPERTY, STATION, TIANEHU, TIANEHU_OFFICERS
from services.runtime.demonstration.figures import TEAHOUSE
from services.runtime.demonstration.open_items import OPEN_ITEMS, OpenItem
from services.runtime.demonstration.people import becomes_subject
from services.runtime.demonstration.plan import Plan, actor, days, moment

KINDS: Final = (
    ("safety/light", "楼道灯不亮", "更换楼道灯", PROPERTY),
    ("traffic/parking", "消防通道停车", "划线并劝离", FIRE),
    ("facility/fitness", "健身器材松动", "检修健身器材", PROPERTY),
    ("safety/charging", "电动车进楼充电", "加装集中充电桩", FIRE),
    ("hygiene/rubbish", "垃圾桶太远", "移近垃圾投放点", PROPERTY),
    ("facility/seat", "院里缺歇脚的凳子", "添置长凳", COMMITTEE),
    ("noise/square", "广场舞声音太大", "约定时间与音量", COMMITTEE),
    ("facility/lift", "电梯异响", "请维保单位检修", PROPERTY),
    ("public-order/dogs", "遛狗不牵绳", "劝导并设提示牌", STATION),
    ("facility/water", "下水管返味", "疏通并加存水弯", PROPERTY),
    ("safety/manhole", "井盖松动", "更换井盖", PROPERTY),
    ("care/meals", "独居老人吃饭难", "协调社区食堂送餐", COMMITTEE),
    ("public-order/leaflets", "楼道小广告", "清理并巡查", STATION),
    ("facility/heating", "暖气不热", "排气并调平管网", PROPERTY),
)
RESIDENTS: Final = 60
SHOWN_RESIDENT: Final = 35
SHOWN_ITEMS: Final = frozenset({20, 60, 90, TEAHOUSE.resolved - 1})
"""Items of the resident whom the resident's view shows: some are over, one waits for that resident's word."""
OFFICER: Final = actor(Role.OFFICER, TIANEHU_OFFICERS[0])
HOST: Final = actor(Role.MEDIATOR, "mediator-tian")
SECOND_TRY: Final = frozenset({12, 45, 77, 101})
"""Items that a resident sent back once before confirming them."""


@dataclass(frozen=True, slots=True)
class Item:
    """A resident's item on its way.

    Attributes:
        issue: its id. by: the resident. raised: when.
    """

    issue: str
    by: str
    raised: datetime


def resident(number: int) -> str:
    """The subject id of an invented resident, from 1."""
    return f"resident-h-{number:05d}"


def teahouse(plan: Plan) -> None:
    """148 items since the spring of 2023, with a teahouse every second Thursday."""
    chance = plan.chance("teahouse")
    for number in range(1, RESIDENTS + 1):
        becomes_subject(plan, moment(date(2023, 3, 1), 9, number % 60), resident(number), TIANEHU, OFFICER)
    sessions = _thursdays()
    agenda: dict[date, list[str]] = {day: [] for day in sessions}
    raised_on = sorted(chance.choices(days(date(2023, 3, 6), date(2024, 11, 10)), k=TEAHOUSE.resolved))
    lately = TEAHOUSE.resolved - TEAHOUSE.pending
    silent = set(chance.sample(range(lately), TEAHOUSE.unanswered))
    for number, day in enumerate(raised_on):
        item = _raised(plan, chance, number, day)
        talked = next(thursday for thursday in sessions if thursday > day)
        agenda[talked].append(item.issue)
        pending = number >= lately
        done = _kept(plan, chance, item, talked, number, pending=pending)
        if not pending and number not in silent:
            _confirmed(plan, chance, item, done, number)
    for number, told in enumerate(OPEN_ITEMS):
        _open(plan, number, told, agenda)
    for number, day in enumerate(sessions, start=1):
        _session(plan, chance, f"teahouse-{number:02d}", day, agenda[day])


def _thursdays() -> list[date]:
    first = date(2023, 3, 16)
    return [first + timedelta(days=14 * number) for number in range(48)] + [date(2025, 1, 16)]


def _raised(plan: Plan, chance: random.Random, number: int, day: date) -> Item:
    category, what, _, _ = KINDS[number % len(KINDS)]
    drawn = chance.randint(1, RESIDENTS)
    by = resident(SHOWN_RESIDENT if number in SHOWN_ITEMS else drawn)
    item = Item(f"item-{number + 1:03d}", by, moment(day, 10, number % 60))
    command = RaiseIssue(
        issue=item.issue,
        kind=IssueKind.AGENDA_ITEM,
        title=f"{chance.randint(1, 12)} 号楼{what}",
        place=TIANEHU,
        category=category,
        raised_by=item.by,
    )
    plan.add(item.raised, "mediation", ISSUE, item.issue, command, _says(item.by))
    return item


def _kept(plan: Plan, chance: random.Random, item: Item, talked: date, number: int, *, pending: bool) -> datetime:
    """A promise made at the teahouse and kept; when the item was called done."""
    _, _, promise, owner = KINDS[number % len(KINDS)]
    made = moment(talked, 20, number % 60)
    due = talked + timedelta(days=chance.choice((7, 14, 14, 21, 30)))
    if pending:
        due = date(2025, 1, 10)
    command = MakeCommitment(commitment="first", owner=owner, promise=promise, due_on=due)
    plan.add(made, "mediation", ISSUE, item.issue, command, HOST)
    late = 0 if pending else chance.choice((0, 0, 0, 0, 0, 3, 6))
    done = moment(due + timedelta(days=late), 11, number % 60)
    if pending:
        done = moment(date(2025, 1, 4 + number % 7), 14, number % 60)
    if late:
        missed = moment(due + timedelta(days=1), 8, number % 60)
        plan.add(missed, "mediation", ISSUE, item.issue, MissCommitment(commitment="first"), HOST)
    keeper = actor(Role.PARTNER, f"partner-{owner}")
    plan.add(done, "mediation", ISSUE, item.issue, FulfilCommitment(commitment="first"), keeper)
    plan.add(done + timedelta(hours=2), "mediation", ISSUE, item.issue, ResolveIssue(), HOST)
    return done + timedelta(hours=2)


def _confirmed(plan: Plan, chance: random.Random, item: Item, done: datetime, number: int) -> None:
    said = done + timedelta(days=chance.randint(1, 6), hours=chance.randint(0, 8))
    if number in SECOND_TRY:
        objection = DisputeResolution(by=item.by)
        plan.add(said, "mediation", ISSUE, item.issue, objection, _says(item.by))
        again = said + timedelta(days=4)
        plan.add(again, "mediation", ISSUE, item.issue, ResolveIssue(), HOST)
        said = again + timedelta(days=1)
    plan.add(said, "mediation", ISSUE, item.issue, ConfirmResolution(by=item.by), _says(item.by))


def _open(plan: Plan, number: int, told: OpenItem, agenda: dict[date, list[str]]) -> None:
    """An item that is still on its way on the last evening."""
    issue, by = f"item-{TEAHOUSE.resolved + number + 1:03d}", resident(number * 4 + 3)
    command = RaiseIssue(
        issue=issue,
        kind=IssueKind.AGENDA_ITEM,
        title=told.title,
        place=TIANEHU,
        category=told.category,
        raised_by=by,
    )
    plan.add(moment(told.raised, 9, 30 + number), "mediation", ISSUE, issue, command, _says(by))
    for place, promise in enumerate(told.promises, start=1):
        made = MakeCommitment(
            commitment=f"promise-{place}", owner=promise.owner, promise=promise.words, due_on=promise.due
        )
        plan.add(moment(told.talked or told.raised, 20, 30 + number), "mediation", ISSUE, issue, made, HOST)
        missed = MissCommitment(commitment=f"promise-{place}")
        if promise.due < date(2025, 1, 14):
            at = moment(promise.due + timedelta(days=1), 8, 5)
            plan.add(at, "mediation", ISSUE, issue, missed, HOST)
    if told.talked:
        agenda[told.talked].append(issue)
    if told.next_time:
        agenda[date(2025, 1, 16)].append(issue)


def _session(plan: Plan, chance: random.Random, session: str, day: date, issues: list[str]) -> None:
    starts = moment(day, 19, 30)
    called = AnnounceSession(
        session=session, kind=SessionKind.TEAHOUSE, place=TIANEHU, starts_at=starts, venue="活动室门口"
    )
    plan.add(starts - timedelta(days=5), "mediation", SESSION, session, called, HOST)
    for place, issue in enumerate(issues):
        at = starts - timedelta(hours=9) + timedelta(minutes=place)
        if day == date(2025, 1, 16):
            at = moment(date(2025, 1, 13), 10, place)
        plan.add(at, "mediation", SESSION, session, PlaceItem(issue=issue), HOST)
    organisations = tuple(sorted(chance.sample((PROPERTY, FIRE, COMMITTEE, STATION), chance.randint(2, 4))))
    came = RecordAttendance(organisations=organisations, residents=chance.randint(5, 26))
    plan.add(starts + timedelta(minutes=15), "mediation", SESSION, session, came, HOST)
    plan.add(starts + timedelta(hours=1, minutes=50), "mediation", SESSION, session, CloseSession(), HOST)


def _says(subject: str) -> Actor:
    return actor(Role.RESIDENT, subject)
