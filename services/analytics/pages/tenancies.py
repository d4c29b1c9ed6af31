"""Putting a tenancy right: a mistaken move-out is undone, a wrong date is corrected; the error stays in the history."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from nicegui import ui

from services.analytics.pages.forms import Field, Form
from services.analytics.pages.gateway import Done, Gateway
from services.analytics.pages.kit import Text, box, button
from services.analytics.pages.ledger import Tenancy, Unit
from services.analytics.pages.sheet import attempt, new_key, sheet
from services.analytics.pages.viewer import View
from services.analytics.pages.words import Words

Then = Callable[[], Awaitable[None]]
CORRECTORS: Final = frozenset({"officer", "supervisor", "auxiliary", "property-manager", "operator"})


def undoing(view: View, unit: Unit, tenancy: Tenancy, then: Then) -> ui.element:
    """The button that undoes a mistaken move-out. then: what follows once it is done."""
    words, key = view.words, new_key()
    body = {"ended_at": None, "reason": words.say("The move-out was noted by mistake")}

    async def undo() -> None:
        path = _corrections(unit, tenancy)
        if await attempt(view, lambda gateway: gateway.do(path, body, key=key), words.say("They live here again.")):
            await then()

    return button(words.say("Undo the move-out"), undo, kind="solid")


def correcting(view: View, unit: Unit, tenancy: Tenancy, then: Then) -> ui.element:
    """The button that opens the dates of a tenancy to be corrected. then: what follows once they are."""
    return button(view.words.say("Correct the dates"), lambda: _correct(view, unit, tenancy, then))


def _correct(view: View, unit: Unit, tenancy: Tenancy, then: Then) -> None:
    words, there, key = view.words, view.at(unit.place), new_key()
    with sheet(view, words.say("Correct the dates"), unit.label) as dialog:
        since = Field(words.say("Moved in"), kind="datetime-local", value=_shown(there, tenancy.since))
        ended = Field(
            words.say("Moved out; blank: lives here still"),
            kind="datetime-local",
            value=_shown(there, tenancy.ended_at),
        )
        reason = Field(words.say("Why, naming nobody"), limit=80)
        Text(words.say("The error stays in the history; due times follow."), "aside", "p")
        form = Form(view, {"/since": since, "/ended_at": ended, "/reason": reason}, ["/since", "/reason"])

        async def send(gateway: Gateway) -> Done:
            body = {
                "since": _meant(there, since.given, tenancy.since),
                "ended_at": _meant(there, ended.given, tenancy.ended_at),
                "reason": reason.given,
            }
            return await gateway.do(_corrections(unit, tenancy), body, key=key)

        async def done(_: Done) -> None:
            dialog.close()
            await then()

        with box("acts"):
            form.button(words.say("Correct"), send, words.say("Corrected."), done)


def _corrections(unit: Unit, tenancy: Tenancy) -> str:
    return f"/registry/units/{unit.id}/tenancies/{tenancy.tenancy}/corrections"


def _shown(there: Words, moment: datetime | None) -> str:
    return there.local(moment).strftime("%Y-%m-%dT%H:%M") if moment else ""


def _meant(there: Words, given: str | None, before: datetime | None) -> str | None:
    """The moment that a field stands for; what was not touched keeps its seconds."""
    if given is None:
        return None
    if before is not None and given == _shown(there, before):
        return before.isoformat()
    return datetime.fromisoformat(given).replace(tzinfo=there.zone).isoformat()
