"""The rules while history runs: what they found then was raised then, and officers took it and closed it.

What still matters on the last evening is left to the rules themselves.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from contracts.common import Actor, EventRef, Role
from contracts.incidents import IncidentReported
from contracts.registry import (
    OccupantRegistered,
    OccupantVerified,
    OperatorAssigned,
    TenancyStarted,
    TenantMovedOut,
    UnitRegistered,
)
from services.analytics.deciders import ALERT
from services.analytics.domain.alert_commands import AcknowledgeAlert, CloseAlert, Feedback, SettleAlert
from services.analytics.rules import overdue, repeated
from services.analytics.rules.rule import Finding, OverdueRule, RepeatedRule, shipped
from services.analytics.rules.settling import settling
from services.runtime.demonstration.city import WANDA_OFFICERS
from services.runtime.demonstration.plan import Happened, Plan, Step, actor

HISTORY: Final = timedelta(days=8)
"""A window that ended so long before the last evening is history."""

RULES: Final = actor(Role.SYSTEM, "rules")
FEEDBACK: Final[tuple[Feedback, ...]] = ("acted", "acted", "acted", "no-action-needed", "false-alarm")


@dataclass(frozen=True, slots=True)
class Look:
    """A moment at which a verification falls due."""

    at: datetime
    unit: str


class Watch:
    """Sees every event of history, and says what happens because of it."""

    def __init__(self, plan: Plan) -> None:
        self._until = plan.end - HISTORY
        self._chance = plan.chance("alerts")
        rules = shipped()
        self._repeated = next(rule for rule in rules if isinstance(rule, RepeatedRule))
        self._overdue = next(rule for rule in rules if isinstance(rule, OverdueRule))
        self._seen: defaultdict[str, repeated.UnitSeen] = defaultdict(repeated.UnitSeen)
        self._waiting: defaultdict[str, overdue.Waiting] = defaultdict(overdue.Waiting)
        self._raised: set[str] = set()

    def saw(self, happened: Happened) -> Iterator[Step | Look]:
        """What one event leads to."""
        event = happened.event
        match event:
            case IncidentReported() if event.source_unit:
                yield from self._complained(event, happened)
            case UnitRegistered():
                self._repeat(event.unit, repeated.Stands(event.place))
            case OperatorAssigned() | TenancyStarted():
                self._repeat(event.unit, repeated.BegunAnew(event.effective_at))
            case TenantMovedOut():
                self._repeat(event.unit, repeated.BegunAnew(event.effective_at))
                self._wait(event.unit, overdue.Left(event.tenancy))
            case OccupantRegistered() if event.verification_due_at:
                yield self._falls_due(event, event.verification_due_at, happened)
            case OccupantVerified():
                self._wait(event.unit, overdue.Verified(overdue.occupant(event.tenancy, event.subject)))
            case _:
                return

    def looked(self, look: Look) -> Iterator[Step]:
        """What is found when a verification has fallen due."""
        if look.at > self._until:
            return
        for finding in overdue.findings(self._overdue, look.unit, self._waiting[look.unit], look.at):
            yield from self._alert(self._overdue, finding, look.at)

    def _repeat(self, unit: str, fact: repeated.Fact) -> None:
        self._seen[unit] = repeated.absorb(self._seen[unit], fact)

    def _wait(self, unit: str, fact: overdue.Fact) -> None:
        self._waiting[unit] = overdue.absorb(self._waiting[unit], fact)

    def _complained(self, event: IncidentReported, happened: Happened) -> Iterator[Step]:
        unit = str(event.source_unit)
        stream = happened.row.stream
        fact = repeated.Happened(
            stream, event.incident, event.effective_at, event.category, event.place, _ref(happened)
        )
        self._repeat(unit, fact)
        for finding in repeated.findings(self._repeated, unit, self._seen[unit]):
            if finding.window_to < self._until:
                yield from self._alert(self._repeated, finding, happened.row.recorded_at)

    def _falls_due(self, event: OccupantRegistered, due_at: datetime, happened: Happened) -> Look:
        occupant = overdue.occupant(event.tenancy, event.subject)
        due = overdue.Due(occupant, event.tenancy, event.effective_at, due_at, event.place, _ref(happened))
        self._wait(event.unit, due)
        return Look(due_at, event.unit)

    def _alert(self, rule: RepeatedRule | OverdueRule, finding: Finding, at: datetime) -> Iterator[Step]:
        """Raised within a second, taken within hours, closed within days."""
        if finding.alert in self._raised:
            return
        self._raised.add(finding.alert)
        chance, by = self._chance, self._chance.choice(WANDA_OFFICERS)
        command = settling(rule, finding)
        officer = actor(Role.OFFICER, by)
        taken = at + timedelta(minutes=chance.uniform(4, 190))
        closed = taken + timedelta(hours=chance.uniform(2, 90))
        feedback: Feedback = "acted" if finding.due_at else chance.choice(FEEDBACK)
        close = CloseAlert(by=by, feedback=feedback)
        for moment, asked, who in (
            (at + timedelta(seconds=1), command, RULES),
            (taken, AcknowledgeAlert(by=by), officer),
            (closed, close, officer),
        ):
            yield _step(moment, finding.alert, asked, who)


def _ref(happened: Happened) -> EventRef:
    return EventRef(source=happened.service, position=happened.position, id=happened.id)


def _step(at: datetime, alert: str, command: SettleAlert | AcknowledgeAlert | CloseAlert, who: Actor) -> Step:
    return Step(at, "analytics", ALERT, alert, command, who)
