"""The AsyncAPI 3.1 document: a channel a topic, a message an event, CloudEvents as headers, Kafka's bindings."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts import headers
from contracts.analytics import ALERTS
from contracts.catalogue import Catalogue
from contracts.common import PRINTABLE, Event, Sealed, names_of
from contracts.docstrings import meaning_of
from contracts.examples import MOMENT, example_of
from contracts.schema import schema_of
from contracts.topics import (
    BARRIER,
    LARGEST_MESSAGE,
    LOGS,
    PARTITIONS,
    REPLICAS,
    WATERMARK,
    alerts_topic,
    events_topic,
)

Document = dict[str, Any]
BINDING = "0.5.0"  # version of AsyncAPI's Kafka bindings


@dataclass(frozen=True)
class Channel:
    """A topic.

    Attributes:
        title, words: what it is, for people. address: its name. models: of the events on it. catalogue: knows their
        earlier versions.
    """

    title: str
    words: str
    address: str
    models: tuple[type[Event], ...]
    catalogue: Catalogue

    @property
    def description(self) -> str:
        """What it is, and which earlier versions of its events may still lie on it."""
        today = names_of(self.models)
        earlier = sorted(self.catalogue.names(today) - today)
        if not earlier:
            return self.words
        named = ", ".join(f"{name} (now {self.catalogue.today(name)})" for name in earlier)
        return f"{self.words} What was sent before may be of an earlier version, by the schema of its release: {named}."


def channels(catalogue: Catalogue) -> dict[str, Channel]:
    """Every topic that an outsider may meet, by name."""
    logs = {
        log: Channel(
            f"Events of {log}",
            f"{words}.",
            events_topic(log),
            tuple(model for model in catalogue.models.values() if model.type.startswith(f"{log}.")),
            catalogue,
        )
        for log, words in LOGS.items()
    }
    alerts = Channel(
        "Alerts",
        "What the rules found and what became of it: the alerts of analytics, at their positions in its log.",
        alerts_topic(),
        tuple(model for model in catalogue.models.values() if model in ALERTS),
        catalogue,
    )
    return {**logs, "alerts": alerts}


def document(catalogue: Catalogue) -> Document:
    """The whole document; payloads refer to the schemas beside it."""
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Maple Bridge",
            "version": "1.0.0",
            "description": (
                "Every event that crosses a service border. A reader drops what it has seen by ce_source and "
                "ce_sequence, sees by ce_previous that nothing is missing, ignores fields that it does not know, and "
                "must not rely on order between streams. Each message says which of its texts are ciphertext (personal "
                "fields, and what is written about a case) and which are plain (titles, names of places, reasons)."
            ),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": _server()},
        "channels": {name: _channel(channel) for name, channel in channels(catalogue).items()},
        "operations": _operations(catalogue),
        "components": {
            "messages": {
                **{_key(model): _message(model) for model in catalogue.models.values()},
                WATERMARK: _watermark(),
                BARRIER: _barrier(),
            },
            "schemas": {
                "headers": headers.of_an_event(),
                "watermarkHeaders": headers.of_a_watermark(),
                "barrierHeaders": headers.of_a_barrier(),
            },
        },
    }


def self_contained(catalogue: Catalogue) -> Document:
    """The same with the schemas inside, for who has only this document."""
    whole = document(catalogue)
    for name, model in catalogue.models.items():
        place = f"#/components/schemas/{name}"
        whole["components"]["schemas"][name] = _moved(schema_of(model), place)
        whole["components"]["messages"][name]["payload"]["schema"] = {"$ref": place}
    return whole


def _moved(schema: Mapping[str, Any], place: str) -> Document:
    """A schema whose references to itself hold where it now lies."""
    moved = copy.deepcopy(dict(schema))
    moved.pop("$id", None)  # with it, references would be read from there
    waiting: list[Any] = [moved]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str) and node["$ref"].startswith("#"):
                node["$ref"] = place + node["$ref"][1:]
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return moved


def _server() -> Document:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "description": "Apache Kafka 4.1 or later. Topics are not made by asking for them.",
        "variables": {"bootstrap": {"default": "localhost:9092", "description": "What MAPLEBRIDGE_KAFKA is set to."}},
        "bindings": {"kafka": {"bindingVersion": BINDING}},
    }


def _channel(channel: Channel) -> Document:
    names = (*(_key(model) for model in channel.models), WATERMARK, BARRIER)
    return {
        "address": channel.address,
        "title": channel.title,
        "description": channel.description,
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "topic": channel.address,
                "partitions": PARTITIONS,
                "replicas": REPLICAS,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": -1,
                    "retention.bytes": -1,
                    "max.message.bytes": LARGEST_MESSAGE,
                },
                "bindingVersion": BINDING,
            }
        },
    }


def _operations(catalogue: Catalogue) -> Document:
    sends = {
        f"{name}Publishes": {
            "action": "send",
            "channel": {"$ref": f"#/channels/{name}"},
            "title": f"What is published: {channel.title.lower()}",
            "description": "The owner of the log publishes each event once its transaction has committed.",
        }
        for name, channel in channels(catalogue).items()
    }
    reads = {
        f"analyticsReads{service.title()}": {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{service}"},
            "title": f"What analytics reads of {service}",
            "description": "Read models and window rules are built from it.",
        }
        for service in LOGS
        if service != "city"
    }
    return {**sends, **reads}


def _key(model: type[Event]) -> str:
    return model.type


def _sent(service: str) -> Document:
    """What the examples have in common."""
    return {
        "ce_specversion": "1.0",
        "ce_source": service,
        "ce_recordedtime": "2024-06-03T12:40:02Z",
        "ce_sequence": f"{41208:020d}",
        "ce_previous": f"{41201:020d}",
        "ce_lineage": "0199aa10-5a00-7000-8000-0000000000a1",
        "ce_lineagestart": f"{0:020d}",
        "ce_epoch": "3",
        "content-type": "application/json",
    }


def _message(model: type[Event]) -> Document:
    service = model.type.partition(".")[0]
    sent = {
        **_sent(service),
        "ce_id": "018fdd4b-1c00-7aaa-8000-00000000f001",
        "ce_type": model.type,
        "ce_subject": "an-aggregate",
        "ce_time": MOMENT,
        "ce_partitionkey": "an-aggregate",
        "ce_streamversion": "7",
        "ce_authtype": "officer",
        "ce_authid": "officer-gu",
    }
    return {
        "name": model.type,
        "title": model.__name__,
        "summary": meaning_of(model).summary,
        **_said_of_texts(schema_of(model)),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./{model.type}.json"},
        },
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": "The stream, in UTF-8: ce_subject."},
                "bindingVersion": BINDING,
            }
        },
        "examples": [{"name": "one", "headers": sent, "payload": example_of(model)}],
    }


def _said_of_texts(schema: Mapping[str, Any]) -> Document:
    """Which texts of an event are ciphertext and which are plain; nothing where it has none."""
    sealed, plain = texts(schema)
    said = [f"{kind}: {', '.join(names)}." for kind, names in (("Ciphertext", sealed), ("Plain text", plain)) if names]
    return {"description": " ".join(said)} if said else {}


def texts(schema: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The fields of a schema that are sealed, and those that people wrote and everybody can read; dotted where nested.

    A text is written by people where nothing but its length and control characters bound it.
    """
    sealed, plain = [], []
    waiting: list[tuple[str, Mapping[str, Any]]] = list(schema.get("properties", {}).items())
    while waiting:
        name, node = waiting.pop(0)
        waiting += [(name, each) for each in node.get("anyOf", ())]
        if "items" in node:
            waiting.append((f"{name}[]", node["items"]))
        kind = str(node.get("$ref", "")).rpartition("/")[2]
        if kind == Sealed.__name__:
            sealed.append(name)
        elif kind:
            inner = schema["$defs"][kind]
            waiting += [(f"{name}.{key}", each) for key, each in inner.get("properties", {}).items()]
        elif _free(node):
            plain.append(name)
    return sealed, plain


def _free(node: Mapping[str, Any]) -> bool:
    bound = {"format", "enum", "const"} & node.keys() or node.get("pattern", PRINTABLE) != PRINTABLE
    return node.get("type") == "string" and not bound


def _watermark() -> Document:
    return _mark(
        WATERMARK,
        "watermark",
        "This partition is complete up to ce_sequence, which was recorded at ce_recordedtime.",
        "it keeps quiet partitions moving. ce_previous is the last event of this partition; a reader checks it as an "
        "event's and then counts on from ce_sequence.",
    )


def _barrier() -> Document:
    return _mark(
        BARRIER,
        "barrier",
        "All partitions are complete up to ce_sequence; behind it the topic is spread over more of them.",
        "it stands in every partition, new ones too, when the topic has got more. A stream may change its partition "
        "behind it, so a reader reads all partitions up to it before it reads on in any. ce_previous is the last event "
        "of this partition, 0 in a new one; behind it ce_previous counts from ce_sequence.",
        {"ce_partitionsbefore": "6", "ce_partitions": "12"},
    )


def _mark(type_: str, name: str, summary: str, what_it_is: str, more: Mapping[str, str] | None = None) -> Document:
    """A record that is no event and has no key."""
    sent = {
        **_sent("registry"),
        "ce_id": f"{name}/0199aa10-5a00-7000-8000-0000000000a1/3/2/41208",
        "ce_type": type_,
        "ce_time": "2024-06-03T12:40:02Z",
        **(more or {}),
    }
    return {
        "name": type_,
        "title": name.capitalize(),
        "summary": summary,
        "description": f"No event, and without a key: {what_it_is}",
        "contentType": "application/json",
        "headers": {"$ref": f"#/components/schemas/{name}Headers"},
        "payload": {"type": "object", "maxProperties": 0},
        "bindings": {"kafka": {"bindingVersion": BINDING}},
        "examples": [{"name": "one", "headers": sent, "payload": {}}],
    }
