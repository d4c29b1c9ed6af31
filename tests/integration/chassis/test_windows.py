"""The memory of window rules: one suite for every place where it may be kept."""

import asyncio
import contextlib

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from contracts.topics import LARGEST_MESSAGE
from services.chassis.kafka.stream import producer_of, stream_app
from services.chassis.kafka.topics import apply, compacted, passing
from services.chassis.kafka.transport import Written
from services.chassis.postgres import Database
from services.chassis.settings import Settings
from services.chassis.windows import MemoryWindows, NotReached, PostgresWindows
from services.chassis.windows.faust import FaustWindows, WindowTable


class InMemory:
    """Units of work on a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[bytes, bytes] = {}

    async def work(self, keys, do, *, noted=None, keep=True):
        windows = MemoryWindows(self.kept)
        await windows.reach(keys)
        await windows.note(noted or {})
        answer = do(windows)
        if keep:
            await windows.keep()
        return answer


class InPostgres:
    """Units of work in transactions; what is not kept is rolled back."""

    def __init__(self, pool, connection) -> None:
        self.pool, self.connection = pool, connection

    async def work(self, keys, do, *, noted=None, keep=True):
        transaction = self.connection.transaction()
        await transaction.start()
        windows = PostgresWindows(self.connection, self.pool, "a-rule")
        await windows.reach(keys)
        await windows.note(noted or {})
        answer = do(windows)
        if keep:
            await windows.keep()
        await (transaction.commit() if keep else transaction.rollback())
        return answer


class InFaust:
    """Units of work on a partition of a table."""

    def __init__(self, table) -> None:
        self.table = table

    async def work(self, keys, do, *, noted=None, keep=True):
        windows = FaustWindows(self.table, lambda: None, 0)
        await windows.reach(keys)
        await windows.note(noted or {})
        answer = do(windows)
        if keep:
            await windows.keep()
        return answer


@contextlib.asynccontextmanager
async def a_table(kafka, name, folder):
    """A table that is ready; its topics are made where they are missing."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await apply(admin, [passing(f"{name}.source", 1, 1), compacted(f"{name}.app-windows-changelog", 1, 1)])
    await admin.close()
    app = stream_app(Settings(kafka=kafka), f"{name}.app", folder)
    table = WindowTable(app, name="windows", partitions=1)
    app.tables.add(table)

    @app.agent(app.topic(f"{name}.source", key_type=bytes, value_type=bytes))
    async def read(stream) -> None:
        async for _ in stream:
            """What the table belongs to."""

    await app.start()
    try:
        async with asyncio.timeout(60):
            while app.rebalancing or not app.flow_control.is_active() or not app.tables.actives_ready:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        yield table
    finally:
        await app.stop()


@pytest.fixture(params=["memory", "postgres", "faust"])
async def memory(request, database, kafka, topic_prefix, tmp_path):
    if request.param == "memory":
        yield InMemory()
    elif request.param == "postgres":
        opened = await Database.open("windows", database.app)
        async with opened.pool.acquire() as connection:
            yield InPostgres(opened.pool, connection)
        await opened.close()
    else:
        async with a_table(kafka, topic_prefix, tmp_path) as table:
            yield InFaust(table)


async def test_what_is_kept_is_there_the_next_time(memory):
    await memory.work([b"a", b"b"], lambda windows: windows.update({b"a": b"1", b"b": b"\x00\xff"}))
    assert await memory.work([b"a", b"b", b"c"], dict) == {b"a": b"1", b"b": b"\x00\xff"}


async def test_what_is_not_kept_is_forgotten(memory):
    await memory.work([b"a"], lambda windows: windows.update({b"a": b"1"}))
    await memory.work([b"a"], lambda windows: windows.update({b"a": b"2"}), keep=False)
    assert await memory.work([b"a"], dict) == {b"a": b"1"}


async def test_what_is_noted_stays_whatever_becomes_of_the_rest(memory):
    await memory.work([b"a", b"b"], lambda windows: windows.update({b"a": b"1", b"b": b"1"}))

    def change(windows):
        assert windows[b"a"] == b"2"
        windows.update({b"a": b"3", b"b": b"3"})

    await memory.work([b"a", b"b"], change, noted={b"a": b"2"}, keep=False)
    assert await memory.work([b"a", b"b"], dict) == {b"a": b"2", b"b": b"1"}
    await memory.work([b"a", b"b"], change, noted={b"a": b"2"})
    assert await memory.work([b"a", b"b"], dict) == {b"a": b"3", b"b": b"3"}


async def test_a_key_is_replaced_and_removed(memory):
    await memory.work([b"a", b"b"], lambda windows: windows.update({b"a": b"1", b"b": b"1"}))

    def change(windows):
        windows[b"a"] = b"2"
        del windows[b"b"]
        assert b"b" not in windows
        assert windows.get(b"b") is None
        return len(windows)

    assert await memory.work([b"a", b"b"], change) == 1
    assert await memory.work([b"a", b"b"], dict) == {b"a": b"2"}


async def test_it_is_a_mutable_mapping(memory):
    def use(windows):
        assert windows.setdefault(b"a", b"1") == b"1"
        assert windows.pop(b"a") == b"1"
        assert windows.pop(b"a", None) is None
        with pytest.raises(KeyError):
            del windows[b"a"]
        with pytest.raises(KeyError):
            _ = windows[b"a"]
        windows[b"b"] = b"2"
        return sorted(windows.items())

    assert await memory.work([b"a", b"b"], use) == [(b"b", b"2")]


async def test_a_key_that_nobody_reached_for_is_refused(memory):
    def touch(windows):
        with pytest.raises(NotReached, match="reach"):
            _ = windows[b"z"]
        with pytest.raises(NotReached):
            windows[b"z"] = b"1"

    await memory.work([b"a"], touch)
    assert await memory.work([b"z"], dict) == {}


async def test_a_table_comes_back_from_its_changelog_where_its_folder_is_lost(kafka, topic_prefix, tmp_path):
    async with a_table(kafka, topic_prefix, tmp_path / "one") as table:
        memory = InFaust(table)
        await memory.work([b"a", b"b"], lambda windows: windows.update({b"a": b"1", b"b": b"\x00\xff"}))
        await memory.work([b"a"], lambda windows: windows.pop(b"a"))
    async with a_table(kafka, topic_prefix, tmp_path / "two") as table:
        assert await InFaust(table).work([b"a", b"b"], dict) == {b"b": b"\x00\xff"}


async def test_what_the_changelog_did_not_take_is_not_in_the_table_either(kafka, topic_prefix, tmp_path, monkeypatch):
    async with a_table(kafka, topic_prefix, tmp_path) as table:

        async def away(*_):
            raise ConnectionError

        monkeypatch.setattr(table.app.producer, "send_in_order", away)
        with pytest.raises(ConnectionError):
            await InFaust(table).work([b"a"], lambda windows: windows.update({b"a": b"1"}))
        assert await InFaust(table).work([b"a"], dict) == {}


class Refused(KafkaError):
    """This may not be written."""


async def test_what_waits_behind_a_refused_write_is_not_written_either(kafka, topic_prefix, tmp_path):
    async with a_table(kafka, topic_prefix, tmp_path) as table:
        producer, topic = producer_of(table.app), table.changelog_topic_name
        asked = []

        def check():
            asked.append(1)
            if len(asked) == 2:  # the first is asked before anything is sent, the second before the first request
                raise Refused

        producer.check = check
        large = bytes(LARGEST_MESSAGE // 2 - 1000)  # so that each is a request of its own
        with pytest.raises(Refused):
            await producer.send_in_order(topic, [Written(0, b"a", large), Written(0, b"b", large)])
        (written,) = await producer.send_in_order(topic, [Written(0, b"c", b"1")])
        assert written.offset == 0


async def test_a_table_lists_the_keys_that_begin_so(kafka, topic_prefix, tmp_path):
    async with a_table(kafka, topic_prefix, tmp_path) as table:
        keys = [b"tower:1", b"unit:1", b"unit:2", b"upto"]
        await InFaust(table).work(keys, lambda windows: windows.update(dict.fromkeys(keys, b"1")))
        assert list(table.keys_from(0, b"unit:")) == [b"unit:1", b"unit:2"]
