"""Counts the figures of the case from events alone; it knows nothing of how they were made."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
WANDA = "yinchuan/jinfeng/beijing-zhonglu/wanda"
TIANDU = "yinchuan/xingqing/fenghuang/tiandu-16"


def day(moment) -> date:
    return moment.astimezone(BEIJING).date()


def below(path: str, inner: str) -> bool:
    return inner == path or inner.startswith(f"{path}/")


def incidents(events: Iterable[object], category: str, place: str, first: date, last: date) -> int:
    """Reports of a category at a place on days from one to another."""
    return sum(
        1
        for event in events
        if event.type == "incidents.incident-reported.v1"
        and below(category, event.category)
        and below(place, event.place)
        and first <= day(event.effective_at) <= last
        and not event.drill
    )


YEARS = ((date(2023, 1, 1), date(2023, 12, 31)), (date(2024, 1, 1), date(2024, 12, 31)))
AROUND = ((date(2023, 7, 1), date(2024, 3, 31)), (date(2024, 4, 1), date(2024, 12, 31)))
FALLS = {
    "building-dispute-calls": ("dispute", WANDA, YEARS, (363, 293), -19.28),
    "area-crime": ("crime", TIANDU, AROUND, (70, 60), -14.29),
    "area-theft": ("crime/theft", TIANDU, AROUND, (24, 12), -50.0),
    "city-crime": ("crime", "yinchuan", YEARS, (1500, 1140), -24.0),
    "city-public-order": ("public-order", "yinchuan", YEARS, (780, 620), -20.51),
    "city-help-calls": ("help", "yinchuan", YEARS, (10000, 8920), -10.8),
}


def fall(events: list[object], name: str) -> tuple[int, int]:
    """Both counts of a figure."""
    category, place, spans, _, _ = FALLS[name]
    before, after = (incidents(events, category, place, *span) for span in spans)
    return before, after


def security_cost(events: list[object]) -> tuple[float, float]:
    """What the firms reported for each year, in CNY."""
    sums: Counter[int] = Counter()
    for event in events:
        if event.type == "analytics.indicator-reported.v1" and event.indicator == "building-security-cost":
            sums[event.span.first.year] += event.value
    return sums[2023], sums[2024]


def hotel_rooms(events: list[object], until: date) -> dict[str, set[str]]:
    """The units that each operator runs at the end of a day."""
    runs: dict[str, str | None] = {}
    for event in events:
        if event.type == "registry.operator-assigned.v1" and day(event.effective_at) <= until:
            runs[event.unit] = event.operator
    rooms: dict[str, set[str]] = {}
    for unit, operator in runs.items():
        if operator:
            rooms.setdefault(operator, set()).add(unit)
    return rooms


def items(events: list[object]) -> Counter[str]:
    """The residents' items by how far each has come."""
    phase: dict[str, str] = {}
    for event in events:
        if event.type == "mediation.issue-raised.v1" and event.kind == "agenda-item":
            phase[event.issue] = "open"
        elif getattr(event, "issue", None) in phase:
            if event.type == "mediation.issue-resolved.v1":
                phase[event.issue] = "resolved"
            elif event.type == "mediation.resolution-confirmed.v1":
                phase[event.issue] = "confirmed"
            elif event.type == "mediation.resolution-disputed.v1":
                phase[event.issue] = "open"
    return Counter(phase.values())
