"""G2: positions are gapless, and a stream's order is its version order."""

from tests.guarantees.interleaving import Schedule, Theatre, schedules
from tests.guarantees.laboratory import Gap, OutOfOrder, guarantee, judge
from tests.guarantees.logs import HeadRowLog, OneStatementLog, SequenceLog


@guarantee(HeadRowLog, {SequenceLog: Gap})
def test_g2_positions_are_gapless_whoever_rolls_back(laboratory, kind, broken):
    if kind.TABLES:
        laboratory.execute(kind.TABLES)
    theatre = Theatre(kind, laboratory.app)

    async def holds(schedule: Schedule) -> None:
        run = await theatre.play(schedule)
        positions = [event.position for event in run.delivered]
        if positions != list(range(run.before + 1, run.before + 1 + len(positions))):
            raise Gap(f"{positions} after {run.before}")

    judge(laboratory, schedules(), holds, broken)


@guarantee(HeadRowLog, {SequenceLog: OutOfOrder, OneStatementLog: OutOfOrder})
def test_g2_versions_of_a_stream_follow_each_other_along_positions(laboratory, kind, broken):
    if kind.TABLES:
        laboratory.execute(kind.TABLES)
    theatre = Theatre(kind, laboratory.app)

    async def holds(schedule: Schedule) -> None:
        run = await theatre.play(schedule)
        versions = dict(run.versions)
        for event in run.delivered:
            versions[event.stream] = versions.get(event.stream, 0) + 1
            if event.version != versions[event.stream]:
                raise OutOfOrder(f"version {event.version} where {versions[event.stream]} is due")

    judge(laboratory, schedules(), holds, broken)
