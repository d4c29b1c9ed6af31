"""What an event says, in Chinese and in English; it names nobody."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from contracts.common import Event
from contracts.mediation import (
    AgreementReached,
    AttendanceRecorded,
    CaseOpened,
    CommitmentFulfilled,
    CommitmentMade,
    CommitmentMissed,
    DisputeLogged,
    DisputeReopened,
    DisputeResolved,
    IssueKind,
    IssueRaised,
    IssueResolved,
    IssueTitleReleased,
    ItemPlacedOnAgenda,
    MediatorAssigned,
    ResolutionConfirmed,
    ResolutionDisputed,
    SessionAnnounced,
    SessionClosed,
    SessionHeld,
    TextErased,
)


class Words(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str


OUTCOMES: Mapping[str, Words] = {
    "agreement-kept": Words("协议已履行", "the agreement was kept"),
    "withdrawn": Words("当事人撤回", "withdrawn"),
    "referred": Words("转其他途径", "referred elsewhere"),
    "no-agreement": Words("未达成协议", "no agreement"),
}
ISSUES: Mapping[str, Words] = {
    "agenda-item": Words("提出议题", "Item raised"),
    "pain-point": Words("登记痛点", "Pain point recorded"),
}
SESSIONS: Mapping[str, Words] = {
    "teahouse": Words("民生茶馆", "teahouse"),
    "coordination": Words("协调会", "coordination meeting"),
}
ERASURES: Mapping[str, Words] = {
    "resident-request": Words("当事人要求", "at the person's request"),
    "retention-ended": Words("保存期满", "its retention has ended"),
    "written-in-error": Words("误写", "written in error"),
}
PURPOSES: Mapping[str, Words] = {
    "mediation": Words("调解", "to mediate"),
    "follow-up": Words("跟进", "to follow up"),
    "incident": Words("处警", "for an incident"),
    "review": Words("核查", "to review"),
    "resident-request": Words("居民申请", "at the resident's request"),
    "emergency": Words("紧急情况", "in an emergency"),
}


def _logged(event: DisputeLogged) -> Words:
    count = len(event.parties)
    return Words(f"纠纷登记，{count} 方", f"Dispute logged, {count} parties")


def _assigned(event: MediatorAssigned) -> Words:
    return Words(f"调解员：{event.mediator}", f"Mediator: {event.mediator}")


def _held(event: SessionHeld) -> Words:
    count = len(event.present)
    if event.sealed_from:
        return Words(f"单独调解，{count} 方到场", f"Private session, {count} present")
    return Words(f"调解会，{count} 方到场", f"Session held, {count} present")


def _agreed(_: AgreementReached) -> Words:
    return Words("达成协议", "Agreement reached")


def _ended(event: DisputeResolved) -> Words:
    outcome = OUTCOMES[event.outcome]
    return Words(f"纠纷办结：{outcome.zh}", f"Resolved: {outcome.en}")


def _reopened(_: DisputeReopened) -> Words:
    return Words("重新受理", "Reopened")


def _raised(event: IssueRaised) -> Words:
    kind = ISSUES[event.kind.value]
    if event.title_withheld:  # what stands in its place is in both languages, and says no more than the kind
        return kind
    return Words(f"{kind.zh}：{event.title}", f"{kind.en}: {event.title}")


def _released(event: IssueTitleReleased) -> Words:
    return Words(f"公开标题：{event.title}", f"Public title: {event.title}")


def _promised(event: CommitmentMade) -> Words:
    return Words(
        f"{event.owner} 承诺：{event.promise}，{event.due_on} 前", f"{event.owner}: {event.promise}, by {event.due_on}"
    )


def _fulfilled(event: CommitmentFulfilled) -> Words:
    if event.late_days:
        return Words(f"承诺兑现，迟 {event.late_days} 天", f"Promise kept, {event.late_days} days late")
    return Words("承诺按期兑现", "Promise kept in time")


def _missed(event: CommitmentMissed) -> Words:
    return Words(f"{event.owner} 承诺逾期", f"Promise of {event.owner} overdue")


def _resolved(event: IssueResolved) -> Words:
    if event.kind is IssueKind.PAIN_POINT:
        return Words("办结", "Called done")
    return Words("办结，待居民确认", "Resolved, the resident to confirm")


def _confirmed(event: ResolutionConfirmed) -> Words:
    if event.kind is IssueKind.PAIN_POINT:
        return Words("核实已解决", "Found to be solved")
    return Words("居民确认解决", "Confirmed by the resident")


def _disputed(event: ResolutionDisputed) -> Words:
    if event.kind is IssueKind.PAIN_POINT:
        return Words("核实未解决", "Found not to be solved")
    return Words("居民认为未解决", "Disputed by the resident")


def _announced(event: SessionAnnounced) -> Words:
    kind = SESSIONS[event.kind.value]
    return Words(f"通知{kind.zh}：{event.venue}", f"{kind.en.capitalize()} called: {event.venue}")


def _placed(_: ItemPlacedOnAgenda) -> Words:
    return Words("列入议程", "Placed on the agenda")


def _attended(event: AttendanceRecorded) -> Words:
    organisations = len(event.organisations)
    return Words(
        f"到场：{organisations} 家单位，{event.residents} 位居民",
        f"Present: {organisations} organisations, {event.residents} residents",
    )


def _closed(event: SessionClosed) -> Words:
    kind = SESSIONS[event.kind.value]
    return Words(f"{kind.zh}结束", f"{kind.en.capitalize()} closed")


def _erased(event: TextErased) -> Words:
    ground = ERASURES[event.ground]
    return Words(f"文字内容已销毁：{ground.zh}", f"Text erased: {ground.en}")


def _opened(event: CaseOpened) -> Words:
    purpose = PURPOSES[event.purpose]
    return Words(f"查阅：{purpose.zh}", f"Read {purpose.en}")


SAID: Mapping[type[Event], Callable[[Any], Words]] = {
    DisputeLogged: _logged,
    MediatorAssigned: _assigned,
    SessionHeld: _held,
    AgreementReached: _agreed,
    DisputeResolved: _ended,
    DisputeReopened: _reopened,
    IssueRaised: _raised,
    IssueTitleReleased: _released,
    CommitmentMade: _promised,
    CommitmentFulfilled: _fulfilled,
    CommitmentMissed: _missed,
    IssueResolved: _resolved,
    ResolutionConfirmed: _confirmed,
    ResolutionDisputed: _disputed,
    SessionAnnounced: _announced,
    ItemPlacedOnAgenda: _placed,
    AttendanceRecorded: _attended,
    SessionClosed: _closed,
    CaseOpened: _opened,
    TextErased: _erased,
}


def said(event: Event) -> Words:
    """What an event of this service says."""
    return SAID[type(event)](event)
