"""Why Kafka does not let a client in, asked of a broker with a plain port, one with TLS and one with users."""

import datetime as dt
import ipaddress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.chassis.kafka import connection
from services.chassis.kafka.connection import (
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


def make_certificate(pem: Path, certificate: Path) -> None:
    """A certificate of 127.0.0.1's own, with its key in one file and alone in the other."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "broker")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = built.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate.write_bytes(public)
    pem.write_bytes(private + public)


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
