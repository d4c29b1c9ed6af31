"""The commands of analytics, one declaration each."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AfterValidator

from contracts.common import Identifier, Role, ZoneName
from services.analytics import permissions
from services.analytics.deciders import ALERT, COVERAGE, INDICATOR
from services.analytics.domain.alert import Alert
from services.analytics.domain.alert_commands import AcknowledgeAlert, CloseAlert
from services.analytics.domain.figure import told_of
from services.analytics.domain.figure_commands import DeclareCoverage, MeasuredIn, ReleaseIndicator, ReportIndicator
from services.analytics.domain.refusals import AlertUnknown, LogNotThatFar
from services.analytics.figures.wholeness import LogAway
from services.chassis.http import Asked, Caller, Noun, ruled_below
from services.chassis.http.lag import head_of
from services.chassis.http.texts import seen
from services.chassis.vault import case_key
from services.chassis.zones import zone_of

router = APIRouter()


def may_answer(caller: Caller, alert: Alert) -> None:
    """Lets a command through to its alert.

    Raises:
        AlertUnknown: no rule raised it. OutsideScope: it lies elsewhere.
    """
    if alert.phase is None:
        raise AlertUnknown
    caller.principal.require(alert.place)


ALERTS = Noun(
    ALERT,
    "/alerts/{alert}",
    router,
    may_answer,
    case_key,
    example="repeated-disturbance-1-3f2a9c0d41b7e855",
    tags=("alerts",),
)


@ALERTS.command(
    AcknowledgeAlert,
    "acknowledgement",
    permissions.ANSWER_ALERT,
    summary="Take an alert",
    describes="Say that the caller takes care of it; a second officer is told who has it.",
    given=("by",),
).completed
async def acknowledge(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives who takes it."""
    return {"by": asked.principal.id}


@ALERTS.command(
    CloseAlert,
    "closure",
    permissions.ANSWER_ALERT,
    summary="Close an alert",
    describes="Say that it is dealt with, and whether it was right; the note is sealed.",
    given=("by", "supervisor"),
).completed
async def close(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives who closes it."""
    return {"by": asked.principal.id, "supervisor": asked.principal.role is Role.SUPERVISOR}


def _told_of(said: Any) -> str:
    return told_of(said.source, said.place)


INDICATORS = Noun(INDICATOR, "/indicators/{indicator}", router, ruled_below, aggregate=_told_of, tags=("figures",))
COVERAGES = Noun(COVERAGE, "/coverage/{source}", router, ruled_below, aggregate=_told_of, tags=("figures",))
FIGURE = {
    "indicator": "building-security-cost",
    "source": "security-wanda-a",
    "place": "yinchuan/jinfeng/beijing-zhonglu/wanda",
    "span": {"first": "2024-01-01", "last": "2024-06-30"},
    "value": 148_000,
}


@INDICATORS.creation(
    ReportIndicator,
    permissions.REPORT_FIGURE,
    summary="Report a figure",
    describes="""Take in what an outside party reports; another value for the same span corrects it, and both stay
    visible.

    The first figure of a source, and one that is far from the one before, counts once a supervisor has released it.""",
    given=("supervisor",),
    takes={"indicator": Identifier, "unit": Annotated[MeasuredIn, AfterValidator(seen)]},
    example=FIGURE | {"unit": "CNY"},
    answers="indicator",
).completed
async def report_indicator(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives whether a supervisor says so."""
    return {"supervisor": asked.principal.role is Role.SUPERVISOR}


@INDICATORS.creation(
    ReleaseIndicator,
    permissions.RELEASE_FIGURE,
    address="/indicators/release",
    summary="Release a reported figure",
    describes="Let a report count that is far from what its source reported before; ``value`` is what you have looked "
    "at, another one is not released.",
    given=("by",),
    takes={"indicator": Identifier},
    example=FIGURE,
    answers="indicator",
).completed
async def release_indicator(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives who releases it."""
    return {"by": asked.principal.id}


@COVERAGES.creation(
    DeclareCoverage,
    permissions.DECLARE_COVERAGE,
    address="/coverage",
    summary="Declare what a source covers",
    describes="""Only what is covered is compared; a quiet day and a missing day differ, and only this tells them apart.

    ``complete_at``: positions of the logs that hold all of it, from Maple-Position; figures of these days are compared
    once they have been read. ``continues``: the source that told of this place before.""",
    takes={"source": Identifier, "zone": ZoneName | None},
    example={
        "source": "vancouver-crime",
        "place": "vancouver",
        "span": {"first": "2023-01-01", "last": "2024-12-31"},
        "complete_at": {"incidents": 479819},
    },
    answers="source",
).completed
async def declare_coverage(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives the zone of the place, where none is said.

    Raises:
        LogNotThatFar: a log has no such position. LogAway: it is not known how far it has come.
    """
    for log, position in asked.body.complete_at.items():
        head = await head_of(asked.service, log)
        if head is None:
            raise LogAway(log)
        if position > head:
            raise LogNotThatFar(log, head)
    return {"zone": asked.body.zone or zone_of(asked.body.place)}
