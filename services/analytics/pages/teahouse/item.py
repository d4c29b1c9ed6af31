"""One item with its whole chain: raised, talked about, promised, done, confirmed."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from services.analytics.pages.erasing import erase_button
from services.analytics.pages.forms import Field, Form
from services.analytics.pages.gateway import Done, Gateway, Refusal
from services.analytics.pages.kit import Text, box, button
from services.analytics.pages.shapes import Commitment, IssueDetail
from services.analytics.pages.sheet import attempt, new_key, refused, sheet
from services.analytics.pages.steps import history
from services.analytics.pages.teahouse.cards import overdue_days, stage_words, stages, title_of
from services.analytics.pages.teahouse.promising import open_promising
from services.analytics.pages.viewer import View

STAFF = frozenset({"mediator", "officer", "supervisor", "property-manager"})
CHECKING = frozenset({"mediator", "officer", "supervisor", "auxiliary"})
READING = frozenset({"mediator", "officer", "supervisor"})
"""Who may read what a resident wrote, and give it a public title."""
Refresh = Callable[[], Awaitable[None]]


async def open_item(view: View, ident: str, refresh: Refresh) -> None:
    """Opens an item."""
    try:
        issue = await view.reading("mediation").open(IssueDetail, f"/mediation/issues/{ident}", "follow-up")
    except Refusal as refusal:
        refused(view, refusal)
        return
    words = view.words
    await view.learn_places([issue.place])
    with sheet(view, title_of(view, issue), view.place(issue.place)) as dialog:
        with box("item-stage"):
            stages(view, issue)
            Text(stage_words(view, issue))
        if issue.commitments:
            Text(words.say("Who owes what"), tag="h3")
            with box("event-list"):
                for promise in issue.commitments:
                    _promise(view, issue, promise, dialog, refresh)
        Text(words.say("The whole chain"), tag="h3")
        history(view, issue.history, issue.place)
        _acts(view, issue, dialog, refresh)


def _promise(view: View, issue: IssueDetail, promise: Commitment, dialog: ui.dialog, refresh: Refresh) -> None:
    words = view.at(issue.place)
    late = overdue_days(promise, words.local(view.now).date())
    with box("event-row"):
        Text(words.say("by {day}", day=words.day(promise.due_on, year=True)), "event-when")
        with box("event-words"):
            Text(promise.promise)
            Text(view.organisation(promise.owner), "aside")
        if promise.fulfilled_at:
            Text(words.say("kept {day}", day=words.day(promise.fulfilled_at)), "aside")
        elif view.role in STAFF | {"partner"}:
            path = f"/mediation/issues/{issue.id}/commitments/{promise.id}/fulfilment"
            _act(view, words.say("Promise kept"), path, {}, dialog, refresh)
        elif late:
            Text(words.count("{n} day overdue", "{n} days overdue", late), "late")


def _acts(view: View, issue: IssueDetail, dialog: ui.dialog, refresh: Refresh) -> None:
    words, path = view.words, f"/mediation/issues/{issue.id}"
    with box("acts"):
        if issue.phase == "resolved" and view.role == "resident":
            _act(view, words.say("Yes, it is done"), f"{path}/confirmation", {}, dialog, refresh, kind="solid")
            _act(view, words.say("No, it is not done"), f"{path}/objection", {}, dialog, refresh)
        if issue.awaits == "check" and view.role in CHECKING:
            _act(view, words.say("I looked: solved"), f"{path}/confirmation", {}, dialog, refresh, kind="solid")
            _act(view, words.say("I looked: not solved"), f"{path}/objection", {}, dialog, refresh)
        if issue.phase in {"raised", "committed", "disputed"} and view.role in STAFF:
            button(
                words.say("Write down a promise"), lambda: open_promising(view, issue, dialog, refresh), kind="solid"
            )
            _act(view, words.say("All is done"), f"{path}/resolution", {}, dialog, refresh)
        if issue.title_withheld and view.role in READING:
            button(words.say("Give it a public title"), lambda: _titling(view, issue, dialog, refresh), kind="solid")
        erase_button(view, path, dialog)


def _act(
    view: View, name: str, path: str, body: dict[str, Any], dialog: ui.dialog, refresh: Refresh, kind: str = "line"
) -> None:
    key = new_key()

    async def press() -> None:
        if await attempt(view, lambda gateway: gateway.do(path, body, key=key), view.words.say("Written down.")):
            dialog.close()
            await refresh()

    button(name, press, kind=kind)


def _titling(view: View, issue: IssueDetail, opened: ui.dialog, refresh: Refresh) -> None:
    words, key = view.words, new_key()
    written = next((step.text for step in issue.history if step.text), "").partition("\n")[0]
    with sheet(view, words.say("Give it a public title"), view.place(issue.place)) as dialog:
        Text(words.say("The title hangs on the notice board. Name nobody in it."), "sentence", "p")
        title = Field(words.say("What is it about?"), limit=80, value=written)
        form = Form(view, {"/title": title}, ["/title"])

        async def send(gateway: Gateway) -> Done:
            return await gateway.do(f"/mediation/issues/{issue.id}/title", {"title": title.given}, key=key)

        async def done(_: Done) -> None:
            dialog.close()
            opened.close()
            await refresh()

        with box("acts"):
            form.button(words.say("Hang it on the board"), send, words.say("Written down."), done)
