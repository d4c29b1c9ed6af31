"""The logs of other services by their topics; what a topic lacks is read from its owner."""

from collections.abc import Mapping

from contracts.topics import events_topic
from services.chassis.kafka.connection import client_arguments
from services.chassis.settings import Settings
from services.chassis.subscriptions.kafka import TopicSubscription
from services.chassis.subscriptions.remote import RemoteLog
from services.chassis.subscriptions.subscription import LogReader, Subscription
from services.chassis.telemetry import Telemetry
from services.runtime.topics import readers


class OverKafka:
    """Others' logs as they come by topic.

    Args:
        logs: their owners'. settings: how Kafka is reached. name: of the service that reads, whose readers share out
            the partitions.

    Raises:
        SettingMissing: ``kafka`` is not set.
    """

    def __init__(self, logs: Mapping[str, RemoteLog], settings: Settings, name: str) -> None:
        self._logs = logs
        self._prefix = settings.topic_prefix
        self._client = client_arguments(settings)
        self._group = readers(settings, name)

    def reader(self, source: str) -> LogReader:
        """The log itself, of its owner."""
        return self._logs[source]

    def subscription(self, source: str, telemetry: Telemetry) -> Subscription:
        """The topic."""
        return TopicSubscription(
            events_topic(source, self._prefix),
            self._client,
            self._logs[source],
            self._group,
            count=telemetry.topic_records,
        )
