"""What a process of one service stands on, from settings alone."""

import httpx

from services.chassis.access.jwks import verifier
from services.chassis.clock import Clock, SystemClock
from services.chassis.settings import SettingMissing, Settings
from services.runtime.composition import Ground
from services.runtime.databases import OWNER_ROLE
from services.runtime.trust import trust

DATABASE_WAIT = 600.0
"""Seconds that a process waits for a database that starts; replaying a large write-ahead log takes its time."""


def clock_of(settings: Settings) -> Clock:
    """The machine's clock, or the demonstration's.

    Raises:
        SettingMissing: the demonstration's clock is wanted, and ``clock_file`` is not set. ClockMissing: nobody has it.
    """
    if settings.clock == "system":
        return SystemClock()
    if settings.clock_file is None:
        raise SettingMissing("clock_file")
    from services.runtime.demonstration.clock import FollowedClock

    return FollowedClock(settings.clock_file)


def ground_of(settings: Settings) -> Ground:
    """The ground of a process.

    Raises:
        SettingMissing, SettingMalformed: the settings lack something.
    """

    def address(database: str, role: str) -> str:
        return settings.owner_database(database) if role == OWNER_ROLE else settings.database(database)

    return Ground(address, settings, verifier(settings), settings.master_key_bytes(), clock_of(settings))


class ByService(httpx.AsyncBaseTransport):
    """Sends each request to the service that the first segment of its path names.

    Args:
        settings: say where each answers.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._inner = httpx.AsyncHTTPTransport(
            verify=trust(), limits=httpx.Limits(max_connections=None, keepalive_expiry=15)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Passes the request on. Raises SettingMissing where the service has no address."""
        name = request.url.path.lstrip("/").partition("/")[0]
        there = httpx.URL(self._settings.address(name))
        request.url = request.url.copy_with(scheme=there.scheme, host=there.host, port=there.port)
        request.headers["Host"] = there.netloc.decode("ascii")
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Closes its connections."""
        await self._inner.aclose()


def to_services(settings: Settings) -> httpx.AsyncClient:
    """A client of all services, as if they were behind one port."""
    return httpx.AsyncClient(transport=ByService(settings), base_url="http://services", timeout=30)
