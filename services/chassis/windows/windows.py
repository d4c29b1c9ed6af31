"""The port: a mutable mapping of bytes, whose keys are brought within reach before they are touched."""

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, MutableMapping


class NotReached(LookupError):
    """A key was touched that nobody had brought within reach; call ``reach`` with it first."""

    def __init__(self, key: bytes) -> None:
        super().__init__(f"{key!r} is not within reach: call reach() with it first.")


class Windows(MutableMapping[bytes, bytes]):
    """A rule's memory within one unit of work.

    Reading and writing are synchronous, as in a Faust table; what they touch is fetched before (``reach``) and
    written after (``keep``), in one round trip each. What is neither kept nor noted is forgotten.
    """

    def __init__(self) -> None:
        self._values: dict[bytes, bytes | None] = {}
        self._changed: set[bytes] = set()

    async def reach(self, keys: Collection[bytes]) -> None:
        """Brings keys within reach; what was changed since stays changed."""
        missing = sorted({key for key in keys if key not in self._values})
        if missing:
            found = await self._fetch(missing)
            self._values.update({key: found.get(key) for key in missing})

    async def keep(self) -> None:
        """Writes what was changed."""
        if self._changed:
            await self._write({key: self._values[key] for key in sorted(self._changed)})
            self._changed.clear()

    async def note(self, changes: Mapping[bytes, bytes]) -> None:
        """Writes at once, whatever becomes of the rest; of keys of which nothing was kept in this unit of work."""
        if changes:
            await self._note(changes)
            self._values |= changes
            self._changed -= changes.keys()

    async def _note(self, changes: Mapping[bytes, bytes]) -> None:
        await self._write(dict(changes))

    @abstractmethod
    async def _fetch(self, keys: list[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that have one."""

    @abstractmethod
    async def _write(self, changes: dict[bytes, bytes | None]) -> None:
        """Puts values in place; None removes a key."""

    def __getitem__(self, key: bytes) -> bytes:
        if key not in self._values:
            raise NotReached(key)
        value = self._values[key]
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: bytes, value: bytes) -> None:
        if key not in self._values:
            raise NotReached(key)
        if self._values[key] != value:
            self._values[key] = value
            self._changed.add(key)

    def __delitem__(self, key: bytes) -> None:
        _ = self[key]
        self._values[key] = None
        self._changed.add(key)

    def __iter__(self) -> Iterator[bytes]:
        """The keys within reach that have a value, in order."""
        return iter(sorted(key for key, value in self._values.items() if value is not None))

    def __len__(self) -> int:
        return sum(value is not None for value in self._values.values())
