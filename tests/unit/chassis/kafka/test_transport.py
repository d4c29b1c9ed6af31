"""What was fetched and nobody takes is fetched again."""

import contextlib
from types import SimpleNamespace

import pytest
from aiokafka.errors import IllegalStateError
from faust.types import TP

from services.chassis.kafka.transport import ConsumerThread

EVENTS, CHANGELOG = TP("events", 0), TP("changelog", 0)


class Client:
    """aiokafka's consumer: hands out what it has of the partitions that it is asked for; an empty set is all of them.

    Attributes:
        meanwhile: happens while it waits for records. sought: partitions and offsets that it was told to go back to.
    """

    _closed = False

    def __init__(self):
        self.has = {tp: [SimpleNamespace(offset=5), SimpleNamespace(offset=6)] for tp in (EVENTS, CHANGELOG)}
        self.sought = []
        self.meanwhile = lambda: None
        subscriptions = SimpleNamespace(fetch_context=contextlib.nullcontext)
        self._fetcher = SimpleNamespace(
            _closed=False, _subscriptions=subscriptions, fetched_records=self.fetched_records
        )

    async def fetched_records(self, partitions, **_):
        self.meanwhile()
        return {tp: records for tp, records in self.has.items() if not partitions or tp in partitions}

    def seek(self, partition, offset):
        if partition not in self.has:
            raise IllegalStateError
        self.sought.append((partition, offset))


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def thread():
    made = ConsumerThread.__new__(ConsumerThread)
    made.consumer = SimpleNamespace(flow_active=True)
    return made


async def test_what_is_asked_for_is_handed_over(thread, client):
    assert list(await thread._fetch_records(client, {EVENTS, CHANGELOG})) == [EVENTS, CHANGELOG]
    assert list(await thread._fetch_records(client, {EVENTS})) == [EVENTS]
    assert client.sought == []


async def test_what_comes_while_records_do_not_flow_is_gone_back_to(thread, client):
    client.meanwhile = lambda: setattr(thread.consumer, "flow_active", False)
    assert await thread._fetch_records(client, {EVENTS, CHANGELOG}) == {}
    assert client.sought == [(EVENTS, 5), (CHANGELOG, 5)]


async def test_what_was_paused_while_it_was_fetched_is_gone_back_to(thread, client):
    active = {EVENTS, CHANGELOG}
    client.meanwhile = lambda: active.discard(CHANGELOG)
    assert list(await thread._fetch_records(client, active)) == [EVENTS]
    assert client.sought == [(CHANGELOG, 5)]


async def test_a_set_that_is_emptied_meanwhile_does_not_ask_for_everything(thread, client):
    active = {EVENTS}
    client.meanwhile = active.clear
    assert await thread._fetch_records(client, active) == {}
    assert await thread._fetch_records(client, active) == {}
    assert client.sought == [(EVENTS, 5)]


async def test_what_belongs_to_others_by_then_is_left(thread, client):
    client.meanwhile = lambda: setattr(thread.consumer, "flow_active", False)
    records = dict(client.has)
    client.has = {}

    async def fetched(*_, **__):
        client.meanwhile()
        return records

    client._fetcher.fetched_records = fetched
    assert await thread._fetch_records(client, {EVENTS}) == {}
    assert client.sought == []


async def test_all_partitions_go_to_where_the_group_has_come_by_one_question(thread, client):
    asked, new, unread = [], TP("facts", 0), TP("facts", 1)
    client.has |= {new: [], unread: []}

    async def committed(partitions):
        asked.append(set(partitions))
        offsets = {EVENTS: 7, CHANGELOG: 0, unread: -1}
        return {partition: SimpleNamespace(offset=offset) for partition, offset in offsets.items()}

    client._coordinator = SimpleNamespace(fetch_committed_offsets=committed)
    client.assignment = lambda: {EVENTS, CHANGELOG, new, unread}
    thread._consumer = client
    assert await thread._seek_to_committed() == {EVENTS: 7, CHANGELOG: 0, new: None, unread: None}
    assert asked == [{EVENTS, CHANGELOG, new, unread}]
    assert client.sought == [(EVENTS, 7)]
