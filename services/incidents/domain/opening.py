"""Reading what was written about an incident: for a purpose, and on record before it is shown."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from contracts.common import Event, Frozen, Identifier, Place
from contracts.incidents import CaseOpened
from services.incidents.domain.refusals import NotYourTask

Purpose = Literal["response", "investigation", "mediation", "review", "resident-request", "emergency"]
Asked = Literal["task", "response", "investigation", "mediation", "review", "resident-request", "emergency"]
"""A purpose, or ``task``: the reader's own open task is the purpose."""
Written = Literal["description", "note", "reason"]
TASK_PURPOSE: Purpose = "response"


class OpenCase(Frozen):
    """Read what was written about an incident.

    Attributes:
        incident, place: which, where. purpose: why. own_task: it is the reader's own. fields: what will be shown.
    """

    incident: Identifier
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
            incident=command.incident,
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
