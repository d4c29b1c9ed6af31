"""A small city for the read models of analytics: a tower, calls, a dispute, items, alerts and figures."""

from datetime import UTC, date, datetime, timedelta

from contracts.analytics import (
    AlertAcknowledged,
    AlertClosed,
    AlertRaised,
    AlertRevised,
    CoverageDeclared,
    IndicatorCorrected,
    IndicatorReported,
    Severity,
    Span,
)
from contracts.common import EventRef, Occurred, Point
from contracts.incidents import (
    Channel,
    DutyEnded,
    DutyStarted,
    IncidentReopened,
    IncidentReported,
    IncidentResolved,
    IncidentTriaged,
    OfficersDispatched,
    Priority,
)
from contracts.mediation import (
    CommitmentMade,
    DisputeLogged,
    IssueKind,
    IssueRaised,
    IssueResolved,
    Party,
    ResolutionConfirmed,
    ResolutionDisputed,
)
from contracts.registry import (
    BuildingRegistered,
    ObservedUse,
    OccupantRegistered,
    OccupantVerified,
    OperatorAssigned,
    TenancyCategory,
    TenancyStarted,
    TenantMovedOut,
    UnitClassified,
    UnitRegistered,
    UseClass,
    UseObserved,
)
from tests.integration.folding import recorded

NOON = datetime(2024, 6, 30, 4, 0, tzinfo=UTC)
WANDA = "yinchuan/jinfeng/beijing-zhonglu/wanda"
TOWER = f"{WANDA}/wanda-a"
TEAHOUSE = "yinchuan/helan/xigang/tianehu"


def at(hours):
    return NOON + timedelta(hours=hours)


def unit_life(number, use_class):
    unit = f"wanda-a-{number}"
    common = {"unit": unit, "place": f"{TOWER}/{number}"}
    who = {"tenancy": "t-1", "subject": f"s-{number}"}
    return [
        (f"unit-{unit}", event)
        for event in (
            UnitRegistered(**common, building="wanda-a", number=str(number), floor=number // 100, effective_at=at(0)),
            UnitClassified(**common, use_class=use_class, effective_at=at(1)),
            *(
                (OperatorAssigned(**common, operator="hotel-1", effective_at=at(2)),)
                if use_class is UseClass.HOTEL
                else (
                    TenancyStarted(**common, tenancy="t-1", category=TenancyCategory.LONG_LET, effective_at=at(2)),
                    OccupantRegistered(**common, **who, verification_due_at=at(26), effective_at=at(2)),
                    OccupantVerified(**common, **who, method="in-person", effective_at=at(20)),
                    UseObserved(**common, observed_use=ObservedUse.HOTEL, differs=True, effective_at=at(30)),
                    TenantMovedOut(**common, tenancy="t-1", subjects=(f"s-{number}",), effective_at=at(100)),
                )
            ),
        )
    ]


def registry():
    tower = BuildingRegistered(
        building="wanda-a",
        name="万达公寓 A 座",
        place=TOWER,
        lowest_floor=1,
        highest_floor=20,
        location=Point(longitude=106.2, latitude=38.4),
        effective_at=at(0),
    )
    units = [*unit_life(601, UseClass.HOTEL), *unit_life(1812, UseClass.RENTAL), *unit_life(1813, UseClass.RENTAL)]
    return recorded("registry", [("building-wanda-a", tower), *units])


def report(number, category="noise/neighbour", hours=None, **more):
    moment = at(number if hours is None else hours)
    told = {
        "incident": f"i-{number}",
        "category": category,
        "place": f"{TOWER}/1812",
        "occurred": Occurred(earliest=moment, latest=moment),
        "channel": Channel.PHONE_110,
        "effective_at": moment,
    }
    return (f"incident-i-{number}", IncidentReported(**told | more))


def incident_step(kind, number, hours, **more):
    return (f"incident-i-{number}", kind(incident=f"i-{number}", place=TOWER, effective_at=at(hours), **more))


DUTY = ((DutyStarted, 8), (DutyEnded, 16), (DutyStarted, 32))


def incidents():
    imported = {"channel": Channel.IMPORT, "source": "vancouver-crime", "source_category": "Mischief"}
    return recorded(
        "incidents",
        [
            report(1),
            incident_step(IncidentTriaged, 1, 2, priority=Priority.URGENT, category="noise/neighbour"),
            report(2, "other"),
            incident_step(IncidentTriaged, 2, 3, priority=Priority.ROUTINE, category="noise/party"),
            report(3, drill=True),
            incident_step(IncidentTriaged, 3, 3, priority=Priority.ROUTINE, category="crime/theft"),
            report(4, "crime/mischief", place="vancouver/west-end", **imported),
            report(5, "crime/theft", location=Point(longitude=106.3, latitude=38.5)),
            incident_step(OfficersDispatched, 1, 4, officers=("officer-li",)),
            incident_step(IncidentResolved, 1, 5, outcome="settled"),
            incident_step(IncidentResolved, 5, 6, outcome="settled"),
            incident_step(IncidentReopened, 5, 7),
            *(
                ("duty-officer-gu", kind(officer="officer-gu", place=WANDA, effective_at=at(hours)))
                for kind, hours in DUTY
            ),
        ],
    )


def issue(number, kind, *events):
    common = {"issue": f"q-{number}", "place": TEAHOUSE if kind is IssueKind.AGENDA_ITEM else TOWER}
    raised = {"title": "装修噪音", "category": "noise/construction"}
    where = {"building": "wanda-a", "floor": 11} if kind is IssueKind.PAIN_POINT else {}
    made = [IssueRaised(**common, kind=kind, **raised, **where, effective_at=at(number))]
    for hours, model in enumerate(events, start=number + 1):
        more = {"kind": kind, "by": "s-9"} if model in {ResolutionConfirmed, ResolutionDisputed} else {"kind": kind}
        if model is CommitmentMade:
            more = {"commitment": "c-1", "owner": "property-1", "promise": "白天施工", "due_on": date(2024, 7, 9)}
        made.append(model(**common, **more, effective_at=at(hours)))
    return [(f"issue-q-{number}", event) for event in made]


def mediation():
    parties = (Party(subject="s-1"), Party(subject="s-2"))
    dispute = DisputeLogged(
        dispute="d-1",
        category="dispute/deposit",
        place=f"{TOWER}/1812",
        source_unit="wanda-a-1812",
        parties=parties,
        effective_at=at(9),
    )
    again = (IssueResolved, ResolutionDisputed, IssueResolved, ResolutionConfirmed)
    return recorded(
        "mediation",
        [
            ("dispute-d-1", dispute),
            *issue(1, IssueKind.AGENDA_ITEM, CommitmentMade, *again),
            *issue(2, IssueKind.PAIN_POINT, CommitmentMade),
            *issue(3, IssueKind.AGENDA_ITEM, IssueResolved),
        ],
    )


def analytics():
    ref = EventRef(source="incidents", position=1, id="e-1")
    window = {"window_from": at(0), "window_to": at(720)}
    where = {"alert": "a-1", "place": f"{TOWER}/1812"}
    rule = {"rule": "repeated-disturbance", "rule_version": 1, "key": "wanda-a-1812"}
    cost = {"indicator": "building-security-cost", "source": "security-1", "place": WANDA, "unit": "CNY"}
    june = {"span": Span(first=date(2024, 6, 1), last=date(2024, 6, 30))}
    evidence = {"count": 1, "evidence": (ref,)}
    alert = [
        AlertRaised(**where, **rule, severity=Severity.ATTENTION, **window, **evidence, effective_at=at(10)),
        AlertRevised(**where, **window, count=2, evidence=(ref, ref), effective_at=at(11)),
        AlertAcknowledged(**where, by="officer-li", effective_at=at(12)),
        AlertClosed(**where, by="officer-li", feedback="acted", effective_at=at(13)),
    ]
    covered = CoverageDeclared(
        source="vancouver-crime",
        place="vancouver",
        span=Span(first=date(2003, 1, 1), last=date(2017, 6, 30)),
        gaps=(Span(first=date(2004, 1, 1), last=date(2004, 12, 31)),),
        zone="America/Vancouver",
        effective_at=at(0),
    )
    return recorded(
        "analytics",
        [
            *(("alert-a-1", event) for event in alert),
            ("indicator-security-1", IndicatorReported(**cost, **june, value=1_000, effective_at=at(14))),
            ("indicator-security-1", IndicatorCorrected(**cost, **june, value=900.5, effective_at=at(15))),
            ("coverage-vancouver-crime", covered),
        ],
    )


LOGS = {"registry": registry, "incidents": incidents, "mediation": mediation, "analytics": analytics}
