"""The logs of services that run elsewhere, over their owners' HTTP."""

import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping

import httpx

from services.chassis.settings import SettingMissing, Settings
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.remote import RemoteLog
from services.chassis.subscriptions.subscription import LogReader, Subscription
from services.chassis.subscriptions.wake import Signal
from services.chassis.telemetry import Telemetry
from services.runtime.trust import trust

SECONDS = 10.0
"""Longest wait for an owner."""


class OverHttp:
    """Others' logs through their owners, looked at again and again.

    Args:
        logs: by service.
    """

    def __init__(self, logs: Mapping[str, RemoteLog]) -> None:
        self._logs = logs

    def reader(self, source: str) -> LogReader:
        """The log itself."""
        return self._logs[source]

    def subscription(self, source: str, telemetry: Telemetry) -> Subscription:  # noqa: ARG002
        """The same, asked again every second."""
        return LogSubscription(self._logs[source], Signal())


@contextlib.asynccontextmanager
async def remote_logs(settings: Settings, sources: Iterable[str]) -> AsyncIterator[dict[str, RemoteLog]]:
    """The logs of other services.

    Raises:
        SettingMissing: ``platform_token`` is not set, or ``addresses`` does not name one of them.
    """
    async with contextlib.AsyncExitStack() as stack:
        logs = {}
        for source in sources:
            base = f"{settings.address(source)}/{source}/"
            client = httpx.AsyncClient(base_url=base, headers=_bearer(settings), timeout=SECONDS, verify=trust())
            logs[source] = RemoteLog(source, await stack.enter_async_context(client))
        yield logs


def _bearer(settings: Settings) -> dict[str, str]:
    if settings.platform_token is None:
        raise SettingMissing("platform_token")
    return {"Authorization": f"Bearer {settings.platform_token.get_secret_value()}"}
