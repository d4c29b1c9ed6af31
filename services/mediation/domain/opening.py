"""Reading what was written about a dispute, an issue or a session: for a purpose, and on record before it is shown."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from contracts.common import Event, Frozen, Identifier, Place
from contracts.mediation import CaseOpened
from services.mediation.domain.refusals import NotYourTask

Purpose = Literal["mediation", "follow-up", "incident", "review", "resident-request", "emergency"]
Asked = Literal["task", "mediation", "follow-up", "incident", "review", "resident-request", "emergency"]
"""A purpose, or ``task``: the reader's own open task is the purpose."""
Written = Literal["summary", "minutes", "terms", "reason", "description"]
Kind = Literal["dispute", "issue", "session"]
TASK_PURPOSE: Purpose = "mediation"


class OpenCase(Frozen):
    """Read what was written about a case.

    Attributes:
        kind, case, place: of which kind, its id, where. purpose: why. own_task: it is the reader's own.
        fields: what will be shown.
    """

    kind: Kind
    case: Identifier
    place: Place
    purpose: Asked
    own_task: bool
    fields: tuple[Written, ...]


def open_case(_: None, command: OpenCase, now: datetime) -> list[Event]:
    """Each reading is an event of its own: nothing is merged, so the log tells how often somebody looked.

    Nothing happens where nothing is there to be shown.
    """
    if command.purpose == "task" and not command.own_task:
        raise NotYourTask
    if not command.fields:
        return []
    purpose: Purpose = TASK_PURPOSE if command.purpose == "task" else command.purpose
    return [
        CaseOpened(
            kind=command.kind,
            case=command.case,
            place=command.place,
            purpose=purpose,
            own_task=command.own_task,
            fields=command.fields,
            effective_at=now,
        )
    ]


def evolve(_: None, __: Event) -> None:
    """A reading changes nothing."""


DECISIONS: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {OpenCase: open_case}
