"""The local Kafka lets nobody in without a password, and each process writes what its own log is published on."""

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError

from contracts.topics import LOGS
from services.chassis.kafka.connection import CredentialsRefused, HandshakeRefused, check_connection
from services.chassis.kafka.granting import NotGranted, grant
from services.chassis.kafka.rights import Grant
from services.chassis.settings import Settings
from services.runtime.kafka import node, server, staying
from services.runtime.kafka.users import PREFIX, Users, as_user
from services.runtime.principals import principals
from services.runtime.topics import check_topics, make_topics, outgoing
from tests.apart import in_own_loop
from tests.topic_records import topic_records

RIGHTS = principals(Settings())
INCIDENTS = "maplebridge.incidents.events"


def quiet(_):
    return None


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """The Kafka that `maplebridge kafka up` leaves running, with its topics."""
    folder = tmp_path_factory.mktemp("local")
    kafka = in_own_loop(lambda: staying.stay(folder, RIGHTS, port=None, say=quiet))
    try:
        in_own_loop(lambda: make_topics(as_user(Settings(), kafka.bootstrap, kafka.users.operator)))
        yield kafka
    finally:
        in_own_loop(lambda: staying.end(folder))


def client(local, name):
    """Arguments of the clients, as a process."""
    return {"bootstrap_servers": local.bootstrap, **local.users.login(name).client}


async def write(arguments, topic):
    async with AIOKafkaProducer(**arguments, acks="all", request_timeout_ms=5000) as producer:
        await producer.send_and_wait(topic, b"{}", key=b"forged", partition=0)


async def test_without_a_password_nobody_comes_in_by_either_port(local):
    process = psutil.Process(local.pid)
    ports = {one.laddr.port for one in process.net_connections() if one.status == psutil.CONN_LISTEN}
    assert ports == {local.node.broker, local.node.controller}
    for port in ports:
        with pytest.raises(HandshakeRefused):
            await check_connection(Settings(kafka=f"{node.HOST}:{port}"))


async def test_a_password_that_is_not_the_users_is_refused(local):
    with pytest.raises(CredentialsRefused, match="does not let maplebridge-stream in"):
        await check_connection(as_user(Settings(), local.bootstrap, Users.of(["stream"]).login("stream")))


async def test_the_controllers_port_knows_the_operator_alone(local):
    address = f"{node.HOST}:{local.node.controller}"
    with pytest.raises(CredentialsRefused):
        await check_connection(as_user(Settings(), address, local.users.login("relay-registry")))


@pytest.mark.parametrize("log", LOGS)
async def test_a_relay_writes_the_topics_of_its_log_and_no_others(local, log):
    own = {each.topic for each in outgoing(Settings(), log)}
    for topic in sorted(own):
        await write(client(local, f"relay-{log}"), topic)
    for other in sorted({each.topic for name in LOGS for each in outgoing(Settings(), name)} - own):
        with pytest.raises(TopicAuthorizationFailedError):
            await write(client(local, f"relay-{log}"), other)
    operator = local.users.operator.client
    for topic in own:
        assert await topic_records({"bootstrap_servers": local.bootstrap, **operator}, topic)


@pytest.mark.parametrize("name", ["project", "stream", "topics", "city-platform"])
async def test_who_reads_forges_nothing(local, name):
    before = len(await topic_records(client(local, "operator"), INCIDENTS))
    with pytest.raises(TopicAuthorizationFailedError):
        await write(client(local, name), INCIDENTS)
    assert len(await topic_records(client(local, "operator"), INCIDENTS)) == before


async def test_nobody_joins_the_group_of_another(local):
    consumer = AIOKafkaConsumer(INCIDENTS, **client(local, "project"), group_id="maplebridge.city-platform")
    try:
        with pytest.raises(GroupAuthorizationFailedError):
            await consumer.start()
    finally:
        await consumer.stop()


async def test_each_process_finds_the_rights_that_it_asks_for_at_its_start(local):
    for name, rights in RIGHTS.items():
        await check_topics(as_user(Settings(), local.bootstrap, local.users.login(name)), [], rights)


async def test_rights_that_are_no_longer_planned_are_taken_away_and_others_users_keep_theirs(local):
    admin = AIOKafkaAdminClient(**client(local, "operator"))
    await admin.start()
    try:
        wide = [*RIGHTS["project"], Grant("topic", INCIDENTS, ("Write",))]
        await grant(admin, {PREFIX + "project": wide})
        await write(client(local, "project"), INCIDENTS)
        await grant(admin, {PREFIX + "project": RIGHTS["project"]})
        with pytest.raises(TopicAuthorizationFailedError):
            await write(client(local, "project"), INCIDENTS)
        await write(client(local, "relay-incidents"), INCIDENTS)
    finally:
        await admin.close()


async def test_who_is_no_operator_gives_no_rights(local):
    admin = AIOKafkaAdminClient(**client(local, "relay-registry"))
    await admin.start()
    try:
        with pytest.raises(NotGranted, match="super users"):
            await grant(admin, {PREFIX + "relay-registry": [Grant("topic", INCIDENTS, ("Write",))]})
    finally:
        await admin.close()


async def test_a_kafka_of_an_older_release_that_stays_is_not_taken(tmp_path):
    await server.start_kafka(tmp_path, stays=True)
    try:
        with pytest.raises(staying.UsersUnknown, match="maplebridge kafka down"):
            async with staying.kafka_for(tmp_path, RIGHTS, quiet):
                pytest.fail("it lets anybody in")
    finally:
        assert await staying.end(tmp_path)
    async with staying.kafka_for(tmp_path, RIGHTS, quiet) as broker:  # on the same data
        with pytest.raises(HandshakeRefused):
            await check_connection(Settings(kafka=broker.bootstrap))
