"""The rules of incidents that a command can break, each named as the sentence it is."""

from collections.abc import Iterable
from datetime import datetime

from contracts.refusals import Conflicting, Mistaken, Unknown


class IncidentUnknown(Unknown):
    """Nobody reported an incident under this id."""

    def __init__(self) -> None:
        super().__init__("No incident was reported under this id: report it first.", "/incident")


class IncidentExists(Conflicting):
    """The id stands for another report."""

    def __init__(self, incident: str) -> None:
        super().__init__(
            f"{incident} was reported before, with other particulars: use another id, or report the same again.",
            "/incident",
        )


class OccurrenceEndsBeforeItBegins(Mistaken):
    """The interval is upside down."""

    def __init__(self) -> None:
        super().__init__("The latest moment lies before the earliest: swap them.", "/occurred/latest")


class OccurrenceInTheFuture(Mistaken):
    """What was reported cannot have happened yet."""

    def __init__(self, now: datetime, pointer: str) -> None:
        super().__init__(
            f"It cannot have happened after now ({now:%Y-%m-%d %H:%M} UTC): correct the date or the time zone.", pointer
        )


class ZoneUnknown(Mistaken):
    """The time zone is none that the world knows."""

    def __init__(self, zone: str) -> None:
        super().__init__(
            f"{zone} is no time zone of a place: use an IANA name such as Asia/Shanghai.", "/occurred/zone"
        )


class NotYetHappened(Mistaken):
    """What is said to be done cannot have been done yet."""

    def __init__(self, effective_at: datetime, now: datetime) -> None:
        super().__init__(
            f"{effective_at:%Y-%m-%d %H:%M} UTC lies ahead; it is {now:%Y-%m-%d %H:%M} UTC: correct the date or the "
            "device's clock.",
            "/effective_at",
        )


class HappenedBeforeItsCause(Mistaken):
    """What is said to be done would come before what it answers."""

    def __init__(self, effective_at: datetime, since: datetime) -> None:
        super().__init__(
            f"{effective_at:%Y-%m-%d %H:%M} UTC lies before {since:%Y-%m-%d %H:%M} UTC, when what it answers happened: "
            "correct the time.",
            "/effective_at",
        )


class IncidentIsResolved(Conflicting):
    """Nothing more is done about a resolved incident."""

    def __init__(self, incident: str) -> None:
        super().__init__(f"{incident} is resolved: reopen it first.")


class IncidentNotResolved(Conflicting):
    """Only what is resolved can be reopened."""

    def __init__(self, incident: str) -> None:
        super().__init__(f"{incident} is not resolved, so it is open already: go on with it as it is.")


class OfficerNotDispatched(Conflicting):
    """Somebody acts on an incident that they were not sent to."""

    def __init__(self, officer: str, dispatched: Iterable[str]) -> None:
        sent = ", ".join(sorted(dispatched)) or "nobody"
        super().__init__(f"{officer} was not dispatched ({sent} was): dispatch the officer first.", "/officer")


class OfficersUnknown(Mistaken):
    """Officers are to be sent who never came on duty here."""

    def __init__(self, officers: Iterable[str]) -> None:
        unknown = ", ".join(officers)
        super().__init__(
            f"{unknown}: no officer of this id has come on duty here. Choose from those on duty, or put the officer on "
            "duty first.",
            "/officers",
        )


class SourceNamesIncident(Mistaken):
    """An id is given where the source's own id decides which incident it is."""

    def __init__(self) -> None:
        super().__init__(
            "The id of an incident with a source_id follows from its source: leave incident out, or source_id.",
            "/incident",
        )


class ResidentsUseTheApp(Mistaken):
    """A resident says that a report came over a channel that is not theirs."""

    def __init__(self) -> None:
        super().__init__("What a resident reports comes over the app: give app as the channel.", "/channel")


class NoDrillOfResidents(Mistaken):
    """An exercise is the desk's."""

    def __init__(self) -> None:
        super().__init__("An exercise is entered by the desk: leave drill out.", "/drill")


class UnitElsewhere(Mistaken):
    """A unit that is not in the place of the report."""

    def __init__(self, unit: str, place: str) -> None:
        super().__init__(
            f"The unit {unit} is not in the place {place}: give the place of the unit or of its building.",
            "/source_unit",
        )


class NotYourTask(Mistaken):
    """A task gives a purpose to whom it belongs, as long as it is open."""

    def __init__(self) -> None:
        super().__init__(
            "You were not sent to this incident, or it is resolved: state another purpose than task.", "/purpose"
        )
