"""Reading a request's body: in one piece, and never more than is allowed."""

import json
import re
from typing import Any, Final

from starlette.types import Message, Receive

from services.chassis.http.refusals import BodyTooLarge, FieldTwice

BLANK: Final = re.compile(rb'"[ \n\r\t]')
WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Gone(ConnectionError):
    """The client left in the middle of its request."""


async def whole_body(receive: Receive, limit: int) -> Receive:
    """Reads the body before anything else begins; what is returned hands it on in one piece.

    Raises:
        BodyTooLarge: it has more bytes than the limit. Gone: the client did not send all of it.
    """
    message = await receive()
    if message.get("more_body", False):
        message = await _joined(message, receive, limit)
    if message["type"] == "http.disconnect":
        raise Gone
    if len(message.get("body", b"")) > limit:
        raise BodyTooLarge(limit)
    waiting = [message]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


async def _joined(message: Message, receive: Receive, limit: int) -> Message:
    body = bytearray(message.get("body", b""))
    while message.get("more_body", False):
        if len(body) > limit:
            raise BodyTooLarge(limit)
        message = await receive()
        if message["type"] == "http.disconnect":
            return message
        body += message.get("body", b"")
    return {"type": "http.request", "body": bytes(body), "more_body": False}


def surely_once(body: bytes, told: Any) -> bool:
    """Whether no object of a body names a field twice, as far as counting shows; what it made is ``told``.

    Each name is followed by ``":``, but for blanks between the two; a text may hold these signs as well. So equal
    numbers are proof, and cost a small part of reading the body a second time.
    """
    return BLANK.search(body) is None and body.count(b'":') == _names(told)


def require_once(body: bytes) -> None:
    """Lets a body pass that is no JSON, or names each field of an object once.

    Raises:
        FieldTwice: what counts would be the last, and who reads the first decides by another value.
    """
    try:
        json.loads(body, object_pairs_hook=_once, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return  # whoever reads it for its own sake says what is wrong


def _names(told: Any) -> int:
    # loops, not comprehensions: every command comes through here
    found = 0
    if type(told) is dict:
        found, told = len(told), told.values()
    elif type(told) is not list:
        return 0
    for each in told:
        if type(each) is dict or type(each) is list:
            found += _names(each)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise FieldTwice
    return found
