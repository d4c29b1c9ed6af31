"""What asks for an officer: a filled dot where nobody has taken it, a ring where somebody has."""

from services.analytics.pages.alert import alert_title, open_alert
from services.analytics.pages.drawing.clocks import Ticking
from services.analytics.pages.kit import Text, box, heading, keyed, nothing, opening
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.people import somebody
from services.analytics.pages.shapes import Alert
from services.analytics.pages.viewer import View
from services.analytics.pages.wall.rows import rows

Content = tuple[tuple[Alert, ...], bool]
"""The alerts, and whether there are more."""


def alerts_panel(view: View, live: Live) -> Panel[Content]:
    """The open alerts, those that nobody has taken first."""
    panel: Panel[Content]

    async def load() -> Content:
        listed = await view.gateway.list(Alert, "/analytics/alerts", {"state": "open", "limit": 50})
        await view.learn_places(alert.place for alert in listed.items)
        order = lambda alert: (alert.state != "raised", -alert.asks_since.timestamp())  # noqa: E731
        return tuple(sorted(listed.items, key=order)), listed.more

    def draw(content: Content) -> None:
        words, (alerts, more) = view.words, content
        untaken = sum(alert.state == "raised" for alert in alerts)
        aside = words.count("{n} alert", "{n} alerts", len(alerts))
        if untaken:
            aside = f"{aside} · {words.count('{n} taken by nobody', '{n} taken by nobody', untaken)}"
        aside = words.at_least(aside, more=more)
        heading(words.say("Alerts"), words.gloss("Alerts"), aside if alerts else "")
        if not alerts:
            nothing(words.say("No open alert"))
        rows(view, words.say("Alerts"), alerts, lambda alert: _row(view, alert, panel), more=more)

    panel = Panel(load, draw, "panel alerts", name=view.words.say("Alerts"), view=view)
    return panel.follow(live, "alerts")


def _row(view: View, alert: Alert, panel: Panel[Content]) -> None:
    words = view.words
    title = alert_title(view, alert)
    untaken = alert.state == "raised"
    kind = f"alert {'untaken' if untaken else 'taken'} {alert.severity}"
    with keyed(opening(kind, lambda: open_alert(view, alert.id, panel.refresh), title), alert.id):
        box("alert-dot").props("aria-hidden=true")
        with box("alert-words"):
            Text(title, "alert-title")
            with box("alert-below"):
                Text(_about(view, alert), "aside")
                with box("aside waiting"):
                    if untaken:
                        Ticking("since", words, alert.asks_since)
                        Text(f"· {words.say('taken by nobody')}", "nobody")
                    else:
                        Text(f"{somebody(view, alert.by)} ·")
                        Ticking("since", words, alert.acknowledged_at or alert.asks_since)


def _about(view: View, alert: Alert) -> str:
    words = view.words
    if alert.due_at:
        said = words.say("due {when}", when=view.at(alert.place).when(alert.due_at, view.now))
    else:
        said = f"{words.count('{n} event', '{n} events', alert.count)} · v{alert.rule_version}"
    where = view.place(alert.place) if view.visitor or not alert.label else alert.label
    return said if where in alert_title(view, alert) else f"{where} · {said}"
