"""Reads deploy/ as kustomize, Kubernetes, Compose and Prometheus would, as far as that goes without any of them."""

import copy
import re
import socket
from pathlib import Path

import kubernetes_validate
import yaml
from typer.main import get_command

from services.chassis.settings import Settings
from services.runtime.cli import app
from services.runtime.folder import DataFolder
from services.runtime.processes.pages import PagesSettings
from services.runtime.processes.plan import Plan

DEPLOY = Path(__file__).parents[3] / "deploy"
BASE = DEPLOY / "kubernetes" / "base"
OPERATORS = DEPLOY / "kubernetes" / "overlays" / "operators"
KUBERNETES = "1.34"
OPERATORS_KINDS = {
    "kafka.strimzi.io/v1": {"Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser"},
    "postgresql.cnpg.io/v1": {"Cluster", "Database"},
}
GIVEN_SECRETS = {"maplebridge-databases", "maplebridge-platform", "maplebridge-pages", "maplebridge-tls"}
"""What deploy/README.md tells to make."""


def processes():
    """The commands of an instance's processes by name: those of the plan, without what the demonstration adds."""
    made = Plan({}, {}, "", "")
    with socket.socket() as listener:
        programs = [
            made.migrate(""),
            *made.relays(),
            *made.services(),
            *made.people(DataFolder(Path()), "", "key", living=False),
            made.gateway(listener, ("localhost",)),
        ]
    commands = {each.name: " ".join(each.work.words) for each in programs}
    # the supervisor makes topics itself, and nothing of a release before runs beside what it starts
    return {**commands, "topics": "topics apply", "migrate": f"{commands['migrate']} --before"}


def documents(path):
    """The documents of a YAML file."""
    return [each for each in yaml.safe_load_all(path.read_text("utf-8")) if each]


def resolved(folder):
    """What a kustomization comes to: its resources, those of what it builds on, and its patches of the same name.

    Patches are merged key by key, as far as ours go (no lists in them).
    """
    kustomization = documents(folder / "kustomization.yaml")[0]
    assert set(kustomization) <= {"apiVersion", "kind", "namespace", "resources", "patches", "images"}
    named = {(folder / each).resolve() for each in kustomization["resources"]}
    lying = {path.resolve() for path in folder.glob("*.yaml")} - {(folder / "kustomization.yaml").resolve()}
    patches = {(folder / each["path"]).resolve() for each in kustomization.get("patches", [])}
    assert lying == {path for path in named | patches if path.is_file()}, "a file that nothing names"
    found = []
    for path in sorted(named):
        found += resolved(path) if path.is_dir() else documents(path)
    for patch in (each for path in patches for each in documents(path)):
        (target,) = [each for each in found if identity(each) == identity(patch)]
        target["data"] = {**target["data"], **patch["data"]}
    for image in kustomization.get("images", []):
        for _, _, container in containers(found):
            if container["image"] == image["name"]:
                container["image"] = f"{image['newName']}:{image['newTag']}"
    return found


def identity(document):
    """What two documents may not share."""
    return document["apiVersion"], document["kind"], document["metadata"]["name"]


def containers(found):
    """Every workload with its pod and its container."""
    for each in found:
        if each["kind"] in {"Deployment", "StatefulSet", "Job"}:
            pod = each["spec"]["template"]["spec"]
            for container in pod["containers"]:
                yield each, pod, container


def schema_faults(found):
    """What Kubernetes' own schemas refuse; custom resources are looked at by their kinds."""
    for each in found:
        if each["apiVersion"] in OPERATORS_KINDS:
            if each["kind"] not in OPERATORS_KINDS[each["apiVersion"]]:
                yield f"{identity(each)}: no such kind"
            continue
        try:
            kubernetes_validate.validate(copy.deepcopy(each), KUBERNETES, strict=True)
        except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
            yield f"{identity(each)}: {error}"


def reference_faults(found):
    """Names that lead nowhere, and labels that select nothing."""
    names = [identity(each) for each in found]
    yield from (f"{each} twice" for each in set(names) if names.count(each) > 1)
    by_kind = {(kind, name) for _, kind, name in names} | secrets()
    for each, pod, container in containers(found):
        yield from _pod_faults(each, pod, container, by_kind)
    pods = [each["spec"]["template"]["metadata"]["labels"] for each, _, _ in containers(found)]
    for each in found:
        for selector in selectors(each):
            if not any(selects(selector, labels) for labels in pods):
                yield f"{identity(each)} selects no pod of ours: {selector}"
        for service in _behind(each):
            if ("Service", service) not in by_kind:
                yield f"{identity(each)} leads nowhere"


def _pod_faults(workload, pod, container, by_kind):
    where = workload["metadata"]["name"]
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    volumes = {volume["name"] for volume in pod["volumes"]}
    volumes |= {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])}
    if mounted != volumes:
        yield f"{where} mounts {mounted}, and has {volumes}"
    for volume in pod["volumes"]:
        claim = volume.get("persistentVolumeClaim", {}).get("claimName")
        if claim and ("PersistentVolumeClaim", claim) not in by_kind:
            yield f"{where} claims {claim}, which nobody makes"
    for source in container["envFrom"]:
        for kind, key in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            if key in source and (kind, source[key]["name"]) not in by_kind:
                yield f"{where} takes its environment from {source[key]['name']}, which nobody makes"


def _behind(document):
    """The services that an ingress leads to."""
    rules = document["spec"]["rules"] if document["kind"] == "Ingress" else ()
    return [path["backend"]["service"]["name"] for rule in rules for path in rule["http"]["paths"]]


def secrets():
    """The secrets that people make."""
    return {("Secret", name) for name in GIVEN_SECRETS}


def selectors(document):
    """The selectors of a document that are to find pods of ours."""
    spec = document.get("spec", {})
    match document["kind"]:
        case "Service":
            yield {"matchLabels": spec["selector"]}
        case "PodDisruptionBudget" | "Deployment" | "StatefulSet":
            yield spec["selector"]
        case "NetworkPolicy":
            yield spec["podSelector"]


def selects(selector, labels):
    """Whether a label selector takes a pod with these labels."""
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
        labels.get(each["key"]) in each["values"] for each in selector.get("matchExpressions", [])
    )


def hardening_faults(found):
    """Containers that may do more than they need."""
    for each, pod, container in containers(found):
        own, whole = container["securityContext"], pod["securityContext"]
        well = (
            whole["runAsNonRoot"] is True
            and whole["seccompProfile"] == {"type": "RuntimeDefault"}
            and own["readOnlyRootFilesystem"] is True
            and own["allowPrivilegeEscalation"] is False
            and own["capabilities"] == {"drop": ["ALL"]}
            and pod["automountServiceAccountToken"] is False
            and {"requests", "limits"} <= set(container["resources"])
        )
        if not well:
            yield f"{each['metadata']['name']} may do more than it needs"


def command_fault(words):
    """Why the command line does not take words; None where it does."""
    command, left = get_command(app), [str(word) for word in words]
    try:
        while hasattr(command, "commands"):
            if left and left[0] not in command.commands:
                left = ["publish", *left]  # `relay SERVICE`; elsewhere there is no such command
            command, left = command.commands[left[0]], left[1:]
        command.make_context("maplebridge", left)
    except Exception as error:  # noqa: BLE001 - the fault is the answer
        return f"{type(error).__name__}: {error}"
    return None


def known_settings():
    """The variables that processes read."""
    fields = {*Settings.model_fields, *PagesSettings.model_fields, "alert_channels", "alert_folder"}
    return {f"MAPLEBRIDGE_{name.upper()}" for name in fields}


def metrics_of(expression):
    """The names of our metrics in an expression."""
    return set(re.findall(r"\bmaplebridge_[a-z_]+", expression))
