"""Why an import, or one of its rows, is refused: each a sentence that says what to do."""

from dataclasses import dataclass

from services.runtime.imports.zoned import Interval


class ImportRefused(Exception):
    """The import cannot go on; the message is one sentence."""


class MappingRefused(ImportRefused):
    """The mapping does not say what it must, or says what it may not."""


class MappingUnknown(MappingRefused):
    """No mapping of this name ships, and no file of this name is there."""

    def __init__(self, name: str, shipped: list[str]) -> None:
        super().__init__(f"There is no mapping {name}: name a file, or one that ships ({', '.join(shipped)}).")


class FileRefused(ImportRefused):
    """A file cannot be read as what it says it is."""


class FileEndsEarly(FileRefused):
    """A file breaks off; the rows before were read."""


@dataclass
class RowRefused(Exception):
    """A row cannot become an incident.

    Attributes:
        column: where it lies, ``""`` where it is the row as a whole. value: what stands there.
        reason: what is wrong, without the value, since that may be personal.
        between: the earliest and the latest moment that it tells of, where its time is what is wrong and still says
        the day.
    """

    column: str
    value: str
    reason: str
    between: Interval | None = None

    def __str__(self) -> str:
        return f"{self.column}: {self.reason}" if self.column else self.reason
