"""How far checks of the logs came that were interrupted."""

import time
from pathlib import Path
from uuid import UUID

import orjson

from services.chassis.eventstore.verify import Verified


class Remembered:
    """Keeps, for each service, up to where its chain was followed, until it was followed to the end.

    What it has is compared with the log again before a check goes on there; a log that was restored is begun anew.

    Args:
        path: the file. every: seconds between two writings.
    """

    def __init__(self, path: Path, every: float = 1.0) -> None:
        self._path = path
        self._every = every
        self._written = float("-inf")
        try:
            self._known = orjson.loads(path.read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            self._known = {}

    def of(self, service: str, lineage: UUID) -> Verified | None:
        """Up to where the chain of a log was followed, or None."""
        known = self._known.get(service)
        if known is None or known["lineage"] != str(lineage):
            return None
        return Verified(known["position"], bytes.fromhex(known["hash"]))

    def put(self, service: str, lineage: UUID, known: Verified) -> None:
        """Remembers how far it came."""
        self._known[service] = {"lineage": str(lineage), "position": known.position, "hash": known.hash.hex()}
        if time.monotonic() - self._written >= self._every:
            self._written = time.monotonic()
            self._write()

    def forget(self, service: str) -> None:
        """It came to the end: the next check begins at the first event again."""
        self._known.pop(service, None)
        self._write()

    def clear(self) -> None:
        """Forgets all."""
        self._known = {}
        self._write()

    def _write(self) -> None:
        if not self._known:
            self._path.unlink(missing_ok=True)
            return
        growing = self._path.with_name(f".{self._path.name}")
        growing.write_bytes(orjson.dumps(self._known))
        growing.replace(self._path)
