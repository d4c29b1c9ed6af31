"""The Kafka of deploy/compose.yaml, with its properties and the secrets that are made for it, without a container."""

import re
import runpy
from pathlib import Path

import pytest
import yaml
from aiokafka import AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError
from typer.testing import CliRunner

from services.chassis.kafka.connection import CredentialsRefused, HandshakeRefused, check_connection
from services.chassis.settings import Settings
from services.runtime.cli import app
from services.runtime.kafka import start_kafka
from services.runtime.kafka.users import Users, as_user
from tests.apart import in_own_loop

DEPLOY = Path(__file__).parents[3] / "deploy"
PLACES = {"KAFKA_LISTENERS", "KAFKA_ADVERTISED_LISTENERS", "KAFKA_CONTROLLER_QUORUM_VOTERS", "KAFKA_LOG_DIRS"}
"""What says where a container listens and keeps its data."""


def variables(path):
    return dict(re.findall(r"^(\w+)='(.*)'$", path.read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compose") / "secrets"
    assert runpy.run_path(str(DEPLOY / "make_secrets.py"))["main"](folder) == 0
    return folder


@pytest.fixture(scope="module")
def kafka(secrets, tmp_path_factory):
    """The broker: the image makes a property of each variable that begins with KAFKA_."""
    environment = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]["kafka"]["environment"]
    told = {**environment, **variables(secrets / "kafka.env")}
    properties = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in told.items()
        if name not in PLACES
    }
    logins = [variables(path) for path in secrets.glob("kafka-*.env")]
    users = Users({each["MAPLEBRIDGE_KAFKA_USER"]: each["MAPLEBRIDGE_KAFKA_PASSWORD"] for each in logins})
    folder = tmp_path_factory.mktemp("broker")
    server = in_own_loop(lambda: start_kafka(folder, more=properties, users=users))
    try:
        yield server
    finally:
        in_own_loop(server.stop)


def ran(secrets, kafka, monkeypatch, name, *words):
    """A command, with what the compose file gives to a process."""
    environment = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["x-environment"]
    told = {name: value for name, value in environment.items() if name.startswith("MAPLEBRIDGE_KAFKA")}
    for variable, value in {**told, **variables(secrets / f"kafka-{name}.env")}.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("MAPLEBRIDGE_KAFKA", kafka.bootstrap)
    return CliRunner().invoke(app, words, catch_exceptions=False)


async def write(kafka, name, topic):
    arguments = {"bootstrap_servers": kafka.bootstrap, **kafka.users.login(name).client}
    async with AIOKafkaProducer(**arguments, request_timeout_ms=5000) as producer:
        await producer.send_and_wait(topic, b"{}", partition=0)


def test_rights_and_topics_are_made_and_what_is_forged_is_refused(secrets, kafka, monkeypatch):
    with pytest.raises(HandshakeRefused):
        in_own_loop(lambda: check_connection(Settings(kafka=kafka.bootstrap)))
    stranger = Users.of(["relay-incidents"]).login("relay-incidents")
    with pytest.raises(CredentialsRefused):
        in_own_loop(lambda: check_connection(as_user(Settings(), kafka.bootstrap, stranger)))
    granted = ran(secrets, kafka, monkeypatch, "operator", "topics", "grant")
    assert (granted.exit_code, granted.output[:24]) == (0, "These have their rights:")
    made = ran(secrets, kafka, monkeypatch, "topics", "topics", "apply")
    assert made.exit_code == 0, made.output
    in_own_loop(lambda: write(kafka, "relay-incidents", "maplebridge.incidents.events"))
    for wrong in ("relay-registry", "project", "stream"):
        with pytest.raises(TopicAuthorizationFailedError):
            in_own_loop(lambda: write(kafka, wrong, "maplebridge.incidents.events"))  # noqa: B023 - called at once


def test_the_health_check_comes_in_as_the_operator(secrets, kafka):
    told = dict(line.split("=", 1) for line in (secrets / "kafka-client.properties").read_text().splitlines())
    operator = kafka.users.operator
    assert told["security.protocol"] == operator.client["security_protocol"]
    assert told["sasl.mechanism"] == operator.client["sasl_mechanism"]
    assert f'username="{operator.user}" password="{operator.password}";' in told["sasl.jaas.config"]
