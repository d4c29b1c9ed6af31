"""A proxy in front of PostgreSQL that cuts the connection at a chosen round trip.

    async with CuttingProxy(dsn) as proxy:
        connection = await asyncpg.connect(proxy.dsn)
        proxy.cut(Cut(2, carried_out=True))  # the second round trip from now on is done, and its answer is lost

A round trip ends with a Sync or a simple Query of the client. Counting starts when the cut is ordered, over all
connections. One that is cut before it (``carried_out=False``) never reaches PostgreSQL.
"""

import asyncio
import contextlib
import struct
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

SSL_REQUEST = 80877103
ENDS_A_ROUND_TRIP = {b"S", b"Q"}
READY = b"Z"


@dataclass(frozen=True)
class Cut:
    """Where a connection is cut.

    Attributes:
        round_trip: which one, from 1. carried_out: whether PostgreSQL still does what it asks.
    """

    round_trip: int
    carried_out: bool


class CuttingProxy:
    """Stands between clients and one PostgreSQL.

    Attributes:
        dsn: the address to use instead of the real one. away: whether new connections are refused.
    """

    def __init__(self, dsn: str) -> None:
        self._real = dsn
        self._cut: Cut | None = None
        self._trips = 0
        self._wires: set[Wire] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.dsn = ""
        self.away = False

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.dsn = through(self._real, self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut_all()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self, cut: Cut | None) -> None:
        """Orders a cut, counted from now on, or takes the order back."""
        self._cut, self._trips = cut, 0

    def cut_all(self) -> None:
        """Cuts every connection now."""
        for wire in list(self._wires):
            wire.cut()

    def due(self) -> Cut | None:
        """Counts one more round trip; answers the cut where it is due now."""
        self._trips += 1
        if self._cut is None or self._trips != self._cut.round_trip:
            return None
        due, self._cut = self._cut, None
        return due

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if self.away:
                raise ConnectionRefusedError
            wire = Wire(self, reader, writer, *await _connected(self._real))
            self._wires.add(wire)
            try:
                await wire.run()
            finally:
                self._wires.discard(wire)
                wire.cut()
        writer.transport.abort()


class Wire:
    """One connection through the proxy."""

    def __init__(
        self,
        proxy: CuttingProxy,
        client: asyncio.StreamReader,
        to_client: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
    ) -> None:
        self._proxy = proxy
        self._client, self._to_client = client, to_client
        self._server, self._to_server = server, to_server
        self._mute = False

    def cut(self) -> None:
        """Ends both sides without a word."""
        self._to_client.transport.abort()
        self._to_server.transport.abort()

    async def run(self) -> None:
        """Forwards until either side ends."""
        tasks = [asyncio.ensure_future(self._questions()), asyncio.ensure_future(self._answers())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _questions(self) -> None:
        await self._startup()
        while True:
            kind, message = await _message(self._client)
            due = self._proxy.due() if kind in ENDS_A_ROUND_TRIP else None
            if due is not None and not due.carried_out:
                return
            self._mute = self._mute or due is not None
            self._to_server.write(message)
            await self._to_server.drain()

    async def _startup(self) -> None:
        while True:
            length = await self._client.readexactly(4)
            rest = await self._client.readexactly(struct.unpack(">i", length)[0] - 4)
            if struct.unpack(">i", rest[:4])[0] != SSL_REQUEST:
                self._to_server.write(length + rest)
                return
            self._to_client.write(b"N")

    async def _answers(self) -> None:
        while True:
            kind, message = await _message(self._server)
            if not self._mute:
                self._to_client.write(message)
                await self._to_client.drain()
            elif kind == READY:
                return


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    return head[:1], head + await reader.readexactly(struct.unpack(">i", head[1:])[0] - 4)


async def _connected(dsn: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(dsn)
    query = parse_qs(parts.query)
    host = query.get("host", [parts.hostname or "127.0.0.1"])[0]
    port = query.get("port", [str(parts.port or 5432)])[0]
    if host.startswith("/"):
        return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
    return await asyncio.open_connection(host, int(port))


def through(dsn: str, port: int) -> str:
    """The same database and role, at a port of this machine."""
    parts = urlsplit(dsn)
    login, at, _ = parts.netloc.rpartition("@")
    query = {name: values[0] for name, values in parse_qs(parts.query).items() if name not in {"host", "port"}}
    place = f"{login}{at}127.0.0.1:{port}"
    return urlunsplit((parts.scheme, place, parts.path, urlencode(query | {"sslmode": "disable"}), ""))
