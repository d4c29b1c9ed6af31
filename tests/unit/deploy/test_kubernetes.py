"""The manifests, without a cluster: schemas, references, what a container may do, commands, who may talk to whom."""

import copy

import pytest

from services.chassis.settings import Settings
from services.runtime.databases import LOGS, SERVICES
from services.runtime.topics import planned
from tests.unit.deploy.manifests import (
    BASE,
    OPERATORS,
    command_fault,
    containers,
    documents,
    hardening_faults,
    known_settings,
    processes,
    reference_faults,
    resolved,
    schema_faults,
    selects,
)

CHECKS = (schema_faults, reference_faults, hardening_faults)


@pytest.fixture(params=[BASE, OPERATORS], ids=["base", "operators"])
def found(request):
    return resolved(request.param)


def one(found, kind, name):
    (each,) = [each for each in found if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return each


def pod(found, name):
    return one(found, "Deployment", name)["spec"]["template"]["spec"]


@pytest.mark.parametrize("check", CHECKS)
def test_they_hold(found, check):
    assert list(check(found)) == []


BREAKS = {
    "a misspelt field": (schema_faults, lambda all_: pod(all_, "gateway").update(containrs=[])),
    "a wrong type": (schema_faults, lambda all_: one(all_, "Deployment", "gateway")["spec"].update(replicas="two")),
    "a lost service": (reference_faults, lambda all_: all_.remove(one(all_, "Service", "gateway"))),
    "a lost workload": (reference_faults, lambda all_: all_.remove(one(all_, "Deployment", "gateway"))),
    "a volume that nobody has": (reference_faults, lambda all_: pod(all_, "registry")["volumes"].pop()),
    "a secret that nobody makes": (
        reference_faults,
        lambda all_: pod(all_, "registry")["containers"][0]["envFrom"].append({"secretRef": {"name": "other"}}),
    ),
    "a claim that nobody makes": (
        reference_faults,
        lambda all_: all_.remove(one(all_, "PersistentVolumeClaim", "erasures")),
    ),
    "the same twice": (reference_faults, lambda all_: all_.append(copy.deepcopy(one(all_, "Ingress", "maplebridge")))),
    "root": (hardening_faults, lambda all_: pod(all_, "registry")["securityContext"].update(runAsNonRoot=False)),
    "a root to write on": (
        hardening_faults,
        lambda all_: pod(all_, "project")["containers"][0]["securityContext"].update(readOnlyRootFilesystem=False),
    ),
    "no limits": (hardening_faults, lambda all_: pod(all_, "project")["containers"][0]["resources"].pop("limits")),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_copy_is_noticed(name):
    check, breaks = BREAKS[name]
    found = resolved(BASE)
    breaks(found)
    assert list(check(found))


def test_every_process_runs_a_command_that_there_is_with_settings_that_there_are(found):
    for each, _, container in containers(found):
        assert command_fault(container["args"]) is None, each["metadata"]["name"]
        assert {variable["name"] for variable in container.get("env", [])} <= known_settings()
    assert set(one(found, "ConfigMap", "maplebridge-settings")["data"]) <= known_settings()
    assert command_fault(["relay", "--nonsense"])
    assert command_fault(["no-such"])


def test_every_process_of_the_plan_is_there(found):
    commands = [(each["metadata"]["name"], " ".join(container["args"])) for each, _, container in containers(found)]
    assert sorted(commands) == sorted(processes().items())


def test_the_ledger_of_erasures_is_kept_on_a_claim_of_its_own_that_two_pods_may_write(found):
    serving = [(pod, each) for _, pod, each in containers(found) if each["args"][0] == "serve"]
    assert len(serving) == len(SERVICES)
    for pod_, container in serving:
        (folder,) = [each["value"] for each in container["env"] if each["name"] == "MAPLEBRIDGE_ERASURE_FOLDER"]
        (mount,) = [each for each in container["volumeMounts"] if each["mountPath"] == folder]
        assert not mount.get("readOnly")
        (volume,) = [each for each in pod_["volumes"] if each["name"] == mount["name"]]
        claim = one(found, "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"])
        assert claim["spec"]["accessModes"] == ["ReadWriteMany"]


def test_what_stays_is_probed_and_may_be_disrupted_one_at_a_time(found):
    for each, _, container in containers(found):
        if each["kind"] == "Job":
            continue
        name = each["metadata"]["name"]
        below = f"/{name}" if container["args"][0] == "serve" else ""
        assert container["livenessProbe"]["httpGet"]["path"] == f"{below}/health/live"
        # the gateway has no state of its own: /health/ready behind it is the pages'
        ready = "live" if name == "gateway" else "ready"
        assert container["readinessProbe"]["httpGet"]["path"] == f"{below}/health/{ready}"
        assert one(found, "PodDisruptionBudget", name)["spec"]["maxUnavailable"] == 1


def allowed(found, source, target):
    """Whether policies let one process talk to another."""
    labels = {
        each["metadata"]["name"]: each["spec"]["template"]["metadata"]["labels"] for each, _, _ in containers(found)
    }
    policies = [each["spec"] for each in found if each["kind"] == "NetworkPolicy"]

    def passes(subject, other, direction, peers):
        ours = [spec for spec in policies if direction in spec["policyTypes"] if selects(spec["podSelector"], subject)]
        rules = [rule for spec in ours for rule in spec.get(direction.lower(), [])]
        named = [peer["podSelector"] for rule in rules for peer in rule[peers] if "podSelector" in peer]
        return not ours or any(selects(selector, other) for selector in named)

    return passes(labels[source], labels[target], "Egress", "to") and passes(
        labels[target], labels[source], "Ingress", "from"
    )


@pytest.mark.parametrize(
    ("source", "target", "may"),
    [
        ("gateway", "registry", True),
        ("gateway", "pages", True),
        ("pages", "mediation", True),
        ("project", "registry", True),
        ("stream", "incidents", True),
        ("analytics", "registry", True),
        ("registry", "analytics", False),
        ("pages", "project", False),
        ("relay-registry", "registry", False),
        ("gateway", "stream", False),
    ],
)
def test_who_may_talk_to_whom(found, source, target, may):
    assert allowed(found, source, target) is may


def test_without_the_refusal_by_default_everybody_might(found):
    found = [each for each in found if each["kind"] != "NetworkPolicy"]
    assert allowed(found, "gateway", "stream")


def test_the_topics_are_those_of_the_plan():
    declared = {each["metadata"]["name"]: each["spec"] for each in documents(OPERATORS / "topics.yaml")}
    wanted = {
        topic.name: {"partitions": topic.partitions, "replicas": topic.replicas, "config": dict(topic.settings)}
        for topic in planned(Settings(topic_replicas=3))
    }
    assert declared == wanted


def test_the_custom_resources_fit_together():
    found = resolved(OPERATORS)
    settings = one(found, "ConfigMap", "maplebridge-settings")["data"]
    kafka = one(found, "Kafka", "maplebridge")
    (listener,) = kafka["spec"]["kafka"]["listeners"]
    assert settings["MAPLEBRIDGE_KAFKA"] == f"{kafka['metadata']['name']}-kafka-bootstrap:{listener['port']}"
    users = [each["spec"] for each in found if each["kind"] == "KafkaUser"]
    assert all(each["authentication"] == listener["authentication"] == {"type": "scram-sha-512"} for each in users)
    assert all(each["authorization"]["type"] == kafka["spec"]["kafka"]["authorization"]["type"] for each in users)
    assert kafka["spec"]["kafka"]["config"]["auto.create.topics.enable"] is False
    for each in found:
        if each["kind"] in {"KafkaTopic", "KafkaUser", "KafkaNodePool"}:
            assert each["metadata"]["labels"]["strimzi.io/cluster"] == kafka["metadata"]["name"]
    cluster = one(found, "Cluster", "maplebridge-postgres")
    databases = {each["spec"]["name"] for each in found if each["kind"] == "Database"}
    assert databases | {cluster["spec"]["bootstrap"]["initdb"]["database"]} == set(LOGS)
    for each in found:
        if each["kind"] == "Database":
            assert each["spec"]["cluster"]["name"] == cluster["metadata"]["name"]
