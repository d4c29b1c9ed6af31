"""The same happenings in logs twice: told in today's versions alone, and in earlier ones among them."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

from contracts.catalogue import CATALOGUE
from contracts.common import Event
from contracts.examples import example_of
from contracts.mediation import CommitmentFulfilled
from contracts.topics import LOGS
from services.analytics import migrations
from services.analytics.app import READ_MODELS as ANALYTICS
from services.chassis.eventstore.bulk import BulkEvent, BulkWriter
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import NewEvent, Recorded
from services.chassis.postgres import Database
from services.incidents.views.casebook import CASEBOOK
from services.incidents.views.openings import OPENINGS as CASES_OPENED
from services.incidents.views.roster import ROSTER
from services.mediation.views.docket import DOCKET
from services.mediation.views.openings import OPENINGS as DISPUTES_OPENED
from services.registry.views.register import REGISTER
from tests.integration.analytics.happenings import LOGS as CITY
from tests.integration.folding import recorded
from tests.versions import bumped, row_of_old

READ_MODELS = (*ANALYTICS, CASEBOOK, ROSTER, CASES_OPENED, DOCKET, DISPUTES_OPENED, REGISTER)
EXAMPLES = max(Counter(name.partition(".")[0] for name in CATALOGUE.models).values())
"""As many as a service has events."""
STREAMS = {
    "CaseOpened": "opening-{place}",
    "TextErased": "erasure-{place}",
    "CoverageDeclared": "coverage-{source}",
    "FiguresExported": "export-{place}",
    "CityEventsRead": "export-{place}",
    "FiguresPublished": "figures-{city}.{measure}",
    "PolicyAdopted": "policy-city",
    "DutyStarted": "duty-{officer}",
    "DutyEnded": "duty-{officer}",
}


def stream_of(event: Event) -> str:
    """Where an example belongs."""
    model = type(event)
    first = next(field for field in model.model_fields if field != "effective_at")  # the id of what it happened to
    name = STREAMS.get(model.__name__, f"{first}-{{{first}}}")
    return name.format(**dict(event)).replace("/", ".")


def happened(source: str) -> list[Recorded]:
    """An example of each event of a service, as they follow each other, and a small city's."""
    examples = [model.model_validate(example_of(model)) for model in CATALOGUE.models.values()]
    examples.sort(key=lambda event: isinstance(event, CommitmentFulfilled))  # it was missed first
    told = [(stream_of(event), event) for event in examples if event.type.startswith(f"{source}.")]
    known = {stream for stream, _ in told}
    more = [(past.stream, past.event) for past in CITY[source]() if past.stream not in known] if source in CITY else []
    return recorded(source, told + more)


def of_old(past: Recorded) -> bool:
    """Whether an event was told in the version before: an example of each was, and many others."""
    return past.position <= EXAMPLES or past.position % 2 == 1


@dataclass
class Told:
    """An instance whose logs are filled.

    Attributes:
        stores: its logs, by source. database: for what is made of them.
    """

    stores: dict[str, EventStore]
    dsn: str
    owner_dsn: str
    database: Database
    pools: list[Database] = field(default_factory=list)

    async def close(self) -> None:
        """Ends its connections."""
        for store in self.stores.values():
            await store.close()
        for database in (self.database, *self.pools):
            await database.close()


async def fill(pool: asyncpg.Pool, source: str, *, mixed: bool) -> None:
    """Writes what happened into an empty log; mixed: some of it as it was told in earlier versions."""
    rows = [row_of_old(past) if mixed and of_old(past) else past.columns for past in happened(source)]
    await BulkWriter(pool).write(
        [
            BulkEvent(stream, version, NewEvent(id_, type_, data, metadata, effective_at), recorded_at)
            for _, stream, version, id_, type_, data, metadata, effective_at, recorded_at, _ in rows
        ]
    )


async def told(databases, *, mixed: bool, sources: Iterable[str] = LOGS) -> Told:
    """Fills the logs; mixed: some of it was told in earlier versions."""
    stores, opened = {}, []
    for source in sources:
        database = await Database.open(source, (await databases.fresh()).app, connections=2)
        await fill(database.pool, source, mixed=mixed)
        opened.append(database)
        stores[source] = EventStore(source, database.pool)
    fresh = await databases.fresh(*(Path(path) for path in migrations.__path__))
    views = await Database.open("analytics", fresh.app)
    return Told(stores, fresh.app, fresh.owner, views, opened)


@pytest.fixture
def second_versions() -> Iterator[None]:
    """Today's version of every event is its second."""
    with bumped():
        yield


@pytest.fixture
async def twice(databases, second_versions) -> AsyncIterator[tuple[Told, Told]]:
    """Told in today's versions alone, and in both."""
    both = await told(databases, mixed=False), await told(databases, mixed=True)
    yield both
    for each in both:
        await each.close()
