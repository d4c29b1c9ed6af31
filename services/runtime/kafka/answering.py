"""Whether a broker answers."""

import asyncio
from collections.abc import Mapping

NOBODY: Mapping[str, str] = {}


async def answers(bootstrap: str, login: Mapping[str, str] = NOBODY) -> bool:
    """Whether a broker is there that knows of itself.

    Args:
        login: arguments of aiokafka's clients, where the broker knows users.
    """
    from aiokafka.client import AIOKafkaClient
    from aiokafka.errors import KafkaError

    from services.chassis.kafka import clear

    clear.accept_on_this_machine(bootstrap)
    host, _, port = bootstrap.rpartition(":")
    try:  # first without a client of Kafka's, which logs each refusal
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), 1)
    except (OSError, TimeoutError):
        return False
    writer.close()
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=2000, **login)
    try:
        await client.bootstrap()
        return bool(client.cluster.brokers())
    except KafkaError:
        return False
    finally:
        await client.close()
