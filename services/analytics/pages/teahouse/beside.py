"""Beside the items: both rates, who owes what, the next session."""

from services.analytics.pages.kit import Text, box, nothing
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.shapes import Owed, Rates, Session
from services.analytics.pages.viewer import View


def rates_panel(view: View, live: Live, place: str | None) -> Panel[Rates]:
    """Resolved, and confirmed by the resident; and those without an answer."""

    async def load() -> Rates:
        asked = {"kind": "agenda-item", "place": place}
        return await view.reading("mediation").get(Rates, "/mediation/rates", asked)

    def draw(rates: Rates) -> None:
        words = view.words
        with box("rate"):
            Text(words.say("Done"), "rate-name")
            _percent(view, rates.resolved_percent)
            Text(words.say("{n} of {all} items", n=rates.resolved, all=rates.raised), "aside")
        with box("rate"):
            Text(words.say("Confirmed by the resident"), "rate-name")
            _percent(view, rates.confirmed_percent)
            said = [
                words.say("{n} of {all} done are confirmed", n=rates.confirmed, all=rates.resolved),
                words.say("{n} without an answer", n=rates.unanswered),
                words.say("{n} waiting for the resident", n=rates.pending),
            ]
            Text(" · ".join(said), "aside")

    return Panel(load, draw, "panel rates", name=view.words.say("Both rates"), view=view).follow(live, "mediation")


def _percent(view: View, percent: float | None) -> None:
    with box("rate-figure"):
        Text(view.words.share(percent), "figure")
        if percent is not None:
            Text("%", "rate-unit")


def owed_panel(view: View, live: Live, place: str | None) -> Panel[tuple[Owed, ...]]:
    """What each organisation has yet to do."""

    async def load() -> tuple[Owed, ...]:
        asked = {"kind": "agenda-item", "place": place}
        return (await view.reading("mediation").list(Owed, "/mediation/owed", asked)).items

    def draw(owed: tuple[Owed, ...]) -> None:
        words = view.words
        Text(words.say("Who owes what"), tag="h2")
        if not owed:
            nothing(words.say("Nothing is owed"))
        with box("owed", "ul"):
            for entry in owed:
                with box("owed-line", "li"):
                    Text(view.organisation(entry.owner))
                    with box("aside"):
                        Text(words.count("{n} item", "{n} items", entry.open))
                        if entry.overdue:
                            Text(f" · {words.say('{n} overdue', n=entry.overdue)}", "late")

    return Panel(load, draw, "panel owing", name=view.words.say("Who owes what"), view=view).follow(live, "mediation")


def session_panel(view: View, live: Live, place: str | None) -> Panel[tuple[Session, ...]]:
    """The next session, its agenda and who comes."""

    async def load() -> tuple[Session, ...]:
        asked = {"kind": "teahouse", "state": "upcoming", "place": place, "limit": 20}
        listed = await view.reading("mediation").list(Session, "/mediation/sessions", asked)
        return tuple(sorted(listed.items, key=lambda session: session.starts_at))[:1]

    def draw(sessions: tuple[Session, ...]) -> None:
        words = view.at(sessions[0].place) if sessions else view.words
        Text(words.say("Next teahouse"), tag="h2")
        if not sessions:
            nothing(words.say("No session is called yet"))
            return
        session = sessions[0]
        starts = session.starts_at
        Text(f"{words.weekday(starts)} {words.clock(starts)} · {session.venue}", "session-when", "p")
        said = [words.day(starts, year=True), words.count("{n} item", "{n} items", len(session.agenda))]
        if session.organisations:
            who = words.say(", ").join(view.organisation(ident) for ident in session.organisations)
            said.append(words.say("{who} come", who=who))
        Text(" · ".join(said), "aside", "p")

    return Panel(load, draw, "panel session", name=view.words.say("Next teahouse"), view=view).follow(live, "mediation")
