"""Rules at work on a mapping: events in, findings out. It knows no database, and no log but through its arguments."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from services.analytics.rules import memory, overdue, repeated
from services.analytics.rules.facts import Told
from services.analytics.rules.memory import CURSOR, LATE, Known
from services.analytics.rules.rule import AnyRule, Finding, OverdueRule, RepeatedRule
from services.analytics.rules.telling import SetAside, flat, tell
from services.chassis.eventstore.types import Recorded
from services.chassis.windows import Windows

Settle = Callable[[AnyRule, Finding], Awaitable[None]]
"""Tells the log what a rule finds now; a finding without evidence is one of which nothing is left."""

Telling = tuple[AnyRule, Finding]
Find = Callable[[str, Known], list[Telling]]
"""What the log is to be told of a unit."""
HOUR = timedelta(hours=1)


class Engine:
    """The rules that are in force.

    Args:
        rules: as data. settle: called with each finding that differs from what was last told, before it is
            remembered, and again after a crash between the two. set_aside: called with an event that no rule can read.
    """

    def __init__(self, rules: Iterable[AnyRule], settle: Settle, set_aside: SetAside) -> None:
        self._rules = tuple(rules)
        self._settle = settle
        self._set_aside = set_aside

    async def take(self, windows: Windows, events: Sequence[Recorded], now: datetime, watermark: datetime) -> None:
        """Takes events in, and tells what is found.

        Args:
            now: by the clock; what ended long before it is history. watermark: all logs are read up to that time.
        """
        await self.absorb(windows, flat(await tell(windows, events, self._set_aside)), now, watermark)

    async def absorb(self, windows: Windows, told: Told, now: datetime, watermark: datetime) -> None:
        """The same from facts, in the order of their streams."""
        touched = await self._touched(windows, told)
        await self._tell(windows, touched, lambda unit, known: self._repeated(unit, known, now, watermark))

    async def gather(self, windows: Windows, told: Told) -> None:
        """Remembers facts and finds nothing yet: others that belong before them may still come from other logs."""
        touched = await self._touched(windows, told)
        for unit in sorted(touched):
            memory.remember(windows, unit, touched[unit])

    async def look(self, windows: Windows, units: Sequence[str], now: datetime, watermark: datetime) -> None:
        """Tells what is found at units of which facts were only gathered."""
        await windows.reach([memory.unit_key(unit) for unit in units])
        known = {unit: memory.known(windows, unit) for unit in units}
        await self._tell(windows, known, lambda unit, known: self._repeated(unit, known, now, watermark))

    async def _touched(self, windows: Windows, told: Told) -> dict[str, Known]:
        await windows.reach([memory.unit_key(unit) for unit, _ in told])
        touched: dict[str, Known] = {}
        due: set[str] = set()
        for unit, fact in told:
            known = touched.get(unit) or memory.known(windows, unit)
            if isinstance(fact, overdue.Fact):
                known.waiting = overdue.absorb(known.waiting, fact)
                due.add(unit)
            else:
                known.seen = repeated.absorb(known.seen, fact)
            touched[unit] = known
        await self._look_soon(windows, due)
        return touched

    async def _tell(self, windows: Windows, units: Mapping[str, Known], find: Find) -> None:
        """Tells the log what is found at units, then remembers them.

        Which alerts it is about to tell of is noted before: after a crash the step may be cut otherwise, and find
        nothing of what the log was told by then. That alert would stand for ever.
        """
        found = {unit: find(unit, units[unit]) for unit in sorted(units)}
        unsure = {}
        for unit, several in found.items():
            if several:
                before = memory.known(windows, unit)
                before.sent |= {finding.alert: _emptied(finding) for _, finding in several}
                unsure[unit] = before
        await windows.note({memory.unit_key(unit): memory.dump(before) for unit, before in unsure.items()})
        for several in found.values():
            for rule, finding in several:
                await self._settle(rule, finding)
        for unit, known in units.items():
            memory.remember(windows, unit, known)

    def _repeated(self, unit: str, known: Known, now: datetime, watermark: datetime) -> list[Telling]:
        telling = []
        for rule in self._rules:
            if not isinstance(rule, RepeatedRule):
                continue
            found = repeated.findings(rule, unit, known.seen)
            history = now - timedelta(days=rule.raise_within_days)
            fresh = [f for f in found if f.alert in known.sent or f.window_to >= history]
            telling += _changed(rule, known, fresh)
            known.seen = repeated.forget(rule, known.seen, watermark)
            kept = {finding.alert for finding in repeated.findings(rule, unit, known.seen)}
            for finding in found:
                if finding.alert not in kept:
                    known.sent.pop(finding.alert, None)  # over, and forgotten; not taken back
        return telling

    async def _look_soon(self, windows: Windows, units: set[str]) -> None:
        if units:
            await windows.reach([LATE])
            memory.put_units(windows, LATE, memory.units(windows, LATE) | units)

    async def tick(self, windows: Windows, now: datetime, most: int = 500) -> datetime | None:
        """Looks at what falls due although no event comes; to be called when all logs are read to their ends.

        Returns:
            When to look again, where nothing comes before; None where there is more to look at now.
        """
        await windows.reach([CURSOR, LATE])
        this_hour = now.replace(minute=0, second=0, microsecond=0)
        kept = windows.get(CURSOR)
        cursor = datetime.fromisoformat(kept.decode()) if kept else this_hour
        hours = [cursor + HOUR * n for n in range(int((this_hour - cursor) / HOUR) + 1)] or [this_hour]
        keys = [LATE, *(memory.hour_key(hour) for hour in hours)]
        await windows.reach(keys)
        waiting = {unit: key for key in keys for unit in memory.units(windows, key)}
        looked = sorted(waiting)[:most]
        await windows.reach([memory.unit_key(unit) for unit in looked])
        known = {unit: memory.known(windows, unit) for unit in looked}
        await self._tell(windows, known, lambda unit, known: self._overdue(unit, known, now))
        wakes = {unit: overdue.wake_at(each.waiting, now) for unit, each in known.items()}
        for key in keys:
            memory.put_units(windows, key, memory.units(windows, key) - set(looked))
        await self._wake(windows, {unit: wake for unit, wake in wakes.items() if wake is not None})
        if len(waiting) > len(looked):
            return None
        windows[CURSOR] = this_hour.isoformat().encode()
        return min([this_hour + HOUR, *(wake for wake in wakes.values() if wake is not None)])

    def _overdue(self, unit: str, known: Known, now: datetime) -> list[Telling]:
        return [
            each
            for rule in self._rules
            if isinstance(rule, OverdueRule)
            for each in _changed(rule, known, overdue.findings(rule, unit, known.waiting, now))
        ]

    async def _wake(self, windows: Windows, wakes: dict[str, datetime]) -> None:
        await windows.reach([memory.hour_key(wake) for wake in wakes.values()])
        for unit, wake in wakes.items():
            key = memory.hour_key(wake)
            memory.put_units(windows, key, memory.units(windows, key) | {unit})


def _changed(rule: AnyRule, known: Known, found: Collection[Finding]) -> list[Telling]:
    """What the log is to be told, so that it holds what is found; it counts as told from here on."""
    mine = f"{rule.rule}-{rule.version}-"
    now = {finding.alert: finding for finding in found}
    telling = [(rule, finding) for alert, finding in now.items() if known.sent.get(alert) != finding]
    gone = [alert for alert in known.sent if alert.startswith(mine) and alert not in now]
    telling += [(rule, _emptied(known.sent.pop(alert))) for alert in gone]
    known.sent |= now
    return telling


def _emptied(finding: Finding) -> Finding:
    return Finding(
        alert=finding.alert,
        key=finding.key,
        place=finding.place,
        effective_at=finding.effective_at,
        window_from=finding.window_from,
        window_to=finding.window_to,
        evidence=(),
        due_at=finding.due_at,
    )
