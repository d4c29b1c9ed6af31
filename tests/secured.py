"""A Kafka that knows users and checks rights, as production's does: SCRAM over TLS, and what nobody granted is refused.

It is one node of the local Kafka with a listener more. Whoever comes by its plain port of 127.0.0.1 may do everything:
users and rights are made there.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.protocol.admin import CreateAclsRequest_v1, DeleteAclsRequest_v1
from aiokafka.protocol.api import RequestStruct, Response
from aiokafka.protocol.types import (
    Array,
    Boolean,
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    String,
    TaggedFields,
)

from services.chassis.kafka.rights import OPERATIONS, Grant
from services.runtime.kafka import KafkaServer, node, start_kafka
from tests.certificates import make_certificate

ITERATIONS = 4096  # the fewest that Kafka takes
SCRAM_SHA_512 = 2
KINDS = {"topic": 2, "group": 3}
LITERAL, ALLOW, SET, LOGGER = 3, 3, 0, 8
SCRAM_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
AUTHORIZER = "kafka.authorizer.logger"
"""Says of each request who asked for what, and whether that was granted."""
ASKED = re.compile(
    r"Principal = User:(\S+) is (Allowed|Denied) operation = (\w+) from host = \S+ on resource = (\w+):LITERAL:(\S+) "
)


class Question(RequestStruct):
    """One that is written out: no version of it is chosen for a broker."""

    API_KEY, API_VERSION, RESPONSE_TYPE, SCHEMA = -1, 0, Response, Schema()

    def prepare(self, _: object) -> "Question":
        return self


class GrantQuestion(Question):
    API_KEY, API_VERSION = 30, 1
    RESPONSE_TYPE, SCHEMA = CreateAclsRequest_v1.RESPONSE_TYPE, CreateAclsRequest_v1.SCHEMA


class RevokeQuestion(Question):
    API_KEY, API_VERSION = 31, 1
    RESPONSE_TYPE, SCHEMA = DeleteAclsRequest_v1.RESPONSE_TYPE, DeleteAclsRequest_v1.SCHEMA


class ScramAnswer(Response):
    API_KEY, API_VERSION = 51, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class ScramQuestion(Question):
    API_KEY, API_VERSION, FLEXIBLE_VERSION, RESPONSE_TYPE = 51, 0, True, ScramAnswer
    SCHEMA = Schema(
        ("deletions", CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields))),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class ConfigAnswer(Response):
    API_KEY, API_VERSION = 44, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            Array(
                ("error_code", Int16),
                ("error_message", String("utf-8")),
                ("kind", Int8),
                ("name", String("utf-8")),
            ),
        ),
    )


class ConfigQuestion(Question):
    API_KEY, API_VERSION, RESPONSE_TYPE = 44, 0, ConfigAnswer
    SCHEMA = Schema(
        (
            "resources",
            Array(
                ("kind", Int8),
                ("name", String("utf-8")),
                ("settings", Array(("name", String("utf-8")), ("operation", Int8), ("value", String("utf-8")))),
            ),
        ),
        ("validate_only", Boolean),
    )


@dataclass(frozen=True)
class Asked:
    """One question of the authorizer, and its answer.

    Attributes:
        user: who. operation: Kafka's name of it. kind, name: of the thing. allowed: whether it was.
    """

    user: str
    operation: str
    kind: str
    name: str
    allowed: bool


@dataclass
class SecuredKafka:
    """The node. bootstrap: where users come in. authority: the file with whom to trust."""

    server: KafkaServer
    bootstrap: str
    authority: Path
    passwords: dict[str, str] = field(default_factory=dict)

    async def admit(self, user: str, grants: Iterable[Grant]) -> None:
        """Makes a user, with a password and these rights."""
        password, salt = secrets.token_urlsafe(24), secrets.token_bytes(24)
        salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
        await self._ask(ScramQuestion([], [(user, SCRAM_SHA_512, ITERATIONS, salt, salted, {})], {}))
        self.passwords[user] = password
        await self.grant(user, *grants)

    async def grant(self, user: str, *grants: Grant) -> None:
        """These rights more."""
        await self._ask(GrantQuestion(_rows(user, grants)))

    async def revoke(self, user: str, *grants: Grant) -> None:
        """These rights no more."""
        await self._ask(RevokeQuestion(_rows(user, grants)))

    async def tell_of_rights(self) -> None:
        """From now on it is written down what is asked of the authorizer."""
        await self._ask(ConfigQuestion([(LOGGER, "1", [(AUTHORIZER, SET, "DEBUG")])], False))

    def asked(self) -> set[Asked]:
        """What has been asked until now."""
        said = (self.server.folder / "kafka.log").read_text(errors="replace")
        return {
            Asked(user, operation.title().replace("_", ""), kind.lower(), name, answer == "Allowed")
            for user, answer, operation, kind, name in ASKED.findall(said)
        }

    def settings(self, user: str, **more: Any) -> dict[str, Any]:
        """The settings of who comes as this user."""
        return {
            "kafka": self.bootstrap,
            "kafka_security": "SASL_SSL",
            "kafka_ca_file": self.authority,
            "kafka_user": user,
            "kafka_password": self.passwords[user],
            **more,
        }

    def environment(self, user: str, **more: Any) -> dict[str, str]:
        """The same, for a process."""
        return {f"MAPLEBRIDGE_{name.upper()}": str(value) for name, value in self.settings(user, **more).items()}

    async def _ask(self, question: Question) -> None:
        host, _, port = self.server.bootstrap.rpartition(":")
        connection = await create_conn(host, int(port))
        try:
            answer = await connection.send(question)
        finally:
            connection.close()
        results = answer.to_object()
        (several,) = [value for value in results.values() if isinstance(value, list)]
        assert all(not each["error_code"] for each in several), results


def _rows(user: str, grants: Iterable[Grant]) -> list[tuple[int, str, int, str, str, int, int]]:
    return [
        (KINDS[grant.kind], grant.name, LITERAL, f"User:{user}", "*", OPERATIONS[operation], ALLOW)
        for grant in grants
        for operation in grant.operations
    ]


async def start_secured(folder: Path) -> SecuredKafka:
    """Starts one in a folder; whoever starts it stops its server."""
    port = node.free_port()
    pem, authority = folder / "broker.pem", folder / "ca.pem"
    make_certificate(pem, authority)
    server = await start_kafka(folder, more=secured(port, pem))
    return SecuredKafka(server, f"{node.HOST}:{port}", authority)


def secured(port: int, pem: Path) -> dict[str, str]:
    """Kafka's properties. port: of the listener with users. pem: its key and certificate."""
    return {
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,CLIENTS:PLAINTEXT,USERS:SASL_SSL",
        "listeners": f"USERS://{node.HOST}:{port}",
        "advertised.listeners": f"USERS://{node.HOST}:{port}",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(pem),
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.users.scram-sha-512.sasl.jaas.config": SCRAM_LOGIN,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": "User:ANONYMOUS",  # who comes by the plain port of 127.0.0.1: the broker itself, and the tests
    }
