"""An alert with its evidence; an officer takes it, and closes it with a word on whether it was right."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from services.analytics.delivery.recipients import NOT_NAMED
from services.analytics.pages.evidence import event_rows
from services.analytics.pages.gateway import Refusal
from services.analytics.pages.kit import Text, box, button
from services.analytics.pages.people import somebody
from services.analytics.pages.phrases import FEEDBACK
from services.analytics.pages.shapes import Alert, Happening
from services.analytics.pages.sheet import attempt, new_key, refused, sheet
from services.analytics.pages.viewer import View
from services.analytics.words import name

ACTING = frozenset({"officer", "supervisor"})
Refresh = Callable[[], Awaitable[None]]


async def open_alert(view: View, ident: str, refresh: Refresh) -> None:
    """Opens an alert."""
    try:
        alert = await view.gateway.get(Alert, f"/analytics/alerts/{ident}")
    except Refusal as refusal:
        refused(view, refusal)
        return
    words = view.words
    await view.learn_places([alert.place, *(event.place for event in evidence_of(alert))])
    where = alert.label if alert.label and not view.visitor else view.place(alert.place)
    with sheet(view, alert_title(view, alert), where) as dialog:
        if alert.detail and not view.visitor:
            Text(words.of(alert.detail), "sentence", "p")
        _facts(view, alert)
        if not view.visitor:
            Text(words.say("Evidence"), tag="h3")
            with box("event-list"):
                event_rows(view, evidence_of(alert))
        if view.role in ACTING and alert.state in {"raised", "acknowledged"}:
            _acts(view, alert, dialog, refresh)


def alert_title(view: View, alert: Alert) -> str:
    """What an alert says; to visitors it names the building where it would name the unit."""
    said = view.words.of(alert.words) or alert.rule
    return said.replace(alert.label, view.place(alert.place)) if view.visitor and alert.label else said


def evidence_of(alert: Alert) -> list[Happening]:
    """The events that an alert names, as far as they are told."""
    return [Happening.model_validate({"at": alert.raised_at, **item}) for item in alert.evidence if "id" in item]


def _facts(view: View, alert: Alert) -> None:
    words, there = view.words, view.at(alert.place)
    pairs = [
        (words.say("Rule"), f"{words.of(name(alert.rule)._asdict())} · v{alert.rule_version}"),
        (words.say("Raised"), there.stamp(alert.raised_at)),
    ]
    if alert.reopened_at:
        pairs.append((words.say("Reopened"), there.stamp(alert.reopened_at)))
    if alert.due_at:
        pairs.append((words.say("Due"), there.stamp(alert.due_at)))
    if alert.escalated_at:
        to = words.say("nobody is named for this place") if alert.escalated_to == NOT_NAMED else ""
        pairs.append(
            (words.say("Escalated"), f"{there.stamp(alert.escalated_at)} · {to or somebody(view, alert.escalated_to)}")
        )
    if alert.acknowledged_at:
        pairs.append((words.say("Taken"), f"{there.stamp(alert.acknowledged_at)} · {somebody(view, alert.by)}"))
    if alert.closed_at:
        feedback = words.say(FEEDBACK.get(alert.feedback or "", alert.feedback or ""))
        pairs.append((words.say("Closed"), f"{there.stamp(alert.closed_at)} · {feedback}"))
    facts(pairs)


def facts(pairs: list[tuple[str, str]]) -> None:
    """Names and values, one a line."""
    with box("facts", "dl"):
        for title, value in pairs:
            Text(title, tag="dt")
            Text(value, tag="dd")


def _acts(view: View, alert: Alert, dialog: ui.dialog, refresh: Refresh) -> None:
    words, key = view.words, new_key()

    async def send(path: str, body: dict[str, Any], said: str) -> None:
        done = await attempt(
            view, lambda gateway: gateway.do(f"/analytics/alerts/{alert.id}/{path}", body, key=f"{key}-{path}"), said
        )
        if done:
            dialog.close()
            await refresh()

    with box("acts"):
        if alert.state == "raised":
            button(words.say("I take it"), lambda: send("acknowledgement", {}, words.say("Taken.")), kind="solid")
        for feedback, message in FEEDBACK.items() if alert.state == "acknowledged" else ():
            button(
                words.say(message),
                lambda feedback=feedback: send("closure", {"feedback": feedback}, words.say("Closed.")),
            )
