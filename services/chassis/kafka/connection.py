"""From settings to a client of Kafka, and why Kafka did not let us in."""

import asyncio
import ssl
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.helpers import create_ssl_context
from aiokafka.protocol.metadata import MetadataRequest

from services.chassis.kafka import broken, clear, parting
from services.chassis.settings import PREFIX, SettingMalformed, SettingMissing, Settings

broken.say_so()
parting.briefly()
PATIENCE = 5.0  # seconds, for each broker
LOOK_EVERY_MS = 5_000
"""Milliseconds between two looks at which topics there are; clients' own default of five minutes is how long a topic
that was deleted and made anew would be missed."""


class KafkaRefused(Exception):
    """There is no way in to Kafka; the message says which setting to look at."""


class BrokerUnreachable(KafkaRefused):
    """Nobody answers at any of the addresses."""

    def __init__(self, bootstrap: str, reason: str) -> None:
        super().__init__(
            f"No Kafka answers at {bootstrap} ({reason}): see that it runs and is reached from here, "
            f"or set {PREFIX}KAFKA to its address."
        )


class TlsRefused(KafkaRefused):
    """We speak TLS, the listener does not."""

    def __init__(self, bootstrap: str) -> None:
        super().__init__(
            f"Kafka at {bootstrap} does not speak TLS on this port: set {PREFIX}KAFKA to a port that does, "
            f"or {PREFIX}KAFKA_SECURITY to PLAINTEXT or SASL_PLAINTEXT."
        )


class CertificateRefused(KafkaRefused):
    """One of the two does not trust the other's certificate."""

    def __init__(self, bootstrap: str, reason: str) -> None:
        super().__init__(
            f"The certificates of Kafka at {bootstrap} and of this client do not fit ({reason}): see "
            f"{PREFIX}KAFKA_CA_FILE, and {PREFIX}KAFKA_CERT_FILE where Kafka wants one of ours."
        )


class HandshakeRefused(KafkaRefused):
    """The listener closed the connection before it answered."""

    def __init__(self, bootstrap: str, security: str) -> None:
        super().__init__(
            f"Kafka at {bootstrap} closed the connection before it answered: it does not take {security} on this "
            f"port; see {PREFIX}KAFKA_SECURITY (a port with TLS wants SSL, one with users SASL_SSL or SASL_PLAINTEXT)."
        )


class BrokerSilent(KafkaRefused):
    """The listener takes connections and says nothing."""

    def __init__(self, bootstrap: str) -> None:
        super().__init__(
            f"Kafka at {bootstrap} takes connections and does not answer: it is paused, overloaded, still starting, or "
            f"not Kafka; see its log, and start it again if it stays so."
        )


class MechanismRefused(KafkaRefused):
    """The listener knows no users, or knows them in another way."""

    def __init__(self, bootstrap: str, mechanism: str) -> None:
        super().__init__(
            f"Kafka at {bootstrap} does not take {mechanism} on this port: see {PREFIX}KAFKA_MECHANISM, or set "
            f"{PREFIX}KAFKA_SECURITY to PLAINTEXT or SSL where it knows no users."
        )


class CredentialsRefused(KafkaRefused):
    """User and password are not Kafka's."""

    def __init__(self, bootstrap: str, user: str | None) -> None:
        super().__init__(
            f"Kafka at {bootstrap} does not let {user} in with this password: see {PREFIX}KAFKA_USER and "
            f"{PREFIX}KAFKA_PASSWORD."
        )


def client_arguments(settings: Settings) -> dict[str, Any]:
    """What every client of aiokafka takes to connect: the addresses, TLS, user and password.

    Raises:
        SettingMissing: ``kafka``, or with SASL the user or the password, is not set. SettingMalformed: a file with a
            certificate or key cannot be read as one.
    """
    if settings.kafka is None:
        raise SettingMissing("kafka")
    arguments: dict[str, Any] = {"bootstrap_servers": settings.kafka, "security_protocol": settings.kafka_security}
    if settings.kafka_security in ("SSL", "SASL_SSL"):
        arguments["ssl_context"] = _trust(settings)
    if settings.kafka_security in ("SASL_PLAINTEXT", "SASL_SSL"):
        if settings.kafka_user is None:
            raise SettingMissing("kafka_user")
        if settings.kafka_password is None:
            raise SettingMissing("kafka_password")
        clear.accept_on_this_machine(settings.kafka)
        arguments["sasl_mechanism"] = settings.kafka_mechanism
        arguments["sasl_plain_username"] = settings.kafka_user
        arguments["sasl_plain_password"] = settings.kafka_password.get_secret_value()
    return arguments


def _trust(settings: Settings) -> ssl.SSLContext:
    try:
        context: ssl.SSLContext = create_ssl_context(cafile=settings.kafka_ca_file)
    except (OSError, ssl.SSLError):
        raise SettingMalformed("kafka_ca_file", "a readable file with certificates in PEM") from None
    if settings.kafka_cert_file is not None:
        try:
            context.load_cert_chain(settings.kafka_cert_file, settings.kafka_key_file)
        except (OSError, ssl.SSLError):
            raise SettingMalformed(
                "kafka_cert_file", f"a readable certificate in PEM that fits the key in {PREFIX}KAFKA_KEY_FILE"
            ) from None
    return context


async def check_connection(settings: Settings) -> None:
    """See that a broker lets us in. aiokafka's clients only say that none of them did; this says why.

    Raises:
        KafkaRefused: of the first broker that answered, else that none did. SettingMissing, SettingMalformed.
    """
    arguments = client_arguments(settings)
    bootstrap = str(arguments.pop("bootstrap_servers"))
    reason = "no address"
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        if not host or not port.isdecimal():
            raise SettingMalformed("kafka", "host:port, with commas between several")
        try:
            async with asyncio.timeout(PATIENCE):
                _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        except OSError as error:  # a time-out too
            reason = error.strerror or type(error).__name__
            continue
        writer.close()
        await _shake_hands(settings, host.strip("[]"), int(port), arguments)
        return
    raise BrokerUnreachable(bootstrap, reason)


async def _shake_hands(settings: Settings, host: str, port: int, arguments: dict[str, Any]) -> None:
    bootstrap = f"{host}:{port}"
    try:
        connection = await create_conn(host, port, request_timeout_ms=int(PATIENCE * 1000), **arguments)
    except ssl.SSLCertVerificationError as error:
        raise CertificateRefused(bootstrap, error.verify_message) from error
    except (SaslAuthenticationFailed, AuthenticationFailedError) as error:
        raise CredentialsRefused(bootstrap, settings.kafka_user) from error
    except (UnsupportedSaslMechanismError, IllegalSaslStateError) as error:
        raise MechanismRefused(bootstrap, settings.kafka_mechanism) from error
    except TimeoutError as error:
        raise BrokerSilent(bootstrap) from error
    except (OSError, KafkaError) as error:
        if settings.kafka_security in ("SSL", "SASL_SSL"):
            raise TlsRefused(bootstrap) from error
        raise HandshakeRefused(bootstrap, settings.kafka_security) from error
    try:
        await connection.send(MetadataRequest([]))
    except TimeoutError as error:
        raise BrokerSilent(bootstrap) from error
    except (OSError, KafkaError) as error:
        raise HandshakeRefused(bootstrap, settings.kafka_security) from error
    finally:
        connection.close()
