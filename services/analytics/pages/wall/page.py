"""Puts the wall together."""

import asyncio

from nicegui import ui

from services.analytics.pages.kit import Text, box
from services.analytics.pages.live import Live
from services.analytics.pages.viewer import View
from services.analytics.pages.wall.alerts import alerts_panel
from services.analytics.pages.wall.building import BuildingPanel
from services.analytics.pages.wall.feed import feed_panel
from services.analytics.pages.wall.incidents import incidents_panel
from services.analytics.pages.wall.nets import nets_panel
from services.analytics.pages.wall.tiles import tiles_panel

KEYS = """<script>
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [role=dialog]")) return;
  const [name, value] = { v: ["visitor", "1"], w: ["size", "wall"] }[event.key] ?? [];
  if (!name) return;
  const here = new URL(location.href);
  here.searchParams.has(name) ? here.searchParams.delete(name) : here.searchParams.set(name, value);
  location.replace(here);
});
if (new URL(location.href).searchParams.get("size") === "wall") document.documentElement.dataset.size = "wall";
</script>"""
"""One key for visitors (walls get photographed), one for the size that is read from afar."""


async def build(view: View, live: Live, asked: dict[str, str]) -> None:
    """The wall of a place."""
    place = asked.get("place") or view.site.home_place
    ui.add_head_html(KEYS)
    with box("wall-grid"):
        building = BuildingPanel(view, live, place, asked)
        with box("proof-and-work"):
            tiles = tiles_panel(view, live)
            Text(
                view.words.say(
                    "Line: 95 % interval, grey where it crosses zero and may be chance. "
                    "Open a figure for its very events."
                ),
                "tiles-note",
                "p",
            )
            with box("work"):
                alerts = alerts_panel(view, live)
                incidents = incidents_panel(view, live)
            nets = nets_panel(view, live, place)
        feed = feed_panel(view, live, building.changed)
    panels = (building, tiles, alerts, incidents, nets, feed)
    await asyncio.gather(*(panel.refresh() for panel in panels))
