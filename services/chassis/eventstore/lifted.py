"""An event of an earlier version, as today's: the one place where a stored name and payload are left behind."""

from typing import Any, Protocol

from contracts.catalogue import CATALOGUE

TYPE, DATA = 4, 5
"""Columns of a row of the log."""


class Row(Protocol):
    """A row of the log: a tuple, or a record of the driver; its columns by their number."""

    def __getitem__(self, column: int, /) -> Any:
        """One column."""


class Lifted:
    """A row whose type is of an earlier version: today's name at once, today's payload when it is touched.

    An upcaster that fails does so then, so that the event is set aside where it is taken in and stops nothing else.

    Attributes:
        stored: the row as the log holds it. type: today's name.
    """

    __slots__ = ("_data", "stored", "type")

    def __init__(self, stored: Row) -> None:
        self.stored = stored
        self.type = CATALOGUE.today(stored[TYPE])
        self._data: bytes | None = None

    def __getitem__(self, column: int) -> Any:
        if column == TYPE:
            return self.type
        return self.data if column == DATA else self.stored[column]

    @property
    def data(self) -> bytes:
        """Today's payload."""
        if self._data is None:
            self._data = CATALOGUE.lifted(self.stored[TYPE], self.stored[DATA])
        return self._data

    @property
    def outward(self) -> Row:
        """The row for readers elsewhere: as stored where it cannot be lifted, which they then find out themselves."""
        try:
            self.data  # noqa: B018 - it is lifted when it is touched
        except Exception:  # noqa: BLE001 - an upcaster may raise anything, and must not stop a topic
            return self.stored
        return self
