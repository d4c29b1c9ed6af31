"""What residents may enter: at their own places, under ids that the platform makes."""

from datetime import datetime, timedelta

from contracts.refusals import Mistaken
from services.chassis.access.principal import Principal

RECENT = timedelta(days=30)
"""So far back a resident may date what they enter; what is older goes through the desk, which can ask."""


class IdIsMade(Mistaken):
    """An id that a resident chose; it could be one that somebody else is about to use."""

    def __init__(self, pointer: str) -> None:
        super().__init__("The id of what a resident enters is made by the platform: leave it out.", pointer)


class TooLongAgo(Mistaken):
    """A date from before what a resident may enter alone: it would change figures of months that are told."""

    def __init__(self, pointer: str) -> None:
        super().__init__(
            f"It happened more than {RECENT.days} days ago: correct the date, or ask the desk to enter it.", pointer
        )


def require_recent(happened: datetime | None, now: datetime, pointer: str) -> None:
    """Lets a resident say when something happened, within the last thirty days.

    Args:
        happened: None where they say nothing. pointer: where that stands.

    Raises:
        TooLongAgo: it lies further back.
    """
    if happened is not None and happened < now - RECENT:
        raise TooLongAgo(pointer)


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
