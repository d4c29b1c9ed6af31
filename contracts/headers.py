"""The headers of a message: CloudEvents 1.0 in binary mode over Kafka, and what is said of each of them."""

from collections.abc import Mapping
from typing import Any

from contracts.schema import DIALECT
from contracts.topics import BARRIER, LOGS, WATERMARK

Schema = dict[str, Any]
Described = Mapping[str, tuple[str, Schema, bool]]
"""By name: what it means, what it may be, whether it is always there."""

POSITION = {"pattern": "^[0-9]{20}$"}
HEADERS: Described = {
    "ce_specversion": ("Version of CloudEvents.", {"const": "1.0"}, True),
    "ce_id": ("The event's own id, unique within ce_source.", {}, True),
    "ce_source": ("The service whose log holds it.", {"enum": list(LOGS)}, True),
    "ce_type": ("Name and version of the event: it says which schema the payload follows.", {}, True),
    "ce_subject": ("The stream: the aggregate that it happened to.", {}, True),
    "ce_time": ("When it became true.", {"format": "date-time"}, True),
    "ce_recordedtime": ("When the log learned of it; never runs backwards along ce_sequence.", {}, True),
    "ce_sequence": (
        "The position in the log of ce_source: from 1, without gaps, in commit order; 20 digits sort as text.",
        POSITION,
        True,
    ),
    "ce_previous": (
        (
            "The ce_sequence of the event before it in its own partition, 0 for the first. A reader that has read up "
            "to N of a partition accepts what has ce_sequence above N and ce_previous at or below N; ce_previous "
            "above N is a hole: something was lost on the way."
        ),
        POSITION,
        True,
    ),
    "ce_lineage": (
        "Which history of the log it belongs to; a new one begins when a database is restored or fails over.",
        {"format": "uuid"},
        True,
    ),
    "ce_lineagestart": (
        (
            "The last position that this history kept of the one before, 0 for the first. A reader that has read "
            "further than that of the one before has read what no longer is, and begins anew."
        ),
        POSITION,
        True,
    ),
    "ce_lineagebefore": (
        "The history before; a reader that holds another one than this or ce_lineage has missed one, and begins anew.",
        {"format": "uuid"},
        False,
    ),
    "ce_epoch": ("Of the lease under which it was sent; grows with each take-over.", {"pattern": "^[0-9]+$"}, True),
    "ce_partitionkey": (
        (
            "What its partition was chosen by: the stream, which so keeps its order. The partition is (murmur2(key) & "
            "0x7fffffff) % partitions, as Kafka's Java client chooses by default."
        ),
        {},
        True,
    ),
    "ce_streamversion": ("Place within the stream, from 1, without gaps.", {"pattern": "^[1-9][0-9]*$"}, True),
    "ce_authtype": ("The role of who acted.", {}, True),
    "ce_authid": ("The id of who acted, never a name.", {}, True),
    "ce_correlationid": ("Shared by all that one request caused.", {}, False),
    "ce_causationid": ("The command or event that caused it.", {}, False),
    "ce_traceparent": ("W3C trace context, where tracing is on.", {}, False),
    "content-type": ("Of the payload.", {"const": "application/json"}, True),
}
"""CloudEvents 1.0 in binary mode over Kafka, with the extensions for sequence, partitioning, correlation and auth."""
OF_A_MARK = (
    "ce_specversion",
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_time",
    "ce_recordedtime",
    "ce_sequence",
    "ce_previous",
    "ce_lineage",
    "ce_lineagestart",
    "ce_lineagebefore",
    "ce_epoch",
    "content-type",
)
COUNT = {"pattern": "^[0-9]+$"}
OF_A_BARRIER: Described = {
    "ce_partitionsbefore": ("Over how many partitions the topic was spread up to ce_sequence; 0: none.", COUNT, True),
    "ce_partitions": ("Over how many it is spread from there on.", COUNT, True),
}


def of_an_event() -> Schema:
    """The schema of an event's headers."""
    return _schema(HEADERS)


def of_a_watermark() -> Schema:
    """The schema of a watermark's headers."""
    return _schema(_of_a_mark(WATERMARK, "That it is a watermark, not an event."))


def of_a_barrier() -> Schema:
    """The schema of a barrier's headers."""
    return _schema({**_of_a_mark(BARRIER, "That it is a barrier, not an event."), **OF_A_BARRIER})


def _of_a_mark(type_name: str, words: str) -> Described:
    return {name: HEADERS[name] for name in OF_A_MARK} | {"ce_type": (words, {"const": type_name}, True)}


def _schema(described: Described) -> Schema:
    return {
        "$schema": DIALECT,
        "type": "object",
        "properties": {
            name: {"type": "string", "description": words, **rules} for name, (words, rules, _) in described.items()
        },
        "required": [name for name, (_, _, required) in described.items() if required],
    }
