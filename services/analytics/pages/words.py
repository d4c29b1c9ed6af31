"""Chinese and English: message catalogues, numbers, times and durations as people say them."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from contracts.common import HOME_ZONE

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
LOCALES: Final = Path(__file__).parent / "locales"
MINUS: Final = "−"
"""The sign that is as wide as a plus."""


def mark(message: str) -> str:
    """Marks a message for translation where it is only kept; whoever shows it says it."""
    return message


@lru_cache(maxsize=8)
def catalogue(language: str) -> Catalog:
    """The messages of a language, read once."""
    with (LOCALES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


@lru_cache(maxsize=8)
def messages(language: str) -> Mapping[str, str]:
    """English message to the words of a language; plural messages stand under their singular."""
    known: dict[str, str] = {}
    for message in catalogue(language):
        ident = message.id if isinstance(message.id, str) else message.id[0]
        text = message.string if isinstance(message.string, str) else (message.string or ("",))[0]
        if ident and text:
            known[ident] = text
    return known


def load() -> None:
    """Reads the catalogues, so that a broken one is noticed at the start."""
    messages("zh")


class Words:
    """Says things in one language.

    Args:
        language: of what is said first; the other is the small gloss. zone: where days are counted.
    """

    def __init__(self, language: Language, zone: str = HOME_ZONE) -> None:
        self.language: Language = language
        self.other: Language = "en" if language == "zh" else "zh"
        self.zone = ZoneInfo(zone)

    def in_zone(self, zone: str) -> "Words":
        """The same language by the clocks of another zone."""
        return self if zone == self.zone.key else _words(self.language, zone)

    def say(self, message: str, /, **values: object) -> str:
        """The message in this language, with its places filled."""
        return _filled(message, self.language, values)

    def gloss(self, message: str, /, **values: object) -> str:
        """The message in the other language."""
        return _filled(message, self.other, values)

    def at_least(self, said: str, *, more: bool) -> str:
        """A count, as the least there are where more were not looked at."""
        return self.say("at least {count}", count=said) if more else said

    def count(self, one: str, many: str, n: int, /, **values: object) -> str:
        """A message that depends on a number; it stands in the message as ``{n}``."""
        message = one if self.language == "zh" or n == 1 else many
        return self.say(message, n=self.number(n), **values)

    def of(self, pair: Mapping[str, str] | str | None) -> str:
        """What the services say in both languages, in this one."""
        if not pair:
            return ""
        if isinstance(pair, str):
            return pair
        return pair.get(self.language) or pair.get(self.other) or ""

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with its thousands apart; a dash where there is none."""
        if value is None:
            return "–"
        return f"{value:,.{digits}f}".replace("-", MINUS)

    def percent(self, value: float | None, digits: int = 1) -> str:
        """A signed change in percent."""
        if value is None:
            return "–"
        sign = "+" if value > 0 else MINUS if value < 0 else "±"
        return f"{sign}{abs(value):,.{digits}f}%"

    def share(self, value: float | None, digits: int = 1) -> str:
        """A share in percent, without a sign."""
        return "–" if value is None else f"{value:.{digits}f}"

    def local(self, moment: datetime) -> datetime:
        """The moment by the clocks of the zone."""
        return moment.astimezone(self.zone)

    def clock(self, moment: datetime, *, seconds: bool = False) -> str:
        """The time of day."""
        return self.local(moment).strftime("%H:%M:%S" if seconds else "%H:%M")

    def day(self, moment: datetime | date, *, year: bool = False) -> str:
        """The day; with its year where asked for."""
        on = self.local(moment).date() if isinstance(moment, datetime) else moment
        return on.strftime("%Y-%m-%d" if year else "%m-%d")

    def when(self, moment: datetime, now: datetime) -> str:
        """The time today, else day and time; with the year where it is another."""
        then, today = self.local(moment), self.local(now)
        if then.date() == today.date():
            return then.strftime("%H:%M")
        return then.strftime("%m-%d %H:%M" if then.year == today.year else "%Y-%m-%d %H:%M")

    def stamp(self, moment: datetime) -> str:
        """Day and time in full."""
        return self.local(moment).strftime("%Y-%m-%d %H:%M:%S")

    def weekday(self, moment: datetime | date) -> str:
        """The name of the day of the week."""
        on = self.local(moment).date() if isinstance(moment, datetime) else moment
        return self.say(WEEKDAYS[on.weekday()])

    def lasting(self, seconds: float) -> str:
        """A duration with its unit: 2 minutes 14 seconds, 26 minutes, 3 hours, 1 day."""
        total = max(0, int(seconds))
        if total < 60:
            return self.say("{n} s", n=total)
        if total < 600 and total % 60:
            return self.say("{n} min {s} s", n=total // 60, s=total % 60)
        if total < 7200:
            return self.say("{n} min", n=total // 60)
        if total < 172800:
            return self.say("{n} h", n=total // 3600)
        return self.count("{n} day", "{n} days", total // 86400)


@lru_cache(maxsize=128)
def _words(language: Language, zone: str) -> Words:
    return Words(language, zone)


def _filled(message: str, language: Language, values: Mapping[str, object]) -> str:
    text = message if language == "en" else messages(language).get(message, message)
    return text.format(**values) if values else text


WEEKDAYS: Final = (
    mark("Monday"),
    mark("Tuesday"),
    mark("Wednesday"),
    mark("Thursday"),
    mark("Friday"),
    mark("Saturday"),
    mark("Sunday"),
)
