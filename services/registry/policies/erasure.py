"""Whenever a subject is erased, the key is destroyed; again at each repeat, which changes nothing."""

from contracts.registry import SubjectErased
from services.chassis.eventstore.types import Recorded
from services.chassis.policies import Policy
from services.chassis.vault import Vault, subject_key


def erasure(vault: Vault) -> Policy:
    """Destroys the key of each erased subject, should the process have died between the event and the key."""

    async def react(recorded: Recorded) -> None:
        if isinstance(erased := recorded.event, SubjectErased):
            await vault.erase(subject_key(erased.subject))

    return Policy("erasure", ("registry",), frozenset({SubjectErased.type}), react)
