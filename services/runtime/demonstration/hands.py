"""Hands for the people of the living city: what they ask of the services, with their own tokens, over HTTP."""

import time
from collections.abc import Callable, Mapping
from typing import Any, cast
from uuid import uuid4

import httpx

from services.chassis.access import Principal

Tokens = Callable[[Principal], str]
"""Gives a token about somebody; the development issuer's."""

Item = dict[str, Any]
KEEP = 3600.0
"""Seconds that a token is used."""

MET_A_RULE = {400, 403, 404, 409, 410, 412, 422}
"""A rule forbade it, most often since a real person was there first."""


class CityUnanswered(Exception):
    """A service did not answer as a service should."""

    def __init__(self, method: str, path: str, status: int, told: str) -> None:
        super().__init__(f"{method} {path} was answered with {status}: {told[:200]}")


class Hands:
    """Asks and commands as somebody.

    Attributes:
        refused: how often a rule forbade what was asked.
    """

    def __init__(
        self, client: httpx.AsyncClient, tokens: Tokens, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._tokens = tokens
        self._seconds = seconds
        self._kept: dict[Principal, tuple[float, str]] = {}
        self._written: dict[str, str] = {}
        self.refused = 0

    async def items(self, who: Principal, path: str, **asked: str | int) -> list[Item]:
        """The items of a list; empty where it may not be read.

        Raises:
            CityUnanswered: the service is in trouble. httpx.HTTPError: it is not there.
        """
        found = await self.one(who, path, **asked)
        return cast("list[Item]", found.get("items", [])) if found else []

    async def one(self, who: Principal, path: str, **asked: str | int) -> Item | None:
        """One answer, with what was last written to its service in it; None where a rule forbade it."""
        written = self._written.get(_service(path))
        headers = self._headers(who) | ({"Maple-After": written} if written else {})
        return self._told(await self._client.get(path, params=asked, headers=headers))

    async def command(self, who: Principal, path: str, body: Mapping[str, Any] | None = None) -> Item | None:
        """A command, once; None where a rule forbade it."""
        headers = self._headers(who) | {"Idempotency-Key": f"city-{uuid4()}"}
        answer = await self._client.post(path, json=dict(body or {}), headers=headers)
        if answer.is_success and "Maple-Position" in answer.headers:
            self._written[_service(path)] = answer.headers["Maple-Position"]
        return self._told(answer)

    def _headers(self, who: Principal) -> dict[str, str]:
        since, token = self._kept.get(who, (-KEEP, ""))
        now = self._seconds()
        if not token or now - since >= KEEP:
            token = self._tokens(who)
            self._kept[who] = (now, token)
        return {"Authorization": f"Bearer {token}"}

    def _told(self, answer: httpx.Response) -> Item | None:
        if answer.is_success:
            return cast("Item", answer.json())
        if answer.status_code in MET_A_RULE:
            self.refused += 1
            return None
        request = answer.request
        raise CityUnanswered(request.method, request.url.path, answer.status_code, answer.text)


def _service(path: str) -> str:
    return path.split("/")[1]
