"""A connection to Kafka that broke, said in the way that aiokafka listens for.

What is written to a connection that is closed already, asyncio's own transport drops; uvloop's raises RuntimeError.
aiokafka takes an OSError for a broken connection; anything else ends its task that keeps the metadata, and whoever
waits for that, its clients' own stop() too, waits for ever.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError, KafkaError

Send = Callable[..., Any]


def said(send: Send) -> Send:
    """The same, with a closed transport as the broken connection that it is."""

    @wraps(send)
    def sending(connection: AIOKafkaConnection, *arguments: Any, **more: Any) -> Any:
        try:
            return send(connection, *arguments, **more)
        except KafkaError:  # which is a RuntimeError too
            raise
        except RuntimeError as error:
            connection.close(reason=CloseReason.CONNECTION_BROKEN)
            raise KafkaConnectionError(f"Connection at {connection.host}:{connection.port} broken: {error}") from error

    return sending


def say_so() -> None:
    """From now on, of every connection of this process."""
    for name in ("send", "_send_sasl_token"):
        send = getattr(AIOKafkaConnection, name)
        if not hasattr(send, "__wrapped__"):
            setattr(AIOKafkaConnection, name, said(send))
