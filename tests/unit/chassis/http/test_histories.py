"""Whether what a reader holds includes a position of one history of a log that was restored."""

from uuid import UUID

import pytest

from services.chassis.eventstore.lineage import Lineage
from services.chassis.http import PositionVector
from services.chassis.http.histories import Histories
from services.chassis.http.positions import history
from services.chassis.http.refusals import PositionLost
from services.chassis.subscriptions.subscription import Mark, SourceAway

FIRST, SECOND, THIRD, ELSEWHERE = (UUID(int=number << 96) for number in (1, 2, 3, 9))
LINEAGES = [Lineage(FIRST, 0), Lineage(SECOND, 100), Lineage(THIRD, 50)]


class Log:
    """Its histories; notes how often it is asked."""

    def __init__(self, away: bool = False) -> None:
        self.asked, self.away = 0, away

    async def lineages(self):
        self.asked += 1
        if self.away:
            raise SourceAway
        return LINEAGES


async def holds(position: int, within: UUID, mark: Mark, log: Log | None) -> bool:
    wanted = PositionVector({"registry": position}, histories={"registry": history(within)})
    return await Histories(lambda _: log, wanted).holds("registry", mark)


@pytest.mark.parametrize("lineage", [FIRST, SECOND, THIRD, ELSEWHERE])
async def test_of_one_history_nobody_asks_the_log(lineage):
    assert await holds(70, lineage, Mark(70, lineage), None)


@pytest.mark.parametrize(
    ("position", "within", "held", "answer"),
    [
        (40, FIRST, THIRD, True),  # both restores have kept it
        (40, FIRST, SECOND, True),
        (60, THIRD, SECOND, False),  # this reader has not heard of the last restore
        (60, THIRD, FIRST, False),
        (50, THIRD, FIRST, True),  # what was kept is the same in all
        (60, THIRD, ELSEWHERE, False),
    ],
)
async def test_of_two_histories_what_they_share_counts(position, within, held, answer):
    assert await holds(position, within, Mark(200, held), Log()) is answer


@pytest.mark.parametrize(("position", "within"), [(51, FIRST), (70, SECOND), (1, ELSEWHERE)])
async def test_what_the_log_has_no_more_is_refused(position, within):
    with pytest.raises(PositionLost, match="registry was restored"):
        await holds(position, within, Mark(200, THIRD), Log())


@pytest.mark.parametrize("log", [None, Log(away=True)])
async def test_where_nobody_can_say_it_is_waited_for(log):
    assert not await holds(60, THIRD, Mark(200, SECOND), log)


async def test_a_token_without_history_is_of_any():
    log = Log()
    assert await Histories(lambda _: log, PositionVector({"registry": 7})).holds("registry", Mark(7, FIRST))
    assert log.asked == 0
