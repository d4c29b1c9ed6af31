"""What clients asked for and what they were told, and whether a log can have done just that.

A sending is recorded when it is invoked and again when it returns. What returned nothing, or an error that does not say
what became of it, is unknown: it may be in the log or not. The checker knows the log's order from the log itself, so
linearizability is no search: every sending has one place in its stream, and places must not contradict time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a sending was told."""

    APPENDED = "appended"
    REFUSED = "refused"
    READ = "read"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Sending:
    """One request and its answer.

    Attributes:
        command: which command, the same for each sending of it; None for a read. stream: of what it asks.
        invoked, returned: moments of one clock; ``returned`` is None where nothing came back.
        outcome: what was told. version: of the stream after an append, or at which an append was refused (None: it was
            not looked at), or that was read up to. position: of the event. expected: version that an append asked for.
        seen: commands of the events that were read, oldest first.
    """

    command: str | None
    stream: str
    invoked: int
    returned: int | None
    outcome: Outcome
    version: int | None = None
    position: int | None = None
    expected: int | None = None
    seen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stored:
    """An event as the log holds it in the end, with the command that it came from."""

    position: int
    stream: str
    version: int
    command: str


@dataclass(frozen=True)
class Fault:
    """A sentence that the history and the log disprove. rule: its name. what: what disproves it."""

    rule: str
    what: str


def check(history: Sequence[Sending], log: Sequence[Stored]) -> list[Fault]:
    """All that is wrong: nothing, where the log did what its clients were told."""
    return [
        *_in_order(log),
        *_nothing_lost(history, log),
        *_no_phantom(history, log),
        *_repeats_are_equal(history, log),
        *_linearizable(history, log),
    ]


def _in_order(log: Sequence[Stored]) -> Iterator[Fault]:
    versions: dict[str, int] = defaultdict(int)
    for place, event in enumerate(log, start=1):
        versions[event.stream] += 1
        if event.position != place:
            yield Fault("positions are gapless", f"{event.position} where {place} is due")
        if event.version != versions[event.stream]:
            yield Fault("versions are gapless", f"{event.stream} has {event.version} at {event.position}")


def _nothing_lost(history: Iterable[Sending], log: Iterable[Stored]) -> Iterator[Fault]:
    places = {(event.command, event.version, event.position) for event in log}
    for sending in history:
        told = (sending.command, sending.version, sending.position)
        if sending.outcome == Outcome.APPENDED and told not in places:
            yield Fault("nothing acknowledged is lost", f"{told} was acknowledged")


def _no_phantom(history: Iterable[Sending], log: Iterable[Stored]) -> Iterator[Fault]:
    outcomes: dict[str, set[Outcome]] = defaultdict(set)
    for sending in history:
        if sending.command is not None:
            outcomes[sending.command].add(sending.outcome)
    for event in log:
        if not outcomes[event.command] - {Outcome.REFUSED}:
            yield Fault("no phantom", f"{event.command} at {event.position} was refused, or never sent")


def _repeats_are_equal(history: Iterable[Sending], log: Iterable[Stored]) -> Iterator[Fault]:
    answers: dict[str, tuple[int | None, int | None]] = {}
    for sending in history:
        if sending.outcome == Outcome.APPENDED and sending.command is not None:
            answer = (sending.version, sending.position)
            if answers.setdefault(sending.command, answer) != answer:
                yield Fault("repeats are equal", f"{sending.command}: {answers[sending.command]}, then {answer}")
    applied: set[str] = set()
    for event in log:
        if event.command in applied:
            yield Fault("a command is applied once", f"{event.command} again at {event.position}")
        applied.add(event.command)


def _linearizable(history: Sequence[Sending], log: Sequence[Stored]) -> Iterator[Fault]:
    """Whatever returned before something else was invoked has an earlier place in the stream than that."""
    streams: dict[str, list[str]] = defaultdict(list)
    for event in log:
        streams[event.stream].append(event.command)
    sent: dict[str, list[Sending]] = defaultdict(list)
    for sending in history:
        sent[sending.stream].append(sending)
    for stream, sendings in sent.items():
        yield from _one_stream(stream, sendings, streams[stream])


def _one_stream(stream: str, sendings: Sequence[Sending], commands: Sequence[str]) -> Iterator[Fault]:
    version_of = {command: version for version, command in enumerate(commands, start=1)}
    moments = [(sending.invoked, 1, sending) for sending in sendings]
    moments += [(sending.returned, 0, sending) for sending in sendings if sending.returned is not None]
    passed, begun = 0, set()
    for _, invoked, sending in sorted(moments, key=lambda moment: moment[:2]):
        if not invoked:
            passed = max(passed, (sending.outcome != Outcome.UNKNOWN and sending.version) or 0)
        elif sending.command is None or sending.outcome == Outcome.REFUSED:
            yield from _looked(stream, sending, commands, passed)
        elif sending.command not in begun:
            begun.add(sending.command)
            if (version := version_of.get(sending.command, passed + 1)) <= passed:
                yield Fault(
                    "linearizable", f"{stream}: {sending.command} is at {version}, sent after {passed} was told"
                )
        if (
            invoked
            and sending.outcome == Outcome.APPENDED
            and sending.expected not in (None, (sending.version or 0) - 1)
        ):
            yield Fault(
                "linearizable", f"{stream}: {sending.command} asked for {sending.expected}, got {sending.version}"
            )


def _looked(stream: str, sending: Sending, commands: Sequence[str], passed: int) -> Iterator[Fault]:
    """A read and a refusal both say at which version they found the stream."""
    if sending.version is not None and sending.version < passed:
        yield Fault("linearizable", f"{stream}: found at {sending.version} after {passed} was told")
    if sending.outcome == Outcome.READ and list(sending.seen) != list(commands[: len(sending.seen)]):
        yield Fault("linearizable", f"{stream}: what was read is not how the stream begins")
    if sending.outcome == Outcome.REFUSED and sending.version is not None and sending.version == sending.expected:
        yield Fault("linearizable", f"{stream}: refused at the very version {sending.version} that it asked for")
