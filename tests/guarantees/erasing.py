"""Erasures under test: the product's, and three that a backup of the database undoes."""

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol

from services.chassis.clock import FixedClock
from services.chassis.postgres import Database
from services.chassis.vault import Erasures, FileLedger, LedgerBehind, PostgresKeys, Vault

NOON = datetime(2024, 5, 6, 4, tzinfo=UTC)
MASTER = bytes(32)
Moment = Literal["before the ledger", "after the ledger", "before the key", "after the key"]


class Died(Exception):
    """The process died."""


class Process:
    """What a process stands on; it dies at a moment, or not."""

    def __init__(self, database: Database, path: Path, dies: Moment | None = None) -> None:
        self.keys = MortalKeys(database, self)
        self.ledger = MortalLedger(path, self)
        self.vault = Vault(self.keys, master_key=MASTER, clock=FixedClock(NOON), ledger=self.ledger)
        self._dies = dies

    def reaches(self, moment: Moment) -> None:
        """Raises Died where that is the moment."""
        if moment == self._dies:
            raise Died


class MortalKeys(PostgresKeys):
    """Keys of a process that may die."""

    def __init__(self, database: Database, process: Process) -> None:
        super().__init__(database.pool)
        self._process = process

    async def erase(self, erasures: Mapping[str, datetime]) -> int:
        """As the product does, or not."""
        self._process.reaches("before the key")
        destroyed = await super().erase(erasures)
        self._process.reaches("after the key")
        return destroyed


class MortalLedger(FileLedger):
    """The ledger of a process that may die."""

    def __init__(self, path: Path, process: Process) -> None:
        super().__init__(path, "registry", MASTER)
        self._process = process

    async def record(self, erasures: Erasures) -> Erasures:
        """As the product does, or not."""
        self._process.reaches("before the ledger")
        put_down = await super().record(erasures)
        self._process.reaches("after the ledger")
        return put_down


class ErasuresUnderTest(Protocol):
    """Erases, and starts on what it finds."""

    def __init__(self, process: Process) -> None: ...

    async def start(self) -> None:
        """Before it serves anybody."""
        ...

    async def erase(self, name: str) -> None:
        """Destroys a key for good."""
        ...


class LedgerFirst:
    """The real one: the erasure is on the ledger before the key goes, and every start applies the ledger."""

    def __init__(self, process: Process) -> None:
        self.process = process

    async def start(self) -> None:
        """As the product does."""
        await self.process.vault.apply_ledger()

    async def erase(self, name: str) -> None:
        """As the product does."""
        await self.process.vault.erase(name)


class DatabaseAlone(LedgerFirst):
    """Wrong: the key is destroyed where it is kept, and that is that."""

    async def start(self) -> None:
        """Relies on the database."""

    async def erase(self, name: str) -> None:
        """Destroys the key."""
        await self.process.keys.erase({name: NOON})


class LedgerAfterwards(LedgerFirst):
    """Wrong: what was done is put down, once it is done."""

    async def start(self) -> None:
        """Applies the ledger, and does not compare the two."""
        with contextlib.suppress(LedgerBehind):
            await super().start()

    async def erase(self, name: str) -> None:
        """Destroys the key, then writes."""
        await self.process.keys.erase({name: NOON})
        await self.process.ledger.record({name: NOON})


class NeverApplied(LedgerFirst):
    """Wrong: there is a ledger, for an operator to apply who thinks of it."""

    async def start(self) -> None:
        """Relies on the operator."""
