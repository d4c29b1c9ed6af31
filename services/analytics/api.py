"""Commands of analytics: parse, call, return."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as PathParameter

from contracts.common import Identifier, Role
from services.analytics import bodies, permissions
from services.analytics.deciders import ALERT, COVERAGE, INDICATOR
from services.analytics.domain.alert import Alert
from services.analytics.domain.alert_commands import AcknowledgeAlert, CloseAlert
from services.analytics.domain.figure import told_of
from services.analytics.domain.figure_commands import DeclareCoverage, ReleaseIndicator, ReportIndicator
from services.analytics.domain.refusals import AlertUnknown, LogNotThatFar
from services.analytics.figures.wholeness import LogAway
from services.chassis.access import Principal, permit
from services.chassis.http import Command, CommandAnswer, Context
from services.chassis.http.lag import head_of
from services.chassis.vault import case_key
from services.chassis.zones import zone_of

router = APIRouter()
AlertId = Annotated[Identifier, PathParameter(examples=["repeated-disturbance-1-3f2a9c0d41b7e855"])]


async def reached(alert: str, principal: Principal, context: Context) -> Alert:
    """The alert, where it lies in the caller's places.

    Raises:
        AlertUnknown: no rule raised it. OutsideScope: it lies elsewhere.
    """
    state, _ = await context.handler.state(ALERT, alert)
    if state.phase is None:
        raise AlertUnknown
    principal.require(state.place)
    return state


@router.post("/alerts/{alert}/acknowledgement", status_code=201, tags=["alerts"], summary="Take an alert")
async def acknowledge(
    alert: AlertId,
    _: bodies.AcknowledgementBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.ANSWER_ALERT)],
    call: Command,
) -> CommandAnswer:
    """Says that the caller takes care of it; a second officer is told who has it."""
    await reached(alert, principal, context)
    return await call.apply(ALERT, alert, AcknowledgeAlert(by=principal.id), principal, id=alert)


@router.post("/alerts/{alert}/closure", status_code=201, tags=["alerts"], summary="Close an alert")
async def close(
    alert: AlertId,
    body: bodies.ClosureBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.ANSWER_ALERT)],
    call: Command,
) -> CommandAnswer:
    """Says that it is dealt with, and whether it was right; the note is sealed."""
    await reached(alert, principal, context)
    note = await context.vault.seal(case_key(alert), body.note) if body.note else None
    supervisor = principal.role is Role.SUPERVISOR
    command = CloseAlert(by=principal.id, feedback=body.feedback, note=note, supervisor=supervisor)
    return await call.apply(ALERT, alert, command, principal, id=alert)


@router.post("/indicators", status_code=201, tags=["figures"], summary="Report a figure")
async def report_indicator(
    body: bodies.IndicatorBody,
    principal: Annotated[Principal, permit(permissions.REPORT_FIGURE)],
    call: Command,
) -> CommandAnswer:
    """Takes in what an outside party reports; another value for the same span corrects it, and both stay visible.

    The first figure of a source, and one that is far from the one before, counts once a supervisor has released it.
    """
    principal.require(body.place)
    command = ReportIndicator(**dict(body), supervisor=principal.role is Role.SUPERVISOR)
    return await call.apply(INDICATOR, told_of(body.source, body.place), command, principal, id=body.indicator)


@router.post("/indicators/release", status_code=201, tags=["figures"], summary="Release a reported figure")
async def release_indicator(
    body: bodies.ReleaseBody,
    principal: Annotated[Principal, permit(permissions.RELEASE_FIGURE)],
    call: Command,
) -> CommandAnswer:
    """Lets a report count that is far from what its source reported before."""
    principal.require(body.place)
    command = ReleaseIndicator(**dict(body), by=principal.id)
    return await call.apply(INDICATOR, told_of(body.source, body.place), command, principal, id=body.indicator)


@router.post("/coverage", status_code=201, tags=["figures"], summary="Declare what a source covers")
async def declare_coverage(
    body: bodies.CoverageBody,
    context: Context,
    principal: Annotated[Principal, permit(permissions.DECLARE_COVERAGE)],
    call: Command,
) -> CommandAnswer:
    """Only what is covered is compared; a quiet day and a missing day differ, and only this tells them apart."""
    principal.require(body.place)
    for log, position in body.complete_at.items():
        head = await head_of(context, log)
        if head is None:
            raise LogAway(log)
        if position > head:
            raise LogNotThatFar(log, head)
    return await call.apply(
        COVERAGE,
        told_of(body.source, body.place),
        DeclareCoverage(**{**dict(body), "zone": body.zone or zone_of(body.place)}),
        principal,
        id=body.source,
    )
