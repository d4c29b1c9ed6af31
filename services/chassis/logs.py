"""Logs for machines (JSON lines) or for people; an exception shows its type and place, never a value."""

import logging
import sys
import traceback
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


def set_up_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Configures structlog and the standard library's logging for the process, whoever set up theirs before.

    Args:
        settings: format and level. stream: where to; standard error unless another is given.
    """
    level = getattr(logging, settings.log_level.upper())
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
        processors=[*shared, _renderer(settings)],
        logger_factory=lambda *name: _Writer(out, *name),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
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
