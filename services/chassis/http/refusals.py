"""What is wrong with a request before any rule of the domain is asked."""


class RequestRefused(Exception):
    """A request that cannot be understood; ``sentence`` says what to do and repeats no value.

    Attributes:
        sentence: for people. parameter: name of the header or query parameter, or ``""``.
    """

    def __init__(self, sentence: str, parameter: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.parameter = parameter


class MalformedJson(RequestRefused):
    """The body is not JSON."""

    def __init__(self) -> None:
        super().__init__("The body is not valid JSON: correct it and send it again.")


class FieldTwice(RequestRefused):
    """An object of the body has two values for one name."""

    def __init__(self) -> None:
        super().__init__("The body names a field twice: send each field once.")


class MediaTypeNotJson(RequestRefused):
    """The body says that it is something else."""

    def __init__(self) -> None:
        super().__init__("The body must be JSON: send it with 'Content-Type: application/json'.")


class BodyTooLarge(RequestRefused):
    """The body is over the limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than {limit // 1024} KiB: send less at a time, or import it as a file.")


class ParameterUnknown(RequestRefused):
    """The query names a parameter that this address does not take."""

    def __init__(self, known: list[str]) -> None:
        takes = f"it takes {', '.join(known)}" if known else "it takes none"
        super().__init__(f"The query has a parameter that this address does not take: {takes}. Remove or correct it.")


class HeaderMalformed(RequestRefused):
    """A header has a form that it cannot have."""


class CursorBroken(RequestRefused):
    """A cursor that this list has not handed out."""

    def __init__(self) -> None:
        super().__init__("The cursor is not one that this list has given: start again without it.", "cursor")


class PositionAhead(RequestRefused):
    """A position that the log has not handed out: of another log, or from before a restore."""

    def __init__(self, source: str) -> None:
        super().__init__(f"The log of {source} has not come that far: ask again without Maple-After.", "Maple-After")


class PositionLost(RequestRefused):
    """A position of a history that the log has left, behind what it kept of it."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"The log of {source} was restored from an older copy, and what stood at this position is not in it any "
            "more: look whether what you wrote is there, and ask again without Maple-After.",
            "Maple-After",
        )


class LogReplaced(RequestRefused):
    """The log became another history while it was read."""

    def __init__(self) -> None:
        super().__init__("The log was restored or failed over while it was read: ask again.")


class TextUnstorable(RequestRefused):
    """A value that PostgreSQL cannot keep or compare."""

    def __init__(self) -> None:
        super().__init__(
            "A value holds a character or a number that cannot be stored: remove control characters and send it again."
        )


class NotFound(RequestRefused):
    """What a question asks for is not there."""

    def __init__(self, noun: str, advice: str = "Check its id.") -> None:
        super().__init__(f"There is no such {noun}. {advice}")
