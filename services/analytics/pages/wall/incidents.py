"""Open incidents: who, in what state, waiting how long."""

from services.analytics.pages.drawing.clocks import Ticking
from services.analytics.pages.incident import open_incident, phase_words
from services.analytics.pages.kit import Text, box, heading, keyed, nothing, opening
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.shapes import Incident
from services.analytics.pages.viewer import View
from services.analytics.pages.wall.rows import rows

URGENCY = {"emergency": 0, "urgent": 1, None: 2, "routine": 3}
Content = tuple[tuple[Incident, ...], bool]
"""The incidents, and whether there are more."""


def incidents_panel(view: View, live: Live) -> Panel[Content]:
    """Those that nobody goes to first, then by how long they wait."""
    panel: Panel[Content]

    async def load() -> Content:
        listed = await view.reading("incidents").list(Incident, "/incidents/cases", {"state": "open", "limit": 100})
        await view.learn_places(item.place for item in listed.items)
        return tuple(sorted((item for item in listed.items if not item.drill), key=waiting_order)), listed.more

    def draw(content: Content) -> None:
        words, (incidents, more) = view.words, content
        aside = words.count("{n} incident", "{n} incidents", len(incidents)) if incidents else ""
        aside = words.at_least(aside, more=more) if aside else ""
        heading(words.say("Open incidents"), words.gloss("Open incidents"), aside)
        if not incidents:
            nothing(words.say("No open incident"))
        rows(view, words.say("Open incidents"), incidents, lambda incident: _row(view, incident, panel), more=more)

    panel = Panel(load, draw, "panel incidents", name=view.words.say("Open incidents"), view=view)
    return panel.follow(live, "incidents")


def waiting_order(incident: Incident) -> tuple[bool, int, float]:
    """Unassigned first, then the more urgent, then the longer waiting."""
    return bool(incident.officers), URGENCY.get(incident.priority, 2), incident.reported_at.timestamp()


def _row(view: View, incident: Incident, panel: Panel[Content]) -> None:
    words = view.words
    name = view.category(incident.category)
    with keyed(opening("incident", lambda: open_incident(view, incident.id, panel.refresh), name), incident.id):
        with box("incident-line"):
            Text(name, "incident-name")
            Ticking("since", words, incident.reported_at).classes("incident-wait")
        with box("incident-line aside"):
            Text(incident.label if incident.label and not view.visitor else view.place(incident.place))
            Text(phase_words(view, incident))
