"""Who acted, without a name: the role and the last part of an identifier."""

from collections.abc import Mapping
from typing import Final

from services.analytics.pages.gazetteer import spelled
from services.analytics.pages.rooms import ROLE_NAMES
from services.analytics.pages.viewer import View

PREFIXES: Final = tuple(sorted(ROLE_NAMES, key=len, reverse=True))


def somebody(view: View, ident: str | None) -> str:
    """An actor's identifier as people say it: officer-07 becomes Officer 07."""
    if not ident:
        return ""
    words, known = view.words, view.site.gazetteer.staff.get(ident)
    if known:
        return known[words.language]
    for role in PREFIXES:
        if ident in {role, f"{role}-desk"}:  # the one viewer whom the development issuer makes for each role
            return words.say(ROLE_NAMES[role])
        for separator in ("-", ":"):
            if ident.startswith(role + separator):
                return f"{words.say(ROLE_NAMES[role])} {spelled(ident[len(role) + 1 :])}"
    return ident


def actor(view: View, told: Mapping[str, str] | None) -> str:
    """Role and identifier of whoever acted."""
    if not told:
        return ""
    words = view.words
    if told.get("id") in view.site.gazetteer.staff:
        return somebody(view, told.get("id"))
    role, ident = told.get("role", ""), told.get("id", "")
    name = words.say(ROLE_NAMES[role]) if role in ROLE_NAMES else role
    rest = ident.removeprefix(role).strip("-:")
    return f"{name} {spelled(rest)}".strip() if rest and rest != ident else name or ident
