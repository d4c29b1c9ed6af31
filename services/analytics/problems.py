"""Which HTTP status a question of analytics is refused with; the kind of a refusal says that of a command."""

from collections.abc import Mapping
from http import HTTPStatus

from services.analytics.figures.disclosure import FigureTooFine
from services.analytics.figures.wholeness import FiguresIncomplete, LogAway

STATUSES: Mapping[type[Exception], HTTPStatus] = {
    FigureTooFine: HTTPStatus.FORBIDDEN,
    FiguresIncomplete: HTTPStatus.SERVICE_UNAVAILABLE,
    LogAway: HTTPStatus.SERVICE_UNAVAILABLE,
}
