"""A rule as data, and what it finds."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Annotated, Literal

import yaml
from pydantic import Field

from contracts.analytics import Severity
from contracts.common import Category, EventRef, Frozen, Identifier

MOST_EVIDENCE = 500


class Escalation(Frozen):
    """When the supervisor of the place is told because nobody takes an alert.

    Attributes:
        after_minutes: counted from when it was raised, or reopened.
    """

    after_minutes: Annotated[int, Field(ge=1, le=100_000)]


class Rule(Frozen):
    """What every rule has.

    Attributes:
        rule, version: its name, and which edition; a change of meaning is a new version. severity: of its alerts.
        words: a headline in ``zh`` and ``en``, with ``{label}`` and ``{count}``. escalate: when the supervisor is told.
    """

    rule: Identifier
    version: Annotated[int, Field(ge=1)]
    severity: Severity
    words: Mapping[Literal["zh", "en"], str]
    escalate: Escalation | None = None

    @property
    def again(self) -> int:
        """How many events that are new reopen an alert that was closed."""
        return 1


class RepeatedRule(Rule):
    """So many happenings from one unit within so many days.

    Attributes:
        threshold: how many. within_days: in how long a window. categories: which kinds count, with all below them.
        lateness_days: what is told later than this after its window is no longer counted.
        raise_within_days: a window that ended longer ago is history when it is found, and alarms nobody.
    """

    kind: Literal["repeated"]
    threshold: Annotated[int, Field(ge=2, le=MOST_EVIDENCE)]
    within_days: Annotated[int, Field(ge=1, le=366)]
    lateness_days: Annotated[int, Field(ge=0, le=366)] = 60
    raise_within_days: Annotated[int, Field(ge=0, le=366)] = 7
    categories: Annotated[tuple[Category, ...], Field(min_length=1)]

    @property
    def again(self) -> int:
        """As many as raise an alert."""
        return self.threshold

    @property
    def window(self) -> timedelta:
        """How long a window is."""
        return timedelta(days=self.within_days)


class OverdueRule(Rule):
    """A verification is due and nobody made it."""

    kind: Literal["overdue"]


AnyRule = Annotated[RepeatedRule | OverdueRule, Field(discriminator="kind")]


class _Document(Frozen):
    rule: AnyRule


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says about one window, as far as is known.

    Attributes:
        alert: deterministic: the same for the same rule version, key and window, whatever arrived first.
        key, place: what it counted by, and where that is. effective_at: when the rule first held.
        window_from, window_to: the window. evidence: what was counted, oldest first; empty where nothing of an
        earlier finding is left. due_at: the deadline that passed, where that is the reason.
    """

    alert: str
    key: str
    place: str
    effective_at: datetime
    window_from: datetime
    window_to: datetime
    evidence: tuple[EventRef, ...]
    due_at: datetime | None = None


def alert_id(rule: Rule, key: str, window: str) -> str:
    """The alert's id: the same wherever and whenever it is computed."""
    digest = hashlib.blake2b(f"{key}\n{window}".encode(), digest_size=8).hexdigest()
    return f"{rule.rule}-{rule.version}-{digest}"


def parse(text: str) -> AnyRule:
    """Reads one rule from YAML.

    Raises:
        pydantic.ValidationError: it is no rule.
    """
    return _Document.model_validate({"rule": yaml.safe_load(text)}).rule


@cache
def by_name() -> Mapping[str, AnyRule]:
    """The rules that come with the service, by name."""
    return {rule.rule: rule for rule in shipped()}


def shipped() -> Sequence[AnyRule]:
    """The rules that come with the service."""
    folder = resources.files("services.analytics.rules") / "definitions"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return [parse(file.read_text("utf-8")) for file in files]
