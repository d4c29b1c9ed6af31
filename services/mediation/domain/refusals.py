"""Every rule of mediation that can forbid a command, as a sentence that says what to do."""

from collections.abc import Iterable
from datetime import date, datetime

from contracts.refusals import Conflicting, Mistaken, NotAllowed, Unknown


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


class NotYetHappened(Mistaken):
    """A fact was reported for a time that has not come."""

    def __init__(self, effective_at: datetime, now: datetime) -> None:
        super().__init__(
            f"{_said(effective_at)} lies ahead, it is {_said(now)}: correct the date or the device's clock.",
            "/effective_at",
        )


class HappenedBeforeItsCause(Mistaken):
    """What is said to be done would come before what it answers."""

    def __init__(self, effective_at: datetime, since: datetime) -> None:
        super().__init__(
            f"{_said(effective_at)} lies before {_said(since)}, when what it answers happened: correct the time.",
            "/effective_at",
        )


# disputes


class DisputeUnknown(Unknown):
    """Nobody logged a dispute under this id."""

    def __init__(self) -> None:
        super().__init__("No dispute was logged under this id: log it first, or check its id.", "/dispute")


class DisputeExists(Conflicting):
    """The id stands for another dispute."""

    def __init__(self, dispute: str) -> None:
        super().__init__(f"{dispute} was logged before, with other particulars: use a new id.", "/dispute")


class PartyNamedTwice(Mistaken):
    """Nobody is in dispute with themselves."""

    def __init__(self, index: int) -> None:
        super().__init__("The same person stands twice among the parties: name each once.", f"/parties/{index}/subject")


class DisputeIsResolved(Conflicting):
    """Nothing more is done in a resolved dispute."""

    def __init__(self, dispute: str) -> None:
        super().__init__(f"{dispute} is resolved: reopen it first.")


class DisputeNotResolved(Conflicting):
    """Only what is resolved can be reopened."""

    def __init__(self, dispute: str) -> None:
        super().__init__(f"{dispute} is not resolved, so it is open already: go on with it as it is.")


class MediatorIsAParty(Conflicting):
    """Nobody mediates their own dispute."""

    def __init__(self) -> None:
        super().__init__("The mediator is a party of this dispute: assign somebody neutral.", "/mediator")


class MediatorIsOfAPartysHousehold(Conflicting):
    """Nobody mediates a dispute of their own household."""

    def __init__(self) -> None:
        super().__init__("The mediator lives in the household of a party: assign somebody neutral.", "/mediator")


class NoMediatorYet(Conflicting):
    """A session needs a mediator."""

    def __init__(self) -> None:
        super().__init__("Nobody mediates this dispute yet: assign a mediator first.")


class NotAParty(Mistaken):
    """A session or its seal names somebody who is not in the dispute."""

    def __init__(self, subject: str, pointer: str) -> None:
        super().__init__(f"{subject} is not a party of this dispute: name its parties only.", pointer)


class SealedFromSomebodyPresent(Mistaken):
    """What was said to somebody cannot be kept from them."""

    def __init__(self, subject: str) -> None:
        super().__init__(
            f"{subject} was at the session, so its minutes cannot be sealed from them: "
            "take them off one of the two lists.",
            "/sealed_from",
        )


class NoSessionYet(Conflicting):
    """An agreement is reached at a session."""

    def __init__(self) -> None:
        super().__init__("No session was held since the dispute was opened: hold one first.")


class AgreementStands(Conflicting):
    """There is an agreement, and no session since that could have changed it."""

    def __init__(self) -> None:
        super().__init__("The parties have agreed already: hold another session before they agree anew.", "/terms")


class NoAgreementToKeep(Conflicting):
    """What was never agreed cannot have been kept."""

    def __init__(self) -> None:
        super().__init__("The parties have not agreed: record the agreement, or choose another outcome.", "/outcome")


class AgreementWasReached(Conflicting):
    """The outcome denies an agreement that is on record."""

    def __init__(self) -> None:
        super().__init__("The parties have agreed: choose another outcome than no-agreement.", "/outcome")


# issues


class IssueUnknown(Unknown):
    """Nobody raised an issue under this id."""

    def __init__(self) -> None:
        super().__init__("No issue was raised under this id: raise it first, or check its id.", "/issue")


class IssueExists(Conflicting):
    """The id stands for another issue."""

    def __init__(self, issue: str) -> None:
        super().__init__(f"{issue} was raised before, with other particulars: use a new id.", "/issue")


class BuildingElsewhere(Mistaken):
    """The building of an issue is part of its place: whoever may enter it there may name the building."""

    def __init__(self, building: str, place: str) -> None:
        super().__init__(
            f"The building {building} is not in the place {place}: give the place of the building itself.", "/building"
        )


class TitleIsPublic(Conflicting):
    """The desk wrote the title itself, so there is none to release."""

    def __init__(self) -> None:
        super().__init__("This item has a public title already: only a resident's item waits for one.", "/title")


class PainPointWithoutBuilding(Mistaken):
    """The problem map shows buildings and their floors."""

    def __init__(self) -> None:
        super().__init__(
            "A pain point lies in a building: name the building, and the floor where it is one.", "/building"
        )


class FloorWithoutBuilding(Mistaken):
    """A floor alone says nothing."""

    def __init__(self) -> None:
        super().__init__("A floor was given without its building: name the building.", "/building")


class IssueIsResolved(Conflicting):
    """The resident has the word now."""

    def __init__(self, issue: str) -> None:
        super().__init__(f"{issue} is resolved: it opens again when the resident disputes that.")


class IssueNotResolved(Conflicting):
    """There is nothing yet to confirm or dispute."""

    def __init__(self, issue: str) -> None:
        super().__init__(f"{issue} is not resolved yet: wait until it is called done.")


class CommitmentUnknown(Unknown):
    """Nobody promised this."""

    def __init__(self, commitment: str) -> None:
        super().__init__(f"The issue has no commitment {commitment}: check its id.", "/commitment")


class CommitmentExists(Conflicting):
    """The id stands for another promise."""

    def __init__(self, commitment: str) -> None:
        super().__init__(f"{commitment} was promised before, with other words: use a new id.", "/commitment")


class DueDayHasPassed(Mistaken):
    """Nobody can promise to be done yesterday."""

    def __init__(self, due_on: date, today: date) -> None:
        super().__init__(f"{due_on} has passed, today is {today}: choose a day to come.", "/due_on")


class CommitmentNotOverdue(Conflicting):
    """The due day has not passed yet."""

    def __init__(self, commitment: str, due_on: date) -> None:
        super().__init__(f"{commitment} is due on {due_on}, which has not passed: wait for the day after.")


class CommitmentsOpen(Conflicting):
    """What was promised is not done."""

    def __init__(self, commitments: Iterable[str]) -> None:
        super().__init__(f"These commitments are open: {', '.join(commitments)}. Fulfil them first.")


class NotTheResidentWhoRaisedIt(NotAllowed):
    """Only who raised an issue says whether it is done."""

    def __init__(self) -> None:
        super().__init__("Only the resident who raised the issue says whether it is done: ask them.", "/by")


class CheckedByItsOwner(NotAllowed):
    """Who promised it does not say that it is solved."""

    def __init__(self) -> None:
        super().__init__("Your organisation promised it: ask a colleague of another one to look at the spot.", "")


class WordOfNobody(Mistaken):
    """Who writes down another's word says whose it is."""

    def __init__(self) -> None:
        super().__init__("It is not said whose word this is: give the resident's subject id.", "/by")


class AlreadyConfirmed(Conflicting):
    """The resident has said that it is done."""

    def __init__(self, issue: str) -> None:
        super().__init__(f"{issue} was confirmed as done: raise a new issue where something is wrong again.")


# sessions


class SessionUnknown(Unknown):
    """Nobody announced a session under this id."""

    def __init__(self) -> None:
        super().__init__("No session was announced under this id: announce it first, or check its id.", "/session")


class SessionExists(Conflicting):
    """The id stands for another session."""

    def __init__(self, session: str) -> None:
        super().__init__(f"{session} was announced before, with other particulars: use a new id.", "/session")


class SessionIsClosed(Conflicting):
    """Nothing more happens at a session that has ended."""

    def __init__(self, session: str) -> None:
        super().__init__(f"{session} has ended: announce another session.")


class SessionHasNotBegun(Conflicting):
    """Nobody has come yet, and nothing has ended."""

    def __init__(self, starts_at: datetime) -> None:
        super().__init__(f"The session begins at {_said(starts_at)}: wait for it.")


class OrganisationNamedTwice(Mistaken):
    """An organisation comes once."""

    def __init__(self, index: int) -> None:
        super().__init__("The same organisation stands twice on the list: name each once.", f"/organisations/{index}")


# readings


class NotYourTask(Mistaken):
    """A task gives a purpose to whom it belongs, as long as it is open."""

    def __init__(self) -> None:
        super().__init__(
            "This is not your case to mediate, or it is resolved: state another purpose than task.", "/purpose"
        )
