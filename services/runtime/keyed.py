"""A secret in the address: where the development issuer is on, only those who were given it come to the pages."""

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "maplebridge-key"
LASTS = 30 * 24 * 3600
PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>枫桥 Maple Bridge</title><p>请用本实例启动时显示的完整网址打开。</p>
<p lang="en">Open this instance by the whole address that it showed when it started.</p></html>"""


class IssuerExposed(RuntimeError):
    """Others could reach the development issuer, which gives a token to every viewer."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"The development issuer does not listen on {host} without a secret: set MAPLEBRIDGE_PAGES_KEY and open "
            "the pages with ?key= and its value, or listen on 127.0.0.1."
        )


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Lock:
    """Takes the key from the address once, and a cookie from then on."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self._proof = hashlib.sha256(b"cookie of " + self._key).hexdigest()

    def refusal(self, cookies: str, path: str, query: str) -> Response | None:
        """What to answer a request that brings no cookie of ours; None where it may pass.

        Args:
            cookies: the header. path, query: of its address; the path is decoded, the query is not.
        """
        cookie = SimpleCookie(cookies).get(COOKIE)
        if cookie is not None and hmac.compare_digest(cookie.value.encode(), self._proof.encode()):
            return None
        given = parse_qsl(query, keep_blank_values=True)
        key = dict(given).get("key", "")
        if not hmac.compare_digest(key.encode(), self._key):
            return HTMLResponse(PAGE, 403, {"Cache-Control": "no-store"})
        # the secret leaves the address, so that it does not stay in histories and is not sent on
        rest = urlencode([(name, value) for name, value in given if name != "key"])
        to = quote("/" + path.lstrip("/\\"))
        answer = RedirectResponse(f"{to}{'?' if rest else ''}{rest}", status_code=303)
        answer.set_cookie(COOKIE, self._proof, max_age=LASTS, httponly=True, samesite="lax")
        return answer


class KeyedAddress:
    """ASGI middleware: a lock in front of an application.

    Args:
        app: what it stands in front of. key: the secret. free: beginnings of paths that check tokens themselves.
    """

    def __init__(self, app: ASGIApp, key: str, free: Iterable[str]) -> None:
        self._app = app
        self._lock = Lock(key)
        self._free = tuple(free)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = None
        if scope["type"] != "lifespan" and not scope["path"].startswith(self._free):
            cookies = Headers(scope=scope).get("cookie", "")
            refusal = self._lock.refusal(cookies, scope["path"], scope["query_string"].decode("latin-1"))
        await (refusal or self._app)(scope, receive, send)
