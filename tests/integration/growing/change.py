"""An event with its command, and a field more of an event, as somebody would write them: what it takes in files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WRITTEN = ("contracts", "services")
"""Where production code stands."""
STATE = "services/incidents/domain/incident.py"
COMMANDS = "services/incidents/domain/incident_commands.py"
GENERATED = "contracts/schemas/"
"""What ``python -m contracts.generate`` writes, and nobody by hand."""


@dataclass(frozen=True)
class Edit:
    """What is written into a file.

    Attributes:
        path: of the file, from the root. before: a text that stands in it once. after: what stands there then.
    """

    path: str
    before: str
    after: str

    def apply(self, root: Path) -> None:
        """Writes it; fails where the text is not there, or there twice."""
        file = root / self.path
        text = file.read_text("utf-8")
        assert text.count(self.before) == 1, (
            f"{self.path}: {self.before!r} stands there {text.count(self.before)} times"
        )
        file.write_text(text.replace(self.before, self.after), "utf-8")


def below(path: str, line: str, more: str) -> Edit:
    """Lines more below a line."""
    more = more.removeprefix("\n") if more.startswith("\n    ") else more
    return Edit(path, f"\n{line}\n", f"\n{line}\n{more.rstrip()}\n")


def files(edits: Sequence[Edit]) -> set[str]:
    """The files that are touched."""
    return {edit.path for edit in edits}


EVENT = (
    below(
        "contracts/incidents.py",
        '"""Outcomes of a report that is no incident of its own: neither rules nor figures count it."""',
        '''

class CallerCalledBack(Event):
    """The desk called back who told of it.

    Attributes:
        incident, place: which, where. reached: whether they answered.
    """

    type: ClassVar[str] = "incidents.caller-called-back.v1"
    incident: Identifier
    place: Place
    reached: Annotated[bool, Field(examples=[True])]
''',
    ),
    below("contracts/incidents.py", "EVENTS: tuple[type[Event], ...] = (", "    CallerCalledBack,"),
    below(STATE, "from contracts.incidents import (", "    CallerCalledBack,"),
    below(STATE, "    reopened_at: datetime | None = None", "    reached: bool = False"),
    below(
        STATE,
        "            return _recalled(incident, event)",
        """
        case CallerCalledBack():
            return replace(incident, reached=incident.reached or event.reached)
""",
    ),
    below(COMMANDS, "from contracts.incidents import (", "    CallerCalledBack,"),
    below(
        COMMANDS,
        "from contracts.zones import is_zone",
        "from contracts.refusals import Conflicting",
    ),
    below(
        COMMANDS,
        "SourceWord = Annotated[str, StringConstraints(max_length=120, pattern=PRINTABLE)]",
        '''

class NobodyToCall(Conflicting):
    """The report names nobody who could be called back."""

    def __init__(self) -> None:
        super().__init__("The report names no caller: ask at the place itself.")


class CallBack(Frozen):
    """Calls back who told of it, as often as it takes until they answer."""

    reached: bool
    effective_at: Instant | None = None


def call_back(incident: Incident, command: CallBack, now: datetime) -> list[Event]:
    """Each attempt is on record, until one of them reached the caller."""
    known = _known(incident)
    if known.caller is None:
        raise NobodyToCall
    if incident.reached:
        return []
    at = happened(command.effective_at, now, since=known.occurred.earliest)
    return [CallerCalledBack(incident=known.incident, place=known.place, reached=command.reached, effective_at=at)]
''',
    ),
    below(COMMANDS, "    ReopenIncident: reopen,", "    CallBack: call_back,"),
    below(
        "services/incidents/permissions.py",
        'DISPATCH = Permission("dispatch officers", place=DESK)',
        'CALL_BACK = Permission("call back who told of an incident", place=DESK)',
    ),
    below(
        "services/incidents/api.py",
        "from services.incidents.domain.incident_commands import (",
        "    CallBack,",
    ),
    below(
        "services/incidents/api.py",
        'ERASURES = Noun(ERASURE, "/cases/{incident}", router, ruled_below, tags=("records",))',
        """
INCIDENTS.command(
    CallBack,
    "call-backs",
    permissions.CALL_BACK,
    summary="Call back who told of an incident",
    example={"reached": True},
)
""",
    ),
    below("services/incidents/words.py", "from contracts.incidents import (", "    CallerCalledBack,"),
    below(
        "services/incidents/words.py",
        '    return Words("重新受理", "Reopened")',
        """

def _called_back(event: CallerCalledBack) -> Words:
    return Words("回访报警人", "Caller called back") if event.reached else Words("回访未接通", "Caller not reached")
""",
    ),
    below("services/incidents/words.py", "    IncidentReopened: _reopened,", "    CallerCalledBack: _called_back,"),
)
"""A new event with its command, its refusal, its permission and its words."""

FIELD = (
    Edit(
        "contracts/incidents.py",
        """reason: why, under the case's key.
    \"""

    type: ClassVar[str] = "incidents.incident-reopened.v1"
    incident: Identifier
    place: Place
    reason: Sealed | None = None
""",
        """reason: why, under the case's key.
        asked_for: who told of it asked for that.
    \"""

    type: ClassVar[str] = "incidents.incident-reopened.v1"
    incident: Identifier
    place: Place
    reason: Sealed | None = None
    asked_for: Annotated[bool, Field(examples=[True])] = False
""",
    ),
    Edit(
        COMMANDS,
        """    reason: Sealed | None = None


def report(""",
        """    reason: Sealed | None = None
    asked_for: bool = False


def report(""",
    ),
    Edit(
        COMMANDS,
        "IncidentReopened(incident=known.incident, place=known.place, reason=command.reason, effective_at=now)",
        """IncidentReopened(
            incident=known.incident,
            place=known.place,
            reason=command.reason,
            asked_for=command.asked_for,
            effective_at=now,
        )""",
    ),
    Edit(
        "services/incidents/words.py",
        """def _reopened(_: IncidentReopened) -> Words:
    return Words("重新受理", "Reopened")""",
        """def _reopened(event: IncidentReopened) -> Words:
    asked = Words("（应报警人要求）", " at the caller's request") if event.asked_for else Words("", "")
    return Words(f"重新受理{asked.zh}", f"Reopened{asked.en}")""",
    ),
)
"""A new field of an event that its command says."""
