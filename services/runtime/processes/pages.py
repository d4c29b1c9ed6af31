"""The pages as a process: a client of the services like any other."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.chassis.access import Issuer
from services.chassis.clock import Clock
from services.chassis.http.health import health
from services.chassis.settings import PREFIX, SettingMissing, Settings
from services.chassis.telemetry import Telemetry
from services.runtime.contract import contract
from services.runtime.demonstrated import WANDA, people_of_the_story
from services.runtime.demonstration.clock import FollowedClock
from services.runtime.desk import Desk
from services.runtime.keyed import IssuerExposed, is_loopback
from services.runtime.pages import Pages, find_cities, open_pages
from services.runtime.processes.ground import clock_of, to_services
from services.runtime.web import serve_http


class PagesSettings(BaseSettings):
    """What the pages are told besides; each field is read from ``MAPLEBRIDGE_`` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True)

    issuer_key_file: Annotated[
        Path | None, Field(description="Private key (PEM) of the development issuer, where there is one.")
    ] = None
    watch_token: Annotated[SecretStr | None, Field(description="What the pages themselves read with; any role.")] = None
    pages_secret: Annotated[SecretStr | None, Field(description="Signs the viewers' cookies.")] = None
    pages_key: Annotated[
        SecretStr | None, Field(description="Secret in the address, where the development issuer is on.")
    ] = None
    home_place: Annotated[str, Field(description="Whose figures the wall shows first.")] = ""


async def show_pages(settings: Settings) -> None:
    """The pages, until a signal.

    Raises:
        SettingMissing: something that they need was not set. IssuerExposed: others could give themselves tokens.
    """
    more = PagesSettings()
    client, clock = to_services(settings), clock_of(settings)
    pages = _pages(settings, more, clock)

    @contextlib.asynccontextmanager
    async def beside(_: FastAPI) -> AsyncIterator[None]:
        async with client:
            looking = asyncio.create_task(find_cities(client, pages.desk)) if pages.desk else None
            try:
                yield
            finally:
                if looking is not None:
                    looking.cancel()

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=beside)

    app.include_router(health((), telemetry=Telemetry("pages", settings)))
    app.include_router(contract())
    open_pages(app, client, pages)
    await serve_http(app, settings)


def _pages(settings: Settings, more: PagesSettings, clock: Clock) -> Pages:
    if more.pages_secret is None:
        raise SettingMissing("pages_secret")
    desk = _desk(settings, more)
    if desk is None and more.watch_token is None:
        raise SettingMissing("watch_token")
    if desk is not None and more.pages_key is None and not is_loopback(settings.host):
        raise IssuerExposed(settings.host)
    followed = clock if isinstance(clock, FollowedClock) else None
    return Pages(
        mode="services",
        demonstration=followed is not None,
        clock=clock,
        speed=lambda: followed.speed if followed else 1.0,
        desk=desk,
        home_place=WANDA if followed and not more.home_place else more.home_place,
        secret=more.pages_secret.get_secret_value(),
        key=more.pages_key.get_secret_value() if more.pages_key and desk else "",
        watch_token=more.watch_token.get_secret_value() if more.watch_token else "",
    )


def _desk(settings: Settings, more: PagesSettings) -> Desk | None:
    if more.issuer_key_file is None:
        return None
    issuer = Issuer(more.issuer_key_file.read_bytes(), issuer=settings.issuer, audience=settings.audience)
    return people_of_the_story(issuer) if settings.clock == "demonstration" else Desk(issuer)
