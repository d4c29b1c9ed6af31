"""A district's logs, invented from a seed: so many events in three logs, some of them told late."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from contracts.incidents import IncidentReopened, IncidentReported, IncidentResolved, IncidentTriaged
from contracts.mediation import DisputeLogged
from contracts.registry import (
    OccupantRegistered,
    OccupantVerified,
    SubjectErased,
    TenancyCorrected,
    TenancyStarted,
    TenantMovedOut,
    UnitRegistered,
)
from services.analytics.rules.rule import RepeatedRule, shipped
from services.chassis.eventstore.types import Recorded

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
LENGTH = timedelta(days=300)
NOW = BEGIN + LENGTH
PLACE = "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a"
LATE = timedelta(days=40)
ABOUT = b'{"actor":{"role":"officer","id":"officer-li"}}'
KINDS = ("registry", "incidents", "mediation")
RULES = tuple(
    rule.model_copy(update={"raise_within_days": 366}) if isinstance(rule, RepeatedRule) else rule for rule in shipped()
)
"""As shipped; but nothing of the 300 days is history."""

Telling = tuple[datetime, datetime, str, str, str, Mapping[str, object]]
"""When it was recorded, when it took effect, the source, the stream, the type and what it says."""


@dataclass
class District:
    """Three logs, by source; each in the order of its positions."""

    logs: dict[str, list[Recorded]]

    @property
    def heads(self) -> dict[str, int]:
        """Where each ends."""
        return {source: len(log) for source, log in self.logs.items()}

    def until(self, share: float) -> dict[str, int]:
        """How far each has come after that share of the time."""
        moment = BEGIN + LENGTH * share
        return {source: sum(event.recorded_at <= moment for event in log) for source, log in self.logs.items()}


def district(events: int, seed: int = 7) -> District:
    """So many events of a district, a fortieth as many units."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    units = [f"wanda-a-{number}" for number in range(max(events // 40, 5))]
    tellings: list[Telling] = [_registered(unit) for unit in units]
    number = 0
    while len(tellings) < events:
        number += 1
        tellings += _happening(chance, number, chance.choice(units))
    tellings = tellings[:events]
    tellings.sort(key=lambda told: told[0])
    return District({source: list(_log(source, tellings)) for source in KINDS})


def _log(source: str, tellings: list[Telling]) -> Iterator[Recorded]:
    versions: dict[str, int] = {}
    position = 0
    for recorded_at, effective_at, where, stream, kind, says in tellings:
        if where != source:
            continue
        position += 1
        versions[stream] = version = versions.get(stream, 0) + 1
        name = UUID(int=(KINDS.index(source) + 1) << 64 | position)
        data = orjson.dumps({**says, "effective_at": effective_at})
        yield Recorded(source, position, stream, version, name, kind, data, ABOUT, effective_at, recorded_at, b"")


def _registered(unit: str) -> Telling:
    says: dict[str, object] = {"unit": unit, "building": "wanda-a", "number": unit, "floor": 1, "place": _place(unit)}
    return (BEGIN, BEGIN, "registry", f"unit-{unit}", UnitRegistered.type, says)


def _happening(chance: random.Random, number: int, unit: str) -> list[Telling]:
    at = BEGIN + LENGTH * chance.random()
    told_at = at + (LATE * chance.random() if chance.random() < 0.1 else timedelta(minutes=chance.randint(0, 90)))
    kind = chance.choices(["call", "elsewhere", "dispute", "occupant", "out"], [50, 15, 12, 20, 3])[0]
    if kind in {"call", "elsewhere"}:
        return _call(chance, number, unit if kind == "call" else None, at, told_at)
    if kind == "dispute":
        return [(told_at, at, "mediation", f"dispute-d-{number}", DisputeLogged.type, _dispute(number, unit))]
    if kind == "out":
        return _left(chance, number, unit, at, told_at)
    return _occupant(chance, number, unit, told_at)


def _left(chance: random.Random, number: int, unit: str, at: datetime, told_at: datetime) -> list[Telling]:
    stream = f"unit-{unit}"
    says: dict[str, object] = {"unit": unit, "place": _place(unit), "tenancy": f"t-{number}"}
    since, moved_in = max(at - timedelta(days=20), BEGIN), says | {"category": "long-let"}
    told: list[Telling] = [
        (since, since, "registry", stream, TenancyStarted.type, moved_in),
        (told_at, at, "registry", stream, TenantMovedOut.type, says),
    ]
    if chance.random() < 0.5:
        later = told_at + timedelta(minutes=chance.randint(1, 6000))
        right = moved_in | {"ended_at": at + timedelta(days=9) if chance.random() < 0.5 else None}
        told.append((later, since, "registry", stream, TenancyCorrected.type, right))
    return told


def _call(chance: random.Random, number: int, unit: str | None, at: datetime, told_at: datetime) -> list[Telling]:
    stream = f"incident-i-{number}"
    says: dict[str, object] = {
        "incident": f"i-{number}",
        "category": "noise/neighbour",
        "place": PLACE,
        "occurred": {"earliest": at, "latest": at},
        "channel": "phone-110",
        "source_unit": unit,
        "caller_unit": "wanda-a-1",
        "drill": False,
    }
    told: list[Telling] = [(told_at, at, "incidents", stream, IncidentReported.type, says)]
    if chance.random() < 0.3:
        category = chance.choice(["noise/neighbour", "theft", "dispute/noise"])
        judged = {"incident": f"i-{number}", "place": PLACE, "priority": "routine", "category": category}
        later = told_at + timedelta(minutes=chance.randint(1, 600))
        told.append((later, later, "incidents", stream, IncidentTriaged.type, judged))
    return told + _ended(chance, number, stream, told[-1][0])


def _ended(chance: random.Random, number: int, stream: str, after: datetime) -> list[Telling]:
    outcome = chance.choices([None, "settled", "duplicate", "unfounded"], [6, 2, 1, 1])[0]
    if outcome is None:
        return []
    case = {"incident": f"i-{number}", "place": PLACE}
    later = after + timedelta(minutes=chance.randint(1, 6000))
    told: list[Telling] = [
        (later, later, "incidents", stream, IncidentResolved.type, case | {"outcome": outcome}),
    ]
    if chance.random() < 0.2:
        later += timedelta(minutes=chance.randint(1, 6000))
        told.append((later, later, "incidents", stream, IncidentReopened.type, dict(case)))
    return told


def _dispute(number: int, unit: str) -> dict[str, object]:
    parties = [{"subject": "s-1"}, {"subject": "s-2"}]
    says = {"dispute": f"d-{number}", "category": "dispute/noise", "place": PLACE, "source_unit": unit}
    return says | {"parties": parties}


def _occupant(chance: random.Random, number: int, unit: str, told_at: datetime) -> list[Telling]:
    who: dict[str, object] = {"unit": unit, "place": _place(unit), "tenancy": f"t-{number}", "subject": f"s-{number}"}
    due = told_at + timedelta(days=3)
    stream = f"unit-{unit}"
    told: list[Telling] = [
        (told_at, told_at, "registry", stream, OccupantRegistered.type, who | {"verification_due_at": due})
    ]
    if chance.random() < 0.8:
        later = told_at + timedelta(days=6 * chance.random())
        told.append((later, later, "registry", stream, OccupantVerified.type, who | {"method": "in-person"}))
    if chance.random() < 0.1:
        later = told_at + timedelta(days=6 * chance.random())
        there = [{"unit": unit, "tenancy": f"t-{number}"}]
        gone = {"subject": f"s-{number}", "place": PLACE, "ground": "resident-request", "registrations": there}
        told.append((later, later, "registry", f"subject-s-{number}", SubjectErased.type, gone))
    return told


def _place(unit: str) -> str:
    return f"{PLACE}/{unit.rpartition('-')[2]}"
