"""What can be asked of a session, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from contracts.common import Event, Frozen, Identifier, Instant, Label, NamedPlace, Sealed
from contracts.mediation import (
    AttendanceRecorded,
    ItemPlacedOnAgenda,
    SessionAnnounced,
    SessionClosed,
    SessionKind,
)
from services.mediation.domain.happened import CLOCKS_DIFFER, happened
from services.mediation.domain.refusals import (
    OrganisationNamedTwice,
    SessionExists,
    SessionHasNotBegun,
    SessionIsClosed,
    SessionUnknown,
)
from services.mediation.domain.session import Session


class AnnounceSession(Frozen):
    """Calls a teahouse or a coordination meeting; one that was held already may be entered afterwards."""

    session: Identifier
    kind: SessionKind
    place: NamedPlace
    starts_at: Instant
    venue: Label


class PlaceItem(Frozen):
    """Puts an issue on the agenda; the shell makes sure that the issue is known."""

    issue: Identifier


class RecordAttendance(Frozen):
    """Says who came; what is said later replaces it."""

    organisations: Annotated[tuple[Identifier, ...], Field(max_length=100)]
    residents: Annotated[int, Field(ge=0, le=10000)] = 0
    effective_at: Instant | None = None


class CloseSession(Frozen):
    """Ends the meeting."""

    minutes: Sealed | None = None
    effective_at: Instant | None = None


def announce_session(session: Session, command: AnnounceSession, now: datetime) -> list[Event]:
    """A meeting is called. Repeating it changes nothing."""
    called = SessionAnnounced(**vars(command), effective_at=now)
    if session.announced is None:
        return [called]
    if session.announced.model_copy(update={"effective_at": now}) == called:
        return []
    raise SessionExists(command.session)


def _known(session: Session) -> SessionAnnounced:
    if session.announced is None:
        raise SessionUnknown
    return session.announced


def _open(session: Session) -> SessionAnnounced:
    known = _known(session)
    if session.closed is not None:
        raise SessionIsClosed(known.session)
    return known


def _begun(known: SessionAnnounced, effective_at: datetime | None, now: datetime) -> datetime:
    if now < known.starts_at - CLOCKS_DIFFER:
        raise SessionHasNotBegun(known.starts_at)
    return happened(effective_at, now, since=known.starts_at)


def place_item(session: Session, command: PlaceItem, now: datetime) -> list[Event]:
    """An issue will be talked about; it stands on the agenda once."""
    known = _open(session)
    if command.issue in session.agenda:
        return []
    return [ItemPlacedOnAgenda(session=known.session, place=known.place, issue=command.issue, effective_at=now)]


def record_attendance(session: Session, command: RecordAttendance, now: datetime) -> list[Event]:
    """Who came is written down, or corrected."""
    known = _open(session)
    at = _begun(known, command.effective_at, now)
    for index, organisation in enumerate(command.organisations):
        if organisation in command.organisations[:index]:
            raise OrganisationNamedTwice(index)
    last = session.attendance
    if last and (last.organisations, last.residents) == (command.organisations, command.residents):
        return []
    return [
        AttendanceRecorded(
            session=known.session,
            place=known.place,
            organisations=command.organisations,
            residents=command.residents,
            effective_at=at,
        )
    ]


def close_session(session: Session, command: CloseSession, now: datetime) -> list[Event]:
    """The meeting ends. Repeating it changes nothing."""
    known = _known(session)
    if session.closed is not None:
        return []
    at = _begun(known, command.effective_at, now)
    return [
        SessionClosed(
            session=known.session,
            place=known.place,
            kind=known.kind,
            minutes=command.minutes,
            effective_at=at,
        )
    ]


DECISIONS: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {
    AnnounceSession: announce_session,
    PlaceItem: place_item,
    RecordAttendance: record_attendance,
    CloseSession: close_session,
}
"""The decision for each command."""
