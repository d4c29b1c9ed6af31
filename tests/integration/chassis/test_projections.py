"""Read models: exactly once, in whatever batches; poison stops one stream; rebuilt equals live."""

import asyncio
import contextlib
import itertools
from types import SimpleNamespace
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.host import Host, at_home
from services.chassis.postgres import AWAY, connect, engine
from services.chassis.projections import checkpoints, deadletters, standstill
from services.chassis.projections.checkpoints import CheckpointMoved, Checkpoints, NotReadYet, SetAside
from services.chassis.projections.model import ReadModel
from services.chassis.projections.rebuild import Rebuild
from services.chassis.projections.runner import ProjectionRunner
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.subscription import WHOLE, Batch, Mark, Move, SourceRefused, whole
from tests.versions import invented

UPSERT = """
insert into tally select * from unnest($1::text[], $2::bigint[])
on conflict (stream) do update set total = tally.total + excluded.total
"""


class Tally:
    """Sums numbers by stream; refuses a number while it is poison."""

    def __init__(self, version: int = 1) -> None:
        self.poison: set[int] = set()
        self.factor = 1
        tables = sa.MetaData(schema="tally")
        sa.Table("tally", tables, sa.Column("stream", sa.Text, primary_key=True), sa.Column("total", sa.BigInteger))
        self.model = ReadModel(
            "tally", version, ("registry",), frozenset({invented("test.counted.v1")}), tables, self.apply
        )

    async def apply(self, connection, events) -> None:
        totals: dict[str, int] = {}
        for event in events:
            number = int(event.data[5:-1])
            if number in self.poison:
                raise ValueError(number)
            totals[event.stream] = totals.get(event.stream, 0) + number * self.factor
        await connection.execute(UPSERT, list(totals), list(totals.values()))


class Late(Tally):
    """Refuses poison only when all is written."""

    async def apply(self, connection, events) -> None:
        poison, self.poison = self.poison, set()
        await super().apply(connection, events)
        self.poison = poison
        if any(int(event.data[5:-1]) in poison for event in events):
            raise ValueError


class Kept:
    """A running tally with its books."""

    def __init__(self, log, owner) -> None:
        self.log = log
        self.tally = Tally()
        self.checkpoints = Checkpoints(log.database.pool)
        self.owner = owner

    def rebuild(self, model=None):
        return Rebuild(model or self.tally.model, self.owner, self.log.database.dsn, {"registry": self.log.store})

    def runner(self):
        subscriptions = {"registry": LogSubscription(self.log.store, self.log.signal, size=5, poll=0.05)}
        return ProjectionRunner(self.tally.model, self.log.database.dsn, subscriptions, self.checkpoints)

    async def caught_up(self):
        wanted = {"registry": (await self.log.store.head()).position}
        return (await self.checkpoints.reached("tally", wanted)).positions

    async def rows(self):
        found = await self.log.database.pool.fetch("select stream, total from tally.tally")
        return {row["stream"]: row["total"] for row in found}


@pytest.fixture
async def kept(log):
    owner = engine(log.owner, connections=2)
    keeping = Kept(log, owner)
    await keeping.rebuild().prepare()
    try:
        yield keeping
    finally:
        await owner.dispose()


@contextlib.asynccontextmanager
async def running(runner):
    task = asyncio.create_task(runner.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_is_appended_becomes_visible(kept):
    async with running(kept.runner()):
        await kept.log.put("s-1", "1", "2")
        await kept.log.put("s-2", "5")
        assert await kept.caught_up() == {"registry": 3}
        assert await kept.rows() == {"s-1": 3, "s-2": 5}


async def test_a_token_read_waits_for_the_write_and_no_longer_than_allowed(kept):
    await kept.log.put("s-1", "1")
    with pytest.raises(NotReadYet, match="ask again"):
        await kept.checkpoints.reached("tally", {"registry": 1}, seconds=0.1)
    assert (await kept.checkpoints.reached("tally", {"elsewhere": 9}, seconds=0.1)).positions == {"registry": 0}
    async with running(kept.runner()):
        assert (await kept.checkpoints.reached("tally", {"registry": 1})).positions == {"registry": 1}


def test_a_read_model_that_lags_is_not_taken_for_a_database_that_is_away():
    assert not issubclass(NotReadYet, AWAY)


class Refusing(LogSubscription):
    """Lets nobody read for some times; notes what is on record whenever it is asked."""

    def __init__(self, kept, times: int) -> None:
        super().__init__(kept.log.store, kept.log.signal, poll=0.05)
        self.checkpoints, self.times, self.noted = kept.checkpoints, times, []

    @contextlib.asynccontextmanager
    async def reading(self, marks, types=None):
        async with super().reading(marks, types) as reading:

            async def batch():
                self.noted.append([each.reason for each in await self.checkpoints.stopped()])
                if len(self.noted) <= self.times:
                    raise SourceRefused("Nobody may read.")
                return await reading.batch()

            yield SimpleNamespace(batch=batch, again=reading.again)


async def test_who_may_not_read_has_stopped_until_it_reads_on(kept, monkeypatch):
    monkeypatch.setattr(standstill, "ASK_AGAIN", 0.01)
    refusing = Refusing(kept, times=3)
    runner = ProjectionRunner(kept.tally.model, kept.log.database.dsn, {"registry": refusing}, kept.checkpoints)
    async with running(runner):
        await kept.log.put("s-1", "1")
        async with asyncio.timeout(10):
            while await kept.checkpoints.position("tally") != {"registry": 1}:  # noqa: ASYNC110 - it is the database that is asked
                await asyncio.sleep(0.01)
    assert refusing.noted[:4] == [[], *[["Nobody may read."]] * 3]
    assert await kept.checkpoints.stopped() == []


async def test_poison_stops_its_own_stream_and_nothing_else(kept):
    kept.tally.poison = {7}
    async with running(kept.runner()):
        await kept.log.put("s-1", "1", "7", "2")
        await kept.log.put("s-2", "3")
        await kept.log.put("s-1", "4")
        assert await kept.checkpoints.reached("tally", {"registry": 4})
        assert await kept.rows() == {"s-1": 1, "s-2": 3}
        with pytest.raises(SetAside, match="s-1"):
            await kept.checkpoints.reached("tally", {"registry": 5})
        letters = await deadletters.listed(kept.log.database.pool)
        assert [(letter.position, letter.error) for letter in letters] == [
            (2, "ValueError"),
            (3, "an earlier event of its stream waits"),
            (5, "an earlier event of its stream waits"),
        ]
        kept.tally.poison = set()
        connection = await connect(kept.log.database.dsn, search_path="tally")
        assert await deadletters.retry(connection, kept.tally.model, kept.log.store, "s-1") == 3
        await connection.close()
        assert await kept.rows() == {"s-1": 14, "s-2": 3}
        assert await kept.caught_up()


async def test_a_dropped_letter_lets_its_stream_flow_again(kept):
    kept.tally.poison = {7}
    async with running(kept.runner()):
        await kept.log.put("s-1", "7")
        await kept.checkpoints.reached("tally", {"registry": 0})
        with pytest.raises(SetAside):
            await kept.caught_up()
        assert await deadletters.drop(kept.log.database.pool, "tally", "registry", "s-1") == 1
        await kept.log.put("s-1", "2")
        await kept.caught_up()
        assert await kept.rows() == {"s-1": 2}


async def test_a_stalled_owner_that_comes_late_changes_nothing(kept):
    await kept.log.put("s-1", "1", "2")
    events = await kept.log.store.read(0)
    batch = whole("registry", 0, 2, events)
    connection = await connect(kept.log.database.dsn, search_path="tally")
    await kept.runner().take(connection, batch)
    with pytest.raises(CheckpointMoved):
        await kept.runner().take(connection, batch)
    await connection.close()
    assert await kept.rows() == {"s-1": 3}


async def test_what_passes_several_marks_moves_all_of_them_or_none(kept):
    pool = kept.log.database.pool
    await kept.checkpoints.marks("tally").begin("registry", [0, 1])
    stale = Batch("registry", (Move(0, Mark(), Mark(5)), Move(1, Mark(3), Mark(6))), ())
    connection = await connect(kept.log.database.dsn, search_path="tally")
    with pytest.raises(CheckpointMoved):
        await kept.runner().take(connection, stale)
    assert {mark.position for mark in (await kept.checkpoints.marks("tally").held("registry")).values()} == {0}
    async with pool.acquire() as borrowed:
        with pytest.raises(CheckpointMoved):
            await checkpoints.move(borrowed, "tally", stale)
    assert {mark.position for mark in (await kept.checkpoints.marks("tally").held("registry")).values()} == {0}
    await connection.close()


async def test_a_batch_that_fails_is_taken_again_without_what_failed(kept):
    kept.tally = Late()
    kept.tally.poison = {9}
    await kept.log.put("s-1", "1", "9", "2")
    await kept.log.put("s-2", "7")
    events = await kept.log.store.read(0)
    connection = await connect(kept.log.database.dsn, search_path="tally")
    await kept.runner().take(connection, whole("registry", 0, 4, events))
    await connection.close()
    assert await kept.rows() == {"s-1": 1, "s-2": 7}
    letters = await deadletters.listed(kept.log.database.pool)
    assert [(letter.position, letter.stream) for letter in letters] == [(2, "s-1"), (3, "s-1")]
    assert await kept.checkpoints.position("tally") == {"registry": 4}


async def test_a_rebuild_equals_the_live_one_while_events_go_on(kept):
    async with running(kept.runner()):
        for number in range(30):
            await kept.log.put(f"s-{number % 4}", str(number))
        writing = asyncio.create_task(_write_on(kept.log))
        comparison = await kept.rebuild().run()
        await writing
        assert comparison.equal
        await kept.caught_up()
        assert sum((await kept.rows()).values()) == sum(range(30)) + 40


async def _write_on(log):
    for _ in range(40):
        await log.put("s-9", "1")


async def test_a_comparison_finds_a_row_that_somebody_changed(kept):
    async with running(kept.runner()):
        await kept.log.put("s-1", "1")
        await kept.log.put("s-2", "2")
        await kept.caught_up()
        await kept.log.database.pool.execute("update tally.tally set total = 9 where stream = 's-2'")
        comparison = await kept.rebuild().run(switch=False)
        assert not comparison.equal
        assert (comparison.tables[0].missing, comparison.tables[0].surplus) == (1, 1)
        assert (await kept.rows())["s-2"] == 9


async def test_a_new_version_is_built_beside_and_one_can_switch_back(kept):
    async with running(kept.runner()):
        await kept.log.put("s-1", "1")
        await kept.caught_up()
    newer = Tally(version=2)
    newer.factor = 10
    rebuild = kept.rebuild(newer.model)
    assert await rebuild.prepare() == 1
    assert not (await rebuild.run()).equal
    assert await rebuild.prepare() == 2
    assert await kept.rows() == {"s-1": 10}
    assert await rebuild.back() is True
    assert await rebuild.prepare() == 1
    assert await kept.rows() == {"s-1": 1}


async def test_a_release_whose_read_model_was_replaced_writes_nothing_into_the_new_one(kept):
    newer = Tally(version=2)
    newer.factor = 10
    older, kept.tally = kept.runner(), newer
    async with running(older):
        await kept.log.put("s-1", "1")
        await kept.caught_up()
        await kept.rebuild().replace()
        await kept.log.put("s-1", "1")  # the older runner is the only one
        with pytest.raises(NotReadYet):
            await kept.checkpoints.reached("tally", {"registry": 2}, seconds=0.5)
        async with running(kept.runner()):
            await kept.log.put("s-1", "1")
            await kept.caught_up()
        assert await kept.rows() == {"s-1": 30}
        assert await kept.rebuild(older.model).back() is True
        await kept.caught_up()
        assert await kept.rows() == {"s-1": 3}, "it reads on when its own rows are back"


async def test_an_older_release_leaves_a_newer_read_model_alone_unless_all_of_it_is_one_process(kept):
    model = kept.tally.model
    service = SimpleNamespace(
        name="registry", read_models=(model,), own_models=(model,), policies=(), workers=(), followers=()
    )
    source = {"registry": SimpleNamespace(whole=True)}
    context = SimpleNamespace(database=kept.log.database, readers={"registry": kept.log.store}, subscriptions=source)
    await kept.rebuild(Tally(version=2).model).replace()
    await Host(service, context, kept.log.owner, half=at_home).prepare()
    assert await kept.checkpoints.version("tally") == 2
    await Host(service, context, kept.log.owner).prepare()
    assert await kept.checkpoints.version("tally") == 1


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 19), max_size=6))
async def test_rows_do_not_depend_on_how_events_are_cut(kept, cuts):
    pool = kept.log.database.pool
    if not (await kept.log.store.head()).position:
        for number in range(20):
            await kept.log.put(f"s-{number % 3}", str(number))
    await pool.execute("delete from tally.tally")
    await pool.execute("update projections.checkpoints set position = 0")
    connection = await connect(kept.log.database.dsn, search_path="tally")
    edges = sorted({0, 20, *cuts})
    for after, upto in itertools.pairwise(edges):
        events = await kept.log.store.read(after, upto - after)
        await kept.runner().take(connection, whole("registry", after, upto, events))
    await connection.close()
    assert await kept.rows() == {"s-0": 63, "s-1": 70, "s-2": 57}


class Gated(Tally):
    """Folds as soon as it may."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.may = asyncio.Event(), asyncio.Event()

    async def apply(self, connection, events) -> None:
        self.begun.set()
        await self.may.wait()
        await super().apply(connection, events)


@pytest.mark.parametrize("settle", ["retry", "drop"])
async def test_an_event_that_comes_while_its_stream_is_settled_flows_after_it(kept, settle):
    kept.tally.poison = {2}
    await kept.log.put("s-1", "1", "2", "100")
    events = await kept.log.store.read(0)
    runner, session = await connect(kept.log.database.dsn, search_path="tally"), None
    await kept.runner().take(runner, whole("registry", 0, 2, events[:2]))
    kept.tally.poison = set()
    try:
        if settle == "retry":
            gated = Gated()
            session = await connect(kept.log.database.dsn, search_path="tally")
            settling = asyncio.create_task(deadletters.retry(session, gated.model, kept.log.store, "s-1"))
            await gated.begun.wait()
            taking = asyncio.create_task(kept.runner().take(runner, whole("registry", 2, 3, events[2:])))
            await asyncio.sleep(0.2)  # it would be through by then, were it not held up
            gated.may.set()
            assert await settling == 1
        else:
            async with kept.log.database.pool.acquire() as other, other.transaction():
                await other.execute("select from projections.checkpoints where projection = 'tally' for update")
                taking = asyncio.create_task(kept.runner().take(runner, whole("registry", 2, 3, events[2:])))
                await asyncio.sleep(0.2)  # it has looked at what waits, and waits for the mark
                await other.execute("delete from projections.dead_letters")
        await taking
    finally:
        await runner.close()
        if session is not None:
            await session.close()
    assert await deadletters.listed(kept.log.database.pool) == []
    assert await kept.rows() == {"s-1": 103 if settle == "retry" else 101}


async def test_what_is_set_aside_while_its_stream_is_dropped_is_dropped_with_it(kept):
    kept.tally.poison = {2}
    await kept.log.put("s-1", "1", "2", "100")
    events = await kept.log.store.read(0)
    runner = await connect(kept.log.database.dsn, search_path="tally")
    await kept.runner().take(runner, whole("registry", 0, 2, events[:2]))
    async with runner.transaction():
        assert await checkpoints.move(runner, "tally", whole("registry", 2, 3, events[2:]), {"s-1"}) == {"s-1"}
        dropping = asyncio.create_task(deadletters.drop(kept.log.database.pool, "tally", "registry", "s-1"))
        await asyncio.sleep(0.2)  # it would be through by then, were it not held up
        await deadletters.put(runner, "tally", events[2], "an earlier event of its stream waits")
    assert await dropping == 2
    await runner.close()
    assert await deadletters.listed(kept.log.database.pool) == []


async def test_a_mark_of_another_history_is_not_moved_on(kept):
    await kept.log.put("s-1", "1", "2")
    events = await kept.log.store.read(0)
    mine, other = UUID(int=1), UUID(int=2)
    connection = await connect(kept.log.database.dsn, search_path="tally")
    await kept.runner().take(connection, first(mine, events))
    with pytest.raises(CheckpointMoved):
        await kept.runner().take(connection, whole("registry", 1, 2, events[1:], other))
    await kept.runner().take(connection, whole("registry", 1, 2, events[1:], mine))
    await connection.close()
    assert await kept.rows() == {"s-1": 3}


def first(lineage, events):
    return Batch("registry", (Move(WHOLE, Mark(), Mark(1, lineage)),), events[:1])
