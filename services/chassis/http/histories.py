"""Whether what a reader holds of a log includes a position of one of its histories."""

from collections.abc import Callable, Sequence

from services.chassis.eventstore.lineage import Lineage, kept
from services.chassis.http.positions import PositionVector, history
from services.chassis.http.refusals import PositionLost
from services.chassis.subscriptions.subscription import LogReader, Mark, SourceAway


class Histories:
    """Holds marks against the histories that a token names.

    Args:
        log: leads to the log of a service; None where it is not ours to ask. wanted: the token.
    """

    def __init__(self, log: Callable[[str], LogReader | None], wanted: PositionVector) -> None:
        self._log = log
        self._wanted = wanted

    async def holds(self, source: str, mark: Mark) -> bool:
        """Whether a mark that has come as far has read the very event that the token is about.

        The log is asked only where they are of different histories, which is the moment after a restore.

        Raises:
            PositionLost: the log itself has that event no more.
        """
        within = self._wanted.histories.get(source)
        if within is None or mark.lineage is None or within == history(mark.lineage):
            return True
        if (log := self._log(source)) is None:
            return False
        try:
            lineages = await log.lineages()
        except SourceAway:
            return False
        position = self._wanted[source]
        if not _includes(lineages, next((each for each in lineages if history(each.id) == within), None), position):
            raise PositionLost(source)
        return _includes(lineages, Lineage(mark.lineage, 0), position)


def _includes(lineages: Sequence[Lineage], lineage: Lineage | None, position: int) -> bool:
    still = 0 if lineage is None else kept(lineages, lineage.id)
    return still is None or position <= still
