"""A subject: a person as the platform knows them, an id with a key of their own."""

from dataclasses import dataclass, replace
from datetime import datetime

from contracts.common import Event
from contracts.registry import SubjectErased, SubjectKeyCreated


@dataclass(frozen=True, slots=True)
class Subject:
    """A person; without an id nobody registered them.

    Attributes:
        id: the subject. place: where they were first registered. erased_at: when their key was destroyed.
    """

    id: str = ""
    place: str = ""
    erased_at: datetime | None = None


def evolve(subject: Subject, event: Event) -> Subject:
    """The subject after one more event; an opened record is on the log and changes nothing."""
    match event:
        case SubjectKeyCreated():
            return Subject(event.subject, event.place)
        case SubjectErased():
            return replace(subject, erased_at=event.effective_at)
        case _:
            return subject
