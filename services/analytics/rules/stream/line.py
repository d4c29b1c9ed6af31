"""The way from the sources to the units: parcels, by partition, acknowledged."""

from collections.abc import Iterable, Mapping

import faust

from services.analytics.rules.stream.parcel import Parcel, encode
from services.chassis.kafka.stream import producer_of
from services.chassis.kafka.transport import Written


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
            KafkaError: some are not; all may be sent again.
        """
        await producer_of(self._app).send_in_order(
            self.topic,
            [Written(partition, None, encode(parcel)) for partition, several in parcels.items() for parcel in several],
        )
