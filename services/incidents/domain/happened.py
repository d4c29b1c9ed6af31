"""When something was done, where it was said later than done."""

from datetime import datetime, timedelta

from services.incidents.domain.refusals import HappenedBeforeItsCause, NotYetHappened

CLOCKS_DIFFER = timedelta(minutes=10)
"""An officer's phone may be ahead of the server, or behind it, by this much."""


def happened(effective_at: datetime | None, now: datetime, *, since: datetime | None = None) -> datetime:
    """The moment to record: as said, within reason, else now; never before ``since``, when what it answers
    happened, where there is such a thing.

    Raises:
        NotYetHappened: it lies ahead by more than clocks may differ.
        HappenedBeforeItsCause: it lies before ``since`` by more than that.
    """
    if effective_at is None:
        return now
    if effective_at > now + CLOCKS_DIFFER:
        raise NotYetHappened(effective_at, now)
    if since is None:
        return min(effective_at, now)
    if effective_at < since - CLOCKS_DIFFER:
        raise HappenedBeforeItsCause(effective_at, since)
    return min(max(effective_at, since), now)
