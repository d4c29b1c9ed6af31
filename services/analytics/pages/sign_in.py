"""Where viewers sign in: with a token, or, where the development issuer is on, by choosing a role."""

from nicegui import ui

from services.analytics.pages.forms import Field
from services.analytics.pages.frame import dress
from services.analytics.pages.gateway import Gateway, Refusal
from services.analytics.pages.kit import Text, box, button, link
from services.analytics.pages.refusals import sentence
from services.analytics.pages.rooms import CHOOSABLE, ROLE_NAMES, home
from services.analytics.pages.shapes import Positions
from services.analytics.pages.viewer import View


def build(view: View, session: str) -> None:
    """Asks who looks.

    Args:
        session: the id that the viewer is known by once they are signed in.
    """
    dress(view)
    say = view.words.say
    with box("closed", "main"):
        Text("枫桥 Maple Bridge", "brand-name")
        Text(say("Sign in"), tag="h1")
        if view.site.issue_token is not None:
            Text(say("This instance gives every viewer a token: choose a role."), "sentence", "p")
            for role in CHOOSABLE:
                link(say(ROLE_NAMES[role]), f"/as/{role}", "button line")
        else:
            _with_token(view, session)


def _with_token(view: View, session: str) -> None:
    say = view.words.say
    Text(say("Paste the token that your organisation gave you."), "sentence", "p")
    token = Field(say("Token"), tag="textarea")

    async def enter() -> None:
        given = token.value.strip()
        try:
            await Gateway(view.site.client, given).get(Positions, "/analytics/positions")
            signed = view.site.sessions.begin(session, given)
        except Refusal as refusal:
            token.wrong(sentence(view.words, refusal))
            return
        except ValueError:
            token.wrong(say("This is not an access token: paste all of it."))
            return
        ui.navigate.to(home(signed.role))

    button(say("Sign in"), enter, kind="solid")
