"""Why Kafka cannot run here."""


class KafkaUnavailable(Exception):
    """Kafka does not start or has ended; the message is one sentence that says what to do."""
