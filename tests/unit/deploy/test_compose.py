"""The compose file and the image, without an engine."""

import re
import subprocess
import sys

import yaml

from services.chassis.access import Verifier
from services.chassis.settings import Settings
from services.runtime.kafka.users import Users
from services.runtime.principals import CITY_PLATFORM, principals
from services.runtime.processes.ground import ground_of
from tests.unit.deploy.manifests import DEPLOY, command_fault, known_settings, processes

COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
GRANTED = principals(Settings())
OURS = {name: each for name, each in COMPOSE["services"].items() if each["image"] == "maplebridge"}


def faults(compose):
    """What does not fit together in a compose file."""
    for name, each in compose["services"].items():
        yield from waiting_faults(compose, name, each.get("depends_on", {}))
        yield from (f"{name} needs {secret}" for secret in each.get("secrets", ()) if secret not in compose["secrets"])
        for source in (volume.split(":")[0] for volume in each.get("volumes", ())):
            if source not in compose["volumes"] and not (DEPLOY / source).exists():
                yield f"{name} needs the volume {source}"
        if set(each["networks"]) - set(compose["networks"]):
            yield f"{name} is on a network that is not there"


def waiting_faults(compose, name, depends_on):
    """What a service waits for in vain."""
    for other, how in depends_on.items():
        target = compose["services"].get(other)
        if target is None:
            yield f"{name} waits for {other}, which is not there"
        elif how["condition"] == "service_healthy" and "healthcheck" not in target:
            yield f"{name} waits for the health of {other}, which has no check"
        elif how["condition"] == "service_completed_successfully" and target["restart"] != "on-failure":
            yield f"{name} waits for the end of {other}, which does not end"


def test_everything_it_names_is_there():
    assert list(faults(COMPOSE)) == []


def test_a_broken_copy_is_noticed():
    for name, key in (("migrate", "services"), ("jwks", "secrets"), ("stream", "volumes"), ("inside", "networks")):
        broken = {**COMPOSE, key: {other: each for other, each in COMPOSE[key].items() if other != name}}
        assert list(faults(broken)), key


def test_every_process_of_the_plan_is_there_with_settings_that_there_are():
    rights = {"rights": "topics grant"}  # where Kafka is an operator's, that one gives them
    assert {name: " ".join(each["command"]) for name, each in OURS.items()} == processes() | rights
    for name, each in OURS.items():
        assert command_fault(each["command"]) is None, name
        assert set(each["environment"]) <= known_settings()
        assert each["read_only"] is True
        assert each["cap_drop"] == ["ALL"]


def test_the_ledger_of_erasures_is_kept_on_a_volume_of_its_own():
    for name, each in OURS.items():
        volumes = dict(volume.split(":", 1) for volume in each.get("volumes", ()))
        folder = each["environment"].get("MAPLEBRIDGE_ERASURE_FOLDER")
        assert (volumes.get("erasures") == folder is not None) is (each["command"][0] == "serve"), name


def test_only_the_gateway_is_reached_from_outside():
    assert [name for name, each in COMPOSE["services"].items() if "ports" in each] == ["gateway"]


def test_the_secrets_that_are_made_are_those_that_it_takes_and_processes_understand_them(tmp_path, monkeypatch):
    folder = tmp_path / "secrets"
    command = [sys.executable, str(DEPLOY / "make_secrets.py"), str(folder)]
    environment = {"PYTHONPATH": str(DEPLOY.parent), "PATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr
    wanted = {each["file"] for each in COMPOSE["secrets"].values()}
    wanted |= {path for each in COMPOSE["services"].values() for path in each.get("env_file", ())}
    assert {f"secrets/{path.name}" for path in folder.iterdir()} == wanted
    for path in folder.glob("*.env"):
        for name, value in re.findall(r"^(\w+)='(.*)'$", path.read_text(), re.MULTILINE):
            assert name in known_settings() or path.name in {"postgres.env", "kafka.env"}
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("MAPLEBRIDGE_JWKS_FILE", str(folder / "jwks.json"))
    settings = Settings()
    ground = ground_of(settings)
    assert isinstance(ground.verifier, Verifier)
    assert ground.address("registry", "maplebridge_app").endswith("@postgres:5432/registry")
    assert len(ground.master_key) == 32
    again = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
    assert again.returncode == 1
    assert "is there already" in again.stderr


def test_the_image_copies_what_is_there_and_installs_by_hash():
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    let_in = {line[1:] for line in (DEPLOY.parent / ".containerignore").read_text().splitlines() if line[0] == "!"}
    copied = {word for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE) for word in line.split()[:-1]}
    assert copied == let_in
    assert all((DEPLOY.parent / each).exists() for each in copied)
    assert "--require-hashes" in text
    assert re.search(r"^USER 10001", text, re.MULTILINE)


def test_each_process_that_goes_to_kafka_gets_the_password_of_its_own_user_alone():
    own = {name: each for name, each in OURS.items() if name in set(GRANTED) | {"rights"}}
    assert own.keys() == GRANTED.keys() - {"operator", CITY_PLATFORM} | {"rights"}
    for name, each in OURS.items():
        taken = [path for path in each.get("env_file", ()) if "kafka" in path]
        user = "operator" if name == "rights" else name
        assert taken == ([f"secrets/kafka-{user}.env"] if name in own else []), name
    broker = COMPOSE["services"]["kafka"]
    assert broker["env_file"] == ["secrets/kafka.env"]
    assert OURS["topics"]["depends_on"] == {"rights": {"condition": "service_completed_successfully"}}


def test_kafka_is_told_what_the_local_one_is_told():
    environment = COMPOSE["services"]["kafka"]["environment"]
    for name, value in Users.of(GRANTED).properties().items():
        variable = f"KAFKA_{name.replace('.', '_').upper()}"
        assert variable not in environment if name.endswith("jaas.config") else environment[variable] == value
