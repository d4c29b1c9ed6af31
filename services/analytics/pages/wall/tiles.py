"""The figures, year on year: both counts, the change, and its doubt."""

from nicegui import ui

from services.analytics.pages.comparison import notes, without_change
from services.analytics.pages.drawing.figures import interval_line, sparkline
from services.analytics.pages.evidence import open_figure
from services.analytics.pages.gateway import Refusal
from services.analytics.pages.kit import Text, box, keyed, nothing, opening, picture
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.refusals import INCOMPLETE, counting
from services.analytics.pages.shapes import Figure, Rates
from services.analytics.pages.viewer import View

TILES = 7
Content = tuple[tuple[Figure, ...], Rates | None] | str
"""The figures and the rates of the teahouse; or why there are none yet."""


def tiles_panel(view: View, live: Live) -> Panel[Content]:
    """The KPI tiles of the wall, and the teahouse beside them."""

    async def load() -> Content:
        try:
            figures = await view.gateway.list(Figure, "/analytics/kpis", {"limit": TILES})
        except Refusal as refusal:
            if refusal.kind != INCOMPLETE:
                raise
            return counting(view.words, view.site.watch.sight.positions)
        rates = await view.gateway.get(Rates, "/mediation/rates", {"kind": "agenda-item"})
        return figures.items[:TILES], rates if rates.raised else None

    def draw(content: Content) -> None:
        if isinstance(content, str):
            with box("panel"):
                nothing(content)
            return
        figures, rates = content
        if not figures and rates is None:
            with box("panel"):
                nothing(
                    view.words.say("No figures yet"),
                    view.words.say("Figures appear with the first events, year on year once both years are covered."),
                )
            return
        for figure in figures:
            tile(view, figure)
        if rates is not None:
            teahouse_tile(view, rates)

    return Panel(load, draw, "tiles", name=view.words.say("Figures"), view=view).follow(live, "kpi", "mediation")


def span_words(view: View, figure: Figure) -> str:
    """Which span is held against which."""
    say = view.words.say
    if figure.basis == "before-after":
        return say("after/before start")
    if figure.span and figure.previous_span:
        now, before = figure.span, figure.previous_span
        return f"{_span(now.first.year, now.last.year)}/{_span(before.first.year, before.last.year)}"
    return figure.period


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def figure_name(view: View, figure: Figure) -> str:
    """What the figure counts."""
    if figure.name:
        return view.words.of(figure.name)
    return view.category(figure.category) if figure.category else view.words.say("All of them")


def interval_words(view: View, interval: tuple[float | None, float | None]) -> str:
    """An interval, said aloud; one without an upper bound says so."""
    low, high = (view.words.percent(end) if end is not None else "∞" for end in interval)
    return view.words.say("95 % interval from {low} to {high}", low=low, high=high)


def tile(view: View, figure: Figure) -> ui.element:
    """One figure."""
    words = view.words
    name = figure_name(view, figure)
    where = view.place(figure.place or "")
    label = words.say("{name}, {place}: open the events behind it", name=name, place=where)
    with keyed(opening("panel tile", lambda: open_figure(view, figure, name), label), figure.id) as element:
        with box("tile-head"):
            Text(name, "tile-name")
            Text(f"{where} · {span_words(view, figure)}", "tile-where")
        with box("tile-count"):
            with box("tile-figure"):
                Text(words.number(figure.value), "figure")
                if unit_words(view, figure.unit):
                    Text(unit_words(view, figure.unit), "gloss")
            before = words.number(figure.previous)
            Text(words.say("before: {n}", n=before), "tile-before")
        if figure.series:
            picture(
                sparkline(figure.series.value, figure.series.previous, words.say("Both spans, month by month")),
                "tile-spark",
            )
        _change(view, figure)
        for note in notes(view, figure):
            Text(note, "tile-note")
    return element


def unit_words(view: View, unit: str) -> str:
    """The unit of a figure that is not a count; money is shown in ten thousands."""
    known = {"CNY10k": view.words.say("CNY 10k"), "count": "", "persons": view.words.say("persons")}
    return known.get(unit, unit)


def _change(view: View, figure: Figure) -> None:
    words = view.words
    chance = bool(figure.may_be_chance)
    with box("tile-change chance" if chance else "tile-change"):
        if figure.change_percent is None:
            Text(without_change(view, figure), "aside")
            return
        Text(words.percent(figure.change_percent, figure.change_digits), "change-figure")
        if figure.interval:
            label = interval_words(view, figure.interval)
            if chance:
                label = f"{label}; {words.say('may be chance')}"
            picture(interval_line(figure.change_percent, figure.interval, label, chance=chance), "interval-box")
        else:
            Text(words.say("no interval"), "aside")


def teahouse_tile(view: View, rates: Rates) -> ui.element:
    """Two rates that are never one."""
    words = view.words
    act = lambda: ui.navigate.to("/teahouse")  # noqa: E731 - the one thing this tile does
    with opening("panel tile", act, words.say("Open the teahouse")) as element:
        with box("tile-head"):
            Text(words.say("Teahouse items"), "tile-name")
            Text(words.say("all of them"), "tile-where")
        with box("tile-count"):
            Text(words.number(rates.raised), "figure")
            Text(words.say("without an answer: {n}", n=words.number(rates.unanswered)), "tile-before")
        with box("tile-rates"):
            for name, percent in (
                (words.say("done"), rates.resolved_percent),
                (words.say("confirmed"), rates.confirmed_percent),
            ):
                Text(name, "aside")
                Text(f"{words.share(percent)}%", "change-figure")
    return element
