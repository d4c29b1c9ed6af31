"""The servers that all tests of a run share: each is started when a test first asks for it, and ended with the run.

With pytest-xdist, tests run in worker processes that end at different times. The servers belong to the controller,
which outlives them all; a worker asks it for an address.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from multiprocessing.connection import Client, Connection, Listener

Starters = Mapping[str, Callable[[], AbstractContextManager[str]]]
"""By the name of a server, what starts it, gives its address and ends it."""


class Servers:
    """Servers that this process starts, for itself and for its workers."""

    def __init__(self, starters: Starters) -> None:
        self._starters = starters
        self._addresses: dict[str, str] = {}
        self._running = ExitStack()
        self._turns = {name: threading.Lock() for name in starters}
        self._listener: Listener | None = None

    def address(self, name: str) -> str:
        """Return the address of a server, started where nobody has asked for it before."""
        with self._turns[name]:
            if name not in self._addresses:
                self._addresses[name] = self._running.enter_context(self._starters[name]())
            return self._addresses[name]

    def door(self) -> str:
        """Return where workers ask: what `ServersNextDoor` takes."""
        if self._listener is None:
            self._listener = Listener(family="AF_UNIX")  # in a folder that nobody else may enter
            threading.Thread(target=self._open_to, args=(self._listener,), daemon=True).start()
        return str(self._listener.address)

    def end(self) -> None:
        """End what was started."""
        self._running.close()

    def _open_to(self, listener: Listener) -> None:
        while True:
            threading.Thread(target=self._answer, args=(listener.accept(),), daemon=True).start()

    def _answer(self, asked: Connection) -> None:
        with asked:
            try:
                asked.send((self.address(asked.recv()), None))
            except Exception as error:  # noqa: BLE001 - the worker's test fails with it
                asked.send((None, repr(error)))


class ServersNextDoor:
    """The servers of the controller, as a worker sees them."""

    def __init__(self, door: str) -> None:
        self._door = door

    def address(self, name: str) -> str:
        """Return the address of a server, started where nobody has asked for it before."""
        with Client(self._door, family="AF_UNIX") as controller:
            controller.send(name)
            address, error = controller.recv()
        if error is not None:
            raise RuntimeError(f"The controller cannot start {name}: {error}")
        return str(address)

    def end(self) -> None:
        """They are not this process' to end."""
