"""How many pages are open: the server holds each of them in memory, with all that it shows."""

import asyncio
import contextlib
import gc
from collections import Counter, OrderedDict
from typing import Final

from nicegui import Client
from starlette.responses import Response

UNCONNECTED: Final = 24
"""Most pages that were fetched and have no socket; a browser opens it at once, a script never does."""
OPEN: Final = 100
"""Most open pages in all."""
COLLECT_AFTER: Final = 20
"""Closed pages after which their memory is given back; what a page is made of refers to itself in circles."""
AT_LATEST: Final = 60.0
"""Seconds until the memory of fewer closed pages is given back."""

FULL: Final = "现在打开的页面太多，请稍后再试。Too many pages are open: try again in a moment."


class Openings:
    """Counts the pages, and closes those that nothing came of."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Client] = OrderedDict()
        self._closed = 0
        self._many = asyncio.Event()

    def full(self) -> Response | None:
        """The answer where no more pages can be open; None where there is room."""
        if len(Client.instances) <= OPEN:
            return None
        return Response(FULL, 503, {"Retry-After": "5"}, "text/plain; charset=utf-8")

    def opened(self, client: Client) -> None:
        """Notes a page that was fetched; until its socket comes, it is one of a few that are kept."""
        self._waiting[client.id] = client
        client.on_connect(lambda: self._waiting.pop(client.id, None))
        client.on_delete(lambda: self._gone(client))
        while len(self._waiting) > UNCONNECTED:
            self._first_of_the_most().delete()

    def _gone(self, client: Client) -> None:
        self._waiting.pop(client.id, None)
        self._closed += 1
        if self._closed >= COLLECT_AFTER:
            self._many.set()

    def _first_of_the_most(self) -> Client:
        """The oldest page of the address that has most: nobody is put out by what another sends."""
        counts = Counter(client.ip for client in self._waiting.values())
        (address, _), *_ = counts.most_common(1)
        return next(client for client in self._waiting.values() if client.ip == address)

    async def give_back(self) -> None:
        """Collects what closed pages leave, until cancelled; the collector by itself is slow to come to it."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._many.wait(), AT_LATEST)
            self._many.clear()
            if self._closed:
                self._closed = 0
                gc.collect()
