"""HTTP on a port, and an orderly end: what every process of ours that answers requests has in common."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from services.chassis.settings import Settings
from services.runtime.admission import Admission
from services.runtime.edge import Edge
from services.runtime.patience import patient

SIGNALS = (signal.SIGINT, signal.SIGTERM)
Work = Callable[[asyncio.Event], Awaitable[None]]
CONNECTIONS = 2_000
"""Most connections of a process; one more is answered with 503."""
LARGEST_MESSAGE = 1_048_576
"""Most bytes of a message that comes through a websocket."""
GRACE = 3
"""Seconds that requests and sockets get to end."""


class PortTaken(Exception):
    """Somebody else listens there."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is taken: end what listens there, or choose another "
            f"(--port {port + 10}; make demo PORT={port + 10})."
        )


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens for the length of a block, taken before anything else is started.

    Raises:
        PortTaken: somebody else listens there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise PortTaken(host, port) from error
        listener.listen(2048)
        listener.setblocking(False)
        yield listener


@contextlib.contextmanager
def cancelled_by_signals() -> Iterator[None]:
    """Until people can come, a signal cancels what is being done, and what was started is ended in order."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is not None:
        for number in SIGNALS:
            loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


class Web(uvicorn.Server):
    """uvicorn, but signals are ours: after its own handling it would kill the process before the rest has ended."""

    @classmethod
    def of(cls, app: ASGIApp, settings: Settings, admission: Admission | None = None) -> "Web":
        """A server of an application, behind the locks that all of them have.

        Args:
            app: what answers. settings: limits. admission: who may come in; unless given, any host and address may.
        """
        return cls(
            uvicorn.Config(
                Edge(app, admission or Admission(settings)),
                http=patient(settings.half_request_seconds),
                log_config=None,
                access_log=False,  # it would hold query strings
                timeout_graceful_shutdown=GRACE,
                lifespan="on",
                limit_concurrency=CONNECTIONS,
                forwarded_allow_ips=settings.trusted_proxies,
                server_header=False,
                ws_max_size=LARGEST_MESSAGE,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to answer; what was made until now stays for good, and is not looked at for garbage again.

        With Python's own thresholds the collector walks through everything that was imported, hundreds of times a
        second under load, and takes more time than the requests.
        """
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Asks for an orderly end at the first signal, for a quick one at the second."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    @contextlib.asynccontextmanager
    async def announced(self, ready: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """Says so once it answers; what goes wrong in that ends it, and is raised on leaving."""

        async def announce() -> None:
            while not self.started:  # noqa: ASYNC110 - uvicorn has a flag, not an event
                await asyncio.sleep(0.05)
            try:
                await ready()
            except Exception:
                self.should_exit = True
                raise

        task = asyncio.create_task(announce())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
        if not task.cancelled():
            task.result()


async def serve_http(
    app: FastAPI, settings: Settings, work: Work | None = None, admission: Admission | None = None
) -> None:
    """Answers at the host and port of the settings until SIGINT or SIGTERM.

    Args:
        app: what answers. settings: say where. work: runs meanwhile, until its event is set; when it falls the process
            ends, for who started it to start it again. admission: as ``Web.of`` takes it.

    Raises:
        PortTaken: somebody else listens there. Exception: of the work.
    """
    with listening(settings.host, settings.port) as listener:
        web, stop = Web.of(app, settings, admission), asyncio.Event()
        working = asyncio.create_task(_ending(web, work(stop))) if work else None
        try:
            await web.serve(sockets=[listener])
        finally:
            stop.set()
            if working is not None:
                await working


async def _ending(web: Web, work: Awaitable[None]) -> None:
    try:
        await work
    finally:
        web.should_exit = True
