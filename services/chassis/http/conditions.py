"""Headers that make a request conditional or repeatable: If-Match, Idempotency-Key, correlation and trace."""

import re
from uuid import UUID

from services.chassis.http.refusals import HeaderMalformed

ETAG = re.compile(r'"([0-9]{1,18})"', re.ASCII)
KEY = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)
CORRELATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}", re.ASCII)
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)


def etag(version: int) -> str:
    """The entity tag of a stream at a version."""
    return f'"{version}"'


def expected_version(if_match: str | None) -> int | None:
    """The version that an If-Match names; None where there is no condition, or any version will do (``*``).

    Raises:
        HeaderMalformed: it is not one strong tag of ours.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    match = ETAG.fullmatch(if_match.strip())
    if match is None:
        raise HeaderMalformed('If-Match must be one version in quotes, such as "7": send the ETag you got.', "If-Match")
    return int(match[1])


def idempotency_key(value: str | None) -> str | None:
    """The key of an Idempotency-Key, with or without the quotes of a structured field.

    Raises:
        HeaderMalformed: empty, longer than 200 characters, or with spaces or characters that cannot be printed.
    """
    if value is None:
        return None
    key = value.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not KEY.fullmatch(key):
        raise HeaderMalformed(
            "Idempotency-Key must be 1 to 200 printable characters without spaces, such as a UUID.", "Idempotency-Key"
        )
    return key


def correlation_id(given: str | None, traceparent: str | None, fresh: UUID) -> str:
    """What hangs together: the sender's id where it has the form of one, else the trace's, else a fresh one."""
    if given is not None and CORRELATION.fullmatch(given):
        return given
    trace = TRACEPARENT.fullmatch(traceparent or "")
    return trace[1] if trace else str(fresh)


def trace_of(traceparent: str | None) -> str | None:
    """A traceparent that has the form of one, else None."""
    return traceparent if TRACEPARENT.fullmatch(traceparent or "") else None
