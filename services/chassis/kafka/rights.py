"""What a client may do on Kafka: asked before it begins, so that what lacks is named and not run into."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    NoError,
    TopicAuthorizationFailedError,
    for_code,
)
from aiokafka.protocol.admin import DescribeGroupsRequest_v3, DescribeGroupsResponse_v3
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int16, Int32, Schema, String

from services.chassis.kafka.connection import KafkaRefused

REFUSED = (TopicAuthorizationFailedError, GroupAuthorizationFailedError, ClusterAuthorizationFailedError)
"""What Kafka says to somebody who may not do what was asked."""
PATIENCE = 15.0
"""Seconds; a new Kafka makes the place first where it keeps its groups."""
POLL = 0.1

Kind = Literal["topic", "group"]
OPERATIONS = {
    "Read": 3,
    "Write": 4,
    "Create": 5,
    "Delete": 6,
    "Alter": 7,
    "Describe": 8,
    "DescribeConfigs": 10,
    "AlterConfigs": 11,
}
"""Kafka's numbers."""
UNSAID = -(2**31)
"""Of a Kafka that does not tell what is allowed."""


@dataclass(frozen=True)
class Grant:
    """What may be done with one thing.

    Attributes:
        kind: of thing. name: the whole of it; none is meant by how its name begins. operations: Kafka's names.
    """

    kind: Kind
    name: str
    operations: tuple[str, ...]

    def without(self, allowed: int) -> "Grant | None":
        """What of it is not among these, Kafka's bits of operations; None where all is, or where it does not say."""
        if allowed == UNSAID:
            return None
        lacking = tuple(each for each in self.operations if not allowed >> OPERATIONS[each] & 1)
        return Grant(self.kind, self.name, lacking) if lacking else None


class RightsMissing(KafkaRefused):
    """Kafka knows the client, and does not allow it what it has to do.

    Attributes:
        lacking: what not.
    """

    def __init__(self, user: str | None, lacking: Sequence[Grant]) -> None:
        named = "; ".join(f"{', '.join(each.operations)} on the {each.kind} {each.name}" for each in lacking)
        super().__init__(
            f"Kafka does not allow {user or 'this client'} what it has to do: it lacks {named}. Give it these rights; "
            "docs/kafka.md says under Principals who needs which."
        )
        self.lacking = lacking


async def check(admin: AIOKafkaAdminClient, user: str | None, wanted: Sequence[Grant]) -> None:
    """See that Kafka allows all this. Where it checks no rights it does.

    Args:
        user: who the client is, for people.

    Raises:
        RightsMissing: of all that lacks. KafkaError: Kafka does not say.
    """
    if lacking := await _lacking(admin, wanted):
        raise RightsMissing(user, lacking)


async def named(client: Mapping[str, Any], wanted: Sequence[Grant], refused: Exception) -> Exception:
    """Kafka refused something: which rights are missing, or the refusal itself where by now none is.

    Args:
        client: arguments of the aiokafka clients. wanted: all that the client does.
    """
    admin = AIOKafkaAdminClient(**client)
    try:
        await admin.start()
        await check(admin, client.get("sasl_plain_username"), wanted)
    except RightsMissing as missing:
        return missing
    except KafkaError:
        return refused
    finally:
        await admin.close()
    return refused


async def _lacking(admin: AIOKafkaAdminClient, wanted: Sequence[Grant]) -> list[Grant]:
    topics = await _of_topics(admin, [each.name for each in wanted if each.kind == "topic"])
    allowed = {("topic", name): bits for name, bits in topics.items()}
    for name in [each.name for each in wanted if each.kind == "group"]:
        allowed["group", name] = await _of_group(admin, name)
    return [lacking for each in wanted if (lacking := each.without(allowed[each.kind, each.name]))]


async def _of_topics(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, int]:
    answer = await admin._send_request(TopicsRequest(names))  # noqa: SLF001 - its own question is older than rights
    return {name: 0 if for_code(code) in REFUSED else bits for code, name, _, _, bits in answer.topics}


async def _of_group(admin: AIOKafkaAdminClient, name: str) -> int:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            answer = await admin._send_request(GroupRequest(name), await admin.find_coordinator(name))  # noqa: SLF001
            ((code, *_, bits),) = answer.groups
            if for_code(code) is not NoError:
                raise for_code(code)
        except REFUSED:
            return 0
        except KafkaError as error:
            if not error.retriable or time.monotonic() > deadline:
                raise
            await asyncio.sleep(POLL)
        else:
            return int(bits)


class TopicsAnswer(Response):  # type: ignore[misc]  # aiokafka has no types
    """What there is of topics, and what may be done with each."""

    API_KEY = 3
    API_VERSION = 8
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", Array(("node_id", Int32), ("host", String("utf-8")), ("port", Int32), ("rack", String("utf-8")))),
        ("cluster_id", String("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            Array(
                ("error_code", Int16),
                ("topic", String("utf-8")),
                ("is_internal", Boolean),
                (
                    "partitions",
                    Array(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", Array(Int32)),
                        ("isr", Array(Int32)),
                        ("offline_replicas", Array(Int32)),
                    ),
                ),
                ("authorized_operations", Int32),
            ),
        ),
        ("authorized_operations", Int32),
    )


class TopicsQuestion(RequestStruct):  # type: ignore[misc]
    """Makes no topic that is missing."""

    API_KEY = 3
    API_VERSION = 8
    RESPONSE_TYPE = TopicsAnswer
    SCHEMA = Schema(
        ("topics", Array(String("utf-8"))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
    )


class TopicsRequest(Request[TopicsQuestion]):  # type: ignore[misc]
    """Kafka has known it since 2.3."""

    API_KEY = 3

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def build(self, question: Any) -> Any:
        """In that version."""
        return question(list(self._names), False, False, True)


class GroupQuestion(DescribeGroupsRequest_v3):  # type: ignore[misc]
    """aiokafka's, whose answer is read in the way of an older one."""

    RESPONSE_TYPE = DescribeGroupsResponse_v3


class GroupRequest(Request[GroupQuestion]):  # type: ignore[misc]
    """What may be done with a group; Kafka has known it since 2.3."""

    API_KEY = 15

    def __init__(self, name: str) -> None:
        self._name = name

    def build(self, question: Any) -> Any:
        """In that version."""
        return question([self._name], True)
