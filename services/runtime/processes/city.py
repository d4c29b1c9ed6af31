"""The demonstration's city as a process: it lives on, through the services' HTTP like everybody."""

import asyncio
import contextlib

from services.chassis.access import Issuer
from services.chassis.settings import SettingMissing, Settings
from services.runtime.demonstration import live
from services.runtime.demonstration.clock import FollowedClock
from services.runtime.processes.ground import clock_of, to_services
from services.runtime.processes.pages import PagesSettings
from services.runtime.web import SIGNALS


async def live_on(settings: Settings) -> None:
    """Something happens every few seconds, until a signal.

    Raises:
        SettingMissing: something that it needs was not set.
    """
    key = PagesSettings().issuer_key_file
    clock = clock_of(settings)
    if key is None:
        raise SettingMissing("issuer_key_file")
    if not isinstance(clock, FollowedClock):
        raise SettingMissing("clock")
    issuer = Issuer(key.read_bytes(), issuer=settings.issuer, audience=settings.audience)
    stop = asyncio.Event()
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with to_services(settings) as client:
        living = asyncio.create_task(live(client, issuer.issue, clock, stop, clock.speed))
        await stop.wait()
        living.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await living
