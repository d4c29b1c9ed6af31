"""What can be asked of a subject, and what follows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from contracts.common import Event, Frozen, Identifier, Instant, Place
from contracts.registry import RecordOpened, Registration, SubjectErased, SubjectKeyCreated
from services.registry.domain.refusals import NothingOpened, PurposeMissing, SubjectUnknown, SubjectWasErased
from services.registry.domain.subject import Subject

Purpose = Literal["verification", "incident", "mediation", "resident-request", "emergency", "correction"]
PersonalField = Literal["name", "phone", "document"]
Ground = Literal["resident-request", "retention-ended", "registered-in-error"]


class CreateSubjectKey(Frozen):
    """Make a person a subject.

    Attributes:
        subject: the id. place: where they are registered first.
    """

    subject: Identifier
    place: Place
    effective_at: Instant


class OpenRecord(Frozen):
    """Read personal fields of a subject.

    Attributes:
        subject: whose. purpose: why, None where nobody said. task: the open task that gives the purpose.
        fields: which will be shown. place: where the person lives now, where that is known. effective_at: when.
    """

    subject: Identifier
    place: Place | None = None
    purpose: Purpose | None = None
    task: Identifier | None = None
    fields: tuple[PersonalField, ...]
    effective_at: Instant


class EraseSubject(Frozen):
    """Destroy a subject's key.

    Attributes:
        subject: whose. ground: why it may and must be. registrations: what the register has of them.
    """

    subject: Identifier
    ground: Ground
    registrations: tuple[Registration, ...] = ()
    effective_at: Instant


def create_subject_key(subject: Subject, command: CreateSubjectKey, now: datetime) -> list[Event]:  # noqa: ARG001
    """A person becomes a subject once; an erased one never again."""
    if subject.erased_at is not None:
        raise SubjectWasErased(subject.erased_at)
    if subject.id:
        return []
    return [SubjectKeyCreated(subject=command.subject, place=command.place, effective_at=command.effective_at)]


def open_record(subject: Subject, command: OpenRecord, now: datetime) -> list[Event]:  # noqa: ARG001
    """Somebody reads a person's fields; that is on record before the fields are shown."""
    _readable(subject)
    if command.purpose is None:
        raise PurposeMissing
    if not command.fields:
        raise NothingOpened
    return [
        RecordOpened(
            subject=subject.id,
            place=command.place or subject.place,
            purpose=command.purpose,
            task=command.task,
            fields=command.fields,
            effective_at=command.effective_at,
        )
    ]


def erase_subject(subject: Subject, command: EraseSubject, now: datetime) -> list[Event]:  # noqa: ARG001
    """The key is to be destroyed. Repeating it changes nothing."""
    if not subject.id:
        raise SubjectUnknown
    if subject.erased_at is not None:
        return []
    return [
        SubjectErased(
            subject=subject.id,
            place=subject.place,
            ground=command.ground,
            registrations=command.registrations,
            effective_at=command.effective_at,
        )
    ]


def _readable(subject: Subject) -> None:
    if not subject.id:
        raise SubjectUnknown
    if subject.erased_at is not None:
        raise SubjectWasErased(subject.erased_at)


DECISIONS: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {
    CreateSubjectKey: create_subject_key,
    OpenRecord: open_record,
    EraseSubject: erase_subject,
}
