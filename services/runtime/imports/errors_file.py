"""The rows that failed, as a CSV file that a spreadsheet opens."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Self

from services.runtime.imports.batches import RowError
from services.runtime.imports.refusals import ImportRefused

HEADINGS = ("file", "line", "column", "value", "reason")
UNDECODED = re.compile("[\udc80-\udcff]")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ErrorsFile:
    """Made at the first error; it bears its name only when the import is over."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._growing = path.with_name(f".{path.name}.part")
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._file is None:
            return
        try:
            self._file.close()
            self._growing.replace(self.path)
        except OSError as error:
            self._growing.unlink(missing_ok=True)
            if kind is None:
                raise self._refused(error) from None

    @property
    def written(self) -> bool:
        """Whether there was an error."""
        return self._file is not None

    def add(self, errors: Sequence[RowError]) -> None:
        """Writes down rows that failed. Raises ImportRefused where that is not possible."""
        if not errors:
            return
        try:
            if self._file is None:
                self._file = self._growing.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="")
                csv.writer(self._file).writerow(HEADINGS)
            csv.writer(self._file).writerows(
                (error.file, error.line, error.column, _harmless(error.value), error.reason) for error in errors
            )
            self._file.flush()
        except OSError as error:
            raise self._refused(error) from None

    def _refused(self, error: OSError) -> ImportRefused:
        return ImportRefused(
            f"The errors file {self.path} cannot be written ({error.strerror}); name another with --errors and repeat "
            "the import, what was imported is known then."
        )


def _harmless(value: str) -> str:
    """Never a formula to the spreadsheet that opens it; a byte that made no character is shown as ``<E4>``."""
    value = UNDECODED.sub(lambda found: f"<{ord(found[0]) - 0xDC00:02X}>", value)
    return f"'{value}" if value.startswith(FORMULA) and not value.lstrip("+-").replace(".", "", 1).isdigit() else value
