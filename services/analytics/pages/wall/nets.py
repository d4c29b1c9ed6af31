"""The four nets in a line each: what comes in, who is out, who is known to live here, how soon somebody is there."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from services.analytics.pages.gateway import Query
from services.analytics.pages.kit import Text, box
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.shapes import Incident, Level, Listing, PlaceSums
from services.analytics.pages.viewer import View
from services.analytics.pages.words import Words

LATEST = 300
"""Incidents that the figures of response are taken from: the latest of the platform's own."""


@dataclass(frozen=True)
class Nets:
    """What the four lines say.

    Attributes:
        today: incidents reported today. out: officers on an open incident. verified: share of occupants who are, None
            without any. overdue: verifications that are late.
        response: median seconds from report to arrival, of the latest incidents.
        more_today: not all of today's incidents were read. more_open: not all open incidents were.
    """

    today: int = 0
    out: int = 0
    verified: float | None = None
    overdue: int = 0
    response: float | None = None
    more_today: bool = False
    more_open: bool = False


def nets_panel(view: View, live: Live, place: str) -> Panel[Nets]:
    """The strip of the four nets."""

    async def load() -> Nets:
        asked: Query = {"source": "live", "drill": "false", "limit": LATEST}
        cases, level = await asyncio.gather(
            view.reading("incidents").list(Incident, "/incidents/cases", asked),
            view.reading("registry").get(Level, "/analytics/places", {"place": place or None, "limit": 1}),
        )
        return counted(cases, level.total, view.now, view.at)

    def draw(nets: Nets) -> None:
        words = view.words
        share = f"{nets.verified:.1%}" if nets.verified is not None else "–"
        late = words.say("{n} overdue", n=nets.overdue) if nets.overdue else words.say("none overdue")
        today = words.at_least(words.say("{n} reported today", n=nets.today), more=nets.more_today)
        out = words.at_least(words.say("{n} officers out", n=nets.out), more=nets.more_open)
        response = words.lasting(nets.response) if nets.response is not None else "–"
        _net(view, words.say("Sensing"), words.gloss("Sensing"), today)
        _net(view, words.say("Deployment"), words.gloss("Deployment"), out)
        verified = words.say("{share} verified", share=share)
        _net(view, words.say("Control"), words.gloss("Control"), verified, late)
        _net(view, words.say("Response"), words.gloss("Response"), words.say("there after {time}", time=response))

    panel = Panel(load, draw, "panel nets", view=view, name=view.words.say("Four nets"))
    return panel.follow(live, "incidents", "floors")


def _net(view: View, name: str, gloss: str, said: str, aside: str = "") -> None:
    del view
    with box("net"):
        with box("heading"):
            Text(name, tag="h2")
            Text(gloss, "gloss")
        Text(said, "net-said")
        if aside:
            Text(aside, "aside")


def counted(listed: Listing[Incident], ledger: PlaceSums, now: datetime, at: Callable[[str], Words]) -> Nets:
    """The four lines from what the services say, newest incident first; each counts by the day `at` its place."""
    cases = listed.items
    waited = [case.waited_seconds for case in cases if case.waited_seconds is not None and case.wait_measured]
    open_cases = [case for case in cases if case.resolved_at is None]
    clocks = [at(case.place) for case in cases]
    today = [
        there.day(case.reported_at, year=True) == there.day(now, year=True)
        for there, case in zip(clocks, cases, strict=True)
    ]
    return Nets(
        today=sum(today),
        more_today=listed.more and all(today[-1:]),
        more_open=listed.more,
        out=len({officer for case in open_cases for officer in case.officers}),
        verified=1 - ledger.to_verify / ledger.occupants if ledger.occupants else None,
        overdue=ledger.overdue,
        response=median(waited) if waited else None,
    )
