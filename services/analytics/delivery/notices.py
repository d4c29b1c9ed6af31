"""What a person is told: of an alert, of its escalation, of a task that is theirs, of a promise that was missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from contracts.analytics import AlertRaised
from contracts.catalogue import CATALOGUE
from contracts.mediation import CommitmentMissed
from services.analytics import words
from services.analytics.deciders import ALERT
from services.analytics.rules.rule import AnyRule
from services.chassis.eventstore.types import Recorded

Kind = Literal["alert", "escalation", "assignment", "promise"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell.

    Attributes:
        event: id of the event that gave rise to it; it is told once for that event. kind: of what sort.
        about: the alert, incident, dispute, round or issue. place: where. words: as they are sent.
    """

    event: str
    kind: Kind
    about: str
    place: str
    words: words.Words


def of_assignment(row: Mapping[str, Any]) -> Notice:
    """What is told of a row of ``views.assignments``."""
    name = CATALOGUE.today(row["type"])  # a row may be older than the version
    kind: Kind = "promise" if name == CommitmentMissed.type else "assignment"
    return Notice(row["event"], kind, row["about"], row["place"], words.notice(name, orjson.loads(row["said"])))


def of_alert(past: Sequence[Recorded], rule: AnyRule | None, kind: Kind) -> Notice:
    """What is told of an alert after these events of its stream, the last of which gave rise to it."""
    raised: Any = next(event.event for event in past if event.model is AlertRaised)
    state = ALERT.initial
    for recorded in past:
        state = ALERT.evolve(state, recorded.event)
    label = words.label(raised.key) or raised.key
    said = words.template(rule.words, {"label": label, "count": state.count}) if rule else words.name(raised.rule)
    if kind == "escalation":
        said = words.notice("escalation", {"alert_zh": said.zh, "alert_en": said.en})
    return Notice(str(past[-1].id), kind, raised.alert, raised.place, said)
