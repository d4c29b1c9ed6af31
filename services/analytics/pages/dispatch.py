"""Dispatch: judge how soon officers must be there, send them, recall them."""

from collections.abc import Sequence

from services.analytics.pages.drawing.clocks import Ticking
from services.analytics.pages.gateway import Query
from services.analytics.pages.incident import open_incident, phase_words
from services.analytics.pages.kit import Text, box, button, keyed, nothing
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.phrases import CHANNEL, PRIORITY
from services.analytics.pages.sending import command, recalling, sending
from services.analytics.pages.shapes import Incident, OpenIncidents
from services.analytics.pages.viewer import View
from services.analytics.pages.wall.incidents import waiting_order

SHOWN = 200
DRILLS = 50
Content = tuple[OpenIncidents, tuple[Incident, ...]]
"""What is open, and the exercises."""


async def build(view: View, live: Live, asked: dict[str, str]) -> None:
    """The open incidents, those that no officer goes to first; exercises below them."""
    words = view.words

    async def load() -> Content:
        incidents = view.reading("incidents")
        found = await incidents.get(OpenIncidents, "/incidents/open", {"level": 1, "each": SHOWN})
        await view.learn_places(case.place for case in found.cases)
        if not found.drills:
            return found, ()
        wanted: Query = {"state": "open", "drill": "true", "limit": DRILLS}
        return found, (await incidents.list(Incident, "/incidents/cases", wanted)).items

    def draw(content: Content) -> None:
        found, drills = content
        with box("desk-head"), box("desk-title"):
            Text(words.say("Dispatch"), tag="h1")
            Text(_how_many(view, found), "desk-where")
        if not found.total:
            nothing(words.say("No open incident"), words.say("What is reported stands here at once."))
        _cards(view, sorted(found.cases, key=waiting_order)[:SHOWN], asked.get("case"), panel)
        if drills:
            Text(words.count("{n} exercise", "{n} exercises", found.drills), tag="h2")
            _cards(view, sorted(drills, key=waiting_order), asked.get("case"), panel)

    panel = Panel(load, draw, "dispatching", name=words.say("Open incidents"), view=view).follow(live, "incidents")
    await panel.refresh()


def _how_many(view: View, found: OpenIncidents) -> str:
    words, shown = view.words, min(len(found.cases), SHOWN)
    total = words.count("{n} open incident", "{n} open incidents", found.total)
    if shown == found.total:
        return total
    return f"{total} · {words.say('the first {n} are shown', n=shown)}"


def _cards(view: View, incidents: Sequence[Incident], here: str | None, panel: Panel[Content]) -> None:
    with box("cards", "ul"):
        for incident in incidents:
            with keyed(box("panel case" + (" here" if incident.id == here else ""), "li"), incident.id):
                _card(view, incident, panel)


def _card(view: View, incident: Incident, panel: Panel[Content]) -> None:
    words = view.words
    with box("case-words"):
        with box("item-line"):
            Text(view.category(incident.category), "item-title")
            Ticking("since", words, incident.reported_at).classes("item-title")
        with box("item-line"):
            where = incident.label or view.place(incident.place)
            told = words.say(CHANNEL.get(incident.channel or "", incident.channel or ""))
            drill = words.say("Drill") if incident.drill else ""
            Text(" · ".join(filter(None, [drill, where, told])), "aside")
            Text(phase_words(view, incident), "aside")
    with box("acts"):
        for priority, message in PRIORITY.items():
            chosen = incident.priority == priority
            made = button(
                words.say(message),
                lambda priority=priority: _judge(view, incident, priority, panel),
                kind="solid" if chosen else "line",
            )
            made.props["aria-pressed"] = str(chosen).lower()
        button(words.say("Send officers"), lambda: sending(view, incident, panel.refresh), kind="line")
        if incident.officers:
            button(words.say("Recall"), lambda: recalling(view, incident, panel.refresh), kind="line")
        button(words.say("What happened"), lambda: open_incident(view, incident.id), kind="plain")


async def _judge(view: View, incident: Incident, priority: str, panel: Panel[Content]) -> None:
    await command(view, incident, "triage", {"priority": priority}, view.words.say("Judged."))
    await panel.refresh()
