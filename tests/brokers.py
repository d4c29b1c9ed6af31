"""One Kafka for all tests, a prefix of its own for each test's topics.

Which Kafka, in this order: the one that MAPLEBRIDGE_TEST_KAFKA names (host:port), a container where Docker answers,
else Apache Kafka itself in a temporary folder under our own supervisor. The header of the test run says which.

Fixtures:
    kafka           the address of the broker, host:port (in tests/conftest.py)
    topic_prefix    begins the names of this test's topics; they are removed after it
    private_kafka   a Kafka of the test's own, which it may kill or pause: `.pid`, `.bootstrap`, `.ready()`
"""

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.runtime.kafka import KafkaServer, running_kafka, start_kafka
from tests.apart import docker_answers, in_own_loop

IMAGE = "confluentinc/cp-kafka:8.1.1"  # what testcontainers knows to start; Kafka 4.1


def kafka_choice() -> str:
    """Which Kafka the tests use."""
    if os.environ.get("MAPLEBRIDGE_TEST_KAFKA"):
        return "named"
    return "container" if docker_answers() else "local"


def kafka_header() -> str:
    """For the header of the test run."""
    return {
        "named": "kafka: the one that MAPLEBRIDGE_TEST_KAFKA names",
        "container": f"kafka: a container of {IMAGE}",
        "local": "kafka: Apache Kafka itself, under our own supervisor",
    }[kafka_choice()]


@contextlib.contextmanager
def running_test_kafka() -> Iterator[str]:
    """The address of the tests' Kafka for the length of a block."""
    choice = kafka_choice()
    if choice == "named":
        yield os.environ["MAPLEBRIDGE_TEST_KAFKA"]
    elif choice == "container":
        from testcontainers.kafka import KafkaContainer

        started = KafkaContainer(IMAGE).with_kraft()
        started.with_env("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false").with_env(
            "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS", "1000"
        )
        with started as container:
            yield container.get_bootstrap_server()
    else:
        folder = Path(tempfile.mkdtemp(prefix="maplebridge-tests-"))
        server = in_own_loop(lambda: start_kafka(folder))
        try:
            yield server.bootstrap
        finally:
            in_own_loop(server.stop)
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def topic_prefix(kafka: str) -> AsyncIterator[str]:
    """Begins the names of this test's topics, so that one broker serves all tests in any order."""
    from aiokafka.admin import AIOKafkaAdminClient

    prefix = f"test-{secrets.token_hex(6)}"
    yield prefix
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        if ours := [name for name in await admin.list_topics() if name.startswith(prefix)]:
            await admin.delete_topics(ours)
    finally:
        await admin.close()


@pytest.fixture
async def private_kafka(tmp_path: Path) -> AsyncIterator[KafkaServer]:
    """A Kafka of the test's own."""
    async with running_kafka(tmp_path / "private") as server:
        yield server
