"""Seals texts under keys of their own, opens them while the key lives, and destroys keys."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from contracts.common import Sealed
from services.chassis.clock import Clock
from services.chassis.vault.keys import KeyStore
from services.chassis.vault.ledger import Erasures, Ledger, NoLedger
from services.chassis.vault.refusals import Erased, ErasureUnrecorded, KeyUnknown, LedgerBehind, LedgerRefused
from services.chassis.vault.sealing import MasterKey, open_sealed, seal


def subject_key(subject: str) -> str:
    """The name of a person's key."""
    return f"subject:{subject}"


def case_key(case: str) -> str:
    """The name of a case's key."""
    return f"case:{case}"


NONE = NoLedger()


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying the ledger came to.

    Attributes:
        erasures: on the ledger. destroyed: keys that the database had all the same.
    """

    erasures: int
    destroyed: int


class Vault:
    """Keys of one service.

    Args:
        keys: where they are kept, wrapped. master_key: 32 bytes that wrap them. clock: for when a key was made.
        ledger: where erasures are put down apart from the keys; without one nothing can be erased.
        capacity: most unwrapped keys in memory. seconds: longest that one stays there; the bound on how long another
            process reads on after an erasure that nobody told it of. now: seconds that only grow.

    Attributes:
        destroyed: set where a key was destroyed whose old bytes are in the file of the table still.
    """

    def __init__(
        self,
        keys: KeyStore,
        *,
        master_key: bytes,
        clock: Clock,
        ledger: Ledger = NONE,
        capacity: int = 4096,
        seconds: float = 60,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys = keys
        self._master = MasterKey(master_key)
        self._clock = clock
        self._ledger = ledger
        self._capacity = capacity
        self._seconds = seconds
        self._now = now
        self._unwrapped: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._forgotten = 0
        self.destroyed = asyncio.Event()

    async def create(self, name: str) -> None:
        """Makes a key where there is none.

        Raises:
            Erased: it was destroyed; a name is never used again.
        """
        await self._made([name])

    async def seal(self, name: str, text: str) -> Sealed:
        """Seals a text, making the key where there is none.

        Raises:
            Erased: the key was destroyed.
        """
        return (await self.seal_many([(name, text)]))[0]

    async def seal_many(self, texts: Sequence[tuple[str, str]]) -> list[Sealed]:
        """Seals texts under their names, in order, with at most three round trips for all.

        Raises:
            Erased: one of the keys was destroyed; nothing is sealed.
        """
        keys = await self._made([name for name, _ in texts])
        return [Sealed(key=name, text=seal(keys[name], name, text)) for name, text in texts]

    async def open(self, sealed: Sealed) -> str:
        """What was sealed.

        Raises:
            Erased: the key was destroyed. KeyUnknown: it is not of this vault. SealBroken: the text was changed.
        """
        keys = await self._alive([sealed.key])
        key = keys.get(sealed.key)
        if key is None:
            raise Erased(sealed.key)
        return open_sealed(key, sealed.key, sealed.text)

    async def open_many(self, sealed: Iterable[Sealed]) -> list[str | None]:
        """What was sealed, in order, with one round trip for all; None where the key was destroyed.

        Raises:
            KeyUnknown, SealBroken: as in ``open``.
        """
        texts = list(sealed)
        keys = await self._alive([text.key for text in texts])
        return [open_sealed(keys[text.key], text.key, text.text) if text.key in keys else None for text in texts]

    async def erase(self, name: str) -> None:
        """Destroys a key: what was sealed under it is noise from now on, and none is made under its name again.

        Raises:
            ErasureUnrecorded: the ledger did not take it; the key lives.
        """
        self.forget(name)
        at = self._clock.now()
        try:
            # first: should the process die between the two, the ledger is applied at the next start
            await self._ledger.record({name: at})
        except LedgerRefused as error:
            raise ErasureUnrecorded(name) from error
        if await self._keys.erase({name: at}):
            self.destroyed.set()
        self.forget(name)

    async def erasures(self) -> Erasures:
        """What is on the ledger, oldest first.

        Raises:
            LedgerRefused: it cannot be relied on.
        """
        return await self._ledger.read()

    async def apply_ledger(self) -> Applied:
        """Destroys again what the ledger says was erased: a backup of the database may have brought it back.

        Raises:
            LedgerRefused: the ledger cannot be used, was altered, or lacks what the database knows to be erased.
        """
        on_ledger = await self._ledger.record({})
        applied = Applied(len(on_ledger), await self._keys.erase(on_ledger))
        if applied.destroyed:
            self.destroyed.set()
        self._forget_all()
        if lacking := (await self._keys.erased()).keys() - on_ledger.keys():
            raise LedgerBehind(self._ledger.path, len(lacking))
        return applied

    async def mend_ledger(self) -> int:
        """Puts on the ledger what the database knows to be erased; says how many it lacked.

        Raises:
            LedgerRefused: the ledger cannot be used, or was altered.
        """
        before = await self._ledger.record({})
        return len(await self._ledger.record(await self._keys.erased())) - len(before)

    def forget(self, name: str) -> None:
        """Drops a key from memory; for processes that learn of an erasure (SubjectErased)."""
        self._forgotten += 1
        self._unwrapped.pop(name, None)

    def fingerprint(self, content: bytes) -> bytes:
        """32 bytes by which a repeat of the content is known; without the master key nobody can test a guess.

        A plain digest of a request would let a phone number be found by trying them all, after its erasure too.
        """
        return self._master.fingerprint(content)

    def _forget_all(self) -> None:
        self._forgotten += 1
        self._unwrapped.clear()

    async def _alive(self, names: Collection[str]) -> dict[str, bytes]:
        """The keys by name, without those that were destroyed."""
        found = await self._found(set(names))
        for name in names:
            if name not in found:
                raise KeyUnknown(name)
        return {name: key for name, key in found.items() if key is not None}

    async def _made(self, names: Collection[str]) -> dict[str, bytes]:
        found = await self._found(set(names))
        missing = [name for name in names if name not in found]
        if missing:
            await self._keys.add({name: self._master.new_key(name)[1] for name in missing}, self._clock.now())
            # read again: another process may have made one of them at the same time
            found |= await self._found(set(missing))
        for name, key in found.items():
            if key is None:
                raise Erased(name)
        return {name: key for name, key in found.items() if key is not None}

    async def _found(self, names: set[str]) -> dict[str, bytes | None]:
        """Keys by name, None for those that were destroyed; a name without a key is left out."""
        found: dict[str, bytes | None] = {name: key for name in names if (key := self._remembered(name)) is not None}
        wanted = names - found.keys()
        if not wanted:
            return found
        forgotten = self._forgotten
        for name, stored in (await self._keys.fetch(wanted)).items():
            found[name] = None if stored.wrapped is None else self._master.unwrap(name, stored.wrapped)
            key = found[name]
            # an erasure in the meantime must not be undone by what was read before it
            if key is not None and forgotten == self._forgotten:
                self._remember(name, key)
        return found

    def _remembered(self, name: str) -> bytes | None:
        entry = self._unwrapped.get(name)
        if entry is None or entry[0] <= self._now():
            return None
        self._unwrapped.move_to_end(name)
        return entry[1]

    def _remember(self, name: str, key: bytes) -> None:
        self._unwrapped[name] = (self._now() + self._seconds, key)
        self._unwrapped.move_to_end(name)
        while len(self._unwrapped) > self._capacity:
            self._unwrapped.popitem(last=False)
