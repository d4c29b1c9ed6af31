"""What stands around every page: who we are, where one can go, what is known up to now, and as whom one looks."""

import contextlib
import hashlib
from collections.abc import Iterator
from functools import cache

from nicegui import ui

from services.analytics.pages.drawing.clocks import Pulse, Ticking
from services.analytics.pages.kit import Text, box, link, named
from services.analytics.pages.live import Live
from services.analytics.pages.rooms import OFFICER_PAGE, ROLE_NAMES, ROOMS, SIGN_OUT, SWITCHER, may_enter
from services.analytics.pages.site import LOOK
from services.analytics.pages.tokens import stylesheet
from services.analytics.pages.viewer import View
from services.analytics.pages.watch import Sight

SHEETS = ("site.css", "wall.css", "desk.css")
SCRIPT = "press.js"


@cache
def _links() -> str:
    fingerprint = hashlib.sha256(b"".join((LOOK / sheet).read_bytes() for sheet in (*SHEETS, SCRIPT))).hexdigest()[:12]
    sheets = "".join(f'<link rel="stylesheet" href="/look/{sheet}?v={fingerprint}">' for sheet in SHEETS)
    return f'<style>{stylesheet()}</style>{sheets}<script src="/look/{SCRIPT}?v={fingerprint}"></script>'


def dress(view: View) -> None:
    """Theme, language and style sheets, before anything is painted."""
    language = "zh-CN" if view.words.language == "zh" else "en"
    ui.add_head_html(
        f'<script>document.documentElement.dataset.theme="{view.theme}";'
        f'document.documentElement.lang="{language}";</script>{_links()}'
    )
    ui.dark_mode(view.theme == "dark")
    ui.page_title(f"{view.words.say(view.room.title)} · 枫桥 Maple Bridge")


@contextlib.contextmanager
def framed(view: View, live: Live, *, name: str) -> Iterator[None]:
    """A page with its head and its foot; what is built within the block stands between them.

    Args:
        name: of the page, as a class for its style sheet.
    """
    dress(view)
    say = view.words.say
    _leave_main_to_the_content()
    with box(f"page page-{name}"):
        link(say("Skip to the content"), "#content", "skip")
        _head(view, live)
        with box("content", "main").props('id="content"'):
            yield
        _foot(view, live)


def _leave_main_to_the_content() -> None:
    """Quasar's own page is a main element too; a page has one."""
    around = ui.context.client.content.parent_slot
    if around is not None:
        around.parent.props["role"] = "none"


def _head(view: View, live: Live) -> None:
    say, words = view.words.say, view.words
    with box("top", "header"):
        with ui.link(target="/").classes("brand"):
            Text("枫桥" if words.language == "zh" else "Maple Bridge", "brand-name")
            Text("Maple Bridge" if words.language == "zh" else "枫桥", "gloss")
        if view.room.path == "/":
            shown = view.site.home_place or view.own_place
            city = view.site.gazetteer.place(shown.partition("/")[0], words.language)
            with box("city"):
                Text(city)
                Text(say("One net for people's lives and order"), "motto")
        else:
            _navigation(view)
        if view.site.demonstration:
            Text(say("Demonstration data"), "pill")
        _state(view, live)


def _navigation(view: View) -> None:
    with named(box("rooms", "nav"), view.words.say("Pages")):
        for room in ROOMS:
            if room.linked and may_enter(room, view.role):
                here = room is view.room
                entry = link(view.words.say(room.title), room.path, "room here" if here else "room")
                if here:
                    entry.props('aria-current="page"')


def _state(view: View, live: Live) -> None:
    say, sight = view.words.say, view.site.watch.sight
    with box("state"):
        with box("mode"):
            Text(_mode(view))
            with box("liveness"):
                live_word = Text("")
                box("dot").props("aria-hidden=true")
        with box("moment"):
            Text(say("Demonstration clock") if view.site.demonstration else say("Clock"))
            Ticking("date", view.words)
            read = Text("", "read")
        Ticking("time", view.words).classes("clock")
    pulse = Pulse(
        view.now,
        view.words,
        say("Not live since {time}. The picture stands where it stopped.", time="{time}"),
        live=sight.live or sight.positions is None,
        since=sight.since,
    )

    def show(seen: Sight) -> None:
        live_word.text = say("live") if seen.live else say("not live")
        read.text = position_words(view, seen)
        pulse.judge(live=seen.live, since=seen.since or view.now)

    show(sight)
    live.at_each_sight(show)
    live.keep_clock(pulse)


def position_words(view: View, sight: Sight) -> str:
    """How far the page has read, over all logs."""
    return view.words.say("as of {n} events", n=view.words.number(sight.total))


def _mode(view: View) -> str:
    return view.words.say("Embedded mode") if view.site.mode == "embedded" else view.words.say("Services")


def _foot(view: View, live: Live) -> None:
    words = view.words
    with box("bottom", "footer"):
        if view.room.path == "/":
            _navigation(view)
        if view.site.issue_token is not None:
            _switcher(view)
        with box("choices"):
            if view.room.path == "/":
                _wall_choices(view)
            link("EN" if words.language == "zh" else "中文", f"/speak/{words.other}", "choice").props(
                'data-choice="language"'
            )
            theme = "light" if view.theme == "dark" else "dark"
            link(words.say("Light") if theme == "light" else words.say("Dark"), f"/theme/{theme}", "choice").props(
                'data-choice="theme"'
            )
            link(words.say("Sign out"), SIGN_OUT, "choice").props('data-choice="sign-out"')
        with box("stand"):
            if view.site.demonstration:
                Text(words.say("Demonstration data"))
            Text(_mode(view))
            read = Text(position_words(view, view.site.watch.sight), "read")
            if view.room.path != "/":
                Ticking("date", words)
            Ticking("time", words)

    def show(sight: Sight) -> None:
        read.text = position_words(view, sight)

    live.at_each_sight(show)


def _switcher(view: View) -> None:
    say = view.words.say
    with named(box("switcher", "nav"), say("View as")):
        Text(say("View as"), "switcher-word")
        for role in SWITCHER:
            here = role == view.role
            entry = link(say(ROLE_NAMES[role]), f"/as/{role}", "role here" if here else "role")
            if here and role != "officer":
                entry.props('aria-current="true"')
            if role == "officer":
                entry.props(f'data-home="{OFFICER_PAGE}"')


def _wall_choices(view: View) -> None:
    say = view.words.say
    visitor = "/" if view.visitor else "/?visitor=1"
    link(say("Visitors (v)"), visitor, "choice here" if view.visitor else "choice")
    link(say("Large (w)"), "/?size=wall", "choice")
