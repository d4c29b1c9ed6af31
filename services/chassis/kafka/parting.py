"""A connection to Kafka over TLS that is closed at once, without waiting for the other side's farewell.

A broker that holds a fetch back answers that before it says farewell. uvloop's transport mostly misses the farewell and
waits 30 seconds for it, asyncio's waits while the broker is silent, and aiokafka's clients wait for the transport: so
long would a relay that has looked at its topic hold its lease and publish nothing.
"""

from functools import wraps
from typing import Any

from aiokafka.conn import AIOKafkaConnection


def briefly() -> None:
    """From now on, of every connection of this process; what has to arrive was answered before it is closed."""
    close = AIOKafkaConnection.close
    if hasattr(close, "__wrapped__"):
        return

    @wraps(close)
    def closing(connection: AIOKafkaConnection, *arguments: Any, **more: Any) -> Any:
        writer = connection._writer  # noqa: SLF001 - it is forgotten on closing
        closed = close(connection, *arguments, **more)
        if writer is not None and writer.get_extra_info("ssl_object") is not None:
            writer.transport.abort()
        return closed

    AIOKafkaConnection.close = closing
