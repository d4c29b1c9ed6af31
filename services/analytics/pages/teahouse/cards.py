"""An item as a card: how far it is, who owes what by when."""

from collections.abc import Callable
from datetime import date
from typing import Any

from services.analytics.pages.kit import Text, box, opening
from services.analytics.pages.phrases import ISSUE_PHASE, POINT_PHASE
from services.analytics.pages.shapes import Commitment, Issue
from services.analytics.pages.viewer import View

STAGES = ("raised", "placed", "committed", "resolved", "confirmed")
"""The way of an item; each stage is one segment of its bar."""


def stage(issue: Issue) -> str:
    """How far an item is; on the agenda counts as a stage of its own."""
    if issue.phase == "raised" and issue.next_session:
        return "placed"
    return issue.phase if issue.phase in STAGES else "committed" if issue.commitments else "raised"


def stage_words(view: View, issue: Issue) -> str:
    """How far an item is, in words; what a resident objects to stands out."""
    if issue.kind == "pain-point" and issue.phase in POINT_PHASE:
        return view.words.say(POINT_PHASE[issue.phase])
    shown = issue.phase if issue.phase == "disputed" else stage(issue)
    return view.words.say(ISSUE_PHASE[shown])


def owing(issue: Issue) -> Commitment | None:
    """The promise that is due first among those that are open."""
    waiting = [promise for promise in issue.commitments if promise.fulfilled_at is None]
    return min(waiting, key=lambda promise: promise.due_on, default=None)


def title_of(view: View, issue: Issue) -> str:
    """The public title; of a resident's item that the desk has not read yet, that it is one, and its category."""
    if issue.title_withheld:
        return " · ".join(filter(None, [view.words.say("A resident's item"), view.category(issue.category)]))
    return issue.title


def card(view: View, issue: Issue, act: Callable[[], Any]) -> None:
    """The card of an item."""
    words = view.at(issue.place)
    with opening("panel item", act, title_of(view, issue)):
        with box("item-line"):
            Text(title_of(view, issue), "item-title")
            Text(
                " · ".join(
                    filter(None, [where(view, issue), words.say("raised {day}", day=words.day(issue.raised_at))])
                ),
                "aside",
            )
        with box("item-line"):
            with box("item-stage"):
                stages(view, issue)
                Text(stage_words(view, issue), "aside late" if issue.phase == "disputed" else "aside")
            _due(view, issue)


def where(view: View, issue: Issue) -> str:
    """The building and floor, where an item has them."""
    words = view.words
    floor = words.say("floor {n}", n=issue.floor) if issue.floor is not None else ""
    building = view.place(issue.place) if issue.building else ""
    return " ".join(filter(None, [building, floor]))


def stages(view: View, issue: Issue) -> None:
    """The way of an item as a bar of segments."""
    reached = STAGES.index(stage(issue)) + 1
    spoken = view.words.say("{n} of {all} steps", n=reached, all=len(STAGES))
    with box("stages").props('role="img"') as bar:
        bar.props["aria-label"] = spoken
        for number in range(len(STAGES)):
            box("segment reached" if number < reached else "segment")


def overdue_days(promise: Commitment, today: date) -> int:
    """Days that a promise is late; 0 while it is not."""
    return max(0, (today - promise.due_on).days) if promise.fulfilled_at is None else 0


def _due(view: View, issue: Issue) -> None:
    words, promise = view.at(issue.place), owing(issue)
    if promise is not None and issue.phase != "confirmed":
        late = overdue_days(promise, words.local(view.now).date())
        with box("aside due"):
            Text(f"{view.organisation(promise.owner)} · ")
            if late:
                Text(words.count("{n} day overdue", "{n} days overdue", late), "late")
            else:
                Text(words.say("by {day}", day=words.day(promise.due_on)))
        return
    if issue.next_session:
        starts = issue.next_session.starts_at
        said = words.say("{weekday} {time}, teahouse", weekday=words.weekday(starts), time=words.clock(starts))
        Text(said, "aside")
    elif issue.resolved_at:
        Text(words.say("done {day}", day=words.day(issue.resolved_at, year=True)), "aside")
