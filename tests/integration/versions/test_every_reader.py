"""Every reader makes of events of earlier versions what it makes of today's."""

import asyncio
import io

import orjson

from contracts.catalogue import CATALOGUE
from services.analytics.answers import evidence
from services.analytics.delivery.recipients import Named, Recipients
from services.analytics.delivery.worker import alerts_to_tell
from services.analytics.views.feed import MORE, VALUES
from services.chassis.clock import FixedClock
from services.chassis.erasing import erasing
from services.chassis.eventstore.archive import ArchiveReader
from services.chassis.eventstore.commands import stored_commands
from services.chassis.eventstore.export import export, header_of, restore
from services.chassis.eventstore.store import EventStore
from services.chassis.eventstore.verify import verify
from services.chassis.handler import CommandHandler
from services.chassis.http.events import written
from services.chassis.ids import uuid7
from services.chassis.policies import PolicyRunner
from services.chassis.postgres import Database, engine
from services.chassis.projections import deadletters
from services.chassis.projections.checkpoints import Checkpoints
from services.chassis.projections.rebuild import Rebuild
from services.chassis.projections.runner import ProjectionRunner
from services.chassis.subscriptions.log import LogSubscription
from services.chassis.subscriptions.wake import Signal
from services.registry.domain.subject import SubjectErased
from tests.integration.analytics.happenings import NOON
from tests.integration.versions.conftest import READ_MODELS
from tests.unit.chassis.test_snapshots import DECIDERS
from tests.versions import earlier

SQL = "select distinct type from log.events"


async def test_the_logs_hold_an_earlier_version_of_every_event_and_many_of_today(twice):
    _, both = twice
    stored = {row["type"] for store in both.stores.values() for row in await store.pool.fetch(SQL)}
    assert stored >= {earlier(name) for name in CATALOGUE.models}
    assert stored & set(CATALOGUE.models)


async def running_until(run, reached):
    """Runs something until it has come to the end of the logs."""
    running = asyncio.create_task(run)
    try:
        await reached
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def subscriptions(told, sources):
    return {source: LogSubscription(told.stores[source], Signal(), size=7) for source in sources}


async def heads(told, sources):
    return {source: (await told.stores[source].head()).position for source in sources}


async def rows(model, told, owner):
    """What a read model holds that was kept up; one that is built anew must hold the same."""
    checkpoints = Checkpoints(told.database.pool)
    rebuild = Rebuild(model, owner, told.dsn, told.stores)
    await rebuild.prepare()
    runner = ProjectionRunner(model, told.dsn, subscriptions(told, model.sources), checkpoints)
    end = checkpoints.reached(model.name, await heads(told, model.sources), 60)
    await running_until(runner.run(), end)
    assert (await rebuild.run()).equal, model.name
    pool, names = told.database.pool, sorted(table.name for table in model.tables.sorted_tables)
    found = {
        name: [row[0] for row in await pool.fetch(f'select t::text from "{model.name}"."{name}" as t order by 1')]
        for name in names
    }
    for schema in (model.name, f"{model.name}_last"):  # another service may have a read model of the same name
        await pool.execute("delete from projections.checkpoints where projection = $1", schema)
        async with owner.begin() as connection:
            await connection.exec_driver_sql(f'drop schema "{schema}" cascade')
            await connection.exec_driver_sql(f"delete from projections.models where name = '{schema}'")
    return found


async def test_a_read_model_has_the_same_rows_live_and_rebuilt(twice):
    today, both = twice
    owners = [engine(told.owner_dsn, connections=2) for told in twice]
    try:
        for model in READ_MODELS:
            wanted = await rows(model, today, owners[0])
            assert all(wanted.values()), f"every table of {model.name} is used"
            assert await rows(model, both, owners[1]) == wanted
        for told in twice:
            assert not await deadletters.listed(told.database.pool)
    finally:
        for owner in owners:
            await owner.dispose()


async def test_a_decider_comes_to_the_same_state(twice):
    for source in ("registry", "incidents", "mediation", "analytics", "city"):
        states = [await decided(told.stores[source], source) for told in twice]
        assert states[0] == states[1]
        assert states[0]


async def decided(store, source):
    """The state of every aggregate of a log."""
    handler, found = CommandHandler(store, FixedClock(NOON), uuid7), {}
    service = "analytics" if source == "city" else source
    for past in await store.read(0):
        prefix, _, name = past.stream.partition("-")
        for each, decider in DECIDERS.items():
            if decider.prefix == prefix and each.startswith(service):
                found[past.stream] = await handler.state(decider, name)
    return found


class Noted:
    """What delivery and the vault were asked to do."""

    def __init__(self):
        self.done = []

    async def tell(self, notice, persons):
        self.done.append((notice, tuple(persons)))

    async def erase(self, key):
        self.done.append(key)


async def reactions(told):
    """What the policies do about the logs."""
    noted = Noted()
    here = Recipients((Named(place="yinchuan", officers=("officer-gu",), supervisor="supervisor-01"),))
    erasure = erasing(noted, "registry", SubjectErased, lambda erased: erased.subject)
    for policy in (alerts_to_tell(noted, told.stores["analytics"], here), erasure):
        name = f"policy:{policy.name}"
        runner = PolicyRunner(policy, told.database.pool, subscriptions(told, policy.sources))
        checkpoints = Checkpoints(told.database.pool)

        async def reached(policy=policy, name=name, checkpoints=checkpoints):
            wanted = await heads(told, policy.sources)
            async with asyncio.timeout(60):
                while await checkpoints.position(name) != wanted:  # noqa: ASYNC110 - nobody is told of a policy
                    await asyncio.sleep(0.05)

        await running_until(runner.run(), reached())
    return noted.done


async def test_a_policy_reacts_to_the_same(twice):
    wanted, found = [await reactions(told) for told in twice]
    assert found == wanted
    assert {type(each) for each in wanted} == {tuple, str}


async def test_the_log_over_http_and_the_evidence_of_an_alert_are_told_alike(twice):
    today, both = twice
    for source in today.stores:
        wanted, found = await today.stores[source].read(0), await both.stores[source].read(0)
        assert [orjson.dumps(written(past)) for past in found] == [orjson.dumps(written(past)) for past in wanted]
        told = [[evidence(past) for past in log if past.model in {*VALUES, *MORE}] for log in (wanted, found)]
        assert told[0] == told[1]


async def test_an_export_is_the_log_as_it_is_stored(twice, databases):
    _, both = twice
    store, target = both.stores["registry"], io.BytesIO()
    async with stored_commands(store) as commands:
        async for _ in export(store, commands, await header_of(store, commands, NOON), target):
            pass
    target.seek(0)
    database = await Database.open("registry", (await databases.fresh()).app, connections=2)
    empty = EventStore("registry", database.pool)
    with ArchiveReader(target) as archive:
        end = [position async for position in restore(database.pool, archive)][-1]
    assert [known.position async for known in verify(empty)] == [end]
    stored, kept = await store.stored(1, end), await empty.stored(1, end)
    assert [past.columns for past in kept] == [past.columns for past in stored]
    assert any(past.type.endswith(".v0") for past in stored)
    await empty.close()
    await database.close()
