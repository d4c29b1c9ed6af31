"""A topic in memory: what a producer hands over is under way until the test lets it arrive, or loses it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from services.chassis.kafka.messages import Encoded

NAME = "registry.events"


class Record(NamedTuple):
    """One record, as a client of Kafka hands it over."""

    topic: str
    partition: int
    offset: int
    value: bytes
    headers: list[tuple[str, bytes]]


class Metadata(NamedTuple):
    """What the broker answers to a batch. offset: of its first record."""

    offset: int


@dataclass
class Topic:
    """Records by partition."""

    partitions: int
    records: dict[int, list[Record]] = field(default_factory=dict)

    def add(self, partition: int, value: bytes, headers: list[tuple[str, bytes]]) -> int:
        """Appends a record; answers its offset."""
        records = self.records.setdefault(partition, [])
        records.append(Record(NAME, partition, len(records), value, headers))
        return len(records) - 1

    def put(self, partition: int, encoded: Encoded) -> None:
        """Appends a record that was made."""
        self.add(partition, encoded.value, encoded.headers)


class Builder:
    """One batch."""

    def __init__(self) -> None:
        self.records: list[tuple[bytes, list[tuple[str, bytes]]]] = []

    def append(self, *, timestamp: int, key: bytes | None, value: bytes, headers: list[tuple[str, bytes]]) -> object:
        """Adds a record."""
        self.records.append((value, headers))
        return self

    def record_count(self) -> int:
        """How many it holds."""
        return len(self.records)


class Wire:
    """A producer: the part of aiokafka's that an outbox uses."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._underway: list[tuple[Builder, int, asyncio.Future[Metadata]]] = []

    def create_batch(self) -> Builder:
        """An empty one."""
        return Builder()

    async def send_batch(self, builder: Builder, topic: str, *, partition: int) -> "asyncio.Future[Any]":
        """Takes it on its way."""
        answer: asyncio.Future[Metadata] = asyncio.get_running_loop().create_future()
        self._underway.append((builder, partition, answer))
        return answer

    def arrive(self) -> None:
        """Everything under way reaches the topic and is acknowledged, whoever still listens."""
        for builder, partition, answer in self._underway:
            offsets = [self._topic.add(partition, *record) for record in builder.records]
            answer.set_result(Metadata(offsets[0]))
        self._underway = []

    def lose(self) -> None:
        """Everything under way is gone."""
        for *_, answer in self._underway:
            answer.cancel()
        self._underway = []
