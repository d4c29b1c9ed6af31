"""The histories of a log: one that was restored from an older copy goes on as another."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Lineage:
    """One history of a log.

    Attributes:
        id: its name. began_after: the last position that it kept of the one before it; 0 for the first.
    """

    id: UUID
    began_after: int


def kept(lineages: Sequence[Lineage], lineage: UUID) -> int | None:
    """How far a history is part of the log's present one; None: all of it is.

    A history that the log does not know shares nothing that could be relied on: 0.

    Args:
        lineages: all of the log's, the first first.
    """
    names = [each.id for each in lineages]
    if lineage not in names:
        return 0
    return min((each.began_after for each in lineages[names.index(lineage) + 1 :]), default=None)
