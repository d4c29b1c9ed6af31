"""Users of a Kafka of ours: a password for each, and the listeners that ask for it.

FOLDER/kafka.users   JSON, user to password; readable for the owner of the folder alone

The operator may do everything, and is the broker's own user too. The others may do what was granted to them
(services/runtime/principals.py), and nothing else is allowed to anybody.
"""

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from services.chassis.settings import Settings
from services.runtime.kafka.unavailable import KafkaUnavailable

PREFIX = "maplebridge-"
"""Begins the users' names; the rest is the name of the process."""
OPERATOR = "operator"
MECHANISM = "PLAIN"
SECURITY = "SASL_PLAINTEXT"
LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"


@dataclass(frozen=True)
class Login:
    """How somebody comes in.

    Attributes:
        user: as Kafka calls it. password: in the clear.
    """

    user: str
    password: str = field(repr=False)

    @property
    def client(self) -> dict[str, str]:
        """Arguments of the clients of aiokafka, beside the address."""
        return {
            "security_protocol": SECURITY,
            "sasl_mechanism": MECHANISM,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
        }

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a process, by their names in `Settings`."""
        return {
            "kafka_security": SECURITY,
            "kafka_mechanism": MECHANISM,
            "kafka_user": self.user,
            "kafka_password": self.password,
        }


@dataclass(frozen=True)
class Users:
    """All users of a Kafka. passwords: by the users' names."""

    passwords: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, names: Iterable[str]) -> "Users":
        """New passwords for the operator and for these processes."""
        return cls({PREFIX + name: secrets.token_urlsafe(24) for name in (OPERATOR, *names)})

    def login(self, name: str) -> Login | None:
        """How the process of a name comes in; None where it does not go to Kafka."""
        password = self.passwords.get(PREFIX + name)
        return None if password is None else Login(PREFIX + name, password)

    @property
    def operator(self) -> Login:
        """How who may do everything comes in."""
        return Login(PREFIX + OPERATOR, self.passwords[PREFIX + OPERATOR])

    def properties(self) -> dict[str, str]:
        """Kafka's properties; its listeners are called CLIENTS and CONTROLLER."""
        return {
            "listener.security.protocol.map": f"CONTROLLER:{SECURITY},CLIENTS:{SECURITY}",
            "inter.broker.listener.name": "CLIENTS",
            "sasl.enabled.mechanisms": MECHANISM,
            "sasl.mechanism.inter.broker.protocol": MECHANISM,
            "sasl.mechanism.controller.protocol": MECHANISM,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": f"User:{PREFIX}{OPERATOR}",
            "listener.name.clients.plain.sasl.jaas.config": self.jaas(self.passwords),
            "listener.name.controller.plain.sasl.jaas.config": self.jaas([PREFIX + OPERATOR]),
        }

    def jaas(self, admitted: Iterable[str]) -> str:
        """How the operator comes in, and whose passwords are known: Kafka's setting for a listener or a client.

        Args:
            admitted: names of users; none for a client.
        """
        own = f'username="{self.operator.user}" password="{self.operator.password}"'
        known = " ".join(f'user_{name}="{self.passwords[name]}"' for name in admitted)
        return f"{' '.join(filter(None, (LOGIN, own, known)))};"


def as_user(settings: Settings, kafka: str, login: Login | None) -> Settings:
    """The settings of who goes to a Kafka of ours.

    Args:
        kafka: its address for clients. login: as whom; None where it lets anybody in.
    """
    own = {**login.settings, "kafka_password": SecretStr(login.password)} if login else {}
    return settings.model_copy(update={"kafka": kafka, **own})


def known_users(folder: Path) -> Users | None:
    """The users of the Kafka in a folder; None where none were made. Raises KafkaUnavailable."""
    path = folder / "kafka.users"
    try:
        return Users(dict(json.loads(path.read_text())))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise KafkaUnavailable(
            f"{path} cannot be read ({error}): end Kafka with `maplebridge kafka down`, remove that file, and start "
            "again; other passwords are made then."
        ) from error


def users_of(folder: Path, names: Iterable[str]) -> Users:
    """The users of the Kafka in a folder; passwords of those that have none yet are made. Raises KafkaUnavailable.

    Args:
        names: of processes that go to Kafka.
    """
    known = known_users(folder)
    made = Users({**Users.of(names).passwords, **(known.passwords if known else {})})
    if known is None or made.passwords != known.passwords:
        path, growing = folder / "kafka.users", folder / ".kafka.users"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            growing.unlink(missing_ok=True)
            with os.fdopen(os.open(growing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump(made.passwords, file, indent=2)
            growing.replace(path)
        except OSError as error:
            raise KafkaUnavailable(f"Kafka cannot use {folder}: {error.strerror or error}.") from error
    return made
