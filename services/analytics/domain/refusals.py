"""Every rule of analytics that can forbid a command, as a sentence that says what to do."""

from datetime import date

from contracts.refusals import Conflicting, Mistaken, Unknown


class AlertUnknown(Unknown):
    """No rule raised an alert under this id."""

    def __init__(self) -> None:
        super().__init__("No alert was raised under this id: check it.", "/alert")


class AlertTaken(Conflicting):
    """Somebody else has it."""

    def __init__(self, by: str) -> None:
        super().__init__(f"{by} has taken this alert: ask them, or a supervisor.", "")
        self.by = by


class AlertNotAcknowledged(Conflicting):
    """Nobody has taken it, so nobody can be done with it."""

    def __init__(self) -> None:
        super().__init__("Nobody has taken this alert: acknowledge it first.", "")


class AlertIsClosed(Conflicting):
    """It is over; a new finding raises a new alert."""

    def __init__(self, by: str) -> None:
        super().__init__(f"{by} has closed this alert: nothing more is done with it.", "")


class SpanUpsideDown(Mistaken):
    """It ends before it begins."""

    def __init__(self, first: date, last: date, pointer: str = "/span/last") -> None:
        super().__init__(f"The span ends on {last}, before it begins on {first}: correct it.", pointer)


class PeriodMissing(Mistaken):
    """The figures of the case have spans and categories of their own."""

    def __init__(self) -> None:
        super().__init__(
            "Without a period these are the figures of the case: add period=year, month or day.", "/period"
        )


class SpanOutsideYears(Mistaken):
    """A slip of the keyboard: figures of such years are none that a city has."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(f"The span must lie within the years {first} to {last}: correct it.", "/span")


class SpanNotOver(Mistaken):
    """Nobody knows yet what days to come will hold."""

    def __init__(self, last: date, today: date) -> None:
        super().__init__(
            f"The span ends on {last}, after today, {today}: declare it up to today, and the rest once it is over.",
            "/span/last",
        )


class LogNotThatFar(Mistaken):
    """What is complete at a position that the log has not handed out would never be complete."""

    def __init__(self, log: str, head: int) -> None:
        super().__init__(
            f"The log of {log} has come to {head}: send the position that Maple-Position said, or none.",
            f"/complete_at/{log}",
        )


class GapOutsideSpan(Mistaken):
    """A gap is a part of what is covered otherwise."""

    def __init__(self, index: int) -> None:
        super().__init__("This gap does not lie within the span: correct one of them.", f"/gaps/{index}")


class ZoneUnknown(Mistaken):
    """No calendar is kept there."""

    def __init__(self, zone: str) -> None:
        super().__init__(f"{zone} is no time zone of a place: use an IANA name such as Asia/Shanghai.", "/zone")


class UnitDiffers(Conflicting):
    """A figure is corrected in the unit in which it was reported."""

    def __init__(self, reported: str, unit: str) -> None:
        super().__init__(f"It was reported in {reported}, not in {unit}: convert it, or check the figure.", "/unit")


class NothingToRelease(Unknown):
    """There is no report of this figure for this span."""

    def __init__(self) -> None:
        super().__init__("This figure was not reported for this place and span: look at the list again.", "/span")


class ReportChanged(Conflicting):
    """What waits is not what the supervisor has looked at."""

    def __init__(self) -> None:
        super().__init__("Another value was reported meanwhile: look at it again, then release it.", "/value")


class NothingToCorrect(Mistaken):
    """There is no report of this figure for this span."""

    def __init__(self) -> None:
        super().__init__("This figure was not reported for this place and span: report it first.", "/span")
