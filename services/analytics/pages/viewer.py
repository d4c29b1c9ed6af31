"""Who looks: role, language, theme."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from services.analytics.pages.gateway import Gateway
from services.analytics.pages.rooms import SWITCHER, Room
from services.analytics.pages.sessions import claims_of, session_id
from services.analytics.pages.site import Site
from services.analytics.pages.tokens import THEMES, Theme
from services.analytics.pages.words import LANGUAGES, Language, Words


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
    def own_place(self) -> str:
        """The first place that the viewer answers for; empty where the token names none."""
        return next(iter(claims_of(self._bearer).places), "")

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
