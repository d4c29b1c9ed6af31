"""Writes converted rows into the incidents' log, and what they cover into analytics'."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast
from uuid import UUID

import orjson

from contracts.analytics import CoverageDeclared
from contracts.catalogue import CATALOGUE
from contracts.common import Actor, Role, Sealed
from contracts.incidents import IncidentReported
from services.analytics.deciders import COVERAGE
from services.analytics.domain.figure import told_of
from services.chassis.clock import Clock
from services.chassis.eventstore.bulk import BY_INDEX, BulkEvent, BulkWriter
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.types import Append, NewEvent, metadata, new_event
from services.chassis.ids import NewId
from services.chassis.postgres import Database
from services.incidents.domain.identity import city_of, digest_in, incident_of
from services.runtime.imports.batches import Batch
from services.runtime.imports.coverage import Covered, declaration
from services.runtime.imports.identity import digest_beside, event_id
from services.runtime.imports.language import Mapping

STORED = """
select stored.* from unnest($1::text[]) as wanted (stream) cross join lateral (
    select stream, id, type, data from log.events where stream = wanted.stream and version = 1
) as stored
"""
KNOWN = "select stream from log.events where stream = any($1::text[]) and version = 1"
WAKE = "notify maplebridge_log"


class Sealer(Protocol):
    """The part of the incidents' vault that an import needs."""

    async def seal_many(self, texts: Sequence[tuple[str, str]]) -> list[Sealed]:
        """Seals each text under the key that goes with it."""
        ...


@dataclass(frozen=True)
class Written:
    """What became of a batch.

    Attributes:
        imported: incidents that are new. known: that the log has already. differing: those of them of which the log
        says something else.
    """

    imported: int = 0
    known: int = 0
    differing: int = 0

    def __add__(self, other: "Written") -> "Written":
        return Written(self.imported + other.imported, self.known + other.known, self.differing + other.differing)


@dataclass(frozen=True)
class Stored:
    """The first event of a stream. data: in today's version."""

    id: UUID
    data: bytes


class IntoLog:
    """Writes into the logs of one instance.

    Args:
        incidents: the database of incidents. sealer: its vault. clock: when the log is told.
        source: whose figures. run: shared by all events of this import.
    """

    def __init__(self, incidents: Database, sealer: Sealer, clock: Clock, source: str, run: str) -> None:
        self._pool = incidents.pool
        self._writer = BulkWriter(incidents.pool)
        self._sealer = sealer
        self._clock = clock
        self._metadata = importer(source, run)

    async def write(self, batch: Batch) -> Written:
        """Appends what the log lacks; each transaction is whole or not at all."""
        streams = streams_of(batch)
        data = await self._sealed(batch, streams) if batch.descriptions else batch.data
        now, about, kind = self._clock.now(), self._metadata, IncidentReported.type
        outcome = await self._writer.write(
            [
                BulkEvent(stream, 1, NewEvent(event_id(digest), kind, payload, about, effective_at), now)
                for stream, digest, payload, effective_at in zip(
                    streams, batch.digests, data, batch.effective, strict=True
                )
            ]
        )
        if outcome.appended:
            await self._pool.execute(WAKE)
        if not outcome.known:
            return Written(outcome.appended)
        stored = await self.stored(streams)
        again = zip(streams, batch.digests, data, strict=True)
        others = {n: other for n, (stream, *told) in enumerate(again) if (other := taken(stored[stream], *told))}
        differing = sum(
            stored[stream].id == event_id(digest) and differs(stored[stream].data, payload)
            for n, (stream, digest, payload) in enumerate(zip(streams, batch.digests, data, strict=True))
            if n not in others
        )
        written = Written(outcome.appended, outcome.known - len(others), differing)
        return written + await self.write(beside(batch, others)) if others else written

    async def head(self) -> int:
        """The position of the last event that the log has."""
        return (await EventStore("incidents", self._pool).head()).position

    async def stored(self, streams: Sequence[str]) -> dict[str, Stored]:
        """The first event of each of these streams that the log has."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(BY_INDEX)
            rows = await connection.fetch(STORED, streams)
        return {row["stream"]: Stored(row["id"], CATALOGUE.lifted(row["type"], row["data"])) for row in rows}

    async def _sealed(self, batch: Batch, streams: list[str]) -> list[bytes]:
        """The payloads with their descriptions sealed. Those of known incidents stay as they are: they are not
        written, and a case whose key was erased must not get another."""
        known = {row["stream"] for row in await self._pool.fetch(KNOWN, streams)}
        told = {index: text for index, text in batch.descriptions.items() if streams[index] not in known}
        data = list(batch.data)
        payloads = {index: orjson.loads(data[index]) for index in told}
        texts = [(cast("str", payloads[index]["description"]["key"]), text) for index, text in told.items()]
        for index, sealed in zip(told, await self._sealer.seal_many(texts), strict=True):
            payloads[index]["description"] = sealed.model_dump()
            data[index] = orjson.dumps(payloads[index])
        return data


def streams_of(batch: Batch) -> list[str]:
    """The stream of each incident of a batch."""
    return [f"incident-{incident_of(digest)}" for digest in batch.digests]


def differs(stored: bytes, told: bytes) -> bool:
    """Whether a report says something else than the one that the log has, sealed descriptions aside."""
    if stored == told:
        return False
    before, now = orjson.loads(stored), orjson.loads(told)
    # a report of an earlier release lacks the fields that came later
    return any(before.get(field, value) != value for field, value in now.items() if field != "description")


def taken(stored: Stored, digest: bytes, told: bytes) -> bytes | None:
    """The digest under which an incident gets in, where its id is taken by a report that no import made, or by one of
    another city; None where what is stored is the incident itself."""
    if stored.id != event_id(digest):
        return digest_beside(digest)
    if stored.data == told:
        return None
    before, place = orjson.loads(stored.data)["place"], orjson.loads(told)["place"]
    return digest_in(place, digest) if city_of(before) != city_of(place) else None


def beside(batch: Batch, others: dict[int, bytes]) -> Batch:
    """These incidents of a batch, each under another digest and the id that is made of it."""
    moved = Batch(batch.file)
    for index, digest in others.items():
        payload = orjson.loads(batch.data[index])
        payload["incident"] = incident_of(digest)
        if index in batch.descriptions:
            payload["description"]["key"] = f"case:{payload['incident']}"
            moved.descriptions[len(moved.digests)] = batch.descriptions[index]
        moved.digests.append(digest)
        moved.data.append(orjson.dumps(payload))
        moved.effective.append(batch.effective[index])
    return moved


def importer(source: str, run: str) -> bytes:
    """The metadata of events that an import makes."""
    return metadata(Actor(role=Role.INTEGRATOR, id=f"import:{source}"), correlation_id=run)


@dataclass(frozen=True)
class Declaring:
    """What an import has to say about coverage.

    Attributes:
        mapping, covered: what is covered. incidents: position of the log of incidents that holds all of it. run: shared
        by all events of this import.
    """

    mapping: Mapping
    covered: Covered
    incidents: int
    run: str


async def declare_coverage(analytics: EventStore, declaring: Declaring, now: datetime, new_id: NewId) -> bool:
    """Appends what is covered to analytics' log, where that is news."""
    mapping = declaring.mapping
    place = mapping.place.under or ""
    stream = COVERAGE.stream(told_of(mapping.source, place))
    past = await analytics.load(stream)
    # earlier releases kept what a source says of all places in one stream
    declared = past or await analytics.load(COVERAGE.stream(mapping.source))
    said = [each.event for each in declared if isinstance(each.event, CoverageDeclared) and each.event.place == place]
    before = said[-1] if said else None
    event = declaration(mapping, declaring.covered, before, now, declaring.incidents)
    if event is None:
        return False
    told = new_event(new_id(), event, importer(mapping.source, declaring.run))
    await analytics.append(Append(stream, len(past), (told,), now))
    await analytics.pool.execute(WAKE)
    return True


Open = Callable[[str], str]
"""Gives the address of a service's database, as the application role."""
