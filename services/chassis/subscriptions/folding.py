"""Records of one partition become what continues it: sans I/O."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from uuid import UUID

from contracts.catalogue import CATALOGUE
from contracts.topics import BARRIER
from services.chassis.eventstore.types import Recorded
from services.chassis.kafka.arrived import Headers, arrived
from services.chassis.kafka.messages import NO_EVENTS, MessageMalformed, Record
from services.chassis.subscriptions.continuity import Held, Message, Verdict
from services.chassis.subscriptions.layout import Barrier


@dataclass
class Folded:
    """What a run of records comes to.

    Attributes:
        held: what is held after those that were taken. events: of the wanted types, in order.
        offset: of the first record that was not taken; behind the last one where all were.
        stopped: what ended the run before its last record: a hole, another history, a position beyond the log's end.
        message: which one.
        barrier: the last record that was taken is one, or the one that ended the run. counts: how many were what.
        malformed: what could not be read.
    """

    held: Held
    events: list[Recorded] = field(default_factory=list)
    offset: int = 0
    stopped: Verdict | None = None
    message: Message | None = None
    barrier: Barrier | None = None
    counts: dict[str, int] = field(default_factory=dict)
    malformed: list[MessageMalformed] = field(default_factory=list)

    def refuse(self, record: Record, error: Exception) -> None:
        """A record that cannot be read, or not whole."""
        what = f"{type(error).__name__}: {error}"
        self.malformed.append(MessageMalformed(record.topic, record.partition, record.offset, what))
        self.counts["malformed"] = self.counts.get("malformed", 0) + 1


STOPS = frozenset({Verdict.HOLE, Verdict.FOREIGN, Verdict.BEYOND})


def fold(
    held: Held, records: Sequence[Record], types: AbstractSet[str] | None = None, end: int | None = None
) -> Folded:
    """Takes records in as long as they continue what is held.

    A record that is no message of ours is passed over: had it taken the place of one, the next message would tell.

    Args:
        types: of the events that are wanted; None: all. end: position up to which the owner's log is known to go;
            None: any position is believed.
    """
    folded = Folded(held)
    wanted = None if types is None else {each.encode() for each in CATALOGUE.names(types)}
    lineages: dict[bytes, UUID] = {}
    accepted = duplicates = 0
    for record in records:
        headers = dict(record.headers)
        try:
            message, kind = place(headers, lineages), headers["ce_type"]
        except (KeyError, ValueError) as error:
            folded.refuse(record, error)
            folded.offset = record.offset + 1
            continue
        verdict = held.judge(message, end)
        if verdict is Verdict.ACCEPTED and (wanted is None or kind in wanted) and kind not in NO_EVENTS:
            try:
                folded.events.append(arrived(headers, message.sequence, record.value))
            except (KeyError, ValueError) as error:
                folded.refuse(record, error)
                verdict = Verdict.HOLE  # it cannot be read here; the log has it
        if verdict in STOPS:
            folded.stopped, folded.message, folded.offset = verdict, message, record.offset
            if kind == BARRIER.encode() and verdict is not Verdict.BEYOND:
                folded.barrier = barrier(headers, message.sequence)
            break
        folded.offset = record.offset + 1
        if verdict is Verdict.DUPLICATE:
            duplicates += 1
        else:
            accepted += kind not in NO_EVENTS
            held = held.accept(message)
        # also where the position was reached before it: the last event of all lies in one of the partitions
        if kind == BARRIER.encode() and message.lineage == held.lineage:
            folded.barrier = barrier(headers, message.sequence)
            break
    folded.held = held
    folded.counts |= {"accepted": accepted, "duplicate": duplicates}
    return folded


def last_sequence(records: Sequence[Record]) -> int:
    """The position that the last record names; 0 where it names none."""
    try:
        return int(dict(records[-1].headers)["ce_sequence"])
    except (IndexError, KeyError, ValueError):
        return 0


def barrier(headers: Headers, position: int) -> Barrier:
    """What a barrier says of the topic."""
    return Barrier(position, int(headers["ce_partitionsbefore"]), int(headers["ce_partitions"]))


def place(headers: Headers, lineages: dict[bytes, UUID]) -> Message:
    """What a record's headers say about its place.

    Raises:
        KeyError, ValueError: they do not.
    """
    name = headers["ce_lineage"]
    lineage = lineages.get(name)
    if lineage is None:
        lineages[name] = lineage = UUID(name.decode())
    return Message(int(headers["ce_sequence"]), int(headers["ce_previous"]), lineage, int(headers["ce_epoch"]))
