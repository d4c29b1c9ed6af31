"""A history, step by step, with both times: when it was true and when it was known."""

from collections.abc import Sequence

from services.analytics.pages.kit import Text, box
from services.analytics.pages.people import actor
from services.analytics.pages.shapes import Step
from services.analytics.pages.viewer import View
from services.analytics.pages.words import Words

LATE = 90.0
"""Seconds between true and known from which on both are shown."""


def history(view: View, steps: Sequence[Step], place: str) -> None:
    """The steps in the order they are given, by the clocks of the place that they are about."""
    words = view.at(place)
    with box("steps", "ol"):
        for step in steps:
            with box("step", "li"):
                Text(words.stamp(step.effective_at)[:16], "event-when")
                with box("event-words"):
                    Text(words.of(step.words) or step.type)
                    if step.text:
                        Text(step.text, "step-text", "p")
                    Text(_known(view, words, step), "aside")


def _known(view: View, words: Words, step: Step) -> str:
    by = actor(view, step.actor)
    late = step.recorded_at and abs((step.recorded_at - step.effective_at).total_seconds()) > LATE
    known = words.say("known {when}", when=words.stamp(step.recorded_at)[:16]) if late and step.recorded_at else ""
    return " · ".join(filter(None, [by, known]))
