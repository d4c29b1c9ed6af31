"""Which requests are let in, judged by their heads alone: the same in front of every server of ours."""

import contextlib
import ipaddress
import math
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from services.chassis.http.problems import Problem, problem_of
from services.chassis.http.refusals import BodyTooLarge
from services.chassis.pace import Pace
from services.chassis.settings import Settings

UNSAID = -1
"""The length of a body that comes in chunks."""
LEAVE = {"Connection": "close"}
"""With an answer that comes before the body was read: the rest of it is not waited for."""

BUSY = Problem(
    "too-many-at-once",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Too many at once",
    "More requests are being answered than there is room for: send it again in a moment, with the same key.",
    headers={"Retry-After": "1", **LEAVE},
    expected=False,
)
HALF = Problem(
    "request-unfinished",
    HTTPStatus.REQUEST_TIMEOUT,
    "Request unfinished",
    "The body did not arrive in time: send the request again, with the same key.",
    headers=LEAVE,
)
FOREIGN_ORIGIN = Problem(
    "foreign-origin",
    HTTPStatus.FORBIDDEN,
    "Foreign origin",
    "The page of another site sent this request: open Maple Bridge itself to do it.",
)


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a request before its body.

    Attributes:
        address: IP address of the client. host: the Host header, or an empty text. origin: the Origin header, or None.
        length: of the body in bytes; 0 for none, ``UNSAID`` where it comes in chunks.
    """

    address: str
    host: str
    origin: str | None
    length: int


class Admission:
    """Counts what is under way and refuses what is too much, or comes from where it should not.

    Args:
        settings: limits of sizes, rates and numbers. hosts: names by which this instance may be called, besides IP
            addresses; none for any name. edge: whether clients reach it directly, so that their addresses are counted;
            behind a gateway all of them come from the gateway's.
    """

    def __init__(self, settings: Settings, *, hosts: Iterable[str] = (), edge: bool = False) -> None:
        self.limit = settings.body_limit
        self.patience = settings.half_request_seconds
        self._at_once = settings.requests_at_once
        self._hosts = frozenset(host.lower() for host in (*settings.allowed_hosts, *hosts))
        self._pace = Pace(settings.rate_per_address if edge else 0)
        self._under_way = 0

    def refusal(self, head: Head) -> Problem | None:
        """Why a request is not let in; None where it is."""
        if problem := self.stranger(head):
            return problem
        if head.length > self.limit:
            return self.too_large()
        if seconds := self._pace.wait(_counted(head.address)):
            return too_fast("Your address", seconds)
        return BUSY if self._under_way >= self._at_once else None

    def stranger(self, head: Head) -> Problem | None:
        """Why a name or an origin is not taken; None where both are ours.

        A page of another site can make a browser send requests here: by a name of its own that it lets point to this
        machine (DNS rebinding), or across origins.
        """
        if self._hosts and not self._ours(head.host):
            return _misdirected()
        if head.origin is not None and urlsplit(head.origin).netloc.lower() != head.host.lower():
            return FOREIGN_ORIGIN
        return None

    def too_large(self) -> Problem:
        """The answer to a body over the limit."""
        problem = problem_of(BodyTooLarge(self.limit), {})
        if problem is None:
            raise LookupError("BodyTooLarge")
        return Problem(problem.name, problem.status, problem.title, problem.detail, headers=LEAVE)

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Counts a request as under way for the length of a block."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def _ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self._hosts or _is_address(name)


def own_names(host: str) -> tuple[str, ...]:
    """The names that mean this machine, for an instance without settings of its own."""
    return ("localhost", host, socket.gethostname())


def too_fast(whose: str, seconds: float) -> Problem:
    """The answer to more requests than a limit allows.

    Args:
        whose: begins the sentence. seconds: until the next one is within it.
    """
    wait = str(math.ceil(seconds))
    sentence = f"{whose} has sent more requests than are taken: wait {wait} s and send it again, with the same key."
    status = HTTPStatus.TOO_MANY_REQUESTS
    return Problem("too-many-requests", status, "Too many requests", sentence, headers={"Retry-After": wait, **LEAVE})


def _misdirected() -> Problem:
    sentence = (
        "This instance does not answer by that name: open it by the address that it printed, or add the name to "
        "MAPLEBRIDGE_ALLOWED_HOSTS."
    )
    return Problem("foreign-host", HTTPStatus.MISDIRECTED_REQUEST, "Foreign host", sentence, headers=LEAVE)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _counted(address: str) -> str:
    """What is counted as one client: an address, of IPv6 the network that a client has to itself."""
    if ":" not in address or not _is_address(address):
        return address
    return str(ipaddress.ip_network((address, 64), strict=False))
