"""Why Kafka cannot run here."""

from services.runtime.guarded import ServerUnavailable


class KafkaUnavailable(ServerUnavailable):
    """Kafka does not start or has ended; the message is one sentence that says what to do."""
