"""Which processes an instance consists of, and the settings of each."""

import base64
import json
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from contracts.common import Role
from services.chassis.access import Issuer, Principal
from services.chassis.postgres import APPLICATION_ROLE
from services.chassis.settings import Settings
from services.runtime.composition import READS_ALL
from services.runtime.databases import LOGS, OUTLETS, OWNER_ROLE, SERVICES, Address, for_any
from services.runtime.erasures import with_ledger
from services.runtime.folder import DataFolder
from services.runtime.kafka.users import Users
from services.runtime.processes.child import Program
from services.runtime.processes.commands import main

LOOPBACK = "127.0.0.1"
CONNECTIONS = 4
"""Most connections of a process and kind: all of them together stay below what PostgreSQL takes."""

LASTS = timedelta(days=366)
"""How long the platform's own token is valid: longer than an instance runs."""

Environment = Mapping[str, str]
NOTHING: Environment = {}


@dataclass(frozen=True)
class Command:
    """What ``maplebridge`` does with some words.

    Attributes:
        words: after its name. listener: a socket that listens already, for a command that takes one.
    """

    words: Sequence[str]
    listener: socket.socket | None = None

    def __call__(self) -> None:
        """Does it, in this process."""
        main([*self.words, *(["--fd", str(self.listener.fileno())] if self.listener else [])])


@dataclass(frozen=True)
class Plan:
    """The processes of an instance.

    Attributes:
        common: settings of all of them. ports: where each answers, by name. platform_token: for who reads others' logs.
        stream_folder: for the tables of the rules. users: who each is for Kafka; None: it lets anybody in.
    """

    common: Environment
    ports: Mapping[str, int]
    platform_token: str
    stream_folder: str
    users: Users | None = None

    @property
    def addresses(self) -> dict[str, str]:
        """Where each process answers."""
        return {name: f"http://{LOOPBACK}:{port}" for name, port in self.ports.items()}

    def program(self, name: str, work: Callable[[], object], more: Environment = NOTHING, probe: str = "") -> Program:
        """One process.

        Args:
            name: for people. work: what it does. more: settings of its own. probe: the path below which it tells of its
                health.
        """
        port = self.ports.get(name)
        own = {"port": str(port)} if port else {}
        if self.users and (login := self.users.login(name)):
            own |= login.settings
        environment = {**self.common, **{f"MAPLEBRIDGE_{key.upper()}": value for key, value in {**own, **more}.items()}}
        return Program(name, work, environment, f"{self.addresses[name]}{probe}" if port else None)

    def migrate(self, admin: str) -> Program:
        """Makes and migrates the databases; ends."""
        return self.program("migrate", Command(["migrate"]), {"admin_dsn": admin})

    def load(self, seed: int) -> Program:
        """Loads the demonstration's city; ends."""
        return self.program("load", Command(["load-demonstration", "--seed", str(seed)]))

    def relays(self) -> list[Program]:
        """What publishes each log."""
        return [self.program(f"relay-{name}", Command(["relay", name])) for name in LOGS]

    def services(self) -> list[Program]:
        """What answers for the four services, and what follows their logs."""
        token = {"platform_token": self.platform_token}
        return [
            *(
                self.program(name, Command(["serve", name]), token if name == READS_ALL else NOTHING, f"/{name}")
                for name in SERVICES
            ),
            self.program("project", Command(["project", READS_ALL]), token),
            self.program("stream", Command(["stream"]), {**token, "stream_folder": self.stream_folder}),
        ]

    def people(self, folder: DataFolder, secret: str, pages_key: str, *, living: bool) -> list[Program]:
        """What is a client of the services: the pages, and the demonstration's city.

        Args:
            secret: signs the viewers' cookies. pages_key: the secret in the address; empty for none.
        """
        key = str(folder.path / "issuer.key")
        shown = {"issuer_key_file": key, "pages_secret": secret}
        shown |= {"pages_key": pages_key} if pages_key else {}
        pages = self.program("pages", Command(["pages"]), shown)
        return [pages, *([self.program("city", Command(["city"]), {"issuer_key_file": key})] if living else [])]

    def gateway(self, listener: socket.socket, hosts: Sequence[str]) -> Program:
        """The port in front, which stays taken while the process is restarted; ``hosts``: names that it answers by."""
        return self.program("gateway", Command(["gateway"], listener), {"allowed_hosts": json.dumps(hosts)})


def plan(
    folder: DataFolder, address: Address, settings: Settings, kafka: str, operations: int, users: Users | None = None
) -> Plan:
    """The plan of an instance in a folder.

    Args:
        folder: holds its keys; what processes read of them is written there. address: of a database and a role.
        settings: of this instance. kafka: its address for clients. operations: the supervisor's own port.
        users: of that Kafka; None where it lets anybody in.
    """
    issuer = Issuer(folder.issuer_key(), issuer=settings.issuer, audience=settings.audience)
    keys = folder.path / "jwks.json"
    keys.write_text(json.dumps(issuer.jwks))
    ports = {
        **free_ports((*SERVICES, *(f"relay-{name}" for name in LOGS), "project", "stream", "pages")),
        "operations": operations,
    }
    addresses = {name: f"http://{LOOPBACK}:{port}" for name, port in ports.items()}
    addresses |= {outlet: addresses[service] for service, outlets in OUTLETS.items() for outlet in outlets}
    common = {
        "MAPLEBRIDGE_DSN": for_any(address, APPLICATION_ROLE),
        "MAPLEBRIDGE_OWNER_DSN": for_any(address, OWNER_ROLE),
        "MAPLEBRIDGE_MASTER_KEY": base64.b64encode(folder.master_key()).decode(),
        "MAPLEBRIDGE_JWKS_FILE": str(keys),
        "MAPLEBRIDGE_ISSUER": settings.issuer,
        "MAPLEBRIDGE_AUDIENCE": settings.audience,
        "MAPLEBRIDGE_ERASURE_FOLDER": str(with_ledger(settings, folder).erasure_folder),
        "MAPLEBRIDGE_CONNECTIONS": str(CONNECTIONS),
        "MAPLEBRIDGE_CLOCK": settings.clock,
        "MAPLEBRIDGE_CLOCK_FILE": str(folder.path / "clock.json"),
        "MAPLEBRIDGE_HOST": LOOPBACK,
        "MAPLEBRIDGE_KAFKA": kafka,
        "MAPLEBRIDGE_ADDRESSES": json.dumps(addresses),
        "MAPLEBRIDGE_LOG_FORMAT": settings.log_format,
        "MAPLEBRIDGE_LOG_LEVEL": "info" if settings.log_level == "info" else "warning",
        "MAPLEBRIDGE_ALERT_FOLDER": os.environ.get("MAPLEBRIDGE_ALERT_FOLDER", str(folder.path / "alerts")),
    }
    token = issuer.issue(Principal(Role.SYSTEM, "platform"), LASTS)
    return Plan(common, ports, token, str(folder.path / "stream"), users)


def free_ports(names: Sequence[str]) -> dict[str, int]:
    """A port for each name that nobody listens on now."""
    probes = {name: socket.socket() for name in names}
    try:
        for probe in probes.values():
            probe.bind((LOOPBACK, 0))
        return {name: int(probe.getsockname()[1]) for name, probe in probes.items()}
    finally:
        for probe in probes.values():
            probe.close()
