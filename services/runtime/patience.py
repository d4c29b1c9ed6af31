"""uvicorn's HTTP, but the head of a request has to arrive in time and in bounds."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

LARGEST_HEAD = 65_536


class PatientHttp(HttpToolsProtocol):
    """Closes a connection whose request does not begin; uvicorn itself waits for ever, and keeps what came.

    Attributes:
        patience: seconds for a head, from the connection or from its first byte.
    """

    patience = 15.0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for the first request."""
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends."""
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes what came; what is still no whole head has to be one soon."""
        super().data_received(data)
        cycle: RequestResponseCycle | None = self.cycle
        busy = cycle is not None and not cycle.response_complete
        if busy or self.transport.get_protocol() is not self:  # it has become a websocket
            return
        self._head_bytes += len(data)
        if self._head_bytes > LARGEST_HEAD:
            self.transport.close()
        elif self._deadline is None and not self.transport.is_closing():
            self._begin()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._end()
        super().on_headers_complete()

    def _begin(self) -> None:
        self._deadline = self.loop.call_later(self.patience, self.timeout_keep_alive_handler)

    def _end(self) -> None:
        self._head_bytes = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def patient(seconds: float) -> type[PatientHttp]:
    """The protocol with a patience of its own; uvicorn makes one a connection and takes no arguments."""
    return type("PatientHttp", (PatientHttp,), {"patience": seconds})
