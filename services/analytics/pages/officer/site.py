"""Serving the officer's page: its files, the instance's clock, and in embedded mode a development sign-in."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict

from contracts.common import HOME_ZONE
from services.analytics.pages.officer.shell import WORKERS, File, files
from services.chassis.access import PUBLIC

Mode = Literal["embedded", "services"]
IssueToken = Callable[[str, str], str]
"""Officer's id and place to a bearer token; the development issuer."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True)
class Choice:
    """An officer whom the development sign-in offers.

    Attributes:
        officer: the id. place: the beat, as a path. name, place_name: what people call them, by language.
    """

    officer: str
    place: str
    name: Mapping[str, str]
    place_name: Mapping[str, str]


class SignIn(BaseModel):
    """Who signs in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    officer: str
    place: str


def mount(
    app: FastAPI,
    *,
    mode: Mode,
    demonstration: bool,
    clock: Callable[[], datetime],
    speed: Callable[[], float] = lambda: 1.0,
    zone: Callable[[str], str] = lambda _: HOME_ZONE,
    issue: IssueToken | None = None,
    officers: Callable[[], Sequence[Choice]] = lambda: (),
) -> None:
    """Adds the page to an application.

    Args:
        mode: embedded, or services. demonstration: the data is invented.
        clock: the instance's time. speed: how many of its seconds pass in one second.
        zone: of the days at a place, such as an officer's beat; of the instance where it is empty.
        issue: the development issuer, where there is one; without it officers bring a token. officers: whom it may
        be asked for at this moment.
    """
    _mount_files(app)

    @app.get("/officer/clock", include_in_schema=False, dependencies=[PUBLIC])
    async def tell_the_time(place: str = "") -> Response:
        return _json(
            {
                "now": clock().isoformat(),
                "speed": speed(),
                "zone": zone(place),
                "demonstration": demonstration,
                "mode": mode,
            },
        )

    _mount_session(app, issue, officers)


def _mount_files(app: FastAPI) -> None:
    served = files()

    @app.get("/officer", include_in_schema=False, dependencies=[PUBLIC])
    async def with_a_slash() -> Response:
        return RedirectResponse("/officer/", status_code=308)

    @app.get("/officer/", include_in_schema=False, dependencies=[PUBLIC])
    async def page() -> Response:
        return _file(served[""])

    for name, file in served.items():
        if name:
            _mount_file(app, name, file)


def _mount_file(app: FastAPI, name: str, file: File) -> None:
    @app.get(f"/officer/{name}", include_in_schema=False, dependencies=[PUBLIC])
    async def one_file() -> Response:
        return _file(file, {"Service-Worker-Allowed": "/officer/"} if name in WORKERS else {})


def _mount_session(app: FastAPI, issue: IssueToken | None, officers: Callable[[], Sequence[Choice]]) -> None:
    @app.get("/officer/session", include_in_schema=False, dependencies=[PUBLIC])
    async def who_may_sign_in() -> Response:
        if issue is None:
            return _json({"issuer": "station", "officers": []})
        return _json({"issuer": "development", "officers": [_said(choice) for choice in officers()]})

    @app.post("/officer/session", include_in_schema=False, dependencies=[PUBLIC])
    async def sign_in(asked: SignIn) -> Response:
        offered = {(choice.officer, choice.place): choice for choice in officers()}
        choice = offered.get((asked.officer, asked.place))
        if issue is None or choice is None:
            raise HTTPException(404, "Nobody of this name signs in here: choose one of those offered.")
        return _json({"token": issue(choice.officer, choice.place), **_said(choice)})


def _said(choice: Choice) -> Mapping[str, object]:
    return {
        "officer": choice.officer,
        "place": choice.place,
        "name": dict(choice.name),
        "place_name": dict(choice.place_name),
    }


def _file(file: File, more: Mapping[str, str] | None = None) -> Response:
    return Response(file.content, media_type=file.type, headers={**HEADERS, **(more or {})})


def _json(content: Mapping[str, object]) -> Response:
    return Response(
        json.dumps(content, ensure_ascii=False), media_type="application/json", headers={"Cache-Control": "no-store"}
    )
