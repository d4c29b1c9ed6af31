"""Logs for machines (JSON lines) or for people; an exception shows its type and place, never a value."""

import logging
import math
import re
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from services.chassis.settings import Settings

# they log whole addresses, with what people searched for
TALKATIVE = ("httpx", "httpcore", "asyncio", "apprise", "uvicorn.access")
# uvicorn may have set these up for itself: its own format on a handler of its own, with the access log's addresses
SERVER = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")
OURS = ("services.", "contracts.")
MOST_FRAMES = 30
FAILURES = frozenset({"warning", "error", "critical"})
VARYING = frozenset({"correlation_id"})
"""Texts that are another one in each line."""
NUMBER = re.compile(r"\d+")
MOST_FAILURES = 1000


def set_up_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Configures structlog and the standard library's logging for the process, whoever set up theirs before.

    Args:
        settings: format and level. stream: where to; standard error unless another is given.
    """
    level = getattr(logging, settings.log_level.upper())
    repeats = Repeats()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        faults,
    ]
    out = stream or sys.stderr
    # not by way of the standard library's logging, which takes several times as long for a line
    structlog.configure(
        processors=[*shared[:3], repeats, *shared[3:], _renderer(settings)],
        logger_factory=lambda *name: _Writer(out, *name),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.addFilter(repeats.filter)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(settings)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in SERVER:
        server = logging.getLogger(name)
        server.handlers.clear()
        server.setLevel(logging.NOTSET)
        server.propagate = True
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Writer(structlog.WriteLogger):
    """Writes lines. name: of the module that they come from."""

    def __init__(self, out: TextIO, name: str = "") -> None:
        super().__init__(out)
        self.name = name


class Repeats:
    """Lets one line of a failure through each second; the next one says how many were left out (``suppressed``).

    A failure is known by its event and its ``cause``; where a line has none, by its type of exception and all its
    texts. Numbers in texts do not tell failures apart.

    Args:
        now: seconds of a clock that never goes back.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._seen: dict[tuple[str, ...], tuple[float, int]] = {}

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        """As a processor of structlog. Raises DropEvent where the line repeats another."""
        if event.get("level") not in FAILURES:
            return event
        told = event.keys() - VARYING if "cause" not in event else ("event", "cause")
        texts = (f"{key}={event[key]}" for key in sorted(told) if isinstance(event[key], str))
        left_out = self._left_out(_kind(event.get("exc_info")), *texts)
        if left_out is None:
            raise structlog.DropEvent
        if left_out:
            event["suppressed"] = left_out
        return event

    def filter(self, record: logging.LogRecord) -> bool:
        """As a filter of the standard library's logging."""
        if record.levelno < logging.WARNING:
            return True
        left_out = self._left_out(_kind(record.exc_info), record.name, str(record.msg))
        if left_out:
            record.msg = f"{record.msg} (suppressed: {left_out})"
        return left_out is not None

    def _left_out(self, *texts: str) -> int | None:
        """How many lines like this one were left out before it; None where it is left out itself."""
        failure, now = tuple(NUMBER.sub("#", text) for text in texts), self._now()
        at, left_out = self._seen.get(failure, (-math.inf, 0))
        if now - at < 1:
            self._seen[failure] = at, left_out + 1
            return None
        if len(self._seen) >= MOST_FAILURES:
            self._seen.clear()
        self._seen[failure] = now, 0
        return left_out


def _kind(exc_info: Any) -> str:
    given = sys.exc_info() if exc_info is True else exc_info
    error = given[1] if isinstance(given, tuple) else given
    return type(error).__name__


def _renderer(settings: Settings) -> Processor:
    if settings.log_format == "pretty":
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return structlog.processors.JSONRenderer(serializer=_json)


def _json(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=str).decode()


def faults(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replaces ``exc_info`` by types and places of the exception and its causes, as text."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = described(error)
    return event


def described(error: BaseException) -> str:
    """An exception without what it was about: a message of a library may repeat a value, so only ours are shown."""
    return "\n".join(_lines(error, set()))


def _lines(error: BaseException, seen: set[int]) -> list[str]:
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        kind = type(current)
        message = f": {current}" if kind.__module__.startswith(OURS) else ""
        code = getattr(current, "sqlstate", None)
        lines.append(f"{kind.__module__}.{kind.__qualname__}{message}" + (f" (SQLSTATE {code})" if code else ""))
        frames = traceback.extract_tb(current.__traceback__)[-MOST_FRAMES:]
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        if isinstance(current, BaseExceptionGroup):
            lines += [f"  | {line}" for each in current.exceptions[:5] for line in _lines(each, seen)]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return lines
