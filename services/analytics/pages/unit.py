"""A unit: what it is, who is registered there (as subject ids), and its history on both axes of time."""

import asyncio
from datetime import datetime

from services.analytics.pages.alert import facts
from services.analytics.pages.kit import Text, box, link, nothing
from services.analytics.pages.ledger import Unit
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.phrases import TENANCY, USE
from services.analytics.pages.shapes import Step
from services.analytics.pages.steps import history
from services.analytics.pages.tables import cell, table
from services.analytics.pages.tenancies import CORRECTORS, Then, correcting, undoing
from services.analytics.pages.viewer import View
from services.analytics.pages.words import Words

Content = tuple[Unit, tuple[Step, ...]]


async def build(view: View, live: Live, asked: dict[str, str]) -> None:
    """The unit that the address names, now or as of a moment."""
    ident = asked["unit"]
    times = {name: asked[name] for name in ("as_of", "known_at") if asked.get(name)}

    async def load() -> Content:
        gateway = view.reading("registry")
        unit, steps = await asyncio.gather(
            gateway.get(Unit, f"/registry/units/{ident}", times),
            gateway.list(Step, f"/registry/units/{ident}/history", {"limit": 100}),
        )
        await view.learn_places([unit.place])
        return unit, steps.items

    async def again() -> None:
        await panel.refresh()

    panel = Panel(load, lambda content: _draw(view, *content, again), "unit-page", view=view).follow(live, "registry")
    await panel.refresh()


def _draw(view: View, unit: Unit, steps: tuple[Step, ...], again: Then) -> None:
    words = view.words
    with box("desk-head"):
        with box("desk-title"):
            box(f"swatch large c-{unit.colour[0]}").props("aria-hidden=true")
            Text(unit.label or unit.number, tag="h1")
            Text(
                f"{view.building(unit.place, unit.building_name)} · {words.say(USE.get(unit.colour, unit.colour))}",
                "desk-where",
            )
        if view.role == "property-manager":
            link(words.say("Move out or in"), f"/property?unit={unit.id}", "button solid")
    with box("two-columns"):
        with box("main-column"):
            with box("panel"):
                Text(words.say("Tenancies"), tag="h2")
                _tenancies(view, unit)
                if view.role in CORRECTORS and unit.tenancies_held:
                    _putting_right(view, unit, again)
            with box("panel"):
                Text(words.say("History"), tag="h2")
                history(view, steps, unit.place)
                if not steps:
                    nothing(words.say("Nothing is recorded yet"))
        with box("beside"), box("panel"):
            Text(words.say("Facts"), tag="h2")
            _facts(view, unit)


def _putting_right(view: View, unit: Unit, again: Then) -> None:
    last = unit.tenancies_held[0]
    with box("acts"):
        if last.ended_at is not None:
            undoing(view, unit, last, again)
        correcting(view, unit, last, again)


def _facts(view: View, unit: Unit) -> None:
    words = view.words
    use = unit.use_class or ""
    pairs = [
        (words.say("Registered use"), words.say(USE.get(use, use)) or "–"),
        (words.say("Since"), _day(view.at(unit.place), unit.class_since)),
        (words.say("Floor"), str(unit.floor)),
        (words.say("Capacity"), words.number(unit.capacity)),
    ]
    if unit.operator:
        pairs.append((words.say("Operator"), view.organisation(unit.operator)))
    if unit.observed_use:
        seen = words.say(USE.get(unit.observed_use, unit.observed_use))
        pairs.append((words.say("Observed use"), f"{seen} · {_day(view.at(unit.place), unit.observed_at)}"))
    if unit.differs:
        pairs.append((words.say("Finding"), words.say("used otherwise than registered")))
    pairs.append((words.say("To be verified"), words.number(unit.to_verify)))
    facts(pairs)


def _day(there: Words, moment: datetime | None) -> str:
    return there.day(moment, year=True) if moment else "–"


def _tenancies(view: View, unit: Unit) -> None:
    words, say = view.at(unit.place), view.words.say
    if not unit.tenancies_held:
        nothing(say("Nobody is registered here"))
        return
    titles = [say("Kind"), say("From"), say("To"), say("Occupants"), say("Verification")]
    with table(say("Tenancies"), [(title, "") for title in titles]):
        for tenancy in unit.tenancies_held:
            verified = sum(occupant.verified_at is not None for occupant in tenancy.occupants)
            state = say("{n} of {all} verified", n=verified, all=len(tenancy.occupants))
            if any(occupant.overdue for occupant in tenancy.occupants):
                state = f"{state} · {say('overdue')}"
            values = (
                say(TENANCY.get(tenancy.category, tenancy.category)),
                words.day(tenancy.since, year=True),
                _day(words, tenancy.ended_at),
                words.number(len(tenancy.occupants)),
                state,
            )
            with box("", "tr"):
                for title, value in zip(titles, values, strict=True):
                    cell(value, "", title)
