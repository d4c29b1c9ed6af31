"""The rules of a dispute."""

from datetime import timedelta

import pytest

from contracts.common import Sealed
from contracts.mediation import (
    AgreementReached,
    DisputeLogged,
    DisputeReopened,
    DisputeResolved,
    MediatorAssigned,
    Party,
    SessionHeld,
)
from services.mediation.deciders import DISPUTE
from services.mediation.domain.dispute import DisputePhase
from services.mediation.domain.dispute_commands import (
    AssignMediator,
    HoldSession,
    LogDispute,
    ReachAgreement,
    ReopenDispute,
    ResolveDispute,
)
from services.mediation.domain.refusals import (
    AgreementStands,
    AgreementWasReached,
    DisputeExists,
    DisputeIsResolved,
    DisputeNotResolved,
    DisputeUnknown,
    HappenedBeforeItsCause,
    MediatorIsAParty,
    MediatorIsOfAPartysHousehold,
    NoAgreementToKeep,
    NoMediatorYet,
    NoSessionYet,
    NotAParty,
    NotYetHappened,
    PartyNamedTwice,
    SealedFromSomebodyPresent,
)
from tests.unit.given import NOON, story

given = story(DISPUTE)
PLACE = "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a"
WANG = Party(subject="s-wang", household="wanda-a-1811")
LIU = Party(subject="s-liu", household="wanda-a-1812")
HE = Party(subject="s-he")
WORDS = Sealed(key="case:d-1", text="d29yZHM=")
HOUR = timedelta(hours=1)


def log(**changes):
    told = {
        "dispute": "d-1",
        "category": "dispute/deposit",
        "place": PLACE,
        "source_unit": "wanda-a-1812",
        "parties": (WANG, LIU, HE),
    }
    return LogDispute(**{**told, **changes})


def was_logged(at=NOON, **changes):
    return DisputeLogged(**{**vars(log(**changes)), "effective_at": at})


def was_assigned(mediator="mediator-guo", at=NOON):
    return MediatorAssigned(dispute="d-1", place=PLACE, mediator=mediator, effective_at=at)


def session_held(*present, sealed_from=(), minutes=None, at=NOON):
    return SessionHeld(
        dispute="d-1", place=PLACE, present=present, sealed_from=sealed_from, minutes=minutes, effective_at=at
    )


def agreed(at=NOON, terms=None):
    return AgreementReached(dispute="d-1", place=PLACE, terms=terms, effective_at=at)


def was_resolved(outcome="agreement-kept", at=NOON):
    return DisputeResolved(dispute="d-1", place=PLACE, outcome=outcome, effective_at=at)


def was_reopened(at=NOON):
    return DisputeReopened(dispute="d-1", place=PLACE, effective_at=at)


EVERYBODY = ("s-wang", "s-liu", "s-he")
MET = (was_logged(), was_assigned(), session_held(*EVERYBODY))


# log


def test_a_dispute_enters_the_docket():
    assert given().when(log()).then(was_logged()).state.phase is DisputePhase.LOGGED


def test_a_dispute_told_later_holds_from_when_it_began():
    given().when(log(effective_at=NOON - HOUR)).then(was_logged(at=NOON - HOUR))


def test_a_dispute_cannot_begin_tomorrow():
    given().when(log(effective_at=NOON + HOUR)).refused(NotYetHappened, pointer="/effective_at")


def test_the_same_dispute_twice_changes_nothing():
    given(was_logged()).when(log()).nothing()
    given(was_logged(summary=WORDS)).when(log(summary=Sealed(key="case:d-1", text="YWdhaW4="))).nothing()


def test_an_id_stands_for_one_dispute():
    given(was_logged()).when(log(category="dispute/noise")).refused(DisputeExists, pointer="/dispute")


def test_nobody_is_in_dispute_with_themselves():
    again = Party(subject="s-wang")
    given().when(log(parties=(WANG, LIU, again))).refused(PartyNamedTwice, pointer="/parties/2/subject")


# assign


def test_somebody_neutral_takes_the_case():
    state = given(was_logged()).when(AssignMediator(mediator="mediator-guo")).then(was_assigned()).state
    assert (state.phase, state.mediator) == (DisputePhase.ASSIGNED, "mediator-guo")


def test_a_neutral_neighbour_may_mediate():
    neighbour = AssignMediator(mediator="mediator-guo", subject="s-guo", household="wanda-a-1901")
    given(was_logged()).when(neighbour).then(was_assigned())


def test_nobody_mediates_their_own_dispute():
    given(was_logged()).when(AssignMediator(mediator="s-liu")).refused(MediatorIsAParty, pointer="/mediator")
    known = AssignMediator(mediator="mediator-liu", subject="s-liu")
    given(was_logged()).when(known).refused(MediatorIsAParty, pointer="/mediator")


def test_nobody_mediates_for_their_own_household():
    wife = AssignMediator(mediator="mediator-ma", household="wanda-a-1812")
    given(was_logged()).when(wife).refused(MediatorIsOfAPartysHousehold, pointer="/mediator")


def test_an_unknown_household_is_nobodys():
    given(was_logged(parties=(WANG, HE))).when(AssignMediator(mediator="mediator-guo")).then(was_assigned())


def test_another_may_take_the_case_over_and_the_same_again_changes_nothing():
    past = given(was_logged(), was_assigned())
    past.when(AssignMediator(mediator="mediator-guo")).nothing()
    past.when(AssignMediator(mediator="mediator-na")).then(was_assigned("mediator-na"))


# sessions


def test_the_parties_meet_the_mediator():
    past = given(was_logged(), was_assigned())
    meeting = HoldSession(present=EVERYBODY, minutes=WORDS)
    state = past.when(meeting).then(session_held(*EVERYBODY, minutes=WORDS)).state
    assert state.phase is DisputePhase.MEDIATING


def test_minutes_of_a_private_meeting_are_sealed_from_who_was_not_there():
    past = given(was_logged(), was_assigned())
    private = HoldSession(present=("s-wang",), minutes=WORDS)
    past.when(private).then(session_held("s-wang", sealed_from=("s-liu", "s-he"), minutes=WORDS))


def test_minutes_may_be_opened_to_who_was_not_there():
    past = given(was_logged(), was_assigned())
    shared = HoldSession(present=("s-wang", "s-liu"), sealed_from=(), minutes=WORDS)
    past.when(shared).then(session_held("s-wang", "s-liu", minutes=WORDS))


def test_minutes_cannot_be_sealed_from_who_was_there():
    past = given(was_logged(), was_assigned())
    odd = HoldSession(present=("s-wang", "s-liu"), sealed_from=("s-liu",))
    past.when(odd).refused(SealedFromSomebodyPresent, pointer="/sealed_from")


def test_only_parties_meet_and_only_from_them_is_anything_sealed():
    past = given(was_logged(), was_assigned())
    past.when(HoldSession(present=("s-wang", "s-qi"))).refused(NotAParty, pointer="/present/1")
    stranger = HoldSession(present=("s-wang",), sealed_from=("s-qi",))
    past.when(stranger).refused(NotAParty, pointer="/sealed_from/0")


def test_a_session_needs_a_mediator():
    given(was_logged()).when(HoldSession(present=EVERYBODY)).refused(NoMediatorYet)


def test_a_session_is_not_held_before_the_dispute():
    past = given(was_logged(), was_assigned())
    early = HoldSession(present=EVERYBODY, effective_at=NOON - HOUR)
    past.when(early, now=NOON + HOUR).refused(HappenedBeforeItsCause, pointer="/effective_at")


def test_the_very_same_meeting_counts_once_and_another_counts_again():
    held = HoldSession(present=EVERYBODY, effective_at=NOON, minutes=Sealed(key="case:d-1", text="YWdhaW4="))
    past = given(was_logged(), was_assigned(), session_held(*EVERYBODY, minutes=WORDS))
    past.when(held, now=NOON + HOUR).nothing()
    past.when(HoldSession(present=EVERYBODY), now=NOON + HOUR).then(session_held(*EVERYBODY, at=NOON + HOUR))


# agreement, end


def test_the_parties_agree_at_a_session():
    state = given(*MET).when(ReachAgreement(terms=WORDS)).then(agreed(terms=WORDS)).state
    assert state.phase is DisputePhase.AGREED


def test_an_agreement_needs_a_session():
    given(was_logged(), was_assigned()).when(ReachAgreement()).refused(NoSessionYet)


def test_nobody_agrees_before_meeting():
    past = given(was_logged(), was_assigned(), session_held(*EVERYBODY, at=NOON + HOUR))
    early = ReachAgreement(effective_at=NOON)
    past.when(early, now=NOON + HOUR).refused(HappenedBeforeItsCause)


def test_an_agreement_stands_until_another_session():
    past = given(*MET, agreed())
    past.when(ReachAgreement()).nothing()
    past.when(ReachAgreement(terms=WORDS)).refused(AgreementStands, pointer="/terms")
    met_again = given(*MET, agreed(), session_held(*EVERYBODY, at=NOON + HOUR))
    assert met_again.state.phase is DisputePhase.AGREED
    met_again.when(ReachAgreement(terms=WORDS), now=NOON + HOUR).then(agreed(at=NOON + HOUR, terms=WORDS))


def test_a_dispute_ends():
    given(*MET, agreed()).when(ResolveDispute(outcome="agreement-kept")).then(was_resolved())
    given(was_logged()).when(ResolveDispute(outcome="withdrawn")).then(was_resolved("withdrawn"))


def test_the_outcome_cannot_contradict_the_record():
    given(*MET).when(ResolveDispute(outcome="agreement-kept")).refused(NoAgreementToKeep, pointer="/outcome")
    denied = ResolveDispute(outcome="no-agreement")
    given(*MET, agreed()).when(denied).refused(AgreementWasReached, pointer="/outcome")


def test_the_same_end_twice_changes_nothing():
    given(*MET, agreed(), was_resolved()).when(ResolveDispute(outcome="agreement-kept")).nothing()


@pytest.mark.parametrize(
    "command",
    [
        AssignMediator(mediator="mediator-na"),
        HoldSession(present=EVERYBODY),
        ReachAgreement(),
        ResolveDispute(outcome="withdrawn"),
    ],
)
def test_nothing_more_is_done_in_a_resolved_dispute(command):
    given(*MET, agreed(), was_resolved()).when(command).refused(DisputeIsResolved)


def test_what_was_not_over_is_reopened_without_its_agreement():
    reopened = given(*MET, agreed(), was_resolved()).when(ReopenDispute()).then(was_reopened())
    assert (reopened.state.phase, reopened.state.mediator) == (DisputePhase.REOPENED, "mediator-guo")
    reopened.when(ResolveDispute(outcome="agreement-kept")).refused(NoAgreementToKeep)
    reopened.when(ReachAgreement()).refused(NoSessionYet)


def test_only_what_is_resolved_can_be_reopened():
    given(was_logged()).when(ReopenDispute()).refused(DisputeNotResolved)


@pytest.mark.parametrize(
    "command",
    [
        AssignMediator(mediator="mediator-guo"),
        HoldSession(present=EVERYBODY),
        ReachAgreement(),
        ResolveDispute(outcome="withdrawn"),
        ReopenDispute(),
    ],
)
def test_nothing_is_done_about_what_nobody_logged(command):
    given().when(command).refused(DisputeUnknown, pointer="/dispute")
