"""The log of another service over its HTTP: for rebuilds, mending and single events where its database is not ours."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

import httpx
import orjson

from services.chassis.eventstore.lineage import Lineage
from services.chassis.eventstore.types import Head, Recorded
from services.chassis.subscriptions.subscription import SourceAway

MOST = 5000
CARRIED = ("actor", "correlation_id", "causation_id", "traceparent")


class LogRefused(Exception):
    """The owner does not show its log, or not all of it."""

    def __init__(self, source: str, why: str) -> None:
        super().__init__(
            f"{source} does not show its whole log ({why}): set a platform token, of a principal with role system."
        )


class RemoteLog:
    """Reads ``GET /{service}/events?after=`` of the owner.

    Args:
        source: the service. client: its ``base_url`` is where the service is mounted, and its headers hold the token.
    """

    def __init__(self, source: str, client: httpx.AsyncClient) -> None:
        self.source = source
        self._client = client

    async def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        """Events after a position, in commit order, without gaps.

        Raises:
            SourceAway: the owner does not answer now. LogRefused: it does not show all.
        """
        events: list[Recorded] = []
        while len(events) < limit:
            told = await self._ask(after + len(events), min(MOST, limit - len(events)))
            found = [_recorded(item) for item in told["items"]]
            if [event.position for event in found] != list(range(after + len(events) + 1, told["upto"] + 1)):
                raise LogRefused(self.source, "positions are left out")
            events += found
            if not found or told["upto"] >= told["head"]:
                break
        return events

    async def head(self) -> Head:
        """The end of the log; its hash does not leave the owner, and is empty here."""
        told = await self._ask(0, 0)
        return Head(told["head"], b"", _moment(told["head_recorded_at"]), UUID(told["lineage"]))

    async def lineages(self) -> list[Lineage]:
        """The histories of the log, the first first; the last is the present one."""
        told = await self._ask(0, 0)
        return [Lineage(UUID(each["id"]), each["began_after"]) for each in told["lineages"]]

    async def _ask(self, after: int, limit: int) -> dict[str, Any]:
        try:
            answer = await self._client.get("events", params={"after": after, "limit": limit})
        except httpx.TransportError as error:
            raise SourceAway(f"{self.source} does not answer ({type(error).__name__}).") from error
        if answer.status_code in {401, 403}:
            raise LogRefused(self.source, f"status {answer.status_code}")
        if answer.status_code != 200:
            raise SourceAway(f"{self.source} answers with status {answer.status_code}.")
        return cast("dict[str, Any]", orjson.loads(answer.content))


def _recorded(item: dict[str, Any]) -> Recorded:
    row = (
        item["position"],
        item["stream"],
        item["version"],
        UUID(item["id"]),
        item["type"],
        orjson.dumps(item["data"]),
        orjson.dumps({key: item[key] for key in CARRIED if item[key]}),
        _moment(item["effective_at"]),
        _moment(item["recorded_at"]),
        b"",
    )
    (recorded,) = Recorded.of(item["source"], [row])
    return recorded


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
