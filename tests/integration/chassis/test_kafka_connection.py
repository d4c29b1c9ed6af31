"""Why Kafka does not let a client in, asked of a broker with a plain port, one with TLS and one with users."""

import asyncio
import socket

import pytest
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.chassis.kafka import connection
from services.chassis.kafka.connection import (
    BrokerSilent,
    BrokerUnreachable,
    CertificateRefused,
    CredentialsRefused,
    HandshakeRefused,
    KafkaRefused,
    MechanismRefused,
    TlsRefused,
    check_connection,
    client_arguments,
)
from services.chassis.settings import SettingMalformed, SettingMissing, Settings
from services.runtime.kafka import node, start_kafka
from tests.apart import in_own_loop
from tests.certificates import make_certificate

USER = {"kafka_user": "wang", "kafka_password": "in the teahouse"}


@pytest.fixture(scope="module")
def listeners(tmp_path_factory):
    """The ports of one broker: plain, TLS and SASL, and the file with its certificate."""
    folder = tmp_path_factory.mktemp("listeners")
    tls, sasl = node.free_port(), node.free_port()
    pem, certificate = folder / "broker.pem", folder / "ca.pem"
    make_certificate(pem, certificate)
    login = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_wang="in the teahouse";'
    more = {
        "listeners": f"TLS://127.0.0.1:{tls},SASL://127.0.0.1:{sasl}",
        "advertised.listeners": f"TLS://127.0.0.1:{tls},SASL://127.0.0.1:{sasl}",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(pem),
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl.plain.sasl.jaas.config": login,
    }
    server = in_own_loop(lambda: start_kafka(folder, more=more))
    yield {"plain": server.bootstrap, "tls": f"127.0.0.1:{tls}", "sasl": f"127.0.0.1:{sasl}", "ca": certificate}
    in_own_loop(server.stop)


async def test_a_plain_port_lets_a_plain_client_in(listeners):
    await check_connection(Settings(kafka=listeners["plain"]))


async def test_a_port_with_tls_lets_in_who_trusts_its_certificate(listeners):
    await check_connection(Settings(kafka=listeners["tls"], kafka_security="SSL", kafka_ca_file=listeners["ca"]))


async def test_a_port_with_users_lets_the_right_password_in(listeners):
    await check_connection(
        Settings(kafka=listeners["sasl"], kafka_security="SASL_PLAINTEXT", kafka_mechanism="PLAIN", **USER)
    )


async def test_the_first_broker_that_answers_is_asked(listeners):
    nobody = f"127.0.0.1:{node.free_port()}"
    await check_connection(Settings(kafka=f"{nobody},{listeners['plain']}"))


@pytest.mark.parametrize(
    ("at", "settings", "refusal", "words"),
    [
        ("plain", {"kafka_security": "SSL"}, TlsRefused, "does not speak TLS.*MAPLEBRIDGE_KAFKA_SECURITY"),
        ("tls", {}, HandshakeRefused, "does not take PLAINTEXT.*MAPLEBRIDGE_KAFKA_SECURITY"),
        ("tls", {"kafka_security": "SSL"}, CertificateRefused, "self-signed.*MAPLEBRIDGE_KAFKA_CA_FILE"),
        ("sasl", {}, HandshakeRefused, "SASL_PLAINTEXT"),
        (
            "sasl",
            {"kafka_security": "SASL_PLAINTEXT", "kafka_mechanism": "PLAIN", **USER, "kafka_password": "on the bridge"},
            CredentialsRefused,
            "does not let wang in.*MAPLEBRIDGE_KAFKA_PASSWORD",
        ),
        (
            "sasl",
            {"kafka_security": "SASL_PLAINTEXT", **USER},
            MechanismRefused,
            "does not take SCRAM-SHA-512.*MAPLEBRIDGE_KAFKA_MECHANISM",
        ),
        ("plain", {"kafka_security": "SASL_PLAINTEXT", **USER}, MechanismRefused, "where it knows no users"),
    ],
    ids=["tls-to-plain", "plain-to-tls", "untrusted", "no-user", "password", "mechanism", "users-to-plain"],
)
async def test_a_refusal_says_which_setting_to_look_at(listeners, at, settings, refusal, words, monkeypatch):
    monkeypatch.setattr(connection, "PATIENCE", 3.0)
    with pytest.raises(refusal, match=words) as refused:
        await check_connection(Settings(kafka=listeners[at], **settings))
    assert isinstance(refused.value, KafkaRefused)
    assert "bridge" not in str(refused.value).replace("MAPLEBRIDGE", "")


async def test_an_address_where_nobody_listens_is_named():
    nobody = f"127.0.0.1:{node.free_port()}"
    with pytest.raises(BrokerUnreachable, match=f"No Kafka answers at {nobody}.*MAPLEBRIDGE_KAFKA "):
        await check_connection(Settings(kafka=nobody))


async def test_a_broker_that_takes_connections_and_says_nothing_is_not_told_of_as_one_without_tls(monkeypatch):
    monkeypatch.setattr(connection, "PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        for security in ("PLAINTEXT", "SSL"):
            with pytest.raises(BrokerSilent, match=f"{address} takes connections and does not answer"):
                await check_connection(Settings(kafka=address, kafka_security=security))


async def test_a_malformed_address_is_said_to_be_one():
    with pytest.raises(SettingMalformed, match="MAPLEBRIDGE_KAFKA must be host:port"):
        await check_connection(Settings(kafka="broker"))


def test_what_is_not_set_is_named():
    with pytest.raises(SettingMissing, match="MAPLEBRIDGE_KAFKA is not set"):
        client_arguments(Settings())
    with pytest.raises(SettingMissing, match="MAPLEBRIDGE_KAFKA_USER is not set"):
        client_arguments(Settings(kafka="a:1", kafka_security="SASL_SSL"))
    with pytest.raises(SettingMissing, match="MAPLEBRIDGE_KAFKA_PASSWORD is not set"):
        client_arguments(Settings(kafka="a:1", kafka_security="SASL_SSL", kafka_user="wang"))


def test_a_file_that_is_no_certificate_is_named_by_its_setting(tmp_path):
    (tmp_path / "nothing.pem").write_text("nothing")
    with pytest.raises(SettingMalformed, match="MAPLEBRIDGE_KAFKA_CA_FILE must be"):
        client_arguments(Settings(kafka="a:1", kafka_security="SSL", kafka_ca_file=tmp_path / "nothing.pem"))
    with pytest.raises(SettingMalformed, match="MAPLEBRIDGE_KAFKA_CERT_FILE must be"):
        client_arguments(Settings(kafka="a:1", kafka_security="SSL", kafka_cert_file=tmp_path / "nothing.pem"))


@pytest.mark.parametrize("run", [uvloop.run, asyncio.run], ids=["uvloop", "asyncio"])
async def test_who_waits_for_messages_over_tls_ends_at_once(listeners, run):
    settings = Settings(kafka=listeners["tls"], kafka_security="SSL", kafka_ca_file=listeners["ca"])
    await asyncio.to_thread(run, ended_while_waiting(settings))


async def ended_while_waiting(settings):
    """Kafka holds a fetch back for ten minutes, and reads nothing of that connection meanwhile."""
    arguments = client_arguments(settings)
    admin = AIOKafkaAdminClient(**arguments)
    await admin.start()
    await admin.create_topics([NewTopic("quiet", 1, 1)])
    await admin.close()
    consumer = AIOKafkaConsumer(**arguments, fetch_max_wait_ms=600_000, request_timeout_ms=700_000)
    await consumer.start()
    consumer.assign([TopicPartition("quiet", 0)])
    while not consumer._fetcher._in_flight:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)  # for the question to be there
    async with asyncio.timeout(20):  # a farewell would be waited for half a minute
        await consumer.stop()
