"""Whether a topic and a log tell of the same history: the pure core.

A database that was restored from a copy of its files looks as it always did, and hands out positions a second time.
What was published before is the only witness.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.chassis.eventstore.lineage import Lineage, kept


@dataclass(frozen=True, slots=True)
class Seen:
    """What was published once.

    Attributes:
        lineage: in which history. position: where. event: the id of the event there; None where only the position is
            known. epoch: of the relay.
    """

    lineage: UUID
    position: int
    event: UUID | None
    epoch: int = 0


def contradicts(seen: Seen, lineages: Sequence[Lineage], head: int, ids: Mapping[int, UUID]) -> bool:
    """Whether the log cannot be what this was published from.

    Args:
        seen: what was published. lineages: the log's, the first first. head: its last position.
        ids: of the log's events, at least at ``seen.position`` where the log has it.
    """
    if all(seen.lineage != each.id for each in lineages):
        return True
    still = kept(lineages, seen.lineage)
    if still is not None and seen.position > still:
        return False  # the log knows that it does not hold this any more, and has said so
    return seen.position > head or (seen.event is not None and ids.get(seen.position) != seen.event)


def common(published: Iterable[Seen], ids: Mapping[int, UUID]) -> int:
    """The last position at which the log holds what was published; 0 for none."""
    return max((seen.position for seen in published if seen.event and ids.get(seen.position) == seen.event), default=0)
