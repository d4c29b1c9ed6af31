"""Decides what an import would do, and counts it as the import does."""

from hashlib import blake2b

import orjson

from services.incidents.domain.identity import digest_in
from services.runtime.imports.batches import Batch
from services.runtime.imports.identity import Occurrences
from services.runtime.imports.into_log import IntoLog, Stored, Written, beside, differs, streams_of, taken


class DryRun:
    """Takes the place of the log: remembers which incidents would be in it by now. Memory stays bounded.

    Args:
        log: what was imported before; None where nothing was.
    """

    def __init__(self, log: IntoLog | None) -> None:
        self._log = log
        self._seen = Occurrences()

    async def write(self, batch: Batch) -> Written:
        """What ``IntoLog.write`` would do after all batches before, without doing it."""
        streams = streams_of(batch)
        stored: dict[str, Stored] = await self._log.stored(streams) if self._log is not None else {}
        others: dict[int, bytes] = {}
        written = Written()
        for index, (stream, digest) in enumerate(zip(streams, batch.digests, strict=True)):
            held = stored.get(stream)
            if held is None:
                written += self._unheld(digest, batch.data[index])
            elif (other := taken(held, digest, batch.data[index])) is not None:
                others[index] = other
            else:
                written += Written(known=1, differing=int(differs(held.data, batch.data[index])))
        return written + await self.write(beside(batch, others)) if others else written

    def _unheld(self, digest: bytes, data: bytes) -> Written:
        digest = digest_in(orjson.loads(data)["place"], digest)
        first = blake2b(digest + data, digest_size=16).digest()
        if self._seen.next(digest) > 1:
            return Written(known=1, differing=int(not self._seen.has(first)))
        self._seen.next(first)
        return Written(imported=1)

    def close(self) -> None:
        """Removes what it remembers."""
        self._seen.close()
