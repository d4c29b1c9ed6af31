"""Alert rules and dashboards against what processes really expose, and the runbooks against the command."""

import json
import re
import shlex

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from services.chassis.telemetry import Telemetry
from tests.unit.deploy.manifests import DEPLOY, command_fault, metrics_of

RULES = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text("utf-8"))["groups"][0]["rules"]
BOARDS = {path.stem: json.loads(path.read_text("utf-8")) for path in (DEPLOY / "grafana/dashboards").glob("*.json")}
RUNBOOKS = {path.name: path.read_text("utf-8") for path in (DEPLOY / "runbooks").glob("*.md")}
TARGET_LABELS = {"process", "pod", "job", "le"}


@pytest.fixture(scope="module")
def exposed():
    """Names of samples, each with its labels, as /metrics shows them once everything has happened."""
    telemetry = Telemetry("registry")
    telemetry.command("ObserveUse", "applied", 0.01)
    telemetry.append(0.004, 3)
    telemetry.lag("register", "registry", 12, 1.5)
    telemetry.stopped("register", "registry", stopped=True)
    telemetry.relay_lag("events", 12, 1.5)
    telemetry.relay_epoch("events", 3)
    telemetry.relay_sent("events", 12)
    telemetry.relay_stopped("events", stopped=True)
    telemetry.topic_records("register", "registry", "hole", 2)
    telemetry.dead_letters("register", 2)
    telemetry.delivery("mail", "failed")
    telemetry.request("GET", "/units", 200, 0.01)
    telemetry._projected.labels("register", "registry").inc()
    samples = {}
    for family in text_string_to_metric_families(telemetry.render().decode()):
        for sample in family.samples:
            samples.setdefault(sample.name, set()).update(sample.labels)
    return samples


def queries():
    yield from ((rule["alert"], rule["expr"]) for rule in RULES)
    for name, board in BOARDS.items():
        for panel in board["panels"]:
            yield from ((f"{name}: {panel['title']}", target["expr"]) for target in panel["targets"])


def labels_of(text):
    grouped = {word.strip() for words in re.findall(r"\bby \(([^)]*)\)", text) for word in words.split(",")}
    return grouped | set(re.findall(r"(\w+)(?:=~|!~|!=|=)\"", text))


def query_faults(text, exposed):
    """What an expression names that nobody exposes."""
    names = metrics_of(text)
    labels = set().union(*(exposed.get(name, set()) for name in names))
    yield from sorted(names - set(exposed))
    yield from sorted(labels_of(text) - labels - TARGET_LABELS)
    if text.count("(") != text.count(")"):
        yield "a bracket"


@pytest.mark.parametrize(("name", "text"), queries())
def test_every_metric_and_label_is_exposed(name, text, exposed):
    assert list(query_faults(text, exposed)) == []


@pytest.mark.parametrize("text", ["maplebridge_lag", "max by (model) (maplebridge_lag_seconds)", "sum(up"])
def test_a_wrong_query_is_noticed(text, exposed):
    assert list(query_faults(text, exposed))


def test_what_people_read_names_labels_that_are_there(exposed):
    for rule in RULES:
        said = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        grouped = re.search(r"\bby \(([^)]*)\)", rule["expr"])
        known = set().union(*(exposed.get(name, set()) for name in metrics_of(rule["expr"]))) | TARGET_LABELS
        assert said <= ({word.strip() for word in grouped[1].split(",")} if grouped else known), rule["alert"]
    for board in BOARDS.values():
        assert board["uid"] in BOARDS
        for target in (target for panel in board["panels"] for target in panel["targets"]):
            said = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            grouped = re.search(r"\bby \(([^)]*)\)", target["expr"])
            known = set().union(*(exposed.get(name, set()) for name in metrics_of(target["expr"]))) | TARGET_LABELS
            assert said <= ({word.strip() for word in grouped[1].split(",")} if grouped else known)


def test_every_alert_has_a_severity_a_sentence_and_a_runbook():
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["summary"]
        page = rule["annotations"]["runbook_url"].rpartition("/")[2]
        assert rule["alert"] in RUNBOOKS[page]


@pytest.mark.parametrize("page", sorted(set(RUNBOOKS) - {"README.md"}))
def test_a_runbook_says_what_it_means_and_what_to_type(page):
    text = RUNBOOKS[page]
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Symptom", "Meaning", "Commands", "Then"]
    assert f"({page})" in RUNBOOKS["README.md"]
    assert all(other in RUNBOOKS for other in re.findall(r"[a-z-]+\.md", text))
    for line in re.search(r"```sh\n(.*?)```", text, re.DOTALL)[1].splitlines():
        words = shlex.split(line)
        assert words[0] in {"maplebridge", "kubectl"}
        assert words[0] == "kubectl" or command_fault(words[1:]) is None


def test_a_command_that_is_not_there_is_noticed():
    assert command_fault(["projections", "mend", "kpi"])
    assert command_fault(["deadletters", "list", "--nonsense"])


def test_both_ways_of_scraping_load_the_rules_and_ask_at_the_right_path():
    for name in ("prometheus.yml", "kubernetes.yml"):
        config = yaml.safe_load((DEPLOY / "prometheus" / name).read_text("utf-8"))
        assert config["rule_files"] == ["rules.yml"]
        assert all(job["job_name"].startswith("maplebridge") for job in config["scrape_configs"])
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    scraped = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text("utf-8"))["scrape_configs"]
    targets = [
        target.partition(":")[0] for job in scraped for each in job["static_configs"] for target in each["targets"]
    ]
    ours = {name for name, each in compose.items() if each["image"] == "maplebridge"}
    assert set(targets) == ours - {"gateway", "migrate", "rights", "topics"}
