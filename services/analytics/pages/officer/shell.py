"""The page as files: what the phone keeps for a start without signal, under one version."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from services.analytics.pages.officer.catalogue import LANGUAGES, catalogue
from services.analytics.pages.tokens import DARK, FAMILY, LIGHT

STATIC: Final = Path(__file__).parent / "static"
TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
WORKERS: Final = frozenset({"sw.js", "worker.js"})
"""Fetched by the browser itself, past every cache of ours."""


@dataclass(frozen=True)
class File:
    """One file of the page.

    Attributes:
        content: its bytes. type: its media type.
    """

    content: bytes
    type: str


def stylesheet() -> str:
    """The colours of both themes; without a choice the phone's own setting decides."""
    light, dark = _properties(LIGHT), _properties(DARK)
    return "\n".join(
        (
            f":root{{--family:{FAMILY};--edge-alarm:#f0524f;color-scheme:light;{light}}}",
            f'@media (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{color-scheme:dark;{dark}}}}}',
            f':root[data-theme="dark"]{{color-scheme:dark;{dark}}}',
        )
    )


def _properties(values: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in values.items())


def _made() -> Mapping[str, str]:
    messages = {
        f"messages/{language}.json": json.dumps(catalogue(language), ensure_ascii=False) for language in LANGUAGES
    }
    return {"tokens.css": stylesheet(), **messages}


@lru_cache(maxsize=1)
def files() -> Mapping[str, File]:
    """Every file of the page by its path below ``/officer/``; the page itself has the empty path."""
    found = {
        path.relative_to(STATIC).as_posix(): path.read_bytes() for path in sorted(STATIC.rglob("*")) if path.is_file()
    }
    found |= {name: text.encode() for name, text in _made().items()}
    found[""] = found.pop("index.html")
    kept = sorted(name for name in found if name not in WORKERS)
    digest = hashlib.sha256()
    for name in sorted(found):
        digest.update(name.encode() + b"\0" + found[name] + b"\0")
    shell = {"version": digest.hexdigest()[:16], "files": [f"./{name}" for name in kept]}
    found["sw.js"] = f"const SHELL = {json.dumps(shell)};\n".encode() + found["sw.js"]
    return {name: File(content, _type(name)) for name, content in found.items()}


def _type(name: str) -> str:
    return TYPES[Path(name or "index.html").suffix]
