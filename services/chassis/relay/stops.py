"""Why a relay stops until somebody acts. Commands go on meanwhile; what they append waits in the log."""


def anew(topic: str, position: str) -> str:
    """The command that publishes a topic anew; it is told the service, or alerts (contracts.topics)."""
    return f"maplebridge relay republish {topic.removesuffix('.events').rpartition('.')[2]} --from {position}"


class RelayStopped(Exception):
    """The relay does not go on by itself; its sentence says what to do."""


class TopicMissing(RelayStopped):
    """The topic is not there."""

    def __init__(self, topic: str) -> None:
        super().__init__(
            f"The topic {topic} is not there: make it with maplebridge topics apply, and if it was deleted, publish "
            f"it anew with {anew(topic, '1')}."
        )


class TopicLost(RelayStopped):
    """The topic lacks what it had acknowledged."""

    def __init__(self, topic: str, partition: int, offset: int, end: int) -> None:
        super().__init__(
            f"{topic}, partition {partition} ends at offset {end}, but {offset} was acknowledged: it was deleted and "
            f"made anew, or has lost data. Publish it anew with {anew(topic, 'POSITION')}."
        )


class TopicShrunk(RelayStopped):
    """The topic has fewer partitions than it had."""

    def __init__(self, topic: str, had: int, has: int) -> None:
        super().__init__(
            f"{topic} has {has} partitions and had {had}: partitions are only added. It was made anew; publish it anew "
            f"with {anew(topic, 'POSITION')}."
        )


class MessageTooLarge(RelayStopped):
    """The topic refuses a batch for its size."""

    def __init__(self, topic: str, size: int) -> None:
        super().__init__(
            f"{topic} refused {size:,} bytes: its setting max.message.bytes is too small; set it to 1048576 or more "
            "(maplebridge topics apply). Nothing is left out; the relay waits."
        )
