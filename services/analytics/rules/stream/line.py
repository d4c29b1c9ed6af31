"""The way from the sources to the units: parcels, by partition, acknowledged."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import faust

from services.analytics.rules.stream.parcel import Parcel, encode


class Line:
    """Sends parcels.

    Args:
        app: sends. topic: to where. partitions: how many that has; the sources have as many each.
    """

    def __init__(self, app: faust.App, topic: str, partitions: int) -> None:
        self._app = app
        self.topic = topic
        self.partitions = partitions

    async def send(self, parcels: Mapping[int, Iterable[Parcel]]) -> None:
        """Sends parcels to partitions; returns once all are acknowledged.

        Raises:
            KafkaError, faust.exceptions.ProducerSendError: some are not; all may be sent again.
        """
        producer = self._app.producer
        sent: list[Any] = [
            await producer.send(self.topic, None, encode(parcel), partition, None, None)
            for partition, several in parcels.items()
            for parcel in several
        ]
        await asyncio.gather(*sent)
