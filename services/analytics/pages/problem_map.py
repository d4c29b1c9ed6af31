"""The problem map: pain points on buildings and floors, on a plain ground (no tiles from outside)."""

import math
from collections import defaultdict
from dataclasses import dataclass

from nicegui import ui
from nicegui.events import GenericEventArguments

from contracts.mediation import WITHHELD
from services.analytics.pages.incident import open_incident
from services.analytics.pages.kit import Text, box, keyed, nothing, opening
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel, loading
from services.analytics.pages.phrases import INCIDENT_PHASE, ISSUE_PHASE, POINT_PHASE
from services.analytics.pages.shapes import Problem, ProblemBuilding, ProblemMap
from services.analytics.pages.teahouse.item import open_item
from services.analytics.pages.tokens import THEMES
from services.analytics.pages.viewer import View

MAP_WIDTH = 600
"""Pixels that the buildings should spread over."""
QUIET = 6
"""So many buildings without an open problem are still listed one by one."""
NEAR = 0.0005
"""Degrees within which a click on the map means a building."""


@dataclass(frozen=True)
class Spot:
    """A building and its problems."""

    building: ProblemBuilding
    problems: tuple[Problem, ...]

    @property
    def open(self) -> int:
        """Problems that are not done."""
        return self.building.open

    @property
    def at(self) -> tuple[float, float] | None:
        """Latitude and longitude, where they are known."""
        location = self.building.location or {}
        if "latitude" not in location:
            return None
        return float(location["latitude"]), float(location["longitude"])


@dataclass(frozen=True)
class Spots:
    """The buildings with the most open problems, and how many buildings there are."""

    shown: tuple[Spot, ...]
    total: int


async def build(view: View, live: Live, asked: dict[str, str]) -> None:
    """The buildings, how many problems each has, and what they are."""
    words = view.words
    place = asked.get("place")
    chosen = {"building": asked.get("building", "")}
    with box("desk-head"), box("desk-title"):
        Text(words.say("Problem map"), tag="h1")
        Text(words.say("pain points of buildings, floor by floor"), "desk-where")
    with box("two-columns"):
        map_box = box("map-box panel")
        with map_box:
            loading(view)
        listing: Panel[Spots] = Panel(
            lambda: _load(view, place),
            lambda content: _listing(view, content, chosen, listing),
            "beside",
            name=words.say("Buildings"),
            view=view,
        )
    spots = await _load(view, place)
    map_box.clear()
    with map_box:
        _map(view, spots, chosen, listing)
    listing.follow(live, "problems").show(spots)


async def _load(view: View, place: str | None) -> Spots:
    found = await view.gateway.get(ProblemMap, "/analytics/problem-map", {"place": place, "state": "open"})
    by_building: dict[str, list[Problem]] = defaultdict(list)
    for problem in found.items:
        if problem.building:
            by_building[problem.building].append(problem)
    spots = [Spot(building, tuple(by_building[building.id])) for building in found.buildings]
    shown = tuple(sorted(spots, key=lambda spot: (-spot.open, spot.building.name)))
    return Spots(shown, max(found.buildings_total, len(shown)))


def _map(view: View, spots: Spots, chosen: dict[str, str], listing: Panel[Spots]) -> None:
    placed = [(spot, at) for spot in spots.shown if (at := spot.at)]
    if not placed:
        nothing(
            view.words.say("No building has a position yet"),
            view.words.say("Buildings registered with a position stand on the map."),
        )
        return
    framed = [(spot, at) for spot, at in placed if spot.open] or placed
    latitudes, longitudes = ([at[axis] for _, at in framed] for axis in (0, 1))
    centre = ((min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2)
    options = {"attributionControl": False, "zoomSnap": 0.5, "maxZoom": 20}
    board = ui.leaflet(center=centre, zoom=_zoom(latitudes, longitudes), options=options).classes("map")
    board.clear_layers()
    board.props["aria-label"] = view.words.say("Map of the buildings; the list beside it says the same")
    for spot, at in placed:
        _mark(view, board, spot, at, named=len(placed) <= QUIET or spot.open > 0)

    def clicked(event: GenericEventArguments) -> None:
        spot = nearest(spots.shown, event.args["latlng"]["lat"], event.args["latlng"]["lng"])
        if spot is not None:
            chosen["building"] = spot.building.id
            held, listing.held = listing.held, None
            listing.show(held or spots)

    board.on("map-click", clicked)


def _mark(view: View, board: ui.leaflet, spot: Spot, at: tuple[float, float], *, named: bool) -> None:
    ink = THEMES[view.theme]["ink"]
    style = {
        "radius": 10 + 6 * math.sqrt(spot.open) if named else 6,
        "color": ink,
        "weight": 2,
        "fillColor": ink,
        "fillOpacity": 0.85 if spot.open else 0.0,
    }
    layer = board.generic_layer(name="circleMarker", args=[at, style])
    if named:
        board.on("init", lambda: layer.run_method("bindTooltip", _label(view, spot), TOOLTIP))


TOOLTIP = {"permanent": True, "direction": "bottom", "offset": [0, 12], "className": "map-label"}


def _label(view: View, spot: Spot) -> str:
    count = view.words.count("{n} open problem", "{n} open problems", spot.open)
    name = _name(view, spot).replace("&", "&amp;").replace("<", "&lt;")
    return f"{name} · {count}"


def _name(view: View, spot: Spot) -> str:
    return view.building(spot.building.place, spot.building.name)


def _zoom(latitudes: list[float], longitudes: list[float]) -> int:
    spread = max(max(latitudes) - min(latitudes), max(longitudes) - min(longitudes), 0.0005)
    return max(3, min(19, int(math.log2(MAP_WIDTH * 360 / 256 / spread))))


def nearest(spots: tuple[Spot, ...], latitude: float, longitude: float) -> Spot | None:
    """The building that a click means, if one is near."""
    near = [(math.dist(spot.at, (latitude, longitude)), spot) for spot in spots if spot.at]
    distance, spot = min(near, key=lambda pair: pair[0], default=(NEAR + 1, None))
    return spot if distance <= NEAR else None


def _listing(view: View, found: Spots, chosen: dict[str, str], panel: Panel[Spots]) -> None:
    words, spots = view.words, found.shown
    if not spots:
        nothing(words.say("No building is registered yet"))
    shown = chosen["building"] or (spots[0].building.id if spots else "")
    listed = [spot for spot in spots if spot.open or spot.building.id == shown] or spots[:QUIET]
    if len(spots) - len(listed) <= QUIET:
        listed = list(spots)
    for spot in listed:
        ident = spot.building.id

        def choose(ident: str = ident) -> None:
            chosen["building"] = ident
            held, panel.held = panel.held, None
            panel.show(held or found)

        with keyed(box("panel spot"), ident):
            with opening("spot-head", choose, _name(view, spot)) as head:
                head.props["aria-expanded"] = str(ident == shown).lower()
                Text(_name(view, spot), "item-title")
                Text(words.count("{n} open problem", "{n} open problems", spot.open), "aside")
            if ident == shown:
                _floors(view, spot, panel)
    _rest(view, found.total - len(listed), quiet=len(spots) == found.total or not spots[-1].open)


def _rest(view: View, count: int, *, quiet: bool) -> None:
    if count > 0 and quiet:
        Text(view.words.say("{n} more buildings have nothing open", n=count), "aside", "p")
    elif count > 0:
        Text(view.words.say("{n} more buildings are not shown", n=count), "aside", "p")


def _floors(view: View, spot: Spot, panel: Panel[Spots]) -> None:
    words = view.words
    if not spot.problems:
        Text(words.say("Nothing is open here"), "aside")
    by_floor: dict[int | None, list[Problem]] = defaultdict(list)
    for problem in spot.problems:
        by_floor[problem.floor].append(problem)
    for floor in sorted(by_floor, key=lambda number: -1000 if number is None else -number):
        name = words.say("Whole building") if floor is None else words.say("Floor {n}", n=floor)
        Text(name, tag="h3")
        for problem in by_floor[floor]:
            _problem(view, problem, panel)
    missing = spot.open - sum(p.kind == "pain-point" and p.phase != "resolved" for p in spot.problems)
    if missing > 0:
        Text(words.say("{n} more are not shown", n=missing), "aside", "p")


def problem_title(view: View, problem: Problem) -> str:
    """Its public title, else what it is about; what stands for a withheld title is in both languages."""
    own = view.words.say("A resident's item") if problem.title == WITHHELD else problem.title
    return own or " · ".join(filter(None, [view.category(problem.category), problem.label]))


def _problem(view: View, problem: Problem, panel: Panel[Spots]) -> None:
    incident = problem.kind == "incident"
    title = problem_title(view, problem)
    phases = INCIDENT_PHASE if incident else {**ISSUE_PHASE, **(POINT_PHASE if problem.kind == "pain-point" else {})}

    async def act() -> None:
        if incident:
            await open_incident(view, problem.id)
        else:
            await open_item(view, problem.id, panel.refresh)

    with keyed(opening("problem", act, title), problem.id):
        Text(title)
        Text(view.words.say(phases.get(problem.phase, problem.phase)), "aside")
