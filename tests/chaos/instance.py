"""An instance as a user has it: a process, a data folder, a port."""

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil

from services.chassis.kafka.connection import client_arguments
from services.chassis.settings import Settings
from services.runtime.kafka import kafka_in
from services.runtime.kafka.users import as_user, known_users

COMMAND = [sys.executable, str(Path(__file__).with_name("newcomer.py"))]
PATIENCE = 240
UNHURRIED = {"MAPLEBRIDGE_RATE_PER_ADDRESS": "0", "MAPLEBRIDGE_RATE_PER_PRINCIPAL": "0"}
"""Tests send from one address, as one person, what a city's people would."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def maplebridge(*arguments: object, timeout: float = PATIENCE) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, check=False
    )


class Instance:
    """A started instance; its output is read as it comes."""

    def __init__(self, process: subprocess.Popen[str], data: Path, port: int) -> None:
        self.process = process
        self.data = data
        self.url = f"http://127.0.0.1:{port}"
        self.lines: list[str] = []
        self._queue: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            self._queue.put(line)
        self._queue.put(None)

    def wait_until_up(self, seconds: float = PATIENCE) -> float:
        """Waits for the sentence with the address; answers how long it took."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            with contextlib.suppress(queue.Empty):
                line = self._queue.get(timeout=0.2)
                if line is None:
                    break
                if "Maple Bridge is at" in line:
                    return time.monotonic() - began
        raise AssertionError("It did not come up:\n" + "\n".join(self.lines))

    def family(self) -> list[psutil.Process]:
        """The process and all below it."""
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    def end(self, number: int = signal.SIGINT, seconds: float = 30) -> int:
        """Sends a signal and waits for the end."""
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def client(self, role: str, *places: str) -> httpx.Client:
        """HTTP as somebody."""
        options = [part for place in places for part in ("--place", place)]
        token = maplebridge("token", "--role", role, *options, "--data", self.data).stdout.strip()
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=20)


@contextlib.contextmanager
def instance(data: Path, *arguments: object, command: str = "up", **settings: str) -> Iterator[Instance]:
    """Starts one, with settings for its environment; ends it with the block."""
    port = free_port()
    words = [*COMMAND, command, "--data", str(data), "--port", str(port), *map(str, arguments)]
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"COLUMNS": "200"} | UNHURRIED | settings,
    )
    started = Instance(process, data, port)
    try:
        yield started
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def kafka_of(data: Path, name: str = "operator") -> dict[str, Any]:
    """Arguments of aiokafka's clients for the Kafka of a data folder, as the user that a process has there."""
    where, users = kafka_in(data), known_users(data)
    assert where is not None
    assert users is not None
    login = users.login(name)
    assert login is not None
    return client_arguments(as_user(Settings(), where.bootstrap, login))


def gone(processes: list[psutil.Process], seconds: float = 30) -> bool:
    """Whether all have ended, within a while."""
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def runtime_file(data: Path) -> dict[str, object]:
    """What a running instance says of itself."""
    return dict(json.loads((data / "runtime.json").read_text()))
