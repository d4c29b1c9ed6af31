"""Says what is wrong with a body or a parameter, in sentences and with pointers, and without what was sent."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, get_args

from fastapi.exceptions import RequestValidationError
from pydantic_core.core_schema import ErrorType

from contracts.common import form_of
from services.chassis.http.problems import Fault, Problem, problem_of
from services.chassis.http.refusals import MalformedJson, MediaTypeNotJson

MOST = 20
LIBRARY: frozenset[str] = frozenset(get_args(ErrorType))
WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
NUMBER = "It must be a number such as 12 or 12.5, with at most fifteen digits."
DATE = "It must be a date such as 2024-06-30."
OTHERWISE = "It is not written in the form that this field has: see its description."
SENTENCES: Mapping[str, str] = {
    "missing": "It is needed, and missing.",
    "extra_forbidden": "There is no such field here: remove it.",
    "string_type": "It must be a text.",
    "int_parsing": "It must be a whole number.",
    "int_type": "It must be a whole number.",
    "int_from_float": "It must be a whole number.",
    "int_parsing_size": "It must be a whole number, and of fewer digits.",
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "finite_number": NUMBER,
    "bool_parsing": "It must be true or false.",
    "bool_type": "It must be true or false.",
    "timezone_aware": "It must name its time zone, such as 2024-06-30T22:10:00+08:00.",
    "datetime_parsing": "It must be a date and time such as 2024-06-30T22:10:00+08:00.",
    "datetime_from_date_parsing": "It must be a date and time such as 2024-06-30T22:10:00+08:00.",
    "datetime_type": "It must be a date and time such as 2024-06-30T22:10:00+08:00.",
    "date_parsing": DATE,
    "date_from_datetime_parsing": DATE,
    "date_from_datetime_inexact": DATE,
    "date_type": DATE,
    "model_attributes_type": "It must be an object.",
    "model_type": "It must be an object.",
    "dict_type": "It must be an object.",
    "list_type": "It must be a list.",
    "tuple_type": "It must be a list.",
    "set_type": "It must be a list.",
    "frozen_set_type": "It must be a list.",
    "string_unicode": "It must be valid Unicode text.",
}
BOUNDED: Mapping[str, tuple[str, str]] = {
    "string_too_long": ("max_length", "It must have at most {} characters."),
    "string_too_short": ("min_length", "It must have at least {} characters."),
    "too_long": ("max_length", "It must have at most {} items."),
    "too_short": ("min_length", "It must have at least {} items."),
    "greater_than_equal": ("ge", "It must be {} or more."),
    "greater_than": ("gt", "It must be more than {}."),
    "less_than_equal": ("le", "It must be {} or less."),
    "less_than": ("lt", "It must be less than {}."),
    "literal_error": ("expected", "It must be one of {}."),
    "enum": ("expected", "It must be one of {}."),
}


def invalid(error: RequestValidationError, content_type: str) -> Problem:
    """The problem that a request's validation found."""
    errors = error.errors()
    kinds = {each["type"] for each in errors}
    whole = any(tuple(each["loc"]) == ("body",) and each["type"] != "missing" for each in errors)
    if "json_invalid" in kinds:
        return _simple(MalformedJson())
    if whole and "json" not in content_type.lower():
        return _simple(MediaTypeNotJson())
    faults = [fault(each) for each in errors[:MOST]]
    first = faults[0]
    where = first.pointer or first.parameter or "the body"
    return Problem(
        "invalid",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Invalid",
        f"{where}: {first.detail} Correct it and send it again.",
        pointer=first.pointer or "",
        parameter=first.parameter or "",
        rule=first.rule,
        errors=tuple(faults),
    )


def fault(error: Mapping[str, Any]) -> Fault:
    """One error of pydantic's: its kind and bounds, never the value."""
    place, *path = error["loc"]
    rule, detail = form_of(error) or (
        error["type"].replace("_", "-"),
        sentence(error["type"], error.get("ctx") or {}, str(error.get("msg", ""))),
    )
    if path and path[-1] == "[key]":  # of a mapping, whose names are made up by who sends it
        path, detail = path[:-2], f"One of its names is wrong. {detail}"
    if place != "body":
        return Fault(detail=detail, rule=rule, parameter=str(path[0]) if path else str(place))
    if error["type"] == "extra_forbidden" and not WORD.fullmatch(str(path[-1])):
        path = path[:-1]  # a name that somebody made up may be anything
    return Fault(detail=detail, rule=rule, pointer=pointer(path) or None)


def sentence(kind: str, context: Mapping[str, Any], message: str) -> str:
    """What to say about a kind of error."""
    if kind in SENTENCES:
        return SENTENCES[kind]
    if kind in BOUNDED and BOUNDED[kind][0] in context:
        name, form = BOUNDED[kind]
        return form.format(context[name])
    if kind == "value_error":
        # ours: a validator's own sentence, which repeats no value
        return f"{str(context.get('error', message)).rstrip('.')}."
    # the library's own words are for programmers, and may repeat what was sent; a kind that we made has ours
    return OTHERWISE if kind in LIBRARY else f"{message.rstrip('.')}."


def pointer(path: Sequence[str | int]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _simple(error: Exception) -> Problem:
    problem = problem_of(error, {})
    if problem is None:
        raise error
    return problem
