"""The mailbox: what the viewer was told, and what others were told at places that the viewer may see."""

from services.analytics.pages.alert import open_alert
from services.analytics.pages.incident import open_incident
from services.analytics.pages.kit import Act, Text, box, keyed, nothing, opening
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.people import somebody
from services.analytics.pages.phrases import DELIVERY
from services.analytics.pages.shapes import Delivery
from services.analytics.pages.teahouse.item import open_item
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
KINDS = {
    "escalation": mark("Escalated"),
    "assignment": mark("New task"),
    "promise": mark("Missed promise"),
}
Content = tuple[tuple[Delivery, ...], tuple[Delivery, ...]]


async def build(view: View, live: Live, asked: dict[str, str]) -> None:
    """The deliveries that the viewer may see, newest first."""
    del asked
    words = view.words
    with box("desk-head"), box("desk-title"):
        Text(words.say("Mailbox"), tag="h1")
        Text(words.say("who was told what, in the words that were sent"), "desk-where")

    async def load() -> Content:
        mine = (await view.gateway.list(Delivery, "/analytics/mailbox", {"mine": "true", "limit": 100})).items
        every = (await view.gateway.list(Delivery, "/analytics/mailbox", {"limit": 100})).items
        await view.learn_places(delivery.place for delivery in (*mine, *every))
        known = {delivery.id for delivery in mine}
        return mine, tuple(delivery for delivery in every if delivery.id not in known)

    def draw(deliveries: Content) -> None:
        mine, others = deliveries
        if not mine and not others:
            nothing(
                words.say("No message yet"),
                words.say("Alerts, new tasks and missed promises are delivered here, whatever else is set up."),
            )
        for title, listed in ((words.say("To you"), mine), (words.say("To others"), others)):
            if listed:
                Text(title, tag="h2")
                with box("cards", "ul"):
                    for delivery in listed:
                        with keyed(box("", "li"), delivery.id):
                            _letter(view, delivery, panel)

    panel = Panel(load, draw, "letters", name=words.say("Mailbox"), view=view).follow(live, "alerts", "assignments")
    await panel.refresh()


def _open(view: View, delivery: Delivery, panel: Panel[Content]) -> Act | None:
    """What a message opens; None where the thing has no sheet of its own."""
    kind, _, ident = delivery.about.partition("-")
    if delivery.alert:
        return lambda: open_alert(view, delivery.alert or "", panel.refresh)
    if kind == "incident":
        return lambda: open_incident(view, ident, panel.refresh)
    return (lambda: open_item(view, ident, panel.refresh)) if kind == "issue" else None


def _letter(view: View, delivery: Delivery, panel: Panel[Content]) -> None:
    words = view.words
    title = words.of(delivery.words) or delivery.about
    act = _open(view, delivery, panel)
    with opening("panel item", act, title) if act else box("panel item"):
        with box("item-line"):
            Text(title, "item-title")
            Text(view.at(delivery.place).when(delivery.at, view.now), "aside")
        kind = words.say(KINDS[delivery.kind]) if delivery.kind in KINDS else ""
        with box("item-line"):
            Text(" · ".join(filter(None, [kind, _channel(view, delivery), view.place(delivery.place)])), "aside")
            with box("aside due"):
                _state(view, delivery)


def _channel(view: View, delivery: Delivery) -> str:
    channel = view.words.say(CHANNELS[delivery.channel]) if delivery.channel in CHANNELS else delivery.channel
    to = somebody(view, delivery.to) if delivery.to else view.words.say("nobody is named for this place")
    return f"{channel} → {to}"


def _state(view: View, delivery: Delivery) -> None:
    words = view.words
    failed = delivery.state in {"failed", "given-up"}
    Text(words.say(DELIVERY.get(delivery.state, delivery.state)), "late" if failed else "")
    if delivery.attempt > 1 or failed:
        Text(f" · {words.say('attempt {n}', n=delivery.attempt)}")
    if delivery.next_at and failed:
        Text(f" · {words.say('again at {time}', time=view.at(delivery.place).clock(delivery.next_at))}")
