"""Reported figures that do not count yet: far from what their source reported before, or its first."""

from services.analytics.pages.gateway import Done, Gateway
from services.analytics.pages.kit import Text, box, button
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.shapes import WaitingReport
from services.analytics.pages.sheet import attempt, new_key
from services.analytics.pages.tables import cell, drawn_cell, table
from services.analytics.pages.viewer import View

Content = tuple[WaitingReport, ...]


def waiting_panel(view: View, live: Live) -> Panel[Content]:
    """What waits inside the viewer's places; a supervisor releases it here. Nothing is drawn where nothing waits."""
    say = view.words.say
    panel: Panel[Content]

    async def load() -> Content:
        return (await view.reading("analytics").list(WaitingReport, "/analytics/indicators/waiting")).items

    def draw(reports: Content) -> None:
        if not reports:
            return
        Text(say("Reported figures that do not count yet"), tag="h2")
        Text(
            say("The first of its source, or far from the one before: it counts once a supervisor releases it."),
            "aside",
            "p",
        )
        titles = [say("Figure"), say("Source"), say("Place"), say("Period"), say("Reported"), say("Before"), ""]
        kinds = ("", "", "", "", "number", "number", "number")
        with table(say("Reported figures that do not count yet"), list(zip(titles, kinds, strict=True))):
            for report in reports:
                _row(view, report, titles, panel)

    panel = Panel(load, draw, "waiting-reports", name=say("Reported figures that do not count yet"), view=view)
    return panel.follow(live, "kpi")


def _amount(view: View, value: float | None) -> str:
    return view.words.number(value, 0 if value is None or value.is_integer() else 2)


def _row(view: View, report: WaitingReport, titles: list[str], panel: Panel[Content]) -> None:
    words, key = view.words, new_key()
    name = view.category(report.indicator)

    async def release() -> None:
        body = report.model_dump(mode="json", exclude={"unit", "usual"})

        async def send(gateway: Gateway) -> Done:
            return await gateway.do("/analytics/indicators/release", body, key=key)

        if await attempt(view, send, words.say("Released. It counts from now on.")):
            await panel.refresh()

    values = (
        name,
        view.site.gazetteer.source(report.source, words.language),
        view.place(report.place),
        f"{report.span.first} – {report.span.last}",
        f"{_amount(view, report.value)} {report.unit}",
        _amount(view, report.usual),
    )
    with box("", "tr"):
        for at, value in enumerate(values):
            cell(value, "number" if at > 3 else "", titles[at])
        with drawn_cell("number"):
            if view.role == "supervisor":
                label = words.say("Release {name}, {period}", name=name, period=values[3])
                button(words.say("Release"), release, label=label)
