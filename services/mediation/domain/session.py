"""A session: a teahouse or a coordination meeting, what it talks about, who came."""

from dataclasses import dataclass, replace

from contracts.common import Event
from contracts.mediation import AttendanceRecorded, ItemPlacedOnAgenda, SessionAnnounced, SessionClosed


@dataclass(frozen=True, slots=True)
class Session:
    """What the rules need to know.

    Attributes:
        announced: how it was called, None where nobody did. agenda: issues, in order.
        attendance: who came, as last recorded. closed: it has ended.
    """

    announced: SessionAnnounced | None = None
    agenda: tuple[str, ...] = ()
    attendance: AttendanceRecorded | None = None
    closed: SessionClosed | None = None

    @property
    def place(self) -> str:
        """Where it is held; empty where nobody announced it."""
        return self.announced.place if self.announced else ""


def evolve(session: Session, event: Event) -> Session:
    """The session after one more event."""
    match event:
        case SessionAnnounced():
            return Session(announced=event)
        case ItemPlacedOnAgenda():
            return replace(session, agenda=(*session.agenda, event.issue))
        case AttendanceRecorded():
            return replace(session, attendance=event)
        case SessionClosed():
            return replace(session, closed=event)
        case _:
            return session
