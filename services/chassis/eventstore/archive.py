"""A part of a log as a file: JSON lines under zstd, a header first, then one line an event, chained as in the log.

After the events come the idempotency records of their commands, one line each, chained too. Files of version 1 end with
the events.
"""

import base64
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, BinaryIO, Literal, Self
from uuid import UUID

import orjson
import zstandard
from pydantic import AwareDatetime, Base64Bytes, BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.chassis.eventstore.chain import link
from services.chassis.eventstore.commands import CommandChain, CommandLine, Commands
from services.chassis.eventstore.signed import LogHead, SignedHeads
from services.chassis.eventstore.types import Recorded

LONGEST_LINE = 4_194_304
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ArchiveRefused(Exception):
    """A file is no part of a log, or was altered."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"Line {line} of the file is refused: {reason}.")
        self.line = line


class History(BaseModel):
    """A history of the log. lineage: its name. began_after: what it kept of the one before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lineage: UUID
    began_after: Annotated[int, Field(ge=0)]


class Header(BaseModel):
    """The first line.

    Attributes:
        format, version: of the file. service, lineage: whose log, in which history. histories: all of it had.
        first, last: positions, both inclusive. before: the chain before the first. head: the chain at the last.
        recorded_at: of the last event. commands: idempotency records; None in version 1. written_at: when the file was
            made. signed: the heads, where somebody signed them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["maplebridge-log"] = "maplebridge-log"
    version: Literal[1, 2] = 2
    service: str
    lineage: UUID
    histories: tuple[History, ...]
    first: Annotated[int, Field(ge=1)]
    last: Annotated[int, Field(ge=0)]
    before: Hash
    head: Hash
    recorded_at: AwareDatetime
    commands: Commands | None = None
    written_at: AwareDatetime
    signed: SignedHeads | None = None

    @model_validator(mode="after")
    def _has_commands(self) -> Self:
        if (self.version == 1) != (self.commands is None):
            raise ValueError("commands")
        return self

    @property
    def heads(self) -> tuple[LogHead, ...]:
        """What is signed: the end of the events, and that of the records, so that neither can be left out."""
        if self.commands is None:
            return (self.log_head,)
        told = {"service": f"{self.service}.commands", "position": self.commands.count, "hash": self.commands.hash}
        return self.log_head, self.log_head.model_copy(update=told)

    @property
    def log_head(self) -> LogHead:
        """Where the part ends, as a head of the log."""
        return LogHead(
            service=self.service,
            lineage=self.lineage,
            position=self.last,
            hash=self.head,
            recorded_at=self.recorded_at,
        )


class Raw(BaseModel):
    """Bytes that are no text."""

    model_config = ConfigDict(extra="forbid")

    base64: Base64Bytes


class Line(BaseModel):
    """One event, with all columns of the log under their own names."""

    model_config = ConfigDict(extra="forbid")

    position: Annotated[int, Field(ge=1, lt=1 << 63)]
    stream: str
    version: Annotated[int, Field(ge=1, lt=1 << 63)]
    id: UUID
    type: str
    data: str | Raw
    metadata: str | Raw
    effective_at: AwareDatetime
    recorded_at: AwareDatetime
    hash: Hash

    def recorded(self, service: str) -> Recorded:
        """The event as a log holds it."""
        return Recorded(
            service,
            self.position,
            self.stream,
            self.version,
            self.id,
            self.type,
            _bytes(self.data),
            _bytes(self.metadata),
            self.effective_at,
            self.recorded_at,
            bytes.fromhex(self.hash),
        )


class Chain:
    """Follows the events of a part one by one. header: what they must begin and end with."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._tip = bytes.fromhex(header.before)
        self._position = header.first - 1

    def follow(self, event: Recorded) -> str | None:
        """Takes the next event; says what is wrong with it, or None."""
        if event.position != self._position + 1:
            return f"position {self._position + 1} should come here, not {event.position}"
        self._position, self._tip = event.position, linked(self._tip, event)
        if self._tip != event.hash:
            return f"the content of position {event.position} does not match its hash"
        return None

    @property
    def ended(self) -> bool:
        """Whether all events were there."""
        return self._position == self._header.last

    def end(self) -> str | None:
        """Says what is missing at the end, or None."""
        if self._position != self._header.last:
            return f"the events end at position {self._position}, not at {self._header.last}"
        return None if self._tip.hex() == self._header.head else "the chain ends in another hash than the header says"


class ArchiveWriter:
    """Writes a part of a log. target: an open file. header: of what comes."""

    def __init__(self, target: BinaryIO, header: Header) -> None:
        self._stream = zstandard.ZstdCompressor(level=6, write_checksum=True).stream_writer(target, closefd=False)
        self._stream.write(orjson.dumps(header.model_dump(mode="json")) + b"\n")

    def write(self, events: Sequence[Recorded]) -> None:
        """Writes events in order."""
        self._stream.write(b"".join(_line(event) for event in events))

    def write_command(self, line: bytes) -> None:
        """Writes a record, once the events are written."""
        self._stream.write(line)

    def close(self) -> None:
        """Ends the file; what is open below it stays open."""
        self._stream.close()  # type: ignore[no-untyped-call]


class ArchiveReader:
    """Reads a part of a log and checks it as it goes. header: what the first line says."""

    def __init__(self, source: BinaryIO) -> None:
        unpacked = zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=False)
        self._lines = io.BufferedReader(unpacked)
        self._number = 0
        try:
            self.header = Header.model_validate_json(self._next() or b"")
        except ValidationError:
            raise ArchiveRefused(1, "it is no header of a log") from None

    @classmethod
    def open(cls, path: Path) -> Self:
        """Opens a file.

        Raises:
            ArchiveRefused: it does not begin like one. OSError: it cannot be read.
        """
        return cls(path.open("rb"))

    def batches(self, size: int = 2000) -> Iterator[list[Recorded]]:
        """The events in order, each checked against the chain before it is handed out.

        Raises:
            ArchiveRefused: something was altered, left out, put in or cut off.
        """
        chain, batch = Chain(self.header), list[Recorded]()
        ends_with_events = self.header.commands is None
        while (ends_with_events or not chain.ended) and (line := self._next()):
            event = self._event(line)
            if (fault := chain.follow(event)) is not None:
                raise ArchiveRefused(self._number, fault)
            batch.append(event)
            if len(batch) == size:
                yield batch
                batch = []
        if (fault := chain.end()) is not None:
            raise ArchiveRefused(self._number, fault)
        if batch:
            yield batch

    def commands(self, size: int = 2000) -> Iterator[list[CommandLine]]:
        """The idempotency records, once all events were read; that they are all, and unaltered, is known at the end.

        Raises:
            ArchiveRefused: something was altered, left out, put in or cut off.
        """
        if self.header.commands is None:
            return
        chain, batch = CommandChain(self.header.head), list[CommandLine]()
        while line := self._next():
            chain.follow(line)
            batch.append(self._command(line))
            if len(batch) == size:
                yield batch
                batch = []
        if chain.end != self.header.commands:
            raise ArchiveRefused(self._number, "the commands before it are not those that the header says")
        if batch:
            yield batch

    def close(self) -> None:
        """Closes the file."""
        self._lines.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _next(self) -> bytes:
        self._number += 1
        try:
            line = self._lines.readline(LONGEST_LINE)
        except zstandard.ZstdError:
            raise ArchiveRefused(self._number, "the compressed data is damaged, or no zstd at all") from None
        if line and not line.endswith(b"\n"):
            raise ArchiveRefused(self._number, "it is cut off, or too long")
        return line

    def _event(self, line: bytes) -> Recorded:
        try:
            return Line.model_validate_json(line, strict=True).recorded(self.header.service)
        except ValidationError:
            raise ArchiveRefused(self._number, "it is no event with all its columns") from None

    def _command(self, line: bytes) -> CommandLine:
        try:
            return CommandLine.model_validate_json(line, strict=True)
        except ValidationError:
            raise ArchiveRefused(self._number, "it is no command with all its fields") from None


def linked(tip: bytes, event: Recorded) -> bytes:
    """The hash of an event out of its predecessor's."""
    return link(
        tip,
        position=event.position,
        stream=event.stream,
        version=event.version,
        event_id=event.id,
        type_name=event.type,
        data=event.data,
        metadata=event.metadata,
        effective_at=event.effective_at,
        recorded_at=event.recorded_at,
    )


def _line(event: Recorded) -> bytes:
    value = {
        "position": event.position,
        "stream": event.stream,
        "version": event.version,
        "id": str(event.id),
        "type": event.type,
        "data": _text(event.data),
        "metadata": _text(event.metadata),
        "effective_at": event.effective_at,
        "recorded_at": event.recorded_at,
        "hash": event.hash.hex(),
    }
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def _text(data: bytes) -> str | dict[str, str]:
    # the chain hashes bytes: they must come back as they were, whatever they are
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _bytes(value: str | Raw) -> bytes:
    return value.base64 if isinstance(value, Raw) else value.encode()
