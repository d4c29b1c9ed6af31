"""A viewer's session: choices in a signed cookie, a token in this process's memory, nothing in files."""

import base64
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from pydantic import BaseModel
from starlette.requests import HTTPConnection

COOKIE: Final = "maplebridge-session"
MOST: Final = 10_000
"""Most viewers signed in at once; the one signed in longest ago is signed out first."""


@dataclass(frozen=True)
class Signed:
    """A viewer who brought a token.

    Attributes:
        token: the bearer token. role: as it says. until: seconds since 1970 at which it ends.
    """

    token: str
    role: str
    until: float


class Sessions:
    """Who is signed in, by the id in the cookie.

    Args:
        now: seconds since 1970.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._signed: OrderedDict[str, Signed] = OrderedDict()

    def begin(self, session: str, token: str) -> Signed:
        """Signs a viewer in with a token that a service has accepted.

        Raises:
            ValueError: the text is no token.
        """
        claims = claims_of(token)
        signed = Signed(token, claims.role, claims.exp)
        self._signed[session] = signed
        while len(self._signed) > MOST:
            self._signed.popitem(last=False)
        return signed

    def of(self, session: str) -> Signed | None:
        """The viewer of a session; None where they are not signed in, or their token has ended."""
        signed = self._signed.get(session)
        if signed is not None and signed.until <= self._now():
            del self._signed[session]
            return None
        return signed

    def end(self, session: str) -> None:
        """Signs a viewer out."""
        self._signed.pop(session, None)


def session_id(connection: HTTPConnection) -> str:
    """The id in the viewer's cookie; a viewer without one is given one."""
    return str(connection.session.setdefault("id", uuid4().hex))


def begin_again(connection: HTTPConnection) -> str:
    """A fresh id before a sign-in: whoever knew the one before is left outside."""
    connection.session["id"] = uuid4().hex
    return str(connection.session["id"])


class Claims(BaseModel):
    """What is read of a token here; a service has verified it."""

    role: str
    exp: float
    places: tuple[str, ...] = ()


def claims_of(token: str) -> Claims:
    """What a token says.

    Raises:
        ValueError: the text is no token.
    """
    body = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        return Claims.model_validate_json(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except ValueError:
        raise ValueError("The text is not an access token.") from None
