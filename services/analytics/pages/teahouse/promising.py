"""Writing down what an organisation promises about an item."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from nicegui import ui

from services.analytics.pages.forms import Choice, Field, Form
from services.analytics.pages.gateway import Done, Gateway, Refusal
from services.analytics.pages.kit import box
from services.analytics.pages.shapes import IssueDetail, Owed, Session
from services.analytics.pages.sheet import new_key, refused, sheet
from services.analytics.pages.teahouse.cards import title_of
from services.analytics.pages.viewer import View

ANOTHER: Final = "+"
"""Stands among the choices for an organisation that is not among them; it is no id."""
SESSIONS: Final = 100
Refresh = Callable[[], Awaitable[None]]


class Organisation(Choice):
    """A choice among the organisations that are known, or another one by its identifier.

    Args:
        known: their ids and names.
    """

    def __init__(self, view: View, name: str, known: Mapping[str, str]) -> None:
        words = view.words
        super().__init__(name, {**known, ANOTHER: words.say("Another organisation")})
        self._another = Field(words.say("Its identifier, as in its token, such as street-lights"), limit=80)
        self._show()
        self.input.on("input", self._show)

    def _show(self) -> None:
        self._another.set_visibility(self.value == ANOTHER)

    @property
    def given(self) -> str | None:
        """The id of the organisation; None where another is wanted and not named."""
        return self._another.given if self.value == ANOTHER else super().given

    def wrong(self, sentence: str = "") -> None:
        """Says what is wrong with it, where it was given."""
        if self.value == ANOTHER:
            self._another.wrong(sentence)
        else:
            super().wrong(sentence)


async def known_organisations(view: View) -> Mapping[str, str]:
    """Ids and names: those that owe something or came to a session at the viewer's places, then those with a name."""
    gateway = view.reading("mediation")
    owed, sessions = await asyncio.gather(
        gateway.list(Owed, "/mediation/owed"),
        gateway.list(Session, "/mediation/sessions", {"limit": SESSIONS}),
    )
    here = {each.owner for each in owed.items}.union(*(each.organisations for each in sessions.items))
    names = (*sorted(here), *view.site.gazetteer.listed_organisations())
    return {ident: view.organisation(ident) for ident in names}


async def open_promising(view: View, issue: IssueDetail, opened: ui.dialog, refresh: Refresh) -> None:
    """Opens the form. opened: the item's sheet, which closes once it is written down."""
    words, key = view.words, new_key()
    try:
        known = await known_organisations(view)
    except Refusal as refusal:
        refused(view, refusal)
        return
    fortnight = view.at(issue.place).local(view.now).date() + timedelta(days=14)
    with sheet(view, words.say("Write down a promise"), title_of(view, issue)) as dialog:
        owner = Organisation(view, words.say("Who"), known)
        promise = Field(words.say("What, for the notice board"), limit=80)
        due_on = Field(words.say("By"), kind="date", value=fortnight.isoformat())
        fields = {"/owner": owner, "/promise": promise, "/due_on": due_on}
        form = Form(view, fields, [*fields])

        async def send(gateway: Gateway) -> Done:
            body = {"owner": owner.given, "promise": promise.given, "due_on": due_on.value}
            return await gateway.do(f"/mediation/issues/{issue.id}/commitments", body, key=key)

        async def done(_: Done) -> None:
            dialog.close()
            opened.close()
            await refresh()

        with box("acts"):
            form.button(words.say("Write it down"), send, words.say("Written down."), done)
