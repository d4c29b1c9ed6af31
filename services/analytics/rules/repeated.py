"""So many happenings from one unit within so many days: pure functions over what is known of one unit.

What is known is a set of facts, and the findings are a function of that set alone, so neither the order in which facts
arrive nor their number at a time can matter. A late fact changes the findings, and the alerts are revised.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.common import EventRef
from services.analytics.rules.rule import MOST_EVIDENCE, Finding, RepeatedRule, alert_id
from services.chassis.access import covers

EVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Happened:
    """Something came from the unit.

    Attributes:
        told_by: stream that told of it. happening: what it was; a call and the dispute that it led to are one.
        at: when. category: of which kind. place: where. ref: the event. counts: False once it was found to be unfounded
        or to repeat another report.
    """

    told_by: str
    happening: str
    at: datetime
    category: str
    place: str
    ref: EventRef
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether the report counts, by how the case ended; a case that is open again counts again."""

    told_by: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Recategorised:
    """Somebody judged what it really was."""

    told_by: str
    category: str


@dataclass(frozen=True, slots=True)
class BegunAnew:
    """The tenant or the operator changed; what came before is not theirs.

    Attributes:
        at: when. tenancy: which began or ended then; None where the operator changed.
    """

    at: datetime
    tenancy: str | None = None


@dataclass(frozen=True, slots=True)
class Redated:
    """When a tenancy began and ended according to a correction; its dates as told before do not hold.

    Attributes:
        tenancy: which. at: its beginning, and its end where it has one.
    """

    tenancy: str
    at: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Stands:
    """Where the unit is."""

    place: str


Fact = Happened | Judged | Recategorised | BegunAnew | Redated | Stands


@dataclass(frozen=True, slots=True)
class UnitSeen:
    """What is known of one unit.

    Attributes:
        place: where it is, once the registry has said so. happened: by stream that told of it.
        anew: when the operator changed, and of tenants what was told before ``moves`` was kept, oldest first.
        moves: when each tenancy began and ended, by tenancy. dropped: findings of the oldest era kept that are over and
        forgotten. horizon: what lies before it is forgotten, and no longer counted when it is told of.
        late: facts that came after they were forgotten.
    """

    place: str | None = None
    happened: dict[str, Happened] = field(default_factory=dict)
    anew: tuple[datetime, ...] = ()
    moves: dict[str, tuple[datetime, ...]] = field(default_factory=dict)
    dropped: int = 0
    horizon: datetime = EVER
    late: int = 0

    @property
    def changes(self) -> list[datetime]:
        """When tenant or operator changed, oldest first."""
        return sorted({*self.anew, *(at for moves in self.moves.values() for at in moves)})


def absorb(seen: UnitSeen, fact: Fact) -> UnitSeen:
    """What is known after one more fact; a fact that is known changes nothing."""
    if isinstance(fact, Stands):
        return replace(seen, place=fact.place)
    if isinstance(fact, Recategorised):
        return _corrected(seen, fact.told_by, category=fact.category)
    if isinstance(fact, Judged):
        return _corrected(seen, fact.told_by, counts=fact.counts)
    if isinstance(fact, Redated):
        return _redated(seen, fact)
    return _came_about(seen, fact) if fact.at >= seen.horizon else replace(seen, late=seen.late + 1)


def _came_about(seen: UnitSeen, fact: Happened | BegunAnew) -> UnitSeen:
    if isinstance(fact, Happened):
        return replace(seen, happened={fact.told_by: fact} | seen.happened)
    if fact.tenancy is None:
        return replace(seen, anew=tuple(sorted({*seen.anew, fact.at})))
    moves = {*seen.moves.get(fact.tenancy, ()), fact.at}
    return replace(seen, moves=seen.moves | {fact.tenancy: tuple(sorted(moves))})


def _redated(seen: UnitSeen, fact: Redated) -> UnitSeen:
    """Replaces the tenancy's dates; what was counted by those before the horizon is settled and stays so."""
    settled = (at for at in seen.moves.get(fact.tenancy, ()) if at < seen.horizon)
    moves = {*settled, *(at for at in fact.at if at >= seen.horizon)}
    return replace(seen, moves=seen.moves | {fact.tenancy: tuple(sorted(moves))})


def _corrected(seen: UnitSeen, told_by: str, **found: Any) -> UnitSeen:
    known = seen.happened.get(told_by)
    if known is None:
        return seen
    return replace(seen, happened=seen.happened | {told_by: replace(known, **found)})


def findings(rule: RepeatedRule, unit: str, seen: UnitSeen) -> list[Finding]:
    """What the rule says about the unit: for each era, windows that open with the first of so many within so long.

    A window takes in all that comes until it ends; then counting begins anew. A window's name is its era and its
    number within it, so that a late fact within a window leaves the alert the same alert.
    """
    found = []
    for number, (since, counted) in enumerate(_eras(rule, seen)):
        skip = seen.dropped if number == 0 else 0
        for ordinal, window in enumerate(_windows(rule, counted), start=skip + 1):
            found.append(_finding(rule, unit, seen, since, ordinal, window))
    return found


def forget(rule: RepeatedRule, seen: UnitSeen, watermark: datetime) -> UnitSeen:
    """Drops what can no longer change any window, given that facts older than the lateness allowed do not count."""
    horizon = watermark - rule.window - timedelta(days=rule.lateness_days)
    if horizon <= seen.horizon:
        return seen
    # a window that opened before the tenant left is open for as long as any other
    changes = seen.changes
    began = [at for at in changes if at + rule.window <= horizon]
    bounds = {*began[-1:], *changes[len(began) :]}
    dropped = 0 if began and began[-1] != _first_era(rule, seen) else seen.dropped
    happened = {key: fact for key, fact in seen.happened.items() if not began or fact.at >= began[-1]}
    anew = tuple(at for at in seen.anew if at in bounds)
    moves = {tenancy: tuple(at for at in several if at in bounds) for tenancy, several in seen.moves.items()}
    moves = {tenancy: several for tenancy, several in moves.items() if several}
    kept = replace(seen, anew=anew, moves=moves, happened=happened, dropped=dropped, horizon=horizon)
    _, counted = next(iter(_eras(rule, kept)))
    over: set[str] = set()
    still: set[str] = set()
    for window in _windows(rule, counted):
        if window[0].at + rule.window < horizon:
            dropped += 1
            over.update(fact.happening for fact in window)
        else:
            still.update(fact.happening for fact in window)
    edge = horizon - rule.window
    happened = {
        key: fact
        for key, fact in happened.items()
        if fact.happening not in over and (fact.at >= edge or fact.happening in still)
    }
    return replace(kept, happened=happened, dropped=dropped)


def _first_era(rule: RepeatedRule, seen: UnitSeen) -> datetime | None:
    """When the oldest era began that is kept; None where nothing before the first change is forgotten."""
    first = next(iter(seen.changes), None)
    return first if first is not None and first + rule.window <= seen.horizon else None


def _eras(rule: RepeatedRule, seen: UnitSeen) -> Iterator[tuple[datetime, list[Happened]]]:
    """What counts, by who lived there: a beginning, and what happened from then until the next one."""
    counted = _counted(rule, seen.happened.values())
    bounds = [*(() if _first_era(rule, seen) else (EVER,)), *seen.changes]
    ends = [*bounds[1:], None]
    for since, until in zip(bounds, ends, strict=True):
        yield since, [fact for fact in counted if since <= fact.at and (until is None or fact.at < until)]


def _counted(rule: RepeatedRule, happened: Iterable[Happened]) -> list[Happened]:
    """What counts, once for each happening, oldest first."""
    by_happening: dict[str, Happened] = {}
    for fact in happened:
        if fact.counts and any(covers(category, fact.category) for category in rule.categories):
            known = by_happening.get(fact.happening)
            if known is None or _order(fact) < _order(known):
                by_happening[fact.happening] = fact
    return sorted(by_happening.values(), key=_order)


def _windows(rule: RepeatedRule, counted: Sequence[Happened]) -> Iterator[list[Happened]]:
    start = 0
    while start + rule.threshold <= len(counted):
        ends = counted[start].at + rule.window
        if counted[start + rule.threshold - 1].at > ends:
            start += 1
            continue
        window = [fact for fact in counted[start:] if fact.at <= ends]
        yield window
        start += len(window)


def _finding(
    rule: RepeatedRule, unit: str, seen: UnitSeen, since: datetime, ordinal: int, window: Sequence[Happened]
) -> Finding:
    return Finding(
        alert=alert_id(rule, unit, f"{since.isoformat()} {ordinal}"),
        key=unit,
        place=seen.place or window[0].place,
        effective_at=window[rule.threshold - 1].at,
        window_from=window[0].at,
        window_to=window[0].at + rule.window,
        evidence=tuple(fact.ref for fact in window[:MOST_EVIDENCE]),
    )


def _order(fact: Happened) -> tuple[datetime, str, int]:
    return fact.at, fact.ref.source, fact.ref.position
