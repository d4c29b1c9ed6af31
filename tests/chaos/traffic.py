"""Clients of an instance over Kafka: commands to all four services at a steady rate, each sent until it is answered.

Each client sends one command after the other. What got no answer is sent again with the same idempotency key; what was
answered is remembered with the position that it was told.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from contracts.common import Role
from services.chassis.access import Issuer, Principal
from services.runtime.folder import DataFolder
from tests.chaos.test_instance import BUILDING

PLACE = f"{BUILDING['place']}/1812"
UNITS = 24
CLIENTS = 10
"""Clients of each service."""
AGAIN_AFTER = 0.25
ANSWER_WITHIN = 10.0
PATIENCE = 180.0
LOUD = 3
"""Every so many reports come from a unit, and three of one unit are an alert."""
Body = Mapping[str, Any]
Made = Callable[[str, int], tuple[str, Body]]
"""The path and the body of a client's command of a number."""


def observation(client: str, number: int) -> tuple[str, Body]:
    """Somebody saw how a unit is used; several clients write to each of the same streams."""
    return f"units/wanda-a-{100 + number % UNITS}/observations", {"observed_use": "hotel", "organisation": client}


def report(client: str, number: int) -> tuple[str, Body]:
    """Somebody calls; now and then it is about a unit, whose calls come to three."""
    about = {"source_unit": loud_unit(client, number)} if number % LOUD == 0 else {}
    told = {"incident": f"{client}-{number}", "category": "noise/neighbour", "channel": "phone-110", "place": PLACE}
    return "cases", told | about


def dispute(client: str, number: int) -> tuple[str, Body]:
    """Two disagree."""
    parties = [{"subject": "subject-gu"}, {"subject": "subject-shan"}]
    told = {"dispute": f"{client}-{number}", "category": "dispute/deposit", "place": PLACE, "parties": parties}
    return "disputes", told


def figure(client: str, number: int) -> tuple[str, Body]:
    """An outside party reports a figure."""
    span = {"first": "2024-01-01", "last": "2024-01-31"}
    told = {"indicator": "building-security-cost", "source": f"{client}-{number}", "place": BUILDING["place"]}
    return "indicators", told | {"span": span, "value": number, "unit": "CNY"}


def loud_unit(client: str, number: int) -> str:
    """The unit that a client's report is about, where it is about one."""
    return f"loud-{client}-{number // (3 * LOUD)}"


COMMANDS: Mapping[str, Made] = {
    "registry": observation,
    "incidents": report,
    "mediation": dispute,
    "analytics": figure,
}


@dataclass(slots=True)
class Command:
    """One command and what became of it.

    Attributes:
        service: whose. key: its idempotency key. begun, answered: moments of the monotonic clock; ``answered`` is None
            where it was not yet. position, stream: as it was told. tries: how often it was sent.
        third: whether it is the third report about a loud unit; a client sends one after the other. unit: which one.
    """

    service: str
    key: str
    begun: float
    answered: float | None = None
    position: int = 0
    stream: str = ""
    tries: int = 0
    third: bool = False
    unit: str | None = None


class Refused(AssertionError):
    """A command was answered with something that no client has to expect."""


@dataclass
class Traffic:
    """All clients.

    Attributes:
        url: of the instance. name: begins the names of all that these clients make. rate: commands a second that all
            of them together try for. commands: in the order in which they were begun.
    """

    url: str
    name: str
    rate: float
    session: aiohttp.ClientSession
    commands: list[Command] = field(default_factory=list)
    _ended: bool = False

    async def run(self) -> None:
        """Sends until it is told to end; what is under way then is still sent until it is answered."""
        async with asyncio.TaskGroup() as group:
            for service in COMMANDS:
                for number in range(CLIENTS):
                    client = f"{self.name}-{service[0]}{number}"
                    group.create_task(self._client(service, client, 3 * LOUD * number / CLIENTS))

    def end(self) -> None:
        """Begins no further command."""
        self._ended = True

    @property
    def answered(self) -> Sequence[Command]:
        """What is acknowledged."""
        return [command for command in self.commands if command.answered is not None]

    async def _client(self, service: str, client: str, later: float) -> None:
        """Sends one command after the other.

        Args:
            later: after how many of its turns it begins. Spread over as many as a unit's alert takes, so that there is
                an alert to wait for all the time, and not of all clients at once.
        """
        every = CLIENTS * len(COMMANDS) / self.rate
        due = time.monotonic() + later * every
        number = 0
        while not self._ended:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due = max(due + every, time.monotonic())  # what was missed while it waited is not made up for
            path, body = COMMANDS[service](client, number)
            command = Command(service, f"{client}-{number}", time.monotonic(), unit=body.get("source_unit"))
            command.third = command.unit is not None and number % (3 * LOUD) == 2 * LOUD
            self.commands.append(command)
            while not await self._send(command, path, body):  # noqa: ASYNC110 - whoever is away sets no event
                await asyncio.sleep(AGAIN_AFTER)
            number += 1

    async def _send(self, command: Command, path: str, body: Body) -> bool:
        command.tries += 1
        try:
            async with self.session.post(
                f"{self.url}/{command.service}/{path}", json=body, headers={"Idempotency-Key": command.key}
            ) as answer:
                if answer.status >= 500 or answer.status in {409, 429}:
                    await answer.read()
                    return False
                if answer.status not in {200, 201}:
                    raise Refused(f"{command}: {answer.status} {await answer.text()}")
                told = await answer.json()
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError):
            return False
        command.position, command.stream, command.answered = told["position"], told["stream"], time.monotonic()
        return True


@asynccontextmanager
async def traffic(url: str, folder: DataFolder, name: str, rate: float) -> AsyncIterator[Traffic]:
    """Clients that send for the length of a block; on leaving it each command that was begun is answered."""
    token = Issuer(folder.issuer_key()).issue(Principal(Role.OFFICER, "officer-1", ("yinchuan",)))
    async with aiohttp.ClientSession(
        headers={"Authorization": f"Bearer {token}"},
        timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN),
        connector=aiohttp.TCPConnector(limit=0),
    ) as session:
        await _furnish(session, url)
        sending = Traffic(url, name, rate, session)
        running = asyncio.create_task(sending.run())
        try:
            yield sending
        finally:
            sending.end()
            async with asyncio.timeout(PATIENCE):
                await running


async def _furnish(session: aiohttp.ClientSession, url: str) -> None:
    """A building with units."""
    units = [
        ("buildings/wanda-a/units", {"number": str(100 + number), "floor": 1, "effective_at": BUILDING["effective_at"]})
        for number in range(UNITS)
    ]
    for path, body in [("buildings", BUILDING), *units]:
        key = {"Idempotency-Key": f"furnish-{body.get('number', '')}"}
        while True:
            async with session.post(f"{url}/registry/{path}", json=body, headers=key) as answer:
                if answer.status in {200, 201}:
                    break
                if answer.status < 500:
                    raise Refused(f"{path}: {answer.status} {await answer.text()}")
            await asyncio.sleep(AGAIN_AFTER)
