"""Public keys of an outside issuer: a file, or an address that is asked again when a key is unknown."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from joserfc.jwk import KeySet

from services.chassis.access.tokens import GivenKeys, KeySource, Verifier, key_set
from services.chassis.settings import SettingMissing, Settings

ASK_AGAIN = 60.0


class KeysAway(ConnectionError):
    """The issuer's keys could not be had, and none are known."""

    def __init__(self, url: str) -> None:
        super().__init__(f"The issuer's keys at {url} cannot be read: check MAPLEBRIDGE_JWKS_URL and the network.")


class AskedKeys:
    """Keys from an address (``jwks_uri`` of the issuer), asked for at most once a minute.

    Args:
        url: where. client: for HTTP. now: seconds that only grow.
    """

    def __init__(self, url: str, client: httpx.AsyncClient, now: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._client = client
        self._now = now
        self._asked: float | None = None
        self._keys = KeySet([])

    def keys(self) -> KeySet:
        """The last that were read; none before the first time."""
        return self._keys

    async def refresh(self) -> bool:
        """Reads them again unless that was a moment ago.

        Raises:
            KeysAway: they cannot be read, and none are known.
        """
        if self._asked is not None and self._now() - self._asked < ASK_AGAIN:
            return False
        self._asked = self._now()
        try:
            answer = await self._client.get(self._url, timeout=5)
            self._keys = key_set(answer.raise_for_status().json())
        except (httpx.HTTPError, ValueError) as error:
            self._asked = None
            if not self._keys.keys:
                raise KeysAway(self._url) from error
            return False
        return True


def verifier(settings: Settings) -> Verifier:
    """A verifier of the tokens of the issuer in the settings.

    Raises:
        SettingMissing: neither ``jwks_file`` nor ``jwks_url`` is set.
    """
    return Verifier(
        _source(settings), issuer=settings.issuer, audience=settings.audience, leeway=settings.token_leeway_seconds
    )


def _source(settings: Settings) -> KeySource:
    if settings.jwks_file is not None:
        return GivenKeys(json.loads(Path(settings.jwks_file).read_bytes()))
    if settings.jwks_url is not None:
        return AskedKeys(settings.jwks_url, httpx.AsyncClient())
    raise SettingMissing("jwks_file")
