"""The commands of mediation, one declaration each."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from contracts.common import Identifier
from contracts.mediation import WITHHELD
from services.chassis.access import Scope, require_own, require_recent
from services.chassis.http import Asked, Caller, CommandAnswer, Noun, ruled_below
from services.chassis.http.texts import VisibleHeadline, VisibleLabel
from services.chassis.vault import case_key
from services.chassis.zones import zone_of
from services.mediation import permissions
from services.mediation.deciders import DISPUTE, ERASURE, ISSUE, SESSION
from services.mediation.domain.dispute_commands import (
    AssignMediator,
    HoldSession,
    LogDispute,
    ReachAgreement,
    ReopenDispute,
    ResolveDispute,
)
from services.mediation.domain.erasure import EraseText
from services.mediation.domain.issue import Issue
from services.mediation.domain.issue_commands import (
    ConfirmResolution,
    DisputeResolution,
    FulfilCommitment,
    MakeCommitment,
    RaiseIssue,
    ReleaseTitle,
    ResolveIssue,
)
from services.mediation.domain.opening import Kind
from services.mediation.domain.refusals import BuildingElsewhere, CommitmentUnknown, WordOfNobody
from services.mediation.domain.session_commands import AnnounceSession, CloseSession, PlaceItem, RecordAttendance
from services.mediation.sight import may_hold, may_mediate, may_settle, may_work_on

router = APIRouter()
DISPUTES = Noun(DISPUTE, "/disputes/{dispute}", router, may_settle, case_key, tags=("disputes",))
ISSUES = Noun(ISSUE, "/issues/{issue}", router, may_work_on, case_key, tags=("issues",))
SESSIONS = Noun(SESSION, "/sessions/{session}", router, may_hold, case_key, tags=("sessions",))
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 1, 1))]


DISPUTES.creation(
    LogDispute,
    permissions.LOG_DISPUTE,
    summary="Log a dispute",
    describes="Write a dispute down: who disagrees about what; ``effective_at`` where it began earlier.",
    example={
        "category": "dispute/deposit",
        "place": "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/1812",
        "source_unit": "wanda-a-1812",
        "parties": [{"subject": "subject-gu", "household": "wanda-a-1812"}, {"subject": "subject-shan"}],
        "summary": "退租后押金未退。",
    },
)


@DISPUTES.command(
    AssignMediator,
    "mediator",
    permissions.ASSIGN_MEDIATOR,
    summary="Assign a mediator",
    describes="Give the case to a neutral person: not a party, nor of a party's household; their household and subject "
    "id where they are known.",
    example={"mediator": "mediator-guo", "household": "wanda-a-1905"},
).completed
async def assign_mediator(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives the caller's own subject id, where they take the case themselves."""
    own = asked.principal.subject if asked.body.mediator == asked.principal.id else None
    return {"subject": asked.body.subject or own}


DISPUTES.command(
    HoldSession,
    "sessions",
    permissions.MEDIATE,
    rule=may_mediate,
    summary="Hold a session with the parties",
    describes="Record a session; minutes of a private one are sealed from the parties who were not there, where "
    "``sealed_from`` is left out.",
    example={"present": ["subject-gu"], "minutes": "单独听取意见。", "sealed_from": ["subject-shan"]},
)
DISPUTES.command(
    ReachAgreement,
    "agreement",
    permissions.MEDIATE,
    rule=may_mediate,
    summary="Record an agreement",
    example={"terms": "七日内退还押金的八成。"},
)
DISPUTES.command(
    ResolveDispute,
    "resolution",
    permissions.MEDIATE,
    rule=may_mediate,
    summary="Resolve a dispute",
    example={"outcome": "agreement-kept"},
)
DISPUTES.command(
    ReopenDispute,
    "reopening",
    permissions.MEDIATE,
    summary="Reopen a dispute",
    example={"reason": "押金仍未退还。"},
)


def may_raise(caller: Caller, body: Any) -> None:
    """Lets an item pass that the caller may raise: in their places, a resident's own at a place of theirs.

    Raises:
        OutsideScope, IdIsMade, TooLongAgo, BuildingElsewhere: they may not.
    """
    if caller.scope is Scope.SUBJECT:
        require_own(caller.principal, body.place, body.issue, "/issue")
        require_recent(body.effective_at, caller.now, "/effective_at")
    else:
        caller.principal.require(body.place)
    if body.building is not None and body.building not in body.place.split("/"):
        raise BuildingElsewhere(body.building, body.place)


@ISSUES.creation(
    RaiseIssue,
    permissions.RAISE_ISSUE,
    rule=may_raise,
    summary="Raise an issue",
    describes="""Raise an item for the teahouse, or a pain point of a building; a resident's title waits for its
    release.

    The title stands on the notice board and names nobody. ``raised_by`` is the resident, as a subject id; of a
    resident always themselves.""",
    given=("title_withheld",),
    takes={"title": VisibleHeadline},
    example={
        "kind": "agenda-item",
        "title": "湖边步道路灯不亮",
        "place": "yinchuan/helan/xigang/tianehu",
        "category": "facilities/lighting",
        "raised_by": "subject-gu",
        "description": "从东门到亭子一段，晚上看不见路。",
    },
).completed
async def raise_issue(asked: Asked[Any]) -> Mapping[str, Any]:
    """Residents name people: their title is sealed with the rest until the desk has read it."""
    if asked.caller.scope is not Scope.SUBJECT:
        return {}
    text = "\n".join(filter(None, [asked.body.title, asked.body.description]))
    return {
        "title": WITHHELD,
        "title_withheld": True,
        "raised_by": asked.principal.subject,
        "description": await asked.seal(text),
    }


ISSUES.command(
    ReleaseTitle,
    "title",
    permissions.RELEASE_TITLE,
    summary="Release the title of a resident's item",
    describes="Give an item its public title, once you have read what the resident wrote; it names nobody.",
    takes={"title": VisibleHeadline},
    example={"title": "湖边步道路灯不亮"},
)


def _zone(issue: Issue) -> str:
    return zone_of(issue.raised.place if issue.raised else None)


@ISSUES.command(
    MakeCommitment,
    "commitments",
    permissions.COMMIT,
    summary="Promise something",
    describes="Say which organisation promises what by which day; a partner for its own organisation, where it has "
    "promised something before. Left out: ``commitment``, an id is made.",
    given=("zone",),
    takes={"commitment": Identifier | None, "promise": VisibleHeadline, "due_on": Day},
    example={"owner": "org-lights", "promise": "更换十二盏路灯", "due_on": "2024-07-15"},
    answers="commitment",
).completed
async def make_commitment(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives the id, and whose calendar the day is of."""
    state = await asked.state()
    if asked.caller.scope is Scope.ORGANISATION:
        asked.principal.require_organisation(asked.body.owner)
    made = asked.body.commitment or asked.call.made(asked.principal, "commitment")
    return {"commitment": made, "zone": _zone(state)}


@ISSUES.command(
    FulfilCommitment,
    "commitments/{commitment}/fulfilment",
    permissions.FULFIL,
    summary="Keep a promise",
    describes="Say that what was promised is done.",
    given=("zone",),
    example={"effective_at": "2024-07-12T16:00:00+08:00"},
).completed
async def fulfil_commitment(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives whose calendar lateness is counted by; an organisation keeps its own promises."""
    state = await asked.state()
    made = state.commitment(asked.path["commitment"])
    if made is None:
        raise CommitmentUnknown(asked.path["commitment"])
    if asked.caller.scope is Scope.ORGANISATION:
        asked.principal.require_organisation(made.owner)
    return {"zone": _zone(state)}


ISSUES.command(
    ResolveIssue,
    "resolution",
    permissions.RESOLVE_ISSUE,
    summary="Resolve an issue",
    describes="Say that all that was promised is done; the resident has the word then.",
    example={"effective_at": "2024-07-12T16:30:00+08:00"},
)


async def _word(asked: Asked[Any]) -> Mapping[str, Any]:
    """Whose word it is, and who writes it down: residents speak for themselves, staff of what they saw at a spot."""
    issue, principal = await asked.state(), asked.principal
    if asked.caller.scope is Scope.SUBJECT:
        by, recorder = principal.subject or "", "resident"
    else:
        by, recorder = asked.body.by, "staff"
        if by is None and issue.nobodys:
            by = principal.identifier
        if by is None:
            raise WordOfNobody
    return {"by": by, "recorder": recorder, "organisation": principal.org}


ISSUES.command(
    ConfirmResolution,
    "confirmation",
    permissions.ANSWER,
    summary="Confirm that it is resolved",
    describes="The resident says that it is done; ``by`` where staff write it down for one who is not on record. "
    "Of a pain point that no resident raised, who looked at the spot: the caller where left out.",
    given=("recorder", "organisation"),
    takes={"by": Identifier | None},
    example={"by": "subject-gu"},
).completed(_word)
ISSUES.command(
    DisputeResolution,
    "objection",
    permissions.ANSWER,
    summary="Say that it is not resolved",
    describes="The resident says that it is not done, and why, which opens it again.",
    given=("recorder", "organisation"),
    takes={"by": Identifier | None},
    example={"by": "subject-gu", "reason": "亭子旁边的两盏还是不亮。"},
).completed(_word)


SESSIONS.creation(
    AnnounceSession,
    permissions.HOLD_SESSION,
    summary="Announce a session",
    takes={"venue": VisibleLabel},
    example={
        "kind": "teahouse",
        "place": "yinchuan/helan/xigang/tianehu",
        "starts_at": "2024-07-01T15:00:00+08:00",
        "venue": "天鹅湖社区民生茶馆",
    },
)


@SESSIONS.command(
    PlaceItem,
    "agenda",
    permissions.HOLD_SESSION,
    summary="Place an item on the agenda",
    describes="Put an issue on the agenda.",
    example={"issue": "0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e"},
).completed
async def place_item(asked: Asked[Any]) -> Mapping[str, Any]:
    """Lets an issue pass that is known, and the caller's."""
    await asked.state()
    issue, _ = await asked.service.handler.state(ISSUE, asked.body.issue)
    may_work_on(asked.caller, issue)
    return {}


SESSIONS.command(
    RecordAttendance,
    "attendance",
    permissions.HOLD_SESSION,
    summary="Record who came",
    describes="Write down which organisations came, and how many residents; what is said later replaces it.",
    example={"organisations": ["org-lights", "org-property"], "residents": 9},
)
SESSIONS.command(
    CloseSession,
    "closing",
    permissions.HOLD_SESSION,
    summary="Close a session",
    describes="End the meeting.",
    example={"minutes": "路灯由照明所七月十五日前更换。"},
)


async def _erase(noun: Noun, kind: Kind, asked: Asked[Any]) -> CommandAnswer:
    """Puts the erasure on record, then destroys the key; a policy does so too, should this process die here."""
    case = asked.aggregate
    state, _ = await asked.service.handler.state(noun.decider, case)
    noun.rule(asked.caller, state)
    command = EraseText(kind=kind, case=case, place=state.place, ground=asked.body.ground)
    answer = await asked.call.apply(ERASURE, f"{kind}-{case}", command, asked.principal, id=case)
    await asked.service.vault.erase(case_key(case))
    return answer


def _erasable(noun: Noun, kind: Kind, what: str) -> None:
    Noun(ERASURE, noun.path, router, ruled_below, tags=("records",)).command(
        EraseText,
        "erasure",
        permissions.ERASE_TEXT,
        summary=f"Erase what was written about {'an' if kind == 'issue' else 'a'} {kind}",
        describes=f"Destroy the key of its {what}: they can be read no more, anywhere.",
        given=("kind", "case", "place"),
        example={"ground": "retention-ended"},
    ).answered(partial(_erase, noun, kind))


_erasable(DISPUTES, "dispute", "summary, minutes, terms and reasons")
_erasable(ISSUES, "issue", "description and reasons")
_erasable(SESSIONS, "session", "minutes")
