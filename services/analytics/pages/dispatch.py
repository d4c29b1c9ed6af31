"""Dispatch: judge how soon somebody must be there, and send officers."""

from services.analytics.pages.drawing.clocks import Ticking
from services.analytics.pages.forms import Field, Form
from services.analytics.pages.gateway import Done, Gateway
from services.analytics.pages.incident import open_incident, phase_words
from services.analytics.pages.kit import Text, box, button, nothing
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.phrases import CHANNEL, PRIORITY
from services.analytics.pages.shapes import Incident
from services.analytics.pages.sheet import attempt, new_key, sheet
from services.analytics.pages.viewer import View
from services.analytics.pages.wall.incidents import waiting_order

Content = tuple[Incident, ...]
SPLIT = ", ，、;； "


async def build(view: View, live: Live, asked: dict[str, str]) -> None:
    """The open incidents, those that nobody goes to first."""
    words = view.words

    async def load() -> Content:
        listed = await view.reading("incidents").list(Incident, "/incidents/cases", {"state": "open", "limit": 200})
        return tuple(sorted(listed.items, key=waiting_order))

    def draw(incidents: Content) -> None:
        with box("desk-head"), box("desk-title"):
            Text(words.say("Dispatch"), tag="h1")
            Text(words.count("{n} open incident", "{n} open incidents", len(incidents)), "desk-where")
        if not incidents:
            nothing(words.say("No open incident"), words.say("What is reported stands here at once."))
        with box("cards", "ul"):
            for incident in incidents:
                with box("panel case" + (" here" if incident.id == asked.get("case") else ""), "li"):
                    _card(view, incident, panel)

    panel = Panel(load, draw, "dispatching", name=words.say("Open incidents"), view=view).follow(live, "incidents")
    await panel.refresh()


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
            Text(" · ".join(filter(None, [where, told, drill])), "aside")
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
        button(words.say("Send officers"), lambda: _sending(view, incident, panel), kind="line")
        button(words.say("What happened"), lambda: open_incident(view, incident.id), kind="plain")


async def _judge(view: View, incident: Incident, priority: str, panel: Panel[Content]) -> None:
    key = new_key()
    done = await attempt(
        view,
        lambda gateway: gateway.do(f"/incidents/cases/{incident.id}/triage", {"priority": priority}, key=key),
        view.words.say("Judged."),
    )
    if done:
        await panel.refresh()


def _sending(view: View, incident: Incident, panel: Panel[Content]) -> None:
    words, key = view.words, new_key()
    with sheet(view, words.say("Send officers"), view.category(incident.category)) as dialog:
        Text(
            words.say("Officers' identifiers, apart by a comma. Who was sent already is not sent twice."),
            "sentence",
            "p",
        )
        officers = Field(words.say("Officers"), limit=400)
        if incident.officers:
            Text(words.say("Sent already: {who}", who=", ".join(incident.officers)), "aside", "p")
        form = Form(view, {"/officers": officers, "/officers/0": officers}, ["/officers"])

        async def send(gateway: Gateway) -> Done:
            body = {"officers": separated(officers.value)}
            return await gateway.do(f"/incidents/cases/{incident.id}/dispatches", body, key=key)

        async def done(_: Done) -> None:
            dialog.close()
            await panel.refresh()

        with box("acts"):
            form.button(words.say("Send"), send, words.say("Sent."), done)


def separated(text: str) -> list[str]:
    """Identifiers apart by commas, Chinese or other, or blanks."""
    for sign in SPLIT:
        text = text.replace(sign, " ")
    return text.lower().split()
