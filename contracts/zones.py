"""Time zones, by the names that IANA gives to places."""

from functools import lru_cache
from zoneinfo import available_timezones

UTC_NAMES = frozenset({"UTC", "Etc/UTC"})


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The names that may be used: an area and a city, such as ``Asia/Shanghai``, or UTC.

    What else a machine knows as a zone is left out: offsets (``EST``, ``Etc/GMT+5``), which know nothing of a place's
    summer time, rules of the American zones (``EST5EDT``), old names of countries, and the machine's own ``localtime``.
    """
    places = {name for name in available_timezones() if "/" in name and not name.startswith("Etc/")}
    return UTC_NAMES | places


def is_zone(name: str) -> bool:
    """Whether this is the name of a time zone that may be used."""
    return name in zone_names()
