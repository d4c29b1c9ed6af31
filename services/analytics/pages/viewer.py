"""Who looks: role, language, theme."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from services.analytics.pages.gateway import Gateway, Refusal
from services.analytics.pages.rooms import SWITCHER, Room
from services.analytics.pages.sessions import claims_of, session_id
from services.analytics.pages.shapes import BuildingName
from services.analytics.pages.site import Site
from services.analytics.pages.tokens import THEMES, Theme
from services.analytics.pages.words import LANGUAGES, Language, Words

MOST_NAMES = 20
"""Places in one question for names: they stand in its address."""
ASK_AGAIN = 60.0
"""Seconds until a place without a name is asked about again: its building may have been registered meanwhile."""


@dataclass(frozen=True)
class View:
    """One opening of one page by one viewer.

    Attributes:
        site: what the pages stand on. room: which page. role: as whom. words: in which language. theme: how it looks.
        token: the viewer's. visitor: whether nothing finer than a building is shown.
    """

    site: Site
    room: Room
    role: str
    words: Words
    theme: Theme
    token: str
    visitor: bool = False

    @property
    def gateway(self) -> Gateway:
        """The services, as this viewer may see them."""
        return Gateway(self.site.client, self._bearer)

    @property
    def _bearer(self) -> str:
        return self.site.token(self.role) if self.site.issue_token else self.token

    @property
    def places(self) -> tuple[str, ...]:
        """The places that the viewer answers for, as the token names them."""
        return claims_of(self._bearer).places

    @property
    def own_place(self) -> str:
        """The first place that the viewer answers for; empty where the token names none."""
        return next(iter(self.places), "")

    def reading(self, source: str) -> Gateway:
        """The services, with answers that include what the watch has seen of a log."""
        positions = self.site.watch.sight.positions
        seen = positions.logs.get(source, 0) if positions else 0
        return self.gateway.following(f"{source}={seen}" if seen else None)

    @property
    def now(self) -> datetime:
        """The moment on the instance's clock."""
        return self.site.now()

    def place(self, path: str) -> str:
        """The name of a place, no finer than this viewer may see."""
        names = self.site.gazetteer
        return names.building(path, self.words.language) if self.visitor else names.place(path, self.words.language)

    def at(self, place: str) -> Words:
        """Words that tell moments and days as the clocks of a place do."""
        return self.words.in_zone(self.site.zone_at(place))

    async def learn_places(self, paths: Iterable[str]) -> None:
        """Asks what the buildings of these places are registered as, name and zone, where that is not known yet.

        Without an answer, or where the viewer's role may not ask, they are told of as far as they are known.
        """
        site, names = self.site, self.site.gazetteer.registered
        long_ago = time.monotonic() - ASK_AGAIN
        lacking = sorted(
            {path for path in paths if self._lacks(path) and site.asked_names.get(path, long_ago) <= long_ago}
        )
        for start in range(0, len(lacking), MOST_NAMES):
            batch = lacking[start : start + MOST_NAMES]
            try:
                found = await self.gateway.list(BuildingName, "/analytics/building-names", {"place": batch})
            except Refusal:
                return
            names.update((each.place, each.name) for each in found.items)
            site.zones.update((each.place, each.zone) for each in found.items if each.zone)
            site.asked_names.update(dict.fromkeys(batch, time.monotonic()))

    def _lacks(self, path: str) -> bool:
        zoned = self.site.zones.keys() & {path, path.rpartition("/")[0]}
        return bool(path) and (not zoned or self.site.gazetteer.lacks(path))

    def building(self, place: str, registered: str) -> str:
        """The name of a building in the viewer's language, else the one it is registered by."""
        known = self.site.gazetteer.knows_building(place)
        return self.site.gazetteer.building(place, self.words.language) if known else registered

    def category(self, path: str) -> str:
        """The name of a category."""
        return self.site.gazetteer.category(path, self.words.language)

    def organisation(self, ident: str) -> str:
        """The name of an organisation."""
        return self.site.gazetteer.organisation(ident, self.words.language)


def viewing(site: Site, room: Room, request: Request, *, visitor: bool = False) -> View:
    """The viewer of this request."""
    kept, session = request.session, session_id(request)
    language = kept.get("language")
    if language not in LANGUAGES:
        language = "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"
    theme = kept.get("theme")
    signed = site.sessions.of(session)
    role = kept.get("role") or SWITCHER[0]
    return View(
        site=site,
        room=room,
        role=signed.role if signed else str(role) if site.issue_token else "",
        words=Words(cast("Language", language), site.zone),
        theme=cast("Theme", theme) if theme in THEMES else room.theme,
        token=signed.token if signed else "",
        visitor=visitor,
    )
