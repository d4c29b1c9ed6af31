"""Disputes that the officers hand to mediation: logged, met over, agreed, kept."""

import random
from datetime import datetime, timedelta
from typing import Final

from contracts.common import Actor, Role
from contracts.mediation import Party
from services.mediation.deciders import DISPUTE
from services.mediation.domain.dispute_commands import (
    AssignMediator,
    HoldSession,
    LogDispute,
    ReachAgreement,
    ReopenDispute,
    ResolveDispute,
)
from services.runtime.demonstration.calls import Calls
from services.runtime.demonstration.city import MEDIATORS, WANDA, WANDA_OFFICERS
from services.runtime.demonstration.lifecycle import Call
from services.runtime.demonstration.people import becomes_subject
from services.runtime.demonstration.plan import Draft, Plan, SealedText, actor
from services.runtime.demonstration.tenants import Resident

SUMMARY: Final = "双方各执一词，愿意坐下来谈。"
TERMS: Final = "双方同意按约定履行，互不追究。"
OFFICER: Final = actor(Role.OFFICER, WANDA_OFFICERS[0])


def docket(plan: Plan, calls: Calls, residents: list[Resident]) -> None:
    """About a third of the estate's dispute calls become cases."""
    chance = plan.chance("docket")
    handed = [call for call in calls.made if call.outcome == "handed-to-mediation"]
    for number, call in enumerate(handed, start=1):
        logged = calls.ended[call.incident] + timedelta(hours=chance.uniform(1, 20))
        if logged <= plan.end:
            _case(plan, chance, number, call, logged, residents)


def _case(
    plan: Plan, chance: random.Random, number: int, call: Call, logged: datetime, residents: list[Resident]
) -> None:
    ident = f"dispute-{number:04d}"
    guest = f"guest-{number:04d}"
    becomes_subject(plan, logged - timedelta(minutes=3), guest, WANDA, OFFICER)
    home = _lives_there(chance, residents, call)
    parties = (Party(subject=home.subject, household=home.door.unit), Party(subject=guest))
    plan.add(logged, "mediation", DISPUTE, ident, _logged(ident, call, parties), OFFICER)
    mediator = actor(Role.MEDIATOR, chance.choice(MEDIATORS))
    at = logged + timedelta(hours=chance.uniform(1, 8))
    plan.add(at, "mediation", DISPUTE, ident, AssignMediator(mediator=mediator.id), OFFICER)
    subjects = tuple(party.subject for party in parties)
    if chance.random() < 0.2:
        at += timedelta(days=1)
        plan.add(at, "mediation", DISPUTE, ident, HoldSession(present=subjects[:1]), mediator)
    at += timedelta(days=chance.uniform(1, 5))
    plan.add(at, "mediation", DISPUTE, ident, HoldSession(present=subjects), mediator)
    _ended(plan, chance, ident, at, subjects, mediator)


def _ended(
    plan: Plan, chance: random.Random, ident: str, at: datetime, subjects: tuple[str, ...], mediator: Actor
) -> None:
    fate = chance.random()
    if fate > 0.86:
        outcome = ResolveDispute(outcome="referred" if fate > 0.93 else "no-agreement")
        plan.add(at + timedelta(days=6), "mediation", DISPUTE, ident, outcome, mediator)
        return
    agreed = at + timedelta(minutes=50)
    plan.add(agreed, "mediation", DISPUTE, ident, _agreed(ident), mediator)
    kept = agreed + timedelta(days=chance.uniform(6, 20))
    plan.add(kept, "mediation", DISPUTE, ident, ResolveDispute(outcome="agreement-kept"), mediator)
    if fate < 0.05:
        plan.add(kept + timedelta(days=9), "mediation", DISPUTE, ident, ReopenDispute(), mediator)
        again = kept + timedelta(days=12)
        plan.add(again, "mediation", DISPUTE, ident, HoldSession(present=subjects), mediator)
        plan.add(again + timedelta(hours=1), "mediation", DISPUTE, ident, _agreed(ident), mediator)
        over = ResolveDispute(outcome="agreement-kept")
        plan.add(again + timedelta(days=10), "mediation", DISPUTE, ident, over, mediator)


def _logged(ident: str, call: Call, parties: tuple[Party, ...]) -> Draft:
    key = f"case:{ident}"

    def build(sealed: SealedText) -> LogDispute:
        return LogDispute(
            dispute=ident,
            category=call.category,
            place=call.place,
            source_unit=call.source_unit,
            parties=parties,
            summary=sealed(key, SUMMARY),
            incident=call.incident,
        )

    return Draft(((key, SUMMARY),), build)


def _agreed(ident: str) -> Draft:
    key = f"case:{ident}"
    return Draft(((key, TERMS),), lambda sealed: ReachAgreement(terms=sealed(key, TERMS)))


def _lives_there(chance: random.Random, residents: list[Resident], call: Call) -> Resident:
    """Somebody who lived in the estate at the time, and not behind the door that it came from."""
    while True:
        one = chance.choice(residents)
        if one.since <= call.at < one.until and one.door.unit != call.source_unit:
            return one
