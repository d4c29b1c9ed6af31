"""The memory of window rules in a Faust table: RocksDB here, and a changelog topic from which it comes back.

A table of Faust takes a write only within the event that it belongs to, one at a time, and remembers the changelog's
offset with another write for each. What a batch changes is written here at once instead, in an order that recovery can
rely on: the changelog has acknowledged all of it before RocksDB has any, and RocksDB takes values and offset together.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import cast

import faust
import rocksdict
from faust.stores.rocksdb import Store
from faust.types import TP
from yarl import URL

from services.chassis.kafka.stream import producer_of
from services.chassis.kafka.transport import Written
from services.chassis.windows.windows import Windows

BLOCK_CACHE = 8 * 1024 * 1024
"""Bytes for each partition; Faust's own default is 2 GiB for each."""
WRITE_BUFFER = 4 * 1024 * 1024
OPTIONS = {"block_cache_size": BLOCK_CACHE, "write_buffer_size": WRITE_BUFFER, "max_open_files": 64}


class TableStore(Store):
    """RocksDB by partition, many keys at a time."""

    def fetch(self, partition: int, keys: list[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that have one."""
        values = self._db_for_partition(partition).get(keys)
        return {key: value for key, value in zip(keys, values, strict=True) if value is not None}

    def put(self, partition: int, changes: Mapping[bytes, bytes | None], offset: int) -> None:
        """Takes changes over together with the changelog's last offset of them."""
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in changes.items():
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(self.offset_key, str(offset).encode())
        self._db_for_partition(partition).write(batch)

    def keys_from(self, partition: int, prefix: bytes) -> Iterator[bytes]:
        """The keys that begin so, in order."""
        for key in self._db_for_partition(partition).keys(from_key=prefix):
            if not key.startswith(prefix):
                return
            yield key


class WindowTable(faust.Table[bytes, bytes]):
    """A table of bytes whose changelog topic exists already.

    Args:
        app: whose. name: the changelog topic is named ``{app id}-{name}-changelog``. partitions: as its source has.
    """

    def __init__(self, app: faust.App, *, name: str, partitions: int) -> None:
        super().__init__(app, name=name, partitions=partitions, key_type=bytes, value_type=bytes, options=dict(OPTIONS))

    @property
    def store(self) -> TableStore:
        """What is on this machine of it."""
        return cast("TableStore", self.data)

    def keys_from(self, partition: int, prefix: bytes) -> Iterator[bytes]:
        """The keys of a partition that begin so, in order."""
        return self.store.keys_from(partition, prefix)

    async def on_start(self) -> None:
        """Opens the store, and makes no topic."""
        await self.add_runtime_dependency(self.data)

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """Holds all records back until Faust lets them flow again.

        Faust lets the partitions of the agents go, then seeks each to what is committed, then empties the agents'
        queues: what it handed out between the seek and the emptying would be lost.
        """
        await super().on_recovery_completed(active_tps, standby_tps)
        self.app.flow_control.suspend()

    def _new_store_by_url(self, url: str | URL) -> TableStore:
        return TableStore(
            url,
            self.app,
            self,
            table_name=self.name,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            loop=self.loop,
            options=self.options,
        )


class FaustWindows(Windows):
    """One partition of a table, within one batch of the events that came to it.

    Args:
        table: the worker must own the partition. check: raises where it may not own it any more. partition: of the
            events.
    """

    def __init__(self, table: WindowTable, check: Callable[[], None], partition: int) -> None:
        super().__init__()
        self._table = table
        self._check = check
        self._partition = partition

    async def _fetch(self, keys: list[bytes]) -> dict[bytes, bytes]:
        return self._table.store.fetch(self._partition, keys)

    async def _write(self, changes: dict[bytes, bytes | None]) -> None:
        # Kafka keeps the order within a partition: after a crash nothing is there without what was written before it
        self._check()
        table, partition = self._table, self._partition
        records = [Written(partition, key, value) for key, value in changes.items()]
        acknowledged = await producer_of(table.app).send_in_order(table.changelog_topic_name, records)
        table.store.put(partition, changes, max(each.offset for each in acknowledged))
