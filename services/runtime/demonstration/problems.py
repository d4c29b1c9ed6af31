"""59 pain points of the estate on building and floor, and the 12 meetings that dealt with them."""

from datetime import date, timedelta
from typing import Final

from contracts.common import Role
from contracts.mediation import IssueKind, SessionKind
from services.mediation.deciders import ISSUE, SESSION
from services.mediation.domain.issue_commands import FulfilCommitment, MakeCommitment, RaiseIssue, ResolveIssue
from services.mediation.domain.session_commands import AnnounceSession, CloseSession, PlaceItem, RecordAttendance
from services.runtime.demonstration.city import FIRE, PROPERTY, STATION, TOWERS, WANDA, WANDA_OFFICERS
from services.runtime.demonstration.figures import MEETINGS, PAIN_POINTS
from services.runtime.demonstration.plan import Plan, actor, days, moment

KINDS: Final = (
    ("safety/fire-door", "防火门常开", "防火门装闭门器", FIRE),
    ("safety/passage", "消防通道堆物", "清空通道并划线", PROPERTY),
    ("facility/lift/waiting", "电梯高峰等候太久", "高峰时分层停靠", PROPERTY),
    ("access/door", "门禁形同虚设", "门禁换新并登记", PROPERTY),
    ("noise/wall", "客房与住户之间隔音差", "夜间静音巡查", STATION),
    ("safety/camera", "走廊监控有死角", "补装走廊监控", PROPERTY),
    ("public-order/leaflets", "电梯厅小卡片", "每日清理并劝离", STATION),
    ("safety/electricity", "走廊私拉电线充电", "拆除并设集中充电", FIRE),
    ("hygiene/rubbish", "楼道垃圾堆放", "每日两次清运", PROPERTY),
    ("public-order/check-in", "酒店前台散在各层", "一层一店统一前台", PROPERTY),
)
STILL_OPEN: Final = 4
"""Pain points that nobody has done away with yet."""

VENUE: Final = "万达公寓物业会议室"
ORGANISATIONS: Final = (PROPERTY, FIRE, STATION, "building-managers")


def problems(plan: Plan) -> None:
    """Found on the rounds of spring 2023, talked over once a month, most of them done away with."""
    chance = plan.chance("problems")
    officer = actor(Role.OFFICER, WANDA_OFFICERS[0])
    raised_on = sorted(chance.sample(days(date(2023, 2, 13), date(2023, 6, 10)), PAIN_POINTS))
    meetings = [date(2023, 3, 9) + timedelta(days=28 * number) for number in range(MEETINGS)]
    agenda: dict[date, list[str]] = {day: [] for day in meetings}
    for number, day in enumerate(raised_on, start=1):
        category, what, promise, owner = KINDS[chance.randrange(len(KINDS))]
        tower, floor = TOWERS[number % 3], chance.randint(1, 30)
        issue = f"pain-{number:02d}"
        command = RaiseIssue(
            issue=issue,
            kind=IssueKind.PAIN_POINT,
            title=f"{tower[-1].upper()} 座 {floor} 层：{what}",
            place=f"{WANDA}/{tower}",
            category=category,
            building=tower,
            floor=floor,
        )
        plan.add(moment(day, 16, number), "mediation", ISSUE, issue, command, officer)
        later = [meeting for meeting in meetings if meeting > day]
        talked = later[min(chance.choice((0, 0, 0, 1, 1, 2, 3, 5, 8)), len(later) - 1)]
        agenda[talked].append(issue)
        made = moment(talked, 16, number)
        due = talked + timedelta(days=chance.choice((14, 21, 30, 45)))
        promised = MakeCommitment(commitment="first", owner=owner, promise=promise, due_on=due)
        plan.add(made, "mediation", ISSUE, issue, promised, officer)
        if number > PAIN_POINTS - STILL_OPEN:
            continue
        done = moment(due - timedelta(days=chance.randint(-6, 9)), 11, number)
        done = max(done, made + timedelta(days=2))
        plan.add(done, "mediation", ISSUE, issue, FulfilCommitment(commitment="first"), officer)
        plan.add(done + timedelta(hours=5), "mediation", ISSUE, issue, ResolveIssue(), officer)
    for number, day in enumerate(meetings, start=1):
        _meeting(plan, f"coordination-{number:02d}", day, agenda[day], number)


def _meeting(plan: Plan, session: str, day: date, issues: list[str], number: int) -> None:
    officer = actor(Role.OFFICER, WANDA_OFFICERS[0])
    starts = moment(day, 15, 0)
    called = AnnounceSession(session=session, kind=SessionKind.COORDINATION, place=WANDA, starts_at=starts, venue=VENUE)
    plan.add(starts - timedelta(days=3), "mediation", SESSION, session, called, officer)
    for place, issue in enumerate(issues):
        at = starts - timedelta(hours=5) + timedelta(minutes=place)
        plan.add(at, "mediation", SESSION, session, PlaceItem(issue=issue), officer)
    came = RecordAttendance(organisations=ORGANISATIONS[: 3 + number % 2])
    plan.add(starts + timedelta(minutes=10), "mediation", SESSION, session, came, officer)
    plan.add(starts + timedelta(hours=2), "mediation", SESSION, session, CloseSession(), officer)
