"""The instance's clock on the page, and how long something has lasted."""

from datetime import datetime

from nicegui.element import Element

from services.analytics.pages.words import Words


def milliseconds(moment: datetime) -> float:
    """A moment as the browser counts it."""
    return round(moment.timestamp() * 1000)


class Ticking(Element, component="ticking.js"):
    """A text that the browser itself keeps current. kind: time, date, or since (how long ago `since` was)."""

    def __init__(self, kind: str, words: Words, since: datetime | None = None) -> None:
        super().__init__()
        self.props["kind"] = kind
        self.props["language"] = words.language
        self.props["zone"] = str(words.zone)
        self.props["since"] = milliseconds(since) if since else 0


class Pulse(Element, component="pulse.js"):
    """Keeps the page's clock and says when the picture is not live.

    Args:
        now: the instance's clock. rate: seconds of it a second. phrase: what is said, with ``{time}``.
    """

    def __init__(self, now: datetime, words: Words, phrase: str, *, live: bool, since: datetime | None) -> None:
        super().__init__()
        self.props["server"] = milliseconds(now)
        self.props["rate"] = 1.0
        self.props["zone"] = str(words.zone)
        self.props["phrase"] = phrase
        self.judge(live=live, since=since or now)

    def judge(self, *, live: bool, since: datetime) -> None:
        """Whether the picture is live, and since when it is not."""
        self.props["live"] = live
        self.props["since"] = milliseconds(since)

    def sync(self, now: datetime, rate: float) -> None:
        """Puts the page's clock right."""
        self.run_method("sync", milliseconds(now), rate)
