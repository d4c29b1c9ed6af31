"""Who is told at a place: persons, by their ids; a role is nobody's name."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field

from contracts.common import Frozen, Identifier, NamedPlace
from services.analytics.views.assignments import on_duty
from services.chassis.access.places import covers
from services.chassis.clock import Clock
from services.chassis.postgres import Database
from services.chassis.reading import rows

OnDuty = Callable[[str], Awaitable[Sequence[str]]]
"""The officers who are on duty at a place."""
NOT_NAMED = "not-named"
"""Stands in an event for the supervisor of a place for which none is named."""


class Named(Frozen):
    """Who is responsible for a place and all inside it, as ids of the tokens that they sign in with.

    Attributes:
        place: which. officers: told of alerts and missed promises while nobody is on duty there.
        supervisor: told of what is escalated, and of all where there is no officer.
    """

    place: NamedPlace
    officers: tuple[Identifier, ...] = ()
    supervisor: Identifier | None = None


class _Document(Frozen):
    recipients: Annotated[tuple[Named, ...], Field(max_length=10_000)] = ()


def roster(database: Database, clock: Clock) -> OnDuty:
    """Who is on duty by the read model of duties: those posted nearest to the place."""

    async def ask(place: str) -> Sequence[str]:
        found = await rows(database.engine, on_duty(place, clock.now()))
        return [each["officer"] for each in found if each["place"] == found[0]["place"]]

    return ask


async def nobody_on_duty(_: str) -> Sequence[str]:
    """Where no duty is known."""
    return ()


class Recipients:
    """Answers who is told at a place; the nearest place that names a person counts.

    Args:
        named: from the file of recipients. on_duty: from the roster.
    """

    def __init__(self, named: Sequence[Named] = (), on_duty: OnDuty = nobody_on_duty) -> None:
        self._named = sorted(named, key=lambda each: len(each.place), reverse=True)
        self._on_duty = on_duty

    @classmethod
    def read(cls, file: Path | None, on_duty: OnDuty = nobody_on_duty) -> "Recipients":
        """Those of a file; without one, only who is on duty is known.

        Raises:
            OSError, pydantic.ValidationError: the file cannot be read, or names no recipients.
        """
        listed = _Document() if file is None else _Document.model_validate(yaml.safe_load(file.read_text("utf-8")))
        return cls(listed.recipients, on_duty)

    def supervisor(self, place: str) -> str | None:
        """The supervisor of a place; None where none is named."""
        return next((each.supervisor for each in self._covering(place) if each.supervisor), None)

    @property
    def places(self) -> tuple[str, ...]:
        """The places for which the file names a person who is told of alerts."""
        return tuple(each.place for each in self._named if each.officers or each.supervisor)

    async def responsible(self, place: str) -> tuple[str, ...]:
        """The officers on duty there, else those who are named, else the supervisor; empty where there is none."""
        officers = tuple(await self._on_duty(place)) or next(
            (each.officers for each in self._covering(place) if each.officers), ()
        )
        supervisor = self.supervisor(place)
        return officers or ((supervisor,) if supervisor else ())

    def _covering(self, place: str) -> Sequence[Named]:
        return [each for each in self._named if covers(each.place, place)]
