"""Who lives in the estate, from when to when: tenants come and go, and some change doors in the consolidation."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from contracts.common import Actor, Role
from contracts.registry import UseClass
from services.registry.deciders import SUBJECT, UNIT
from services.registry.domain.subject_commands import OpenRecord
from services.registry.domain.tenancy_commands import MoveOut, RecordVerificationFailure, VerifyOccupant
from services.runtime.demonstration.city import REGISTRAR, WANDA_OFFICERS, WANDA_PROPERTY
from services.runtime.demonstration.estate import TOLD_OF, Door, Estate, Home
from services.runtime.demonstration.figures import BEGIN, END
from services.runtime.demonstration.ledger import entered_at
from services.runtime.demonstration.people import Person, becomes_subject, moves_in, people
from services.runtime.demonstration.plan import Plan, actor, by_day, local_day, moment

STAY: Final = {UseClass.RENTAL: 320, UseClass.STUDIO: 520}
"""Days that a household stays, in the mean; owners stay."""

LATE: Final = frozenset({9, 31, 58, 90})
"""Move-ins, counted over the estate, whose verification comes too late."""

OPENED_SINCE: Final = moment(date(2024, 6, 1))
"""Since then an officer reads the record of whom they are to verify through the platform."""

METHODS: Final = ("document-seen", "in-person", "network-identity", "register-query")
OFFICERS: Final = [actor(Role.OFFICER, ident) for ident in WANDA_OFFICERS]


class Stay(NamedTuple):
    """A household in a home, from a moment to a moment; for good where there is none."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who lived behind a door for a while."""

    subject: str
    door: Door
    since: datetime
    until: datetime


class Tenants:
    """Fills the homes of the estate with households, and remembers who lived where.

    Attributes:
        residents: everybody, door by door.
    """

    def __init__(self, plan: Plan, estate: Estate) -> None:
        self._plan = plan
        self._estate = estate
        self._chance = plan.chance("tenants")
        self._people = people(plan.chance("people of wanda"), "resident-w")
        self._moves = 0
        self._entered = {door: entered_at(number) for number, door in enumerate(estate.doors)}
        self.residents: list[Resident] = []

    def live(self) -> None:
        """Every household of every home, over the whole time."""
        for home in self._estate.homes:
            told = home.first in TOLD_OF
            stays = _told(home.first) if told else list(_stays(self._chance, home))
            for stay in stays:
                self._household(home, stay)

    def _household(self, home: Home, stay: Stay) -> None:
        persons = tuple(next(self._people) for _ in range(1 + (self._chance.random() < 0.25)))
        moved = moment(home.moves_on, 12) if home.moves_on else None
        if moved is None or home.then is None or (stay.until and stay.until < moved):
            self._tenancy(home, home.first, persons, stay)
        elif stay.since > moved:
            self._tenancy(home, home.then, persons, stay)
        else:
            leaves = moved - timedelta(minutes=120 - home.first.place * 3)
            self._tenancy(home, home.first, persons, Stay(stay.since, leaves))
            self._tenancy(home, home.then, persons, Stay(moved + timedelta(minutes=home.then.place), stay.until))

    def _tenancy(self, home: Home, door: Door, persons: tuple[Person, ...], stay: Stay) -> None:
        """One household behind one door: in, verified, out."""
        plan, first = self._plan, stay.since <= BEGIN
        at = self._entered[door] + timedelta(seconds=9) if first else stay.since
        who = REGISTRAR if first else WANDA_PROPERTY
        for person in persons:
            becomes_subject(plan, at, person.subject, door.path, who)
        tenancy = f"tenancy-{door.unit}-{local_day(stay.since):%Y%m%d}"
        category = self._category(home.use_class, settled=first or door in TOLD_OF)
        lease = f"lease-{tenancy[8:]}" if category == "long-let" else None
        command = moves_in(tenancy, category, persons, stay.since, lease)
        plan.add(at, "registry", UNIT, door.unit, command, who)
        for person in persons:
            self.residents.append(Resident(person.subject, door, stay.since, stay.until or END))
            self._verified(door, tenancy, person, at, stay, category)
        if stay.until:
            moved_out = MoveOut(tenancy=tenancy, effective_at=stay.until)
            plan.add(stay.until, "registry", UNIT, door.unit, moved_out, WANDA_PROPERTY)

    def _category(self, use_class: UseClass, *, settled: bool) -> str:
        if use_class is UseClass.OWNER_OCCUPIED:
            return "owner"
        return "short-let" if not settled and self._chance.random() < 0.12 else "long-let"

    def _verified(self, door: Door, tenancy: str, person: Person, at: datetime, stay: Stay, category: str) -> None:
        """Somebody makes sure who they are, in time; a few times too late, and on the last evening not yet."""
        if at <= BEGIN + timedelta(days=1):
            when = moment(date(2023, 1, 3), 9) + timedelta(seconds=self._chance.randrange(30 * 3600))
            self._verify(door, tenancy, person, when, "register-query")
            return
        self._moves += 1
        if door in TOLD_OF and stay.until is None:
            self._last_evening(door, tenancy, person, at)
            return
        hours = {"short-let": 20, "owner": 100}.get(category, 44)
        when = by_day(at + timedelta(hours=self._chance.uniform(2, hours)), at + timedelta(hours=2))
        if self._moves in LATE:
            self._fail(door, tenancy, person, by_day(at + timedelta(days=2, hours=3), at))
            when = by_day(at + timedelta(days=14, hours=1), at)
        elif self._chance.random() < 0.1:
            self._fail(door, tenancy, person, at + timedelta(hours=1.5))
        if stay.until is None or when < stay.until:
            self._verify(door, tenancy, person, when, self._chance.choice(METHODS))

    def _verify(self, door: Door, tenancy: str, person: Person, at: datetime, method: str) -> None:
        who = self._knocks(tenancy, person, at)
        command = VerifyOccupant(tenancy=tenancy, subject=person.subject, method=method, effective_at=at)
        self._plan.add(at, "registry", UNIT, door.unit, command, who)

    def _fail(self, door: Door, tenancy: str, person: Person, at: datetime) -> None:
        who = self._knocks(tenancy, person, at)
        command = RecordVerificationFailure(
            tenancy=tenancy, subject=person.subject, reason="nobody-home", effective_at=at
        )
        self._plan.add(at, "registry", UNIT, door.unit, command, who)

    def _knocks(self, tenancy: str, person: Person, at: datetime) -> Actor:
        """Who goes there; of late the record is opened before, and that is on record."""
        who = self._chance.choice(OFFICERS)
        opened = at - timedelta(minutes=4)
        if opened >= OPENED_SINCE:
            command = OpenRecord(
                subject=person.subject,
                purpose="verification",
                task=tenancy,
                fields=("name", "document"),
                effective_at=opened,
            )
            self._plan.add(opened, "registry", SUBJECT, person.subject, command, who)
        return who

    def _last_evening(self, door: Door, tenancy: str, person: Person, at: datetime) -> None:
        """B-0417 was out whenever somebody came; the others moved in a moment ago."""
        if at < moment(date(2025, 1, 8)):
            self._verify(door, tenancy, person, at + timedelta(hours=5), "document-seen")
        elif at < moment(date(2025, 1, 9)):
            for day, hour in ((10, 10), (12, 15)):
                self._fail(door, tenancy, person, moment(date(2025, 1, day), hour, 20))


def _told(door: Door) -> list[Stay]:
    """The homes that the last evening tells of."""
    if door == Door("wanda-b", 27, 8):
        return [Stay(BEGIN, moment(date(2025, 1, 14), 14, 10)), Stay(moment(date(2025, 1, 14), 20, 36), None)]
    if door == Door("wanda-b", 4, 17):
        return [Stay(BEGIN, moment(date(2024, 12, 30), 17)), Stay(moment(date(2025, 1, 8), 10, 20), None)]
    if door == Door("wanda-a", 27, 14):
        return [Stay(BEGIN, moment(date(2025, 1, 6), 11)), Stay(moment(date(2025, 1, 13), 16, 5), None)]
    return [Stay(BEGIN, None)]


def _stays(chance: random.Random, home: Home) -> Iterator[Stay]:
    """One household after the other, a few days between them; nobody comes or goes around a change of doors."""
    since = BEGIN
    while True:
        if home.use_class not in STAY:
            yield Stay(since, None)
            return
        until = since + timedelta(days=30 + chance.expovariate(1 / STAY[home.use_class]))
        until = moment(_clear(local_day(until), home), chance.randint(8, 18), chance.randrange(60))
        comes = _clear(local_day(until) + timedelta(days=chance.randint(1, 14)), home)
        if comes > local_day(END) - timedelta(days=12):
            yield Stay(since, None)
            return
        yield Stay(since, until)
        since = moment(comes, chance.randint(9, 20), chance.randrange(60))


def _clear(day: date, home: Home) -> date:
    if home.moves_on and abs((day - home.moves_on).days) < 20:
        return home.moves_on + timedelta(days=25 + day.day % 5)
    return day
