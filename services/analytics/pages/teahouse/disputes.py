"""Disputes: those that the viewer mediates with their next steps, and any other with what happened."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from nicegui import ui

from services.analytics.pages.erasing import erase_button
from services.analytics.pages.forms import Choice, Field, Form
from services.analytics.pages.gateway import Done, Gateway, Query, Refusal
from services.analytics.pages.kit import Act, Text, box, keyed, nothing, opening
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.phrases import DISPUTE_OUTCOME, DISPUTE_PHASE
from services.analytics.pages.shapes import Shape, Step
from services.analytics.pages.sheet import new_key, refused, sheet
from services.analytics.pages.steps import history
from services.analytics.pages.viewer import View

Refresh = Callable[[], Awaitable[None]]
MEDIATING: Final = frozenset({"mediator", "officer", "supervisor"})


class Dispute(Shape):
    """A dispute as it stands."""

    id: str
    category: str
    place: str
    label: str | None = None
    phase: str = "assigned"
    logged_at: datetime
    version: int | None = None


class Party(Shape):
    """Who is in it, as a subject id."""

    subject: str


class DisputeDetail(Dispute):
    """A dispute with its parties and all that happened, oldest first."""

    party_subjects: tuple[Party, ...] = ()
    history: tuple[Step, ...] = ()


def disputes_panel(view: View, live: Live) -> Panel[tuple[Dispute, ...]]:
    """The viewer's own open disputes."""

    async def load() -> tuple[Dispute, ...]:
        wanted: Query = {"mine": "true", "state": "open", "limit": 100}
        return (await view.reading("mediation").list(Dispute, "/mediation/disputes", wanted)).items

    def draw(disputes: tuple[Dispute, ...]) -> None:
        words = view.words
        Text(words.say("My disputes"), tag="h2")
        if not disputes:
            nothing(words.say("No dispute is yours to mediate"))
        for dispute in disputes:
            dispute_line(view, dispute, lambda ident=dispute.id: open_dispute(view, ident, panel.refresh, own=True))

    panel = Panel(load, draw, "panel disputes", name=view.words.say("My disputes"), view=view)
    return panel.follow(live, "mediation")


def dispute_line(view: View, dispute: Dispute, act: Act) -> None:
    """A dispute in a list; it opens with a press."""
    name = view.category(dispute.category)
    with keyed(opening("item", act, name), dispute.id):
        Text(name, "item-title")
        where = dispute.label or view.place(dispute.place)
        Text(f"{where} · {view.words.say(DISPUTE_PHASE.get(dispute.phase, dispute.phase))}", "aside")


async def open_dispute(view: View, ident: str, refresh: Refresh, *, own: bool) -> None:
    """Opens a dispute.

    Args:
        own: the viewer mediates it: what was written opens too, which goes on record with the task as the purpose, and
            so do the next steps.
    """
    try:
        read, path = view.reading("mediation"), f"/mediation/disputes/{ident}"
        dispute = await (read.open(DisputeDetail, path, "task") if own else read.get(DisputeDetail, path))
    except Refusal as refusal:
        refused(view, refusal)
        return
    await view.learn_places([dispute.place])
    with sheet(view, view.category(dispute.category), dispute.label or view.place(dispute.place)) as dialog:
        history(view, dispute.history, dispute.place)
        if own:
            _steps(view, dispute, dialog, refresh)
        with box("acts"):
            erase_button(view, f"/mediation/disputes/{dispute.id}", dialog)


def _steps(view: View, dispute: DisputeDetail, dialog: ui.dialog, refresh: Refresh) -> None:
    present = [party.subject for party in dispute.party_subjects]
    step = _Steps(view, dispute, dialog, refresh)
    step.written(view.words.say("Session held with the parties"), "sessions", "minutes", {"present": present})
    if dispute.phase in {"mediating", "agreed"}:
        step.written(view.words.say("They agreed"), "agreement", "terms", {})
    step.ended()


class _Steps:
    """The next steps of a dispute, each a form in its sheet."""

    def __init__(self, view: View, dispute: Dispute, dialog: ui.dialog, refresh: Refresh) -> None:
        self._view, self._dispute, self._dialog, self._refresh = view, dispute, dialog, refresh

    def written(self, name: str, path: str, field: str, more: dict[str, Any]) -> None:
        """A step with a text that only those who deal with the dispute read."""
        with box("fields"):
            text = Field(self._view.words.say("What was said. Only those who deal with it read this."), tag="textarea")
        self._button(name, path, lambda: {**more, field: text.given}, {f"/{field}": text})

    def ended(self) -> None:
        """The end of the dispute."""
        say = self._view.words.say
        with box("fields"):
            outcome = Choice(say("How it ended"), {value: say(words) for value, words in DISPUTE_OUTCOME.items()})
        self._button(say("The dispute is over"), "resolution", lambda: {"outcome": outcome.value}, {})

    def _button(self, name: str, path: str, body: Any, fields: dict[str, Field]) -> None:
        dispute, key = self._dispute, new_key()
        form = Form(self._view, fields)

        async def send(gateway: Gateway) -> Done:
            target = f"/mediation/disputes/{dispute.id}/{path}"
            return await gateway.do(target, body(), key=key, expected=dispute.version)

        async def done(_: Done) -> None:
            self._dialog.close()
            await self._refresh()

        with box("acts"):
            form.button(name, send, self._view.words.say("Noted."), done, kind="line")
