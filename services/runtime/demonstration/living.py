"""The city after the load: it goes on slowly, through the API like everybody, until it is told to stop."""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

import httpx
import structlog

from contracts.incidents import DUTY_LASTS
from services.chassis.clock import Clock
from services.runtime.demonstration.hands import CityUnanswered, Hands, Tokens
from services.runtime.demonstration.happenings import Town
from services.runtime.demonstration.reactions import (
    a_promise_is_kept,
    a_resident_confirms,
    alerts_are_taken,
    goes_on,
    open_cases,
    somebody_is_verified,
)
from services.runtime.demonstration.townspeople import ON_DUTY, officer

logger = structlog.get_logger(__name__)
BUSY: Final = 6
"""With so many cases open no further call comes in."""

PAUSE: Final = (3.0, 8.0)
"""Real seconds between two things at speed 1."""

AFTER_TROUBLE: Final = 10.0


async def live(
    client: httpx.AsyncClient,
    tokens: Tokens,
    clock: Clock,
    stop: asyncio.Event,
    speed: float = 1.0,
    seed: int | None = None,
) -> None:
    """Does something every few seconds until ``stop`` is set.

    Args:
        client: reaches the four services. tokens: of the development issuer. clock: the demonstration's.
        speed: seconds of that clock in one second; a faster clock makes the city a little busier, so that people can
        still follow; 0 switches it off. seed: of the choices, for a test.
    """
    if speed <= 0:
        await stop.wait()
        return
    hands, shift = Hands(client, tokens), Shift(clock)
    city = LivingCity(hands, clock, random.Random(seed))  # noqa: S311 - a simulation, not a secret
    while not stop.is_set():
        pause = city.pause() / busyness(speed)
        try:
            await shift.begin(hands)
            await city.tick()
        except (httpx.HTTPError, CityUnanswered) as trouble:
            # people go on with their lives when a service is away; the next tick tries again
            logger.warning("demonstration_request_failed", trouble=str(trouble))
            pause = AFTER_TROUBLE
        await _waited(stop, pause)


async def stand_by(client: httpx.AsyncClient, tokens: Tokens, clock: Clock, stop: asyncio.Event) -> None:
    """Has the officers on duty, and nothing else happen, until ``stop`` is set."""
    hands, shift = Hands(client, tokens), Shift(clock)
    while not stop.is_set():
        try:
            await shift.begin(hands)
        except (httpx.HTTPError, CityUnanswered) as trouble:
            logger.warning("demonstration_request_failed", trouble=str(trouble))
        await _waited(stop, AFTER_TROUBLE)


class Shift:
    """The officers of the city come on duty, and again when that is over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: datetime | None = None

    async def begin(self, hands: Hands) -> None:
        """Begins the duty of every officer, unless it lasts.

        Raises:
            CityUnanswered: a service is in trouble. httpx.HTTPError: it is not there.
        """
        now = self._clock.now()
        if self._ends is not None and now < self._ends:
            return
        for place, staff in ON_DUTY.items():
            for ident in staff:
                await hands.command(officer(ident), "/incidents/duties", {"place": place})
        self._ends = now + DUTY_LASTS


def busyness(speed: float) -> float:
    """How many times more happens in a second than at speed 1: twice at 10, three times at 100."""
    return speed if speed < 1 else 1 + math.log10(speed)


async def _nothing() -> None:
    """Most of the time nothing happens."""


async def _waited(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


class LivingCity:
    """One thing at a time: first what waits for somebody, then something new."""

    def __init__(self, hands: Hands, clock: Clock, chance: random.Random) -> None:
        self._hands = hands
        self._clock = clock
        self._chance = chance
        self._town = Town(chance, clock.now())
        self._ticks = 0

    def pause(self) -> float:
        """Seconds until the next thing."""
        return self._chance.uniform(*PAUSE)

    async def tick(self) -> None:
        """One thing happens, or nothing does.

        Raises:
            CityUnanswered: a service is in trouble. httpx.HTTPError: it is not there.
        """
        self._ticks += 1
        now = self._clock.now()
        if self._ticks % 5 == 0 and await alerts_are_taken(self._hands, self._chance, now):
            return
        if await goes_on(self._hands, self._chance, now):
            return
        things, weights = zip(*self._things(), strict=True)
        thing = self._chance.choices(things, weights)[0]
        await thing()

    def _things(self) -> list[tuple[Callable[[], Awaitable[None]], float]]:
        hands, chance, town = self._hands, self._chance, self._town
        return [
            (self._a_call, 6),
            (lambda: town.a_tenant_leaves(hands), 1),
            (lambda: town.somebody_moves_in(hands), 1.2),
            (lambda: somebody_is_verified(hands, chance, self._clock.now()), 1.5),
            (lambda: a_promise_is_kept(hands, chance), 0.3),
            (lambda: a_resident_confirms(hands, chance), 0.4),
            (lambda: town.an_item_is_raised(hands), 0.2),
            (self._a_complaint, 1),
            (_nothing, 4),
        ]

    async def _a_call(self) -> None:
        if await open_cases(self._hands) < BUSY:
            await self._town.a_call_comes_in(self._hands)

    async def _a_complaint(self) -> None:
        if await open_cases(self._hands) < BUSY:
            await self._town.the_neighbours_complain(self._hands)
