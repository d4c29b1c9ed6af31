"""The four nets in a line each: what comes in, who is out, who is known to live here, how soon somebody is there."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from services.analytics.pages.gateway import Query
from services.analytics.pages.kit import Text, box
from services.analytics.pages.ledger import Building
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.shapes import Incident
from services.analytics.pages.viewer import View

LATEST = 300
"""Incidents that the figures of response are taken from: the latest of the platform's own."""


@dataclass(frozen=True)
class Nets:
    """What the four lines say.

    Attributes:
        today: incidents reported today. out: officers on an open incident. verified: share of occupants who are, None
            without any. overdue: verifications that are late. response: median seconds from report to arrival.
    """

    today: int = 0
    out: int = 0
    verified: float | None = None
    overdue: int = 0
    response: float | None = None


def nets_panel(view: View, live: Live, place: str) -> Panel[Nets]:
    """The strip of the four nets."""

    async def load() -> Nets:
        asked: Query = {"source": "live", "drill": "false", "limit": LATEST}
        cases, buildings = await asyncio.gather(
            view.reading("incidents").list(Incident, "/incidents/cases", asked),
            view.reading("registry").list(Building, "/registry/buildings", {"place": place or None, "limit": 200}),
        )
        return counted(cases.items, buildings.items, view.words.local(view.now))

    def draw(nets: Nets) -> None:
        words = view.words
        share = f"{nets.verified:.1%}" if nets.verified is not None else "–"
        late = words.say("{n} overdue", n=nets.overdue) if nets.overdue else words.say("none overdue")
        response = words.lasting(nets.response) if nets.response is not None else "–"
        _net(view, words.say("Sensing"), words.gloss("Sensing"), words.say("{n} reported today", n=nets.today))
        _net(view, words.say("Deployment"), words.gloss("Deployment"), words.say("{n} officers out", n=nets.out))
        verified = words.say("{share} verified", share=share)
        _net(view, words.say("Control"), words.gloss("Control"), verified, late)
        _net(view, words.say("Response"), words.gloss("Response"), words.say("there after {time}", time=response))

    panel = Panel(load, draw, "panel nets", view=view, name=view.words.say("Four nets"))
    return panel.follow(live, "incidents", "registry")


def _net(view: View, name: str, gloss: str, said: str, aside: str = "") -> None:
    del view
    with box("net"):
        with box("heading"):
            Text(name, tag="h2")
            Text(gloss, "gloss")
        Text(said, "net-said")
        if aside:
            Text(aside, "aside")


def counted(cases: Sequence[Incident], buildings: Sequence[Building], now: datetime) -> Nets:
    """The four lines from what the services say; `now` is on the viewer's clock."""
    waited = [case.waited_seconds for case in cases if case.waited_seconds is not None]
    open_cases = [case for case in cases if case.resolved_at is None]
    occupants = sum(building.occupants for building in buildings)
    waiting = sum(building.to_verify for building in buildings)
    return Nets(
        today=sum(case.reported_at.astimezone(now.tzinfo).date() == now.date() for case in cases),
        out=len({officer for case in open_cases for officer in case.officers}),
        verified=1 - waiting / occupants if occupants else None,
        overdue=sum(building.overdue for building in buildings),
        response=median(waited) if waited else None,
    )
