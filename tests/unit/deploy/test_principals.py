"""Who may do what on Kafka: as the code says it, as the manifests have it, and nothing wider."""

import runpy
from collections import Counter
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from services.chassis.settings import Settings
from services.chassis.subscriptions import kafka
from services.chassis.telemetry import Telemetry
from services.runtime.composition import READS_ALL
from services.runtime.principals import CITY_PLATFORM, principals
from services.runtime.processes.topics import OverKafka
from services.runtime.topics import planned
from tests.unit.deploy.manifests import BASE, DEPLOY, OPERATORS, containers, documents, resolved

SETTINGS = Settings()
GRANTED = principals(SETTINGS)
PEOPLE = {"operator", CITY_PLATFORM}


def may(name, operation, kind="topic"):
    """With which things of a kind a principal may do something."""
    return {each.name for each in GRANTED[name] if each.kind == kind and operation in each.operations}


def kafka_environment(found):
    """What each process is told of its user on Kafka; nothing where it does not go there."""
    for each, pod, container in containers(found):
        own = {variable["name"]: variable for variable in container.get("env", []) if "KAFKA" in variable["name"]}
        if own:
            assert any(volume["name"] == "kafka-ca" for volume in pod["volumes"])
            yield each["metadata"]["name"], own


def test_the_users_are_those_of_the_code():
    made = runpy.run_path(str(DEPLOY / "make_users.py"))
    assert (OPERATORS / "users.yaml").read_text("utf-8") == made["users"](SETTINGS), "run deploy/make_users.py"


def test_strimzi_is_told_what_the_code_grants():
    declared = {each["metadata"]["name"]: each["spec"]["authorization"] for each in documents(OPERATORS / "users.yaml")}
    assert declared.keys() == {f"maplebridge-{name}" for name in GRANTED}
    for name, grants in GRANTED.items():
        found = [
            (acl["resource"]["type"], acl["resource"]["name"], tuple(acl["operations"]))
            for acl in declared[f"maplebridge-{name}"]["acls"]
        ]
        assert found == [(each.kind, each.name, each.operations) for each in grants]
        assert {acl["resource"]["patternType"] for acl in declared[f"maplebridge-{name}"]["acls"]} == {"literal"}


@pytest.mark.parametrize("folder", [BASE, OPERATORS], ids=["base", "operators"])
def test_each_process_that_goes_to_kafka_is_a_user_of_its_own(folder):
    told = dict(kafka_environment(resolved(folder)))
    assert told.keys() == GRANTED.keys() - PEOPLE
    for name, own in told.items():
        assert own["MAPLEBRIDGE_KAFKA_USER"]["value"] == f"maplebridge-{name}"
        secret = own["MAPLEBRIDGE_KAFKA_PASSWORD"]["valueFrom"]["secretKeyRef"]
        assert (secret["name"], secret["key"]) == (f"maplebridge-{name}", "password")


def test_every_planned_topic_is_written_by_one_process_and_no_other_is_named():
    topics = {topic.name for topic in planned(SETTINGS)}
    assert Counter(topic for name in GRANTED for topic in may(name, "Write")) == dict.fromkeys(topics, 1)
    assert {each.name for grants in GRANTED.values() for each in grants if each.kind == "topic"} == topics
    assert may("topics", "Create") == may("operator", "Create") == topics


def test_whoever_uses_a_thing_may_also_describe_it():
    for name in GRANTED:
        assert may(name, "DescribeConfigs") <= may(name, "Describe")
        assert may(name, "Read") | may(name, "Write") <= may(name, "Describe")
        assert may(name, "Read", "group") == may(name, "Describe", "group")


def test_nobody_has_rights_of_the_whole_cluster():
    assert {each.kind for grants in GRANTED.values() for each in grants} == {"topic", "group"}


def test_a_citys_platform_reads_the_citys_topic_and_nothing_else():
    assert may(CITY_PLATFORM, "Describe") == may(CITY_PLATFORM, "Read") == {"maplebridge.city.events"}
    assert may(CITY_PLATFORM, "Read", "group") == {"maplebridge.city-platform"}
    assert {operation for each in GRANTED[CITY_PLATFORM] for operation in each.operations} == {"Read", "Describe"}
    readers = {name for name in GRANTED if "maplebridge.city.events" in may(name, "Read")}
    assert readers == {"relay-city", CITY_PLATFORM}


def test_nobody_but_an_operator_deletes_and_then_the_rules_own_topics_alone():
    assert {name for name in GRANTED if may(name, "Delete")} == {"operator"}
    assert may("operator", "Delete") == may("stream", "Write")


class Joined(Exception):
    """A reader has said which group it joins."""


async def test_the_groups_are_those_that_readers_join():
    logs = {"incidents": SimpleNamespace(source="incidents")}
    settings = Settings(kafka="somewhere:9092", topic_prefix="trial")
    subscription = OverKafka(logs, settings, READS_ALL).subscription("incidents", Telemetry("analytics"))
    with patch.object(kafka, "AIOKafkaConsumer", side_effect=Joined) as consumer, pytest.raises(Joined):
        async with subscription.reading(SimpleNamespace(name="kpi")):
            pass
    asked = consumer.call_args.kwargs["group_id"]
    assert asked == "trial.analytics.kpi.incidents"
    assert asked in {each.name for each in principals(settings)["project"] if each.kind == "group"}
    assert may("stream", "Read", "group") == {
        "maplebridge.analytics.rules",
        "maplebridge.analytics.rules-units-changelog.folder",
    }
