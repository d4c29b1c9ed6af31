"""An instance over a Kafka that checks rights: each process is a user of its own, and may do what it does, no more."""

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from types import SimpleNamespace

import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAuthorizationFailedError

from contracts.analytics import AlertRaised
from contracts.city import PolicyAdopted
from contracts.common import Role
from services.chassis.access import Issuer, Principal
from services.chassis.kafka.connection import client_arguments
from services.chassis.kafka.rights import Grant, RightsMissing
from services.chassis.relay.topic import partitions_of
from services.chassis.settings import Settings
from services.chassis.subscriptions.kafka import TopicSubscription, group_of
from services.chassis.subscriptions.subscription import SourceRefused
from services.runtime.databases import make_databases
from services.runtime.folder import DataFolder
from services.runtime.postgres import start_postgres
from services.runtime.principals import CITY_PLATFORM, principals
from services.runtime.processes.plan import Plan, plan
from services.runtime.processes.supervisor import Supervisor
from tests.apart import in_own_loop
from tests.certificates import make_certificate
from tests.chaos.test_instance import BUILDING
from tests.chaos.traffic import dispute, figure, report
from tests.own_loop import OwnLoop
from tests.secured import SecuredKafka, start_secured
from tests.topic_records import topic_records

GRANTED = principals(Settings())
PATIENCE = 120
INCIDENTS = "maplebridge.incidents.events"
FACTS = "maplebridge.analytics.rules-facts"
GROUP = "maplebridge.analytics.kpi.incidents"


def user(name):
    """As the manifests call them."""
    return f"maplebridge-{name}"


def until(so, what):
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(httpx.HTTPError):
            if found := so():
                return found
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def ran(environment, *words):
    """A command, run to its end."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("MAPLEBRIDGE_")}
    return subprocess.run(
        [sys.executable, "-m", "services.runtime.cli", *words],
        env=settings | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    """The Kafka, with everybody whom the manifests make."""
    kafka = in_own_loop(lambda: start_secured(tmp_path_factory.mktemp("secured")))
    try:

        async def admit():
            for name, grants in GRANTED.items():
                await kafka.admit(user(name), grants)
            # one is not as planned: `topics apply` has to alter it
            admin = AIOKafkaAdminClient(bootstrap_servers=kafka.server.bootstrap)
            await admin.start()
            await admin.create_topics([NewTopic(INCIDENTS, 6, 1, topic_configs={"retention.ms": "60000"})])
            await admin.close()
            await kafka.tell_of_rights()

        in_own_loop(admit)
        yield kafka
    finally:
        in_own_loop(kafka.server.stop)


@dataclass
class City:
    """The instance: its processes, started as the manifests start them."""

    kafka: SecuredKafka
    plan: Plan
    supervisor: Supervisor
    client: httpx.Client

    def ran(self, name, *words):
        """A command, run by a user of Kafka's."""
        return ran({**self.plan.common, **self.kafka.environment(user(name))}, *words)

    def post(self, service, path, body):
        def answered():
            answer = self.client.post(f"{self.plan.addresses[service]}/{service}/{path}", json=body)
            return answer if answer.status_code != 503 else None

        answer = until(answered, f"{service} does not take {path}")
        assert answer.status_code in {200, 201}, answer.text
        return answer

    def told(self):
        """Somebody calls about a unit: there is something to publish, to read and to count."""
        self.post("incidents", *report(f"call-{secrets.token_hex(6)}", 0))

    def get(self, service, path, **headers):
        return self.client.get(f"{self.plan.addresses[service]}/{service}/{path}", headers=headers)

    def child(self, name):
        return next(child for child in self.supervisor.children if child.program.name == name)

    def ready(self, name):
        """What a process says of whether it goes on."""
        return self.client.get(f"{self.plan.addresses[name]}/health/ready")

    def caught_up(self, loop):
        until(lambda: loop.run(self.supervisor.behind()) == 0, "what is read is not taken in")


@pytest.fixture(scope="module")
def loop():
    with OwnLoop() as running:
        yield running


@pytest.fixture(scope="module")
def city(secured, loop, tmp_path_factory):
    path = tmp_path_factory.mktemp("city")
    server = in_own_loop(lambda: start_postgres(path, durable=False))
    supervisor = Supervisor(path / "logs", lambda _: None)
    try:
        in_own_loop(lambda: make_databases(server.dsn, "postgres"))
        folder = DataFolder.open(path / "folder")
        folder.master_key()
        processes = plan(folder, server.dsn, Settings(), secured.bootstrap, 0)
        token = Issuer(folder.issuer_key()).issue(Principal(Role.OFFICER, "officer-1", ("yinchuan",)))
        with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=20) as client:
            running = City(secured, processes, supervisor, client)
            applied = running.ran("topics", "topics", "apply")
            assert applied.returncode == 0, applied.stdout + applied.stderr

            def as_user(program):
                if program.name not in GRANTED:
                    return program
                return replace(program, environment={**program.environment, **secured.environment(user(program.name))})

            async def start():
                supervisor.keep(*map(as_user, [*processes.relays(), *processes.services()]))
                await supervisor.answering(child.program.name for child in supervisor.children)

            loop.run(start(), PATIENCE * 2)
            yield running
    finally:
        loop.run(supervisor.end(), PATIENCE)
        in_own_loop(server.stop)


def test_each_process_does_its_work_with_the_rights_of_its_own(city, loop):
    secured = city.kafka
    told = city.post("registry", "buildings", BUILDING)
    for number in (0, 3, 6):
        city.post("incidents", *report("loud", number))
    city.post("mediation", *dispute("quarrel", 1))
    city.post("analytics", *figure("paid", 1))

    def floors():
        answer = city.get("analytics", "buildings/wanda-a/floors", **{"Maple-After": told.headers["Maple-Position"]})
        return answer.status_code == 200

    until(floors, "no read model has what the registry was told")
    (alert,) = until(lambda: city.get("analytics", "alerts").json()["items"], "no alert comes out of Faust")
    assert (alert["rule"], alert["key"]) == ("repeated-disturbance", "loud-loud-0")

    def records(topic):
        client = {"bootstrap_servers": secured.server.bootstrap}
        return [dict(each.headers)["ce_type"].decode() for each in loop.run(topic_records(client, topic))]

    until(lambda: AlertRaised.type in records("maplebridge.alerts"), "the alert is not on its topic")
    for log in ("registry", "incidents", "mediation", "analytics"):
        assert [each for each in records(f"maplebridge.{log}.events") if not each.startswith("maplebridge.")], log
    loop.run(_read_by_the_city(secured, PolicyAdopted.type), PATIENCE)
    city.caught_up(loop)

    relays = [city.child(f"relay-{log}") for log in ("registry", "incidents", "mediation", "analytics", "city")]
    for child in relays:  # another start reads the ends of the topics before it goes on
        os.kill(child.pid, signal.SIGKILL)
    until(lambda: all(child.restarts and child.pid for child in relays), "what was killed is not started again")
    city.post("incidents", *report("loud", 9))
    for more in ([], ["analytics", "city", "alerts"]):  # the first lets the rules begin again, too
        grown = city.ran("operator", "topics", "grow", "8", *more)
        assert grown.returncode == 0, grown.stderr
    again = city.ran("operator", "relay", "republish", "alerts", "--from", "1")
    assert again.returncode == 0, again.stderr
    assert city.ran("operator", "topics", "plan").returncode == 0
    until(lambda: all(city.ready(name).status_code == 200 for name in GRANTED if name in city.plan.ports), "not ready")
    city.caught_up(loop)
    assert len(city.get("analytics", "alerts").json()["items"]) == 1, "what comes out again is the same alert"
    _nothing_was_refused_and_nothing_is_too_wide(secured)


def _nothing_was_refused_and_nothing_is_too_wide(secured):
    def lacking():
        used = {(each.user, each.kind, each.name, each.operation) for each in secured.asked() if each.allowed}
        return {
            (user(name), grant.kind, grant.name, operation)
            for name, grants in GRANTED.items()
            for grant in grants
            for operation in grant.operations
        } - used

    def unused():
        """What a user does once it does to each of these: `topics apply` alters what differs, and no more."""
        return {each for each in lacking() if each[3] not in {"Create", "AlterConfigs"}}

    until(lambda: not unused(), f"never done: {unused()}")
    altered = {each.name for each in secured.asked() if each.operation == "AlterConfigs" and each.allowed}
    assert INCIDENTS in altered
    ours = {user(name) for name in GRANTED}
    assert not [each for each in secured.asked() if each.user in ours and not each.allowed]


async def _read_by_the_city(secured, wanted):
    """The city's data platform, which reads with a client of its own, waits for a message."""
    arguments = client_arguments(Settings(**secured.settings(user(CITY_PLATFORM))))
    consumer = AIOKafkaConsumer(
        "maplebridge.city.events", **arguments, group_id="maplebridge.city-platform", auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        while dict((await consumer.getone()).headers)["ce_type"].decode() != wanted:
            pass
    finally:
        await consumer.stop()


@pytest.mark.parametrize(
    ("name", "grant", "words"),
    [
        ("relay-incidents", Grant("topic", INCIDENTS, ("Write",)), f"lacks Write on the topic {INCIDENTS}"),
        ("project", Grant("topic", INCIDENTS, ("Read",)), f"lacks Read on the topic {INCIDENTS}"),
        ("project", Grant("group", GROUP, ("Read", "Describe")), f"lacks Read, Describe on the group {GROUP}"),
    ],
    ids=["write", "read", "group"],
)
def test_a_right_that_is_taken_away_is_named_until_it_is_there_again(city, loop, name, grant, words):
    until(lambda: city.ready(name).status_code == 200, "it is not ready")
    loop.run(city.kafka.revoke(user(name), grant))

    def named():
        city.told()
        return f"{user(name)} what it has to do: it {words}." in city.ready(name).text

    until(named, "it does not say what is missing")
    restarts = city.child(name).restarts
    loop.run(city.kafka.grant(user(name), grant))
    until(lambda: city.ready(name).status_code == 200, "it does not go on")
    city.caught_up(loop)
    assert city.child(name).restarts == restarts


@pytest.mark.parametrize(
    ("grant", "words"),
    [
        (Grant("topic", INCIDENTS, ("Read",)), f"lacks Read on the topic {INCIDENTS}"),
        (Grant("topic", FACTS, ("Write",)), f"lacks Write on the topic {FACTS}"),
    ],
    ids=["read", "write"],
)
def test_a_stream_worker_whose_right_is_taken_away_ends_and_names_it(city, loop, grant, words):
    child = city.child("stream")
    until(lambda: city.ready("stream").status_code == 200, "it is not ready")
    restarts = child.restarts
    loop.run(city.kafka.revoke(user("stream"), grant))

    def named():
        city.told()
        return f"{user('stream')} what it has to do: it {words}." in child.last_words()

    until(named, "it does not say what is missing")
    until(lambda: child.restarts > restarts, "it is not started again")
    loop.run(city.kafka.grant(user("stream"), grant))
    until(lambda: city.ready("stream").status_code == 200, "it does not go on")
    city.caught_up(loop)


def test_who_may_not_begin_the_rules_anew_throws_nothing_away(city):
    refused = city.ran("topics", "projections", "rebuild", "rules")
    assert refused.returncode == 1
    (sentence,) = refused.stderr.splitlines()
    assert f"Read on the topic {INCIDENTS}" in sentence
    assert f"Delete on the topic {FACTS}" in sentence
    assert "Read, Describe on the group maplebridge.analytics.rules" in sentence


def test_a_process_under_the_name_of_another_is_refused_before_it_begins(secured):
    told = ran(secured.environment(user("relay-registry")), "relay", "incidents")
    lacks = f"it lacks Read, Write, Describe, DescribeConfigs on the topic {INCIDENTS}."
    assert told.returncode == 1
    assert told.stderr.splitlines()[-1].startswith(
        f"Kafka does not allow maplebridge-relay-registry what it has to do: {lacks}"
    )
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("words", [["plan"], ["apply"]], ids=["plan", "apply"])
def test_topics_that_one_may_not_see_are_not_called_missing(secured, words):
    told = ran(secured.environment(user(CITY_PLATFORM)), "topics", *words)
    assert told.returncode == 1
    assert "is not there" not in told.stdout + told.stderr
    more = "Create, AlterConfigs, Describe, DescribeConfigs" if words == ["apply"] else "Describe, DescribeConfigs"
    assert f"it lacks {more} on the topic maplebridge.registry.events" in told.stderr.splitlines()[-1]


def test_a_wrong_password_and_an_authority_that_is_not_trusted_are_said(secured, tmp_path):
    other = tmp_path / "ca.pem"
    make_certificate(tmp_path / "other.pem", other)
    for more, sentence in (
        ({"kafka_password": "in the teahouse"}, f"Kafka at {secured.bootstrap} does not let maplebridge-stream in"),
        ({"kafka_ca_file": other}, f"The certificates of Kafka at {secured.bootstrap} and of this client do not fit"),
    ):
        told = ran(secured.environment(user("stream")) | secured.environment(user("stream"), **more), "stream")
        assert told.returncode == 1
        assert told.stderr.splitlines()[-1].startswith(sentence)
        assert "Traceback" not in told.stderr


async def test_a_citys_platform_reads_no_events_of_the_registry(secured):
    arguments = client_arguments(Settings(**secured.settings(user(CITY_PLATFORM))))
    with pytest.raises(RightsMissing, match=r"lacks Describe on the topic maplebridge\.registry\.events"):
        await partitions_of("maplebridge.registry.events", arguments)
    consumer = AIOKafkaConsumer("maplebridge.registry.events", **arguments, group_id="maplebridge.city-platform")
    try:
        with pytest.raises(TopicAuthorizationFailedError, match=r"maplebridge\.registry\.events"):
            await consumer.start()
    finally:
        await consumer.stop()


async def test_a_reader_that_waits_for_its_share_hears_that_it_may_not_read(secured):
    group = group_of("trial", "counts", "trial")
    joins = Grant("group", group, ("Read", "Describe"))
    await secured.admit("reader", [Grant("topic", "trial", ("Read", "Describe")), joins])
    admin = AIOKafkaAdminClient(bootstrap_servers=secured.server.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("trial", 1, 1)])
    await admin.close()
    client = client_arguments(Settings(**secured.settings("reader")))
    # who has the partition: the group deals them out in the order of names
    first = AIOKafkaConsumer("trial", **client, client_id="a", group_id=group, enable_auto_commit=False)
    await first.start()
    subscription = TopicSubscription("trial", client, SimpleNamespace(source="trial"), "trial")

    async def refused():
        async with asyncio.timeout(PATIENCE), subscription.reading(SimpleNamespace(name="counts")) as reading:
            assert not (await reading.batch()).moves
            await secured.revoke("reader", joins)
            while True:
                await reading.batch()

    try:
        with pytest.raises(SourceRefused, match=f"it lacks Read, Describe on the group {group}"):
            await refused()
    finally:
        await first.stop()
