"""A question over HTTP: waits until the read model has seen what the asker wrote, and says how far it has read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from pydantic import WithJsonSchema

from services.chassis.access.permit import authenticated
from services.chassis.http.commands import Context
from services.chassis.http.conditions import etag
from services.chassis.http.histories import Histories
from services.chassis.http.lag import head_of
from services.chassis.http.paging import Item, Key, Listed, Page
from services.chassis.http.positions import PositionVector, history
from services.chassis.http.refusals import PositionAhead
from services.chassis.projections.checkpoints import Seen
from services.chassis.service import ServiceContext

POSITION = "[a-z][a-z0-9-]{0,39}=[0-9]{1,18}(\\.[0-9a-f]{8})?(@[A-Za-z0-9._:-]{1,120})?"
EXAMPLE = "registry=1234.3f9c2b7d@unit-wanda-a-1812"
POSITIONS = f"^({POSITION}(, {POSITION}){{0,7}})?$"


@dataclass(frozen=True, slots=True)
class View:
    """What an answer is based on.

    Attributes:
        as_of: the service's time. position: how far each log had been read, at least.
    """

    as_of: datetime
    position: dict[str, int]
    _response: Response

    def listed(self, items: Sequence[Item], page: Page, key: Callable[[Item], Key]) -> Listed[Item]:
        """A page out of up to ``page.limit + 1`` items; ``key`` gives an item's sort key as ``page.after`` reads it."""
        mine, following = page.cut(items, key)
        return Listed(items=mine, next=following, as_of=self.as_of, position=self.position)

    def version(self, version: int) -> None:
        """Puts the version of what is shown into the ETag, to be sent back as If-Match."""
        self._response.headers["ETag"] = etag(version)


AfterHeader = Annotated[
    Annotated[str, WithJsonSchema({"type": "string", "pattern": POSITIONS, "examples": [EXAMPLE]})] | None,
    Header(
        alias="Maple-After",
        description="Waits until the answer includes these positions; from Maple-Position of a command.",
    ),
]


def reads(*read_models: str) -> Any:
    """Declares which read models a route reads: ``view: Annotated[View, reads("register")]``."""

    async def view(
        request: Request,
        context: Context,
        response: Response,
        after: AfterHeader = None,
    ) -> View:
        await authenticated(request)  # nobody else makes us wait
        wanted = PositionVector.parse(after or "")
        far = [await reached(context, name, wanted) for name in read_models]
        sources = {source for each in far for source in each.least}
        least = {
            source: min((each.least[source] for each in far if source in each.least), key=lambda mark: mark.position)
            for source in sources
        }
        position = PositionVector(
            {source: mark.position for source, mark in least.items()},
            histories={source: history(mark.lineage) for source, mark in least.items()},
        )
        response.headers["Maple-Position"] = str(position)
        return View(context.clock.now(), dict(position), response)

    return Depends(view)


async def reached(context: ServiceContext, read_model: str, wanted: PositionVector) -> Seen:
    """Waits until a read model has read what is wanted; how far it has."""
    now = await context.checkpoints.look(read_model)
    if not wanted:
        return now
    for source, position in wanted.items():
        head = await head_of(context, source) if position > now.positions.get(source, position) else None
        if head is not None and position > head:
            raise PositionAhead(source)  # no wait would bring it about
    holds = Histories(context.log, wanted).holds if wanted.histories else None
    wait = context.settings.read_wait_seconds
    return await context.checkpoints.reached(read_model, wanted, wait, wanted.streams, holds)
