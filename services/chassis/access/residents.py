"""What residents may enter: at their own places, under ids that the platform makes."""

from contracts.refusals import Refused
from services.chassis.access.principal import Principal


class IdIsMade(Refused):
    """An id that a resident chose; it could be one that somebody else is about to use."""

    def __init__(self, pointer: str) -> None:
        super().__init__("The id of what a resident enters is made by the platform: leave it out.", pointer)


def require_own(principal: Principal, place: str, ident: str | None, pointer: str) -> None:
    """Lets a resident enter something at a place of theirs.

    Args:
        ident: the id that they gave it, None where they left it out. pointer: where that stands.

    Raises:
        OutsideScope: the place is not theirs. IdIsMade: they gave an id.
    """
    principal.require(place)
    if ident is not None:
        raise IdIsMade(pointer)
