"""A member of a consumer group that has a name: started again, it has its place at once (static membership).

Kafka gives the place to whoever comes with the name, at the same division of the partitions, and knows the one who had
it before by his member's id.
"""

from typing import Any

from aiokafka import AIOKafkaConsumer

NOBODY = ""


def coordinator_of(consumer: AIOKafkaConsumer | None) -> Any:
    """What speaks with the group; None where the consumer has not come to it."""
    return None if consumer is None else consumer._coordinator  # noqa: SLF001 - aiokafka has no other way


def keep_place(coordinator: Any) -> None:
    """Lets a member whom the group does not know any more ask for its place as who it was, before it joins anew.

    aiokafka forgets who it was, and takes the place from whoever has it by now: the two would take it from each other
    for ever. Who comes with its former id is refused by Kafka then, and ends; where it only slept, it joins anew.

    Args:
        coordinator: of a consumer with a name.
    """
    reset, rejoin = coordinator.reset_generation, coordinator._do_rejoin_group  # noqa: SLF001 - nothing else tells
    former = asked = NOBODY

    def remember() -> None:
        nonlocal former
        if coordinator.member_id not in (NOBODY, asked):
            former = coordinator.member_id
        reset()

    async def ask(subscription: Any) -> bool:
        nonlocal former, asked
        if coordinator.member_id == NOBODY:
            coordinator.member_id = asked = former
            former = NOBODY
        try:
            return bool(await rejoin(subscription))
        finally:
            asked = NOBODY

    coordinator.reset_generation, coordinator._do_rejoin_group = remember, ask  # noqa: SLF001


def leave_at_the_end(coordinator: Any) -> None:
    """Lets a member that ends now leave its group: whoever ends in order does not come back at once.

    aiokafka leaves the place of a member with a name to pass with its session.
    """
    if coordinator is not None:
        coordinator._group_instance_id = None  # noqa: SLF001
