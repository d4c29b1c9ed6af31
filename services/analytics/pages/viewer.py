"""Who looks: role, language, theme; kept in the viewer's own storage."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from nicegui import app as pages_app

from services.analytics.pages.gateway import Gateway
from services.analytics.pages.rooms import SWITCHER, Room
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
        return Gateway(self.site.client, self.site.token(self.role) if self.site.issue_token else self.token)

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


def viewing(site: Site, room: Room, *, accepts: str = "", visitor: bool = False) -> View:
    """The viewer of this request. accepts: the languages that the browser asks for."""
    kept = pages_app.storage.user
    language = kept.get("language")
    if language not in LANGUAGES:
        language = "en" if accepts.lower().startswith("en") else "zh"
    theme = kept.get("theme")
    return View(
        site=site,
        room=room,
        role=str(kept.get("role") or SWITCHER[0]),
        words=Words(cast("Language", language), site.zone),
        theme=cast("Theme", theme) if theme in THEMES else room.theme,
        token=str(kept.get("token") or ""),
        visitor=visitor,
    )


def keep(name: str, value: str | None) -> None:
    """Remembers a viewer's choice."""
    pages_app.storage.user[name] = value
