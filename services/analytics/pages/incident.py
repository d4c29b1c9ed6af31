"""An incident with its history."""

from collections.abc import Awaitable, Callable

from services.analytics.pages.alert import facts
from services.analytics.pages.erasing import erase_button
from services.analytics.pages.gateway import Refusal
from services.analytics.pages.kit import Text, link
from services.analytics.pages.people import somebody
from services.analytics.pages.phrases import CHANNEL, INCIDENT_PHASE, PRIORITY
from services.analytics.pages.shapes import Incident, Step
from services.analytics.pages.sheet import refused, sheet
from services.analytics.pages.steps import history
from services.analytics.pages.viewer import View

Refresh = Callable[[], Awaitable[None]]
SENDING = frozenset({"dispatcher", "supervisor"})


class Case(Incident):
    """An incident with its history, oldest first."""

    history: tuple[Step, ...] = ()


def phase_words(view: View, incident: Incident) -> str:
    """Who, in what state."""
    words = view.words
    phase = words.say(INCIDENT_PHASE.get(incident.phase, incident.phase))
    if not incident.officers:
        return phase
    who = somebody(view, incident.officers[0])
    more = f" +{len(incident.officers) - 1}" if len(incident.officers) > 1 else ""
    return f"{who}{more} · {phase}"


async def open_incident(view: View, ident: str, refresh: Refresh | None = None) -> None:
    """Opens an incident."""
    del refresh
    try:
        # the sheet shows what was told, and that reading is on record; a visitor's shows nothing of it
        path = f"/incidents/cases/{ident}"
        case = await (view.gateway.get(Case, path) if view.visitor else view.gateway.open(Case, path, "response"))
    except Refusal as refusal:
        refused(view, refusal)
        return
    words = view.words
    await view.learn_places([case.place])
    where = case.label if case.label and not view.visitor else view.place(case.place)
    with sheet(view, view.category(case.category), where) as dialog:
        pairs = [
            (words.say("State"), phase_words(view, case)),
            (words.say("Reported"), view.at(case.place).stamp(case.reported_at)),
            (words.say("Urgency"), words.say(PRIORITY[case.priority]) if case.priority else "–"),
            (words.say("Told by"), words.say(CHANNEL.get(case.channel or "", case.channel or "–"))),
        ]
        if case.officers:
            pairs.append((words.say("Officers"), ", ".join(somebody(view, officer) for officer in case.officers)))
        facts(pairs)
        if not view.visitor:
            Text(words.say("What happened"), tag="h3")
            history(view, case.history, case.place)
        if view.role in SENDING:
            link(words.say("Open in dispatch"), f"/dispatch?case={case.id}", "button line")
        erase_button(view, f"/incidents/cases/{case.id}", dialog)
