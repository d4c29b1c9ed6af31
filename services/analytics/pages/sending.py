"""Sending officers who are on duty to an incident, and recalling them."""

import json
from collections.abc import Awaitable, Callable, Mapping
from itertools import takewhile
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from nicegui import ui

from services.analytics.pages.forms import Field, Form
from services.analytics.pages.gateway import Done, Gateway, Refusal
from services.analytics.pages.incident import Case
from services.analytics.pages.kit import Pressable, Text, box, button, keyed, nothing
from services.analytics.pages.panel import Panel
from services.analytics.pages.people import actor, somebody
from services.analytics.pages.phrases import INCIDENT_PHASE
from services.analytics.pages.shapes import Duty, Incident
from services.analytics.pages.sheet import new_key, refused, sheet, tell
from services.analytics.pages.viewer import View

Refresh = Callable[[], Awaitable[None]]
CONFLICT = "version-conflict"


async def command(view: View, incident: Incident, path: str, body: Mapping[str, Any], said: str) -> bool:
    """Gives a command about an incident as the viewer sees it, and says what became of it.

    Where another has changed the incident meanwhile nothing is done, and it says what changed.
    """
    # the same press twice is one intention; on another version of the incident it is another
    key = str(uuid5(NAMESPACE_OID, json.dumps([incident.id, incident.version, path, body], sort_keys=True)))
    try:
        await view.gateway.do(f"/incidents/cases/{incident.id}/{path}", body, key=key, expected=incident.version)
    except Refusal as refusal:
        change = await _change(view, incident) if refusal.kind == CONFLICT else ""
        if not change:
            refused(view, refusal)
            return False
        tell(view.words.say("Meanwhile: {change}. Look again, then decide.", change=change), bad=True)
        return False
    tell(said)
    return True


async def _change(view: View, incident: Incident) -> str:
    """What has happened to an incident since the viewer saw it; empty where that cannot be read."""
    try:
        case = await view.reading("incidents").get(Case, f"/incidents/cases/{incident.id}")
    except Refusal:
        return ""
    steps = [step for step in case.history if step.version > (incident.version or 0)]
    return ", ".join(f"{view.words.of(step.words)} ({actor(view, step.actor)})" for step in steps)


class Sending:
    """The sheet with the officers who are on duty.

    Args:
        incident: as the viewer saw it. dialog: the sheet. refresh: shows the incident again.
    """

    def __init__(self, view: View, incident: Incident, dialog: ui.dialog, refresh: Refresh) -> None:
        self._view, self._incident, self._dialog, self._refresh = view, incident, dialog, refresh
        self._chosen: set[str] = set()
        self.panel: Panel[tuple[Duty, ...]] = Panel(
            self._load, self._draw, "on-duty", view=view, name=view.words.say("On duty"), rebuilt=True
        )

    async def _load(self) -> tuple[Duty, ...]:
        return (await self._view.gateway.list(Duty, "/incidents/duties")).items

    def _draw(self, roster: tuple[Duty, ...]) -> None:
        say, there = self._view.words.say, [duty for duty in roster if duty.officer not in self._incident.officers]
        if not there:
            nothing(
                say("No officer is on duty") if not roster else say("Every officer on duty is there already"),
                say("Officers come on duty with one tap on their own page."),
            )
        with box("cards", "ul"):
            for duty in sorted(there, key=self._order):
                with keyed(box("", "li"), duty.officer):
                    self._officer(duty)
        if there:
            with box("acts"):
                button(say("Send"), self._send, kind="solid")

    def _order(self, duty: Duty) -> tuple[bool, int, str]:
        """The free ones first, then the nearest."""
        pairs = zip(duty.place.split("/"), self._incident.place.split("/"), strict=False)
        near = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        return duty.busy, -near, duty.officer

    def _officer(self, duty: Duty) -> None:
        view = self._view

        def choose() -> None:
            self._chosen ^= {duty.officer}
            made.props["aria-pressed"] = str(duty.officer in self._chosen).lower()

        made = Pressable(choose, "opening item choice")
        made.props["aria-pressed"] = str(duty.officer in self._chosen).lower()
        with made, box("item-line"):
            Text(somebody(view, duty.officer), "item-title")
            Text(f"{view.place(duty.place)} · {on_what(view, duty)}", "aside")

    async def _send(self) -> None:
        words = self._view.words
        if not self._chosen:
            tell(words.say("Choose who is sent."), bad=True)
            return
        body = {"officers": sorted(self._chosen)}
        await command(self._view, self._incident, "dispatches", body, words.say("Sent."))
        self._dialog.close()
        await self._refresh()

    def sign_on(self) -> None:
        """A field for an officer without a page: the desk puts them on duty."""
        view, key = self._view, new_key()
        with box("fields"):
            officer = Field(view.words.say("Identifier of an officer without a page"), limit=80)
        form = Form(view, {"/officer": officer}, ["/officer"])

        async def put(gateway: Gateway) -> Done:
            return await gateway.do("/incidents/duties", {"officer": officer.given}, key=f"{key}-{officer.given}")

        async def done(_: Done) -> None:
            await self.panel.refresh()

        with box("acts"):
            form.button(view.words.say("Put on duty"), put, view.words.say("On duty."), done, kind="line")


def on_what(view: View, duty: Duty) -> str:
    """What an officer is on, in words."""
    words = view.words
    tasks = [
        f"{view.category(task.category)} ({words.say(INCIDENT_PHASE.get(task.phase, task.phase))})" for task in duty.on
    ]
    if duty.elsewhere:
        tasks.append(words.count("{n} incident elsewhere", "{n} incidents elsewhere", duty.elsewhere))
    return ", ".join(tasks) or words.say("free")


async def sending(view: View, incident: Incident, refresh: Refresh) -> None:
    """Opens the sheet in which officers on duty are chosen and sent."""
    words = view.words
    with sheet(view, words.say("Send officers"), view.category(incident.category)) as dialog:
        if incident.officers:
            who = ", ".join(somebody(view, officer) for officer in incident.officers)
            Text(words.say("Sent already: {who}", who=who), "aside", "p")
        made = Sending(view, incident, dialog, refresh)
        made.sign_on()
    await made.panel.refresh()


def recalling(view: View, incident: Incident, refresh: Refresh) -> None:
    """Opens the sheet in which an officer who was sent is recalled."""
    words = view.words
    with sheet(view, words.say("Recall"), view.category(incident.category)) as dialog:
        Text(words.say("The incident is no longer theirs; they can be sent again."), "sentence", "p")

        async def recall(officer: str) -> None:
            await command(view, incident, "recalls", {"officers": [officer]}, words.say("Recalled."))
            dialog.close()
            await refresh()

        with box("acts"):
            for officer in incident.officers:
                name = words.say("Recall {who}", who=somebody(view, officer))
                button(name, lambda officer=officer: recall(officer), kind="line")
