"""The pages, and who may enter them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.analytics.pages.tokens import Theme
from services.analytics.pages.words import mark


@dataclass(frozen=True)
class Room:
    """A page.

    Attributes:
        path: its address. title: its name in English, said in the viewer's language. roles: who may enter.
        theme: how it looks unless the viewer chose. linked: whether it stands in the navigation.
    """

    path: str
    title: str
    roles: frozenset[str]
    theme: Theme = "light"
    linked: bool = True


WATCHING: Final = frozenset({"officer", "supervisor", "dispatcher"})
FIELD: Final = frozenset({"officer", "supervisor", "auxiliary", "property-manager"})

WALL: Final = Room("/", mark("Wall"), WATCHING, theme="dark")
DISPATCH: Final = Room("/dispatch", mark("Dispatch"), frozenset({"dispatcher", "supervisor"}))
TEAHOUSE: Final = Room(
    "/teahouse",
    mark("Teahouse"),
    WATCHING | {"auxiliary", "resident", "mediator", "partner", "property-manager", "analyst"},
)
FIGURES: Final = Room("/kpis", mark("Figures"), WATCHING | {"analyst", "administrator"})
MAP: Final = Room(
    "/map",
    mark("Problem map"),
    WATCHING | {"auxiliary", "mediator", "property-manager", "analyst"},
)
MAILBOX: Final = Room("/mailbox", mark("Mailbox"), WATCHING | {"auxiliary", "mediator", "patrol", "property-manager"})
PROPERTY: Final = Room("/property", mark("Property"), frozenset({"property-manager"}))
REPORT: Final = Room("/report", mark("Report"), frozenset({"patrol"}))
OVERSEER: Final = Room("/overseer", mark("Access log"), frozenset({"overseer"}))
UNIT: Final = Room("/units/{unit}", mark("Unit"), FIELD, linked=False)

ROLE_NAMES: Final[Mapping[str, str]] = {
    "officer": mark("Officer"),
    "supervisor": mark("Supervisor"),
    "dispatcher": mark("Dispatcher"),
    "mediator": mark("Mediator"),
    "auxiliary": mark("Auxiliary officer"),
    "patrol": mark("Patrol member"),
    "property-manager": mark("Property manager"),
    "operator": mark("Operator"),
    "partner": mark("Partner"),
    "resident": mark("Resident"),
    "analyst": mark("Analyst"),
    "integrator": mark("Integrator"),
    "data-platform": mark("City's data platform"),
    "overseer": mark("Overseer"),
    "administrator": mark("Administrator"),
    "system": mark("System"),
    "policy": mark("Rule"),
}
"""What roles are called."""

CHOOSABLE: Final = tuple(role for role in ROLE_NAMES if role not in {"system", "policy"})
"""The roles that people have."""

START: Final = Room("/start", mark("Start"), frozenset(CHOOSABLE), linked=False)
SIGN_IN: Final = "/sign-in"
SIGN_OUT: Final = "/sign-out"

ROOMS: Final = (WALL, DISPATCH, TEAHOUSE, FIGURES, MAP, MAILBOX, PROPERTY, REPORT, OVERSEER, UNIT, START)

OFFICER_PAGE: Final = "/officer/"

HOMES: Final[Mapping[str, str]] = {
    "officer": OFFICER_PAGE,
    "supervisor": WALL.path,
    "dispatcher": WALL.path,
    "analyst": FIGURES.path,
    "administrator": FIGURES.path,
    "property-manager": PROPERTY.path,
    "mediator": TEAHOUSE.path,
    "auxiliary": MAP.path,
    "partner": START.path,
    "patrol": REPORT.path,
    "operator": START.path,
    "integrator": START.path,
    "resident": TEAHOUSE.path,
    "overseer": OVERSEER.path,
}
"""Where each role begins."""

SWITCHER: Final = ("dispatcher", "supervisor", "officer", "property-manager", "resident", "overseer")
"""The roles that the switcher of embedded mode offers."""


def home(role: str) -> str:
    """Where a role begins; a page that it may enter."""
    return HOMES.get(role, START.path)


def may_enter(room: Room, role: str) -> bool:
    """Whether a role may enter a room."""
    return role in room.roles
