"""What can be asked of a dispute, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.common import Category, Event, Frozen, Identifier, Instant, NamedPlace, Sealed
from contracts.mediation import (
    AgreementReached,
    DisputeLogged,
    DisputeReopened,
    DisputeResolved,
    MediatorAssigned,
    Party,
    SessionHeld,
)
from services.mediation.domain.dispute import Dispute
from services.mediation.domain.happened import happened
from services.mediation.domain.refusals import (
    AgreementStands,
    AgreementWasReached,
    DisputeExists,
    DisputeIsResolved,
    DisputeNotResolved,
    DisputeUnknown,
    MediatorIsAParty,
    MediatorIsOfAPartysHousehold,
    NoAgreementToKeep,
    NoMediatorYet,
    NoSessionYet,
    NotAParty,
    PartyNamedTwice,
    SealedFromSomebodyPresent,
)

Outcome = Literal["agreement-kept", "withdrawn", "referred", "no-agreement"]
Parties = Annotated[tuple[Party, ...], Field(min_length=2, max_length=20)]
Present = Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=20)]


class LogDispute(Frozen):
    """Writes a dispute down; the fields are those of ``DisputeLogged``, ``effective_at`` where it began earlier."""

    dispute: Identifier
    category: Category
    place: NamedPlace
    source_unit: Identifier | None = None
    parties: Parties
    summary: Sealed | None = None
    incident: Identifier | None = None
    effective_at: Instant | None = None


class AssignMediator(Frozen):
    """Gives the case to a neutral person.

    Attributes:
        mediator: who, as an id. subject: the same person as a subject, where the shell knows it.
        household: the unit or household that they belong to, where the shell knows it.
    """

    mediator: Identifier
    subject: Identifier | None = None
    household: Identifier | None = None


class HoldSession(Frozen):
    """Records that the mediator met the parties, or some of them.

    Attributes:
        present: which parties. minutes: what was said. sealed_from: who may not read them; where nothing is said,
            the parties who were not there.
    """

    present: Present
    minutes: Sealed | None = None
    sealed_from: Annotated[tuple[Identifier, ...], Field(max_length=20)] | None = None
    effective_at: Instant | None = None


class ReachAgreement(Frozen):
    """Records what the parties agreed on."""

    terms: Sealed | None = None
    effective_at: Instant | None = None


class ResolveDispute(Frozen):
    """Says that the dispute is over, and how."""

    outcome: Outcome
    effective_at: Instant | None = None


class ReopenDispute(Frozen):
    """Says that it was not over."""

    reason: Sealed | None = None


def log_dispute(dispute: Dispute, command: LogDispute, now: datetime) -> list[Event]:
    """A dispute enters the docket. Repeating it changes nothing."""
    if dispute.log is not None:
        if _particulars(dispute.log, command):
            return []
        raise DisputeExists(command.dispute)
    subjects = [party.subject for party in command.parties]
    for index, subject in enumerate(subjects):
        if subject in subjects[:index]:
            raise PartyNamedTwice(index)
    return [DisputeLogged(**{**vars(command), "effective_at": happened(command.effective_at, now)})]


def _particulars(log: DisputeLogged, command: LogDispute) -> bool:
    """Whether both say the same; the same words sealed twice give two ciphertexts, so these are left out."""
    told = (command.category, command.place, command.source_unit, command.parties, command.incident)
    return told == (log.category, log.place, log.source_unit, log.parties, log.incident)


def _known(dispute: Dispute) -> DisputeLogged:
    if dispute.log is None:
        raise DisputeUnknown
    return dispute.log


def _open(dispute: Dispute) -> DisputeLogged:
    known = _known(dispute)
    if dispute.resolved is not None:
        raise DisputeIsResolved(known.dispute)
    return known


def assign_mediator(dispute: Dispute, command: AssignMediator, now: datetime) -> list[Event]:
    """Somebody neutral takes the case; another may take it over."""
    known = _open(dispute)
    if {command.mediator, command.subject} & set(dispute.subjects):
        raise MediatorIsAParty
    if command.household is not None and command.household in {party.household for party in known.parties}:
        raise MediatorIsOfAPartysHousehold
    if dispute.mediator == command.mediator:
        return []
    return [MediatorAssigned(dispute=known.dispute, place=known.place, mediator=command.mediator, effective_at=now)]


def hold_session(dispute: Dispute, command: HoldSession, now: datetime) -> list[Event]:
    """The mediator met the parties; the very same meeting counts once."""
    known = _open(dispute)
    if dispute.mediator is None:
        raise NoMediatorYet
    _check_parties(dispute, command.present, "/present")
    absent = tuple(subject for subject in dispute.subjects if subject not in command.present)
    sealed_from = absent if command.sealed_from is None else tuple(dict.fromkeys(command.sealed_from))
    _check_parties(dispute, sealed_from, "/sealed_from")
    for subject in sealed_from:
        if subject in command.present:
            raise SealedFromSomebodyPresent(subject)
    held = SessionHeld(
        dispute=known.dispute,
        place=known.place,
        present=tuple(dict.fromkeys(command.present)),
        minutes=command.minutes,
        sealed_from=sealed_from,
        effective_at=happened(command.effective_at, now, since=known.effective_at),
    )
    last = dispute.last_session
    if last is not None and last.model_copy(update={"minutes": held.minutes}) == held:
        return []
    return [held]


def _check_parties(dispute: Dispute, named: Sequence[str], pointer: str) -> None:
    for index, subject in enumerate(named):
        if subject not in dispute.subjects:
            raise NotAParty(subject, f"{pointer}/{index}")


def reach_agreement(dispute: Dispute, command: ReachAgreement, now: datetime) -> list[Event]:
    """The parties agreed at a session; another agreement needs another session."""
    known = _open(dispute)
    if dispute.last_session is None:
        raise NoSessionYet
    if dispute.agreed and not dispute.met_since:
        if command.terms is None:
            return []
        raise AgreementStands
    at = happened(command.effective_at, now, since=dispute.last_session.effective_at)
    return [AgreementReached(dispute=known.dispute, place=known.place, terms=command.terms, effective_at=at)]


def resolve_dispute(dispute: Dispute, command: ResolveDispute, now: datetime) -> list[Event]:
    """It is over. Saying the same again changes nothing; another outcome needs it reopened."""
    known = _known(dispute)
    if dispute.resolved is not None:
        if dispute.resolved.outcome == command.outcome:
            return []
        raise DisputeIsResolved(known.dispute)
    if command.outcome == "agreement-kept" and not dispute.agreed:
        raise NoAgreementToKeep
    if command.outcome == "no-agreement" and dispute.agreed:
        raise AgreementWasReached
    at = happened(command.effective_at, now, since=known.effective_at)
    return [DisputeResolved(dispute=known.dispute, place=known.place, outcome=command.outcome, effective_at=at)]


def reopen_dispute(dispute: Dispute, command: ReopenDispute, now: datetime) -> list[Event]:
    """It was not over; the mediator stays, what was agreed does not."""
    known = _known(dispute)
    if dispute.resolved is None:
        raise DisputeNotResolved(known.dispute)
    return [DisputeReopened(dispute=known.dispute, place=known.place, reason=command.reason, effective_at=now)]


DECISIONS: Mapping[type, Callable[[Any, Any, datetime], Sequence[Event]]] = {
    LogDispute: log_dispute,
    AssignMediator: assign_mediator,
    HoldSession: hold_session,
    ReachAgreement: reach_agreement,
    ResolveDispute: resolve_dispute,
    ReopenDispute: reopen_dispute,
}
"""The decision for each command."""
