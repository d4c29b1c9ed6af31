"""What is reported must have happened."""

from datetime import datetime, timedelta

from services.registry.domain.refusals import NotYetHappened

CLOCKS_DIFFER = timedelta(minutes=10)
"""An officer's phone may be ahead of the server by this much."""


def happened(effective_at: datetime, now: datetime) -> None:
    """Refuses a fact of the future.

    Raises:
        NotYetHappened: it lies more than ten minutes ahead.
    """
    if effective_at > now + CLOCKS_DIFFER:
        raise NotYetHappened(effective_at, now)
