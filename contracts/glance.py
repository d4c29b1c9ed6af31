"""A payload read by its contract and not held to its rules again: for who reads them by the hundred thousand.

What was stored has been checked when it was written; a reader that wants a few fields of many events pays for parsing
the JSON and for the fields that it touches.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, get_args, get_origin

import orjson
from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

Read = TypeVar("Read", bound=BaseModel)
Convert = Callable[[Any], Any]


def glance(model: type[Read], data: bytes) -> Read:
    """The fields of a model, read as they are touched; no instance of it, and nothing is checked.

    Raises:
        orjson.JSONDecodeError: the payload is no JSON. A field that is missing is a ``KeyError`` when it is touched.
    """
    read: Read = _glanced(model)(orjson.loads(data))
    return read


@cache
def _glanced(model: type[BaseModel]) -> Convert:
    fields = {name: _property(name, field) for name, field in model.model_fields.items()}
    return type(f"{model.__name__}Glance", (_Glance,), {"__slots__": (), **fields})


class _Glance:
    __slots__ = ("told",)

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.told = told


def _property(name: str, field: FieldInfo) -> property:
    convert = _convert(field.annotation)
    default = None if field.is_required() else field.get_default(call_default_factory=True)

    def get(self: _Glance) -> Any:
        value = self.told.get(name, default)
        return value if convert is None or value is default or value is None else convert(value)

    if not field.is_required():
        return property(get)
    if convert is None:
        return property(lambda self: self.told[name])
    return property(lambda self: convert(self.told[name]))


def _convert(annotation: Any) -> Convert | None:
    """From a value of JSON to what the contract has; None where they are the same."""
    if annotation is AwareDatetime:
        return datetime.fromisoformat
    if annotation is date:
        return date.fromisoformat
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _glanced(annotation)
    inner = next((convert for convert in map(_convert, get_args(annotation)) if convert), None)
    if get_origin(annotation) is tuple:
        return tuple if inner is None else lambda values: tuple(map(inner, values))
    return inner
