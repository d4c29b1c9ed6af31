"""Which HTTP status each refusal of analytics has; a test sees that none is left out."""

from collections.abc import Mapping
from http import HTTPStatus

from services.analytics.domain import refusals
from services.analytics.figures.disclosure import FigureTooFine
from services.analytics.figures.wholeness import FiguresIncomplete, LogAway

STATUSES: Mapping[type[Exception], HTTPStatus] = {
    refusals.AlertUnknown: HTTPStatus.NOT_FOUND,
    refusals.AlertTaken: HTTPStatus.CONFLICT,
    refusals.AlertNotAcknowledged: HTTPStatus.CONFLICT,
    refusals.AlertIsClosed: HTTPStatus.CONFLICT,
    refusals.PeriodMissing: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.SpanUpsideDown: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.SpanOutsideYears: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.SpanNotOver: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.LogNotThatFar: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.GapOutsideSpan: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.ZoneUnknown: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.UnitDiffers: HTTPStatus.CONFLICT,
    refusals.NothingToRelease: HTTPStatus.NOT_FOUND,
    refusals.ReportChanged: HTTPStatus.CONFLICT,
    refusals.NothingToCorrect: HTTPStatus.UNPROCESSABLE_ENTITY,
    FigureTooFine: HTTPStatus.FORBIDDEN,
    FiguresIncomplete: HTTPStatus.SERVICE_UNAVAILABLE,
    LogAway: HTTPStatus.SERVICE_UNAVAILABLE,
}
