"""Every event type by its name, and the way from an old version to today's."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pydantic_core

from contracts import analytics, city, incidents, mediation, registry
from contracts.common import Event

Payload = dict[str, Any]


class TypeUnknown(LookupError):
    """No contract describes an event of this type; the reader is older than the writer."""

    def __init__(self, type_name: str) -> None:
        super().__init__(f"No contract describes {type_name}: update this reader, or add an upcaster.")
        self.type_name = type_name


@dataclass(frozen=True)
class Upcaster:
    """The way from one released version of a payload to the next.

    Attributes:
        old, new: type names. lift: makes the new payload from a copy of the old one; it must not ask a clock
        or a database.
    """

    old: str
    new: str
    lift: Callable[[Payload], Payload]


@dataclass(frozen=True)
class Catalogue:
    """Models by type name, and the upcasters between them."""

    models: dict[str, type[Event]] = field(default_factory=dict)
    upcasters: dict[str, Upcaster] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[type[Event]], upcasters: Iterable[Upcaster] = ()) -> "Catalogue":
        """Builds a catalogue; a type name or an upcaster given twice is a ``ValueError``."""
        models: dict[str, type[Event]] = {}
        for model in events:
            if model.type in models:
                raise ValueError(f"{model.type} is declared twice")
            models[model.type] = model
        lifts: dict[str, Upcaster] = {}
        for upcaster in upcasters:
            if upcaster.old in lifts or upcaster.old in models:
                raise ValueError(f"{upcaster.old} has two meanings")
            lifts[upcaster.old] = upcaster
        return cls(models, lifts)

    def decode(self, type_name: str, data: bytes) -> Event:
        """Reads stored bytes as today's model; fields that it does not know come from a later release and are ignored.

        Raises:
            TypeUnknown: no contract describes the type.
            pydantic.ValidationError: the payload breaks its contract.
        """
        model = self.models.get(type_name)
        if model is None:
            model, data = self._model(type_name), self.lifted(type_name, data)
        return model.model_validate_json(data, extra="ignore")

    def today(self, type_name: str) -> str:
        """The name that events of a type have today: the type's own, unless upcasters lead on from it."""
        while (upcaster := self.upcasters.get(type_name)) is not None:
            type_name = upcaster.new
        return type_name

    def lifted(self, type_name: str, data: bytes) -> bytes:
        """Stored bytes as today's payload. What an upcaster raises comes through."""
        if type_name not in self.upcasters:
            return data
        # parsed for this call alone: an upcaster may change it, and no other reader sees that
        payload = pydantic_core.from_json(data)
        while (upcaster := self.upcasters.get(type_name)) is not None:
            payload, type_name = upcaster.lift(payload), upcaster.new
        return pydantic_core.to_json(payload)

    def names(self, types: Iterable[str]) -> frozenset[str]:
        """These of today's type names, and those of all earlier versions of them."""
        wanted = frozenset(types)
        return wanted | {old for old in self.upcasters if self.today(old) in wanted}

    def _model(self, type_name: str) -> type[Event]:
        today = self.today(type_name)
        if today not in self.models:
            raise TypeUnknown(today)
        return self.models[today]


CATALOGUE = Catalogue.of((*registry.EVENTS, *incidents.EVENTS, *mediation.EVENTS, *analytics.EVENTS, *city.EVENTS))
