"""Figures by category and period, of this city and of imported ones."""

from collections.abc import Sequence
from urllib.parse import urlencode

from nicegui import ui

from services.analytics.pages.chart import periods_chart
from services.analytics.pages.comparison import notes, without_change
from services.analytics.pages.drawing.figures import interval_line
from services.analytics.pages.evidence import open_figure
from services.analytics.pages.forms import Choice, Field
from services.analytics.pages.gateway import Query
from services.analytics.pages.kit import Text, box, button, nothing, picture
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.shapes import Figure, FigurePlace, Listing
from services.analytics.pages.tables import cell, drawn_cell, table
from services.analytics.pages.viewer import View
from services.analytics.pages.waiting import waiting_panel
from services.analytics.pages.wall.tiles import figure_name, interval_words, tile, unit_words

NAMES = ("place", "period", "category", "source", "kind", "from", "to")
LIMIT = 600
ROWS = 60
REPORTING = frozenset({"officer", "supervisor", "analyst", "administrator"})
"""Roles that report figures, and see which of them wait."""
Content = tuple[Sequence[Figure], str | None]
"""A page of figures, and the cursor of the next one."""


async def build(view: View, live: Live, asked: dict[str, str]) -> None:
    """The figures that the address asks for; without a place, those with a name."""
    words = view.words
    filters = {name: asked[name] for name in NAMES if asked.get(name)}
    if filters:
        filters.setdefault("period", "year")
    places = (await view.gateway.list(FigurePlace, "/analytics/kpi-places")).items
    with box("desk-head"), box("desk-title"):
        Text(words.say("Figures"), tag="h1")
        Text(_covered(view, places, filters.get("place")), "desk-where")
    if view.role in REPORTING:
        await waiting_panel(view, live).refresh()
    _filters(view, places, filters)
    panel = Panel(
        lambda: _load(view, filters), lambda found: _draw(view, found, filters), "figures", view=view, rebuilt=True
    )
    panel.follow(live, "kpi")
    await panel.refresh()


async def _load(view: View, filters: dict[str, str], cursor: str | None = None) -> Content:
    asked: Query = {**filters, "limit": LIMIT, "cursor": cursor}
    listed: Listing[Figure] = await view.gateway.list(Figure, "/analytics/kpis", asked)
    return listed.items, listed.next


def _covered(view: View, places: tuple[FigurePlace, ...], place: str | None) -> str:
    for entry in places:
        if entry.place == place and entry.first and entry.last:
            return view.words.say(
                "{place}, covered {first} to {last}", place=view.place(place), first=entry.first, last=entry.last
            )
    return view.place(place or "")


def _filters(view: View, places: tuple[FigurePlace, ...], filters: dict[str, str]) -> None:
    say = view.words.say
    options = {"": say("Figures with a name"), **{entry.place: view.place(entry.place) for entry in places}}
    if filters.get("place"):
        options.setdefault(filters["place"], view.place(filters["place"]))
    periods = {"year": say("by year"), "month": say("by month"), "day": say("by day")}
    with box("fields filters").props('role="search"'):
        place = Choice(say("Place"), options, filters.get("place", ""))
        period = Choice(say("Period"), periods, filters.get("period", "year"))
        category = Field(say("Category"), value=filters.get("category", ""), limit=120)
        first = Field(say("From"), kind="date", value=filters.get("from", ""))
        last = Field(say("To"), kind="date", value=filters.get("to", ""))

        def show() -> None:
            chosen = {
                "place": place.given,
                "period": period.given if place.given else None,
                "category": category.given,
                "from": first.given,
                "to": last.given,
            }
            ui.navigate.to("/kpis?" + urlencode({name: value for name, value in chosen.items() if value}))

        with box("field"):
            Text("\u00a0", "field-name")
            button(say("Show"), show, kind="solid")


def _draw(view: View, found: Content, filters: dict[str, str]) -> None:
    say, (figures, following) = view.words.say, found
    if not figures:
        nothing(
            say("No figures yet") if not filters else say("Nothing is counted there"),
            say("A figure needs events, and a declared coverage for its year on year."),
        )
    elif not filters:
        with box("tiles"):
            for figure in figures:
                tile(view, figure)
        Text(
            say(
                "Line: 95 % interval, grey where it crosses zero and may be chance. Open a figure for its very events."
            ),
            "tiles-note",
            "p",
        )
    else:
        if len({figure.period for figure in figures}) > 2:
            periods_chart(view, figures)
            if following:
                begun = min(figure.period for figure in figures)
                Text(say("The chart begins with {period}; the table goes further back.", period=begun), "aside", "p")
        _table(view, figures, following, filters)


def _table(view: View, figures: Sequence[Figure], following: str | None, filters: dict[str, str]) -> None:
    """The latest periods first; a page of rows at a time, since a browser should not draw what is not read."""
    say = view.words.say
    titles = [say("Category"), say("Period"), say("Count"), say("Before"), say("Change"), say("95 % interval"), ""]
    kinds = ("", "", "number", "number", "number", "doubt-column", "number")
    with table(say("Figures by category and period"), list(zip(titles, kinds, strict=True))) as body:
        _rows(view, (figures, following), titles, body, filters)


def _rows(view: View, found: Content, titles: Sequence[str], body: ui.element, filters: dict[str, str]) -> None:
    figures, following = found
    for figure in figures[:ROWS]:
        _row(view, figure, titles)
    rest = figures[ROWS:]
    if not rest and not following:
        return
    with box("", "tr") as last, drawn_cell("more-cell"):

        async def more() -> None:
            further = (rest, following) if rest else await _load(view, filters, following)
            last.delete()
            with body:
                _rows(view, further, titles, body, filters)

        button(view.words.say("Show more"), more)


def _row(view: View, figure: Figure, titles: Sequence[str]) -> None:
    words, name = view.words, figure_name(view, figure)
    with box("", "tr"):
        with drawn_cell("", titles[0]), box("named"):
            Text(f"{name} {unit_words(view, figure.unit)}".strip())
            if figure.source:
                Text(view.site.gazetteer.source(figure.source, words.language), "aside")
        cell(figure.period, "", titles[1])
        cell(words.number(figure.value), "number", titles[2])
        cell(words.number(figure.previous), "number", titles[3])
        cell(words.percent(figure.change_percent, figure.change_digits), "number", titles[4])
        with drawn_cell("doubt-column", titles[5]):
            _doubt(view, figure)
        with drawn_cell("number"):
            label = words.say("{name}, {place}: open the events behind it", name=name, place=figure.period)
            button(words.say("Events"), lambda: open_figure(view, figure, name), kind="plain", label=label)


def _doubt(view: View, figure: Figure) -> None:
    if figure.change_percent is None:
        Text(without_change(view, figure), "aside")
    elif figure.interval:
        label = interval_words(view, figure.interval)
        picture(
            interval_line(figure.change_percent, figure.interval, label, chance=bool(figure.may_be_chance)),
            "interval-box",
        )
    for note in notes(view, figure):
        Text(note, "aside", "p")
