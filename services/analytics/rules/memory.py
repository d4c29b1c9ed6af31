"""What the rules remember of each unit, as bytes in a mapping."""

from dataclasses import dataclass, field
from datetime import datetime

import orjson
from pydantic import TypeAdapter

from services.analytics.rules.overdue import Waiting
from services.analytics.rules.repeated import UnitSeen
from services.analytics.rules.rule import Finding
from services.chassis.windows import Windows

NOTHING: frozenset[str] = frozenset()


@dataclass(slots=True)
class Known:
    """What is known of one unit.

    Attributes:
        seen, waiting: of the two kinds of rule. sent: by alert, the finding that the log was last told of; one without
            evidence where it is not known what the log was told.
    """

    seen: UnitSeen = field(default_factory=UnitSeen)
    waiting: Waiting = field(default_factory=Waiting)
    sent: dict[str, Finding] = field(default_factory=dict)


_KNOWN: TypeAdapter[Known] = TypeAdapter(Known)


def unit_key(unit: str) -> bytes:
    """Where a unit is remembered."""
    return f"unit:{unit}".encode()


def call_key(stream: str) -> bytes:
    """Where it is remembered which unit a call came from."""
    return f"call:{stream}".encode()


def hour_key(moment: datetime) -> bytes:
    """Where the units are remembered that are to be looked at within an hour."""
    return f"due:{moment:%Y-%m-%dT%H}".encode()


LATE = b"due:now"
"""Units to be looked at as soon as may be."""
CURSOR = b"due:cursor"
"""The hour whose units were looked at last."""


def known(windows: Windows, unit: str) -> Known:
    """What is known of a unit."""
    kept = windows.get(unit_key(unit))
    return _KNOWN.validate_json(kept) if kept else Known()


def remember(windows: Windows, unit: str, what: Known) -> None:
    """Remembers what is known of a unit."""
    windows[unit_key(unit)] = dump(what)


def dump(what: Known) -> bytes:
    """What is known of a unit, as bytes."""
    return _KNOWN.dump_json(what)


def units(windows: Windows, key: bytes) -> set[str]:
    """The units that stand under a key."""
    kept = windows.get(key)
    return set(orjson.loads(kept)) if kept else set()


def put_units(windows: Windows, key: bytes, listed: set[str]) -> None:
    """Puts units under a key; an empty list is no entry."""
    if listed:
        windows[key] = orjson.dumps(sorted(listed))
    elif key in windows:
        del windows[key]
