"""Figures over their periods as thin lines, each named at its end; ink and greys, no colours."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from nicegui import ui

from services.analytics.pages.shapes import Figure
from services.analytics.pages.tokens import FAMILY, THEMES
from services.analytics.pages.viewer import View

MOST = 8
"""Lines beyond this number would not be told apart; the largest are drawn."""
Key = tuple[str | None, str | None]
"""Category and source; none of them in a total."""
DASHES = ("solid", "dashed", "dotted")


def periods_chart(view: View, figures: Sequence[Figure]) -> ui.echart:
    """A line for each category."""
    periods = sorted({figure.period for figure in figures})
    lines: dict[Key, dict[str, float | None]] = defaultdict(dict)
    for figure in figures:
        lines[figure.category, figure.source][figure.period] = figure.value
    largest = sorted(lines, key=lambda name: -max(value or 0 for value in lines[name].values()))[:MOST]
    ink = THEMES[view.theme]
    chart = ui.echart(
        {
            "animation": False,
            "textStyle": {"fontFamily": FAMILY, "color": ink["quiet"], "fontSize": 13},
            "grid": {"left": 56, "right": 200, "top": 16, "bottom": 32},
            "tooltip": _tooltip(ink),
            "xAxis": _axis(ink, {"type": "category", "data": periods, "boundaryGap": False}),
            "yAxis": _axis(ink, {"type": "value", "splitLine": {"lineStyle": {"color": ink["line"]}}}),
            "series": [_line(view, name, lines[name], periods, at, ink) for at, name in enumerate(largest)],
        }
    )
    chart.classes("chart").props["aria-label"] = view.words.say("Figures by category and period")
    return chart


def _axis(ink: Any, more: dict[str, Any]) -> dict[str, Any]:
    plain = {"axisLine": {"lineStyle": {"color": ink["track"]}}, "axisTick": {"show": False}}
    return {**plain, "axisLabel": {"color": ink["quiet"]}, **more}


def _tooltip(ink: Any) -> dict[str, Any]:
    return {
        "trigger": "axis",
        "backgroundColor": ink["panel"],
        "borderColor": ink["track"],
        "textStyle": {"color": ink["ink"]},
        "axisPointer": {"lineStyle": {"color": ink["track"]}},
    }


def _line(
    view: View, key: Key, values: dict[str, float | None], periods: Sequence[str], at: int, ink: Any
) -> dict[str, Any]:
    colour = ink["ink"] if at == 0 else ink["quiet"]
    category, source = key
    name = view.category(category) if category else view.words.say("All of them")
    return {
        "type": "line",
        "name": f"{name} · {view.site.gazetteer.source(source, view.words.language)}" if source else name,
        "data": [values.get(period) for period in periods],
        "symbol": "none",
        "color": colour,
        "lineStyle": {"width": 2 if at == 0 else 1.5, "type": DASHES[at % len(DASHES)]},
        "endLabel": {"show": True, "formatter": "{a}", "color": colour, "width": 180, "overflow": "truncate"},
        "labelLayout": {"moveOverlap": "shiftY"},
    }
