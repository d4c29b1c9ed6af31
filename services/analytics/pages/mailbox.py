"""The mailbox of embedded mode: each attempt to tell somebody of an alert."""

from services.analytics.pages.alert import open_alert
from services.analytics.pages.kit import Text, box, nothing, opening
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.people import somebody
from services.analytics.pages.phrases import DELIVERY
from services.analytics.pages.shapes import Delivery
from services.analytics.pages.viewer import View
from services.analytics.pages.words import mark

CHANNELS = {
    "mailbox": mark("Mailbox"),
    "folder": mark("Folder"),
    "file": mark("Folder"),
    "mail": mark("Mail"),
    "email": mark("Mail"),
    "webhook": mark("Webhook"),
    "push": mark("Push"),
}
Content = tuple[Delivery, ...]


async def build(view: View, live: Live, asked: dict[str, str]) -> None:
    """The deliveries that the viewer may see, newest first."""
    del asked
    words = view.words
    with box("desk-head"), box("desk-title"):
        Text(words.say("Mailbox"), tag="h1")
        Text(words.say("what alerts said to whom, and each attempt"), "desk-where")

    async def load() -> Content:
        return (await view.gateway.list(Delivery, "/analytics/mailbox", {"limit": 100})).items

    def draw(deliveries: Content) -> None:
        if not deliveries:
            nothing(words.say("No message yet"), words.say("Each alert is delivered here, whatever else is set up."))
        with box("cards", "ul"):
            for delivery in deliveries:
                with box("", "li"):
                    _letter(view, delivery, panel)

    panel = Panel(load, draw, "letters", name=words.say("Mailbox"), view=view).follow(live, "alerts")
    await panel.refresh()


def _letter(view: View, delivery: Delivery, panel: Panel[Content]) -> None:
    words = view.words
    title = words.of(delivery.words) or delivery.alert
    with opening("panel item", lambda: open_alert(view, delivery.alert, panel.refresh), title):
        with box("item-line"):
            Text(title, "item-title")
            Text(words.when(delivery.at, view.now), "aside")
        body = words.of(delivery.body)
        if body and not body.startswith(title):
            Text(body, "letter-body", "p")
        with box("item-line"):
            Text(" · ".join(filter(None, [_channel(view, delivery), view.place(delivery.place)])), "aside")
            with box("aside due"):
                _state(view, delivery)


def _channel(view: View, delivery: Delivery) -> str:
    channel = view.words.say(CHANNELS[delivery.channel]) if delivery.channel in CHANNELS else delivery.channel
    to = somebody(view, delivery.to)
    return f"{channel} → {to}" if to and to != delivery.channel else channel


def _state(view: View, delivery: Delivery) -> None:
    words = view.words
    failed = delivery.state in {"failed", "given-up"}
    Text(words.say(DELIVERY.get(delivery.state, delivery.state)), "late" if failed else "")
    if delivery.attempt > 1 or failed:
        Text(f" · {words.say('attempt {n}', n=delivery.attempt)}")
    if delivery.next_at and failed:
        Text(f" · {words.say('again at {time}', time=words.clock(delivery.next_at))}")
