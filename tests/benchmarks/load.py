"""Requests as fast as they are answered, over keep-alive connections; cheap enough not to be what is measured."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import cast

NextRequest = Callable[[], bytes]
"""The bytes of a connection's next request."""


class UnexpectedAnswer(AssertionError):
    """The server did not do what it was asked to."""


@dataclass
class Connection(asyncio.Protocol):
    """One client: sends, reads the answer, sends the next until enough were answered."""

    next_request: NextRequest
    count: int
    done: "asyncio.Future[None]"
    seen: bytearray = field(default_factory=bytearray)
    transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self.next_request())

    def data_received(self, data: bytes) -> None:
        """Takes an answer in once it is whole."""
        self.seen += data
        end = self.seen.find(b"\r\n\r\n")
        if end < 0:
            return
        at = self.seen.lower().find(b"content-length: ", 0, end)
        length = int(self.seen[at + 16 : self.seen.find(b"\r\n", at)])
        if len(self.seen) < end + 4 + length:
            return
        if not self.seen.startswith(b"HTTP/1.1 201"):
            self.fail(UnexpectedAnswer(bytes(self.seen).decode(errors="replace")))
            return
        del self.seen[: end + 4 + length]
        self.count -= 1
        assert self.transport is not None
        if self.count:
            self.transport.write(self.next_request())
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Ends."""
        if self.done.done():
            return
        if self.count:
            self.done.set_exception(error or UnexpectedAnswer("The server closed the connection."))
        else:
            self.done.set_result(None)

    def fail(self, error: Exception) -> None:
        """Ends at once."""
        if not self.done.done():
            self.done.set_exception(error)
        if self.transport is not None:
            self.transport.close()


async def load(port: int, clients: list[NextRequest], each: int) -> None:
    """Sends ``each`` requests on a connection for each client, and waits for all answers.

    Raises:
        UnexpectedAnswer: one was not 201.
    """
    loop = asyncio.get_running_loop()
    ends: list[asyncio.Future[None]] = []
    for client in clients:
        done = loop.create_future()
        ends.append(done)
        await loop.create_connection(partial(Connection, client, each, done), "127.0.0.1", port)
    await asyncio.gather(*ends)


def request(path: str, body: bytes, **headers: str) -> bytes:
    """An HTTP request; underscores in header names become hyphens."""
    lines = [f"POST {path} HTTP/1.1", "Host: bench", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
