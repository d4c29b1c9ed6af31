"""What a read model is."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import asyncpg
import sqlalchemy as sa

from contracts.common import Event, names_of
from services.chassis.eventstore.types import Recorded

Apply = Callable[["asyncpg.Connection[asyncpg.Record]", Sequence[Recorded]], Awaitable[None]]


@dataclass(frozen=True)
class ReadModel:
    """A picture of one or several logs, kept in a PostgreSQL schema of its own.

    Attributes:
        name: also the schema's name. version: raised whenever ``apply`` or the tables change; the model is rebuilt.
        sources: services whose logs it reads. types: the events that it wants, whichever version they were stored in.
        tables: its tables, in the schema ``name``. apply: folds a batch of one source, then writes it with set-based
            SQL and unqualified table names, inside the transaction that moves the checkpoint. The same rows come out
            however the events are cut into batches, and in whatever order streams reach it.
    """

    name: str
    version: int
    sources: tuple[str, ...]
    types: frozenset[type[Event]]
    tables: sa.MetaData
    apply: Apply

    @cached_property
    def names(self) -> frozenset[str]:
        """Today's names of the events that it wants."""
        return names_of(self.types)


def next_name(name: str) -> str:
    """The schema in which a rebuild grows beside the live one."""
    return f"{name}_next"


def last_name(name: str) -> str:
    """The schema that a rebuild replaced, kept to switch back."""
    return f"{name}_last"
