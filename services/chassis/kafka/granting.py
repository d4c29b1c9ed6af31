"""Gives users of Kafka their rights: what each is allowed on topics and groups, and nothing beside it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import NoError, for_code
from aiokafka.protocol.admin import CreateAclsRequest_v1, DeleteAclsRequest_v1, DescribeAclsRequest_v1
from aiokafka.protocol.api import Request

from services.chassis.kafka.rights import OPERATIONS, Grant

KINDS = {"topic": 2, "group": 3}
ANY, LITERAL, ALLOW = 1, 3, 3
"""Kafka's numbers."""
Right = tuple[int, str, int, str, str, int, int]
"""One row of Kafka's: kind, name, LITERAL, user, host, operation, ALLOW."""


class NotGranted(Exception):
    """Kafka does not take the rights."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Kafka does not take its users' rights ({reason}): it must check rights, and who gives them must be one "
            "of its super users."
        )


async def grant(admin: AIOKafkaAdminClient, users: Mapping[str, Iterable[Grant]]) -> None:
    """Give users exactly these rights: what lacks is added, then what each has beside them is taken away.

    Args:
        admin: a client of a super user. users: by name, what each may do.

    Raises:
        NotGranted: Kafka refuses. KafkaError: it does not answer.
    """
    wanted = {right for user, grants in users.items() for right in _rights(user, grants)}
    found = {right for user in users for right in await _found(admin, user)}
    await _added(admin, sorted(wanted - found))
    await _taken(admin, sorted(found - wanted))


def _rights(user: str, grants: Iterable[Grant]) -> list[Right]:
    return [
        (KINDS[grant.kind], grant.name, LITERAL, f"User:{user}", "*", OPERATIONS[operation], ALLOW)
        for grant in grants
        for operation in grant.operations
    ]


async def _found(admin: AIOKafkaAdminClient, user: str) -> list[Right]:
    answer = await admin._send_request(Described(user))  # noqa: SLF001 - it has no call for rights
    _refused(answer.error_code, answer.error_message)
    return [(kind, name, pattern, *right) for kind, name, pattern, rights in answer.resources for right in rights]


async def _added(admin: AIOKafkaAdminClient, rights: Sequence[Right]) -> None:
    if rights:
        answer = await admin._send_request(Created(rights))  # noqa: SLF001
        for code, message in answer.creation_responses:
            _refused(code, message)


async def _taken(admin: AIOKafkaAdminClient, rights: Sequence[Right]) -> None:
    if rights:
        answer = await admin._send_request(Deleted(rights))  # noqa: SLF001
        for code, message, _ in answer.filter_responses:
            _refused(code, message)


def _refused(code: int, message: str | None) -> None:
    if (error := for_code(code)) is not NoError:
        raise NotGranted(message or error.__name__)


class Described(Request[DescribeAclsRequest_v1]):  # type: ignore[misc]  # aiokafka has no types
    """What a user may do."""

    API_KEY = 29

    def __init__(self, user: str) -> None:
        self._user = user

    def build(self, question: Any) -> Any:
        """In that version."""
        return question(ANY, None, ANY, f"User:{self._user}", None, ANY, ANY)


class Created(Request[CreateAclsRequest_v1]):  # type: ignore[misc]
    """Rights to be added; aiokafka's own takes one alone."""

    API_KEY = 30

    def __init__(self, rights: Sequence[Right]) -> None:
        self._rights = list(rights)

    def build(self, question: Any) -> Any:
        """In that version."""
        return question(self._rights)


class Deleted(Request[DeleteAclsRequest_v1]):  # type: ignore[misc]
    """Rights to be taken away."""

    API_KEY = 31

    def __init__(self, rights: Sequence[Right]) -> None:
        self._rights = list(rights)

    def build(self, question: Any) -> Any:
        """In that version."""
        return question(self._rights)
