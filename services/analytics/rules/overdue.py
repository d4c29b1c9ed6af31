"""A verification that is due and was not made: pure functions over what is known of one unit's occupants."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from contracts.common import EventRef
from services.analytics.rules.rule import MOST_EVIDENCE, Finding, OverdueRule, alert_id


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody must be verified by then.

    Attributes:
        occupant: a digest that stands for who; analytics keeps no subject beside a unit. tenancy: under which.
        since: when they were registered. at: by when. place: where. ref: the registration.
    """

    occupant: str
    tenancy: str
    since: datetime
    at: datetime
    place: str
    ref: EventRef


@dataclass(frozen=True, slots=True)
class Verified:
    """They were verified."""

    occupant: str


@dataclass(frozen=True, slots=True)
class Left:
    """The household moved out; what was due lapses."""

    tenancy: str


@dataclass(frozen=True, slots=True)
class Erased:
    """The occupant was erased; nothing of them is left to verify, whatever else is told, earlier or later."""

    occupant: str


Fact = Due | Verified | Left | Erased


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whose verification a unit waits for.

    Attributes:
        due: by occupant. erased: occupants for whose verification it never waits again.
    """

    due: dict[str, Due] = field(default_factory=dict)
    erased: tuple[str, ...] = ()


def occupant(tenancy: str, subject: str) -> str:
    """Stands for a person under a tenancy without naming them."""
    return hashlib.blake2b(f"{tenancy}\n{subject}".encode(), digest_size=8).hexdigest()


def absorb(waiting: Waiting, fact: Fact) -> Waiting:
    """What is known after one more fact: of the unit's own stream in its order, of an erasure at any time."""
    match fact:
        case Due():
            due = waiting.due if fact.occupant in waiting.erased else waiting.due | {fact.occupant: fact}
        case Verified() | Erased():
            due = {key: due for key, due in waiting.due.items() if key != fact.occupant}
        case Left():
            due = {key: due for key, due in waiting.due.items() if due.tenancy != fact.tenancy}
    erased = tuple(sorted({*waiting.erased, fact.occupant})) if isinstance(fact, Erased) else waiting.erased
    return Waiting(due, erased)


def findings(rule: OverdueRule, unit: str, waiting: Waiting, now: datetime) -> list[Finding]:
    """One finding for each tenancy with somebody whose time has passed."""
    passed: dict[str, list[Due]] = {}
    for due in sorted(waiting.due.values(), key=lambda due: (due.at, due.ref.position)):
        if due.at <= now:
            passed.setdefault(due.tenancy, []).append(due)
    return [_finding(rule, unit, tenancy, dues) for tenancy, dues in sorted(passed.items())]


def wake_at(waiting: Waiting, now: datetime) -> datetime | None:
    """When to look again although nothing comes."""
    return min((due.at for due in waiting.due.values() if due.at > now), default=None)


def _finding(rule: OverdueRule, unit: str, tenancy: str, dues: list[Due]) -> Finding:
    return Finding(
        alert=alert_id(rule, unit, tenancy),
        key=unit,
        place=dues[0].place,
        effective_at=dues[0].at,
        window_from=min(due.since for due in dues),
        window_to=dues[0].at,
        evidence=tuple(due.ref for due in dues[:MOST_EVIDENCE]),
        due_at=dues[0].at,
    )
