"""Reading a request's body: in one piece, and never more than is allowed."""

from starlette.types import Message, Receive

from services.chassis.http.refusals import BodyTooLarge


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
