"""Where roles begin that have no page of their own: what they can do here, and where."""

from collections.abc import Mapping
from typing import Final

from services.analytics.pages.kit import Text, box, link
from services.analytics.pages.live import Live
from services.analytics.pages.rooms import OFFICER_PAGE, ROLE_NAMES, ROOMS, may_enter
from services.analytics.pages.viewer import View
from services.analytics.pages.words import mark

CAN: Final[Mapping[str, str]] = {
    "operator": mark("You report who moves into your units and who leaves, from your own system."),
    "partner": mark("You take part in the items that are assigned to your organisation, and make promises."),
    "integrator": mark("You connect other systems, which report incidents and register buildings and units."),
    "data-platform": mark("You take the city's figures to its data platform."),
}
INTERFACES: Final[Mapping[str, tuple[str, ...]]] = {
    "operator": ("/registry/docs",),
    "integrator": ("/registry/docs", "/incidents/docs", "/analytics/docs", "/asyncapi.json"),
    "data-platform": ("/city/docs", "/asyncapi.json"),
}
"""Where the interfaces are described that a role works through."""


async def build(view: View, _: Live, __: Mapping[str, str]) -> None:
    """Says who the viewer is, and shows the ways from here."""
    say = view.words.say
    with box("closed", "section"):
        Text(say("Welcome"), tag="h1")
        Text(say("You look as: {role}.", role=say(ROLE_NAMES.get(view.role, view.role))), "sentence", "p")
        if view.role in CAN:
            Text(say(CAN[view.role]), "sentence", "p")
        for room in ROOMS:
            if room.linked and may_enter(room, view.role) and room is not view.room:
                link(say(room.title), room.path, "button solid")
        if view.role == "officer":
            link(say("Officer's page"), OFFICER_PAGE, "button solid")
        for address in INTERFACES.get(view.role, ()):
            link(say("Interface: {address}", address=address), address, "button line")
