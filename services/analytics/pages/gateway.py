"""The services over HTTP, asked with the viewer's own token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import orjson
from pydantic import ValidationError

from services.analytics.pages.shapes import Listing, Shape

Answer = TypeVar("Answer", bound=Shape)
Item = TypeVar("Item", bound=Shape)
Query = Mapping[str, str | int | Sequence[str] | None]
TIMEOUT = 10.0
MISREAD = "shape"
NO_PLACES = "scope-missing"


class Refusal(Exception):
    """A service said no, or did not answer. Its text is a sentence for the viewer.

    Attributes:
        status: of HTTP; 0 where nobody answered. kind: the problem's stable name. pointer: the field, if there is one.
        rule: stable name of the constraint that the field breaks, if it is one.
    """

    def __init__(self, sentence: str, *, status: int = 0, kind: str = "", pointer: str = "", rule: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.kind = kind
        self.pointer = pointer
        self.rule = rule

    @property
    def passing(self) -> bool:
        """Whether it may be otherwise in a moment."""
        return self.status in {0, 503} and self.kind != MISREAD


class Unreachable(Refusal):
    """Nobody answered."""


@dataclass(frozen=True)
class Done:
    """What a command did. position: the token that a later read waits for."""

    id: str | None
    position: str | None
    events: int


@dataclass(frozen=True)
class Gateway:
    """The services as one viewer may see them.

    Attributes:
        client: with the base address of the port in front. token: the viewer's. after: a position to wait for.
    """

    client: httpx.AsyncClient
    token: str
    after: str | None = None

    def following(self, position: str | None) -> "Gateway":
        """The same, but answers include what was just done."""
        return Gateway(self.client, self.token, position)

    async def get(self, shape: type[Answer], path: str, query: Query | None = None) -> Answer:
        """Reads one thing."""
        return _read(shape, await self._read(path, query))

    async def list(self, item: type[Item], path: str, query: Query | None = None) -> Listing[Item]:
        """Reads a page of a list."""
        return _read(Listing[item], await self._read(path, query))  # type: ignore[valid-type]

    async def open(self, shape: type[Answer], path: str, purpose: str) -> Answer:
        """Reads one thing with what was written about it, where the viewer may open that; the reading is on record."""
        found = orjson.loads(await self._read(path, None))
        if found.get("ask"):
            opened = await self._call("POST", f"{path}/openings", body={"purpose": purpose})
            found["history"] = orjson.loads(opened.content)["history"]
        return _read(shape, orjson.dumps(found))

    async def do(self, path: str, body: Mapping[str, Any], *, key: str, expected: int | None = None) -> Done:
        """Gives a command. key: makes a repeat harmless. expected: the version that the viewer has seen."""
        headers = {"Idempotency-Key": key}
        if expected is not None:
            headers["If-Match"] = f'"{expected}"'
        response = await self._call("POST", path, body=body, headers=headers)
        answer = response.json() if response.content else {}
        return Done(answer.get("id"), response.headers.get("Maple-Position"), len(answer.get("events", ())))

    async def _read(self, path: str, query: Query | None) -> bytes:
        try:
            return (await self._call("GET", path, query=query)).content
        except Refusal as refusal:
            if refusal.kind == NO_PLACES:
                # a city of which nothing is known yet has no places for a token to name: it is empty, not forbidden
                return b"{}"
            raise

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if self.after:
            sent["Maple-After"] = self.after
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        try:
            response = await self.client.request(method, path, params=asked, json=body, headers=sent, timeout=TIMEOUT)
        except httpx.HTTPError as error:
            raise Unreachable("The services do not answer.", kind=type(error).__name__) from error
        if response.is_error:
            raise _refusal(response)
        return response


def _read(shape: type[Answer], content: bytes) -> Answer:
    try:
        return shape.model_validate_json(content)
    except ValidationError as error:
        raise Refusal("The answer of a service is not understood.", kind=MISREAD) from error


def _refusal(response: httpx.Response) -> Refusal:
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    sentence = problem.get("detail") or problem.get("title") or f"The service answered {response.status_code}."
    # where it is, is for programs: people read the sentence
    where = problem.get("pointer") or problem.get("parameter")
    kind = str(problem.get("type", "")).rpartition("/")[2]
    return Refusal(
        str(sentence).removeprefix(f"{where}: "),
        status=response.status_code,
        kind=kind,
        pointer=str(problem.get("pointer") or ""),
        rule=str(problem.get("rule") or ""),
    )
