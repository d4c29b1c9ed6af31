"""What the pages stand on: what the runtime hands in, and nothing else, is known here."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import httpx

from services.analytics.pages.gateway import Gateway
from services.analytics.pages.gazetteer import Gazetteer
from services.analytics.pages.openings import Openings
from services.analytics.pages.sessions import Sessions
from services.analytics.pages.watch import Watch
from services.chassis.zones import zone_of

Mode = Literal["embedded", "services"]
WATCHER_ROLE: Final = "analyst"
TOKEN_LASTS: Final = 20.0
"""Seconds after which the development issuer is asked again: what a role reaches grows as cities are imported."""
LOOK: Final = Path(__file__).parent / "look"


@dataclass
class Site:
    """What the pages stand on.

    Attributes:
        client: HTTP to the port in front. mode: embedded, or services. demonstration: whether the data is invented.
        now: the instance's clock. issue_token: role to token, from the development issuer; None in services mode,
            where a viewer brings a token. watch_token: what the watcher reads with, where there is no issuer.
        home_place: whose figures and towers the wall shows first. sessions: who is signed in. openings: of pages.
        gazetteer: names of places. asked_names: places whose building's name was asked for, and when.
        zones: where the days of registered buildings are counted, by their places, as far as they were asked for.
    """

    client: httpx.AsyncClient
    mode: Mode
    demonstration: bool
    now: Callable[[], datetime]
    issue_token: Callable[[str], str] | None
    watch_token: str = ""
    home_place: str = ""
    sessions: Sessions = field(default_factory=Sessions)
    openings: Openings = field(default_factory=Openings)
    gazetteer: Gazetteer = field(default_factory=Gazetteer.shipped)
    asked_names: dict[str, float] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    _tokens: dict[str, tuple[float, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.watch = Watch(lambda: Gateway(self.client, self.token(WATCHER_ROLE)), self.now)

    @property
    def zone(self) -> str:
        """Where the pages' own clock is: at the home place."""
        return self.zone_at(self.home_place)

    def zone_at(self, place: str) -> str:
        """Where the days of a place are counted: in the zone of its building, where that is known."""
        above = place.rpartition("/")[0]
        return self.zones.get(place) or self.zones.get(above) or zone_of(place)

    def token(self, role: str) -> str:
        """A token for a role, as good as new."""
        if self.issue_token is None:
            return self.watch_token
        made, token = self._tokens.get(role, (0.0, ""))
        if not token or time.monotonic() - made > TOKEN_LASTS:
            token = self.issue_token(role)
            self._tokens[role] = (time.monotonic(), token)
        return token
