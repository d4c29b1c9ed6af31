"""An incident from the call to its end, as the dispatch room and the officers live it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from contracts.common import Actor, Frozen, Occurred, Role
from contracts.incidents import Channel, Priority
from services.incidents.deciders import INCIDENT
from services.incidents.domain.incident_commands import (
    Arrive,
    DispatchOfficers,
    ReportIncident,
    ResolveIncident,
    SetOut,
    TriageIncident,
)
from services.runtime.demonstration.city import DISPATCHERS
from services.runtime.demonstration.plan import Draft, Plan, SealedText, actor

TOLD: Final = {
    "crime": "报警人称财物受损，请求到场。",
    "dispute": "双方在场争执，请求调解。",
    "help": "来电人需要帮助。",
    "noise": "噪音持续，影响休息。",
    "public-order": "现场秩序受扰，请求处置。",
}
PRIORITIES: Final = {
    "crime": Priority.URGENT,
    "dispute": Priority.URGENT,
    "help": Priority.ROUTINE,
    "noise": Priority.ROUTINE,
    "public-order": Priority.ROUTINE,
}
PHASES: Final = ("reported", "triaged", "dispatched", "en-route", "arrived", "resolved")


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody tells of something.

    Attributes:
        incident: its id. at: when it happened. category, place: what and where. source_unit: where it comes from.
        caller_unit: whence they tell of it. minutes: until the platform is told. until: the last phase of it.
        outcome: how it ends. pace: of what is done about it; 1 is usual, less is faster.
    """

    incident: str
    at: datetime
    category: str
    place: str
    source_unit: str | None = None
    caller_unit: str | None = None
    minutes: float = 2.0
    until: str = "resolved"
    outcome: str = "settled"
    pace: float = 1.0

    @property
    def kind(self) -> str:
        """The top of its category."""
        return self.category.partition("/")[0]

    @property
    def told(self) -> datetime:
        """When the platform learns of it."""
        return self.at + timedelta(minutes=self.minutes)


def lived(plan: Plan, chance: random.Random, call: Call, officers: Sequence[str]) -> datetime:
    """Everything that is done about a call, up to its last phase; when it is over."""
    dispatcher = chance.choice(DISPATCHERS)
    ident = chance.choice(officers)
    officer = actor(Role.OFFICER, ident)
    at = call.told
    _add(plan, call, at, _report(call, Channel.PHONE_110 if chance.random() < 0.8 else Channel.APP), dispatcher)
    steps: tuple[tuple[str, float, Frozen, Actor], ...] = (
        ("triaged", chance.uniform(20, 90), TriageIncident(priority=PRIORITIES[call.kind]), dispatcher),
        ("dispatched", chance.uniform(15, 120), DispatchOfficers(officers=(ident,)), dispatcher),
        ("en-route", chance.uniform(10, 60), SetOut(officer=ident), officer),
        ("arrived", chance.lognormvariate(5.75, 0.4), Arrive(officer=ident, reported_at=call.told), officer),
        (
            "resolved",
            chance.lognormvariate(7.4, 0.5),
            ResolveIncident(outcome=call.outcome),
            officer,
        ),
    )
    for phase, seconds, command, who in steps:
        if PHASES.index(phase) > PHASES.index(call.until):
            break
        at += timedelta(seconds=seconds * call.pace)
        _add(plan, call, at, command, who)
    return at


def _add(plan: Plan, call: Call, at: datetime, command: Frozen | Draft, who: Actor) -> None:
    plan.add(at, "incidents", INCIDENT, call.incident, command, who)


def _report(call: Call, channel: Channel) -> Draft:
    key, words = f"case:{call.incident}", TOLD[call.kind]

    def build(sealed: SealedText) -> ReportIncident:
        return ReportIncident(
            incident=call.incident,
            category=call.category,
            place=call.place,
            occurred=Occurred(earliest=call.at, latest=call.told),
            channel=channel,
            source_unit=call.source_unit,
            caller_unit=call.caller_unit,
            description=sealed(key, words),
        )

    return Draft(((key, words),), build)
