"""Where there is no development issuer, a viewer brings a token."""

from nicegui import ui

from services.analytics.pages.forms import Field
from services.analytics.pages.frame import dress
from services.analytics.pages.gateway import Gateway, Refusal
from services.analytics.pages.kit import Text, box, button
from services.analytics.pages.refusals import sentence
from services.analytics.pages.shapes import Positions
from services.analytics.pages.viewer import View, keep


def build(view: View) -> None:
    """Asks for a token, and tries it."""
    dress(view)
    say = view.words.say
    with box("closed", "main"):
        Text("枫桥 Maple Bridge", "brand-name")
        Text(say("Sign in"), tag="h1")
        Text(say("Paste the token that your organisation gave you."), "sentence", "p")
        token = Field(say("Token"), tag="textarea")
        role = Field(say("Role"), value="dispatcher")

        async def enter() -> None:
            try:
                await Gateway(view.site.client, token.value.strip()).get(Positions, "/analytics/positions")
            except Refusal as refusal:
                token.wrong(sentence(view.words, refusal))
                return
            keep("token", token.value.strip())
            keep("role", role.given or "dispatcher")
            ui.navigate.to("/")

        button(say("Sign in"), enter, kind="solid")
