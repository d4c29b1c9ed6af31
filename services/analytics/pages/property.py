"""The property company's room: a household leaves, the next one comes."""

from nicegui import ui

from services.analytics.pages.forms import Choice, Field, Form
from services.analytics.pages.gateway import Done, Gateway
from services.analytics.pages.kit import Text, box, button, keyed, link, nothing, opening
from services.analytics.pages.ledger import Tenancy, Unit
from services.analytics.pages.live import Live
from services.analytics.pages.panel import Panel
from services.analytics.pages.phrases import TENANCY, USE
from services.analytics.pages.sheet import attempt, new_key, sheet
from services.analytics.pages.tenancies import undoing
from services.analytics.pages.viewer import View

SHOWN = 60
MOST_PEOPLE = 20
Content = tuple[Unit, ...]


async def build(view: View, live: Live, asked: dict[str, str]) -> None:
    """The units that the viewer may see: those with a number, lived in or not, or those that wait for something."""
    words = view.words
    searched = asked.get("unit", "").strip().lower()
    with box("desk-head"), box("desk-title"):
        Text(words.say("Move out, move in"), tag="h1")
        Text(view.place(view.own_place), "desk-where")
    with box("fields filters").props('role="search"'):
        number = Field(words.say("Unit, such as B-2708"), value=searched, limit=80)
        with box("field"):
            Text("\u00a0", "field-name")
            button(words.say("Show"), lambda: ui.navigate.to(f"/property?unit={number.given or ''}"), kind="solid")

    async def load() -> Content:
        if "-" in searched and searched.count("-") > 1:
            return (await view.reading("registry").get(Unit, f"/registry/units/{searched}"),)
        asked_for: dict[str, str | int | None] = {"limit": 500}
        # a vacated flat has another colour, so it is looked for by its class, or by its number alone
        asked_for |= {"label": searched} if searched else {"use_class": "rental"}
        units = (await view.reading("registry").list(Unit, "/registry/units", asked_for)).items
        return tuple(sorted(units, key=lambda unit: (-unit.overdue, -unit.to_verify, unit.label)))[:SHOWN]

    def draw(units: Content) -> None:
        if not units:
            nothing(words.say("No unit is found"), words.say("Look for another number."))
        with box("unit-cards", "ul"):
            for unit in units:
                with (
                    keyed(box("", "li"), unit.id),
                    opening("panel unit-card", lambda ident=unit.id: open_unit(view, ident, panel), unit.label),
                ):
                    _card(view, unit)

    panel = Panel(load, draw, "units", name=words.say("Units"), view=view).follow(live, "registry")
    await panel.refresh()


def _card(view: View, unit: Unit) -> None:
    words = view.words
    box(f"swatch c-{unit.colour[0]}").props("aria-hidden=true")
    Text(unit.label, "item-title")
    Text(words.say(USE.get(unit.colour, unit.colour)), "aside")
    if unit.overdue:
        Text(words.say("verification overdue"), "late")
    elif unit.to_verify:
        Text(words.say("{n} to be verified", n=unit.to_verify), "aside")


async def open_unit(view: View, ident: str, panel: Panel[Content], position: str | None = None) -> None:
    """What a property manager may do with a unit. position: of a command that the answer must know of."""
    gateway = view.reading("registry")
    unit = await (gateway.following(position) if position else gateway).get(Unit, f"/registry/units/{ident}")
    words = view.words
    await view.learn_places([unit.place])
    current = next((tenancy for tenancy in unit.tenancies_held if tenancy.ended_at is None), None)
    where = view.building(unit.place, unit.building_name)
    with sheet(view, unit.label, f"{where} · {words.say(USE.get(unit.colour, unit.colour))}") as dialog:
        if current:
            _moving_out(view, unit, current, dialog, panel)
        elif unit.tenancies_held:
            _moved_out(view, unit, unit.tenancies_held[0], dialog, panel)
        if not current or unit.capacity > 1:
            _moving_in(view, unit, dialog, panel)
        link(words.say("The unit's history"), f"/units/{unit.id}")


def _moving_out(view: View, unit: Unit, tenancy: Tenancy, dialog: ui.dialog, panel: Panel[Content]) -> None:
    words, key = view.words, new_key()
    Text(words.say("Lives here now"), tag="h3")
    kind = words.say(TENANCY.get(tenancy.category, tenancy.category))
    Text(words.say("{kind} since {day}", kind=kind, day=view.at(unit.place).day(tenancy.since, year=True)), tag="p")

    async def leave() -> None:
        path = f"/registry/units/{unit.id}/tenancies/{tenancy.tenancy}/move-out"
        if left := await attempt(view, lambda gateway: gateway.do(path, {}, key=key), words.say("Moved out.")):
            # where a mistake can be undone at once; a sheet that is closed can open no other
            await open_unit(view, unit.id, panel, left.position)
            dialog.close()
            await panel.refresh()

    with box("acts"):
        button(words.say("The tenant has moved out"), leave, kind="solid")


def _moved_out(view: View, unit: Unit, tenancy: Tenancy, dialog: ui.dialog, panel: Panel[Content]) -> None:
    words = view.words
    Text(words.say("Nobody lives here now"), tag="h3")
    if tenancy.ended_at:
        Text(words.say("Moved out on {day}", day=view.at(unit.place).day(tenancy.ended_at, year=True)), tag="p")

    async def undone() -> None:
        dialog.close()
        await panel.refresh()

    with box("acts"):
        undoing(view, unit, tenancy, undone)


def _moving_in(view: View, unit: Unit, dialog: ui.dialog, panel: Panel[Content]) -> None:
    words, key = view.words, new_key()
    Text(words.say("Somebody moves in"), tag="h3")
    kinds = {name: words.say(message) for name, message in TENANCY.items()}
    people: list[dict[str, Field]] = []
    fields: dict[str, Field] = {}
    required: list[str] = []

    def person() -> None:
        at = f"/occupants/{len(people)}"
        if people:
            Text(words.say("Person {n}", n=len(people) + 1), tag="h4")
        with box("fields"):
            people.append(
                {
                    "name": Field(words.say("Name"), limit=80),
                    "phone": Field(words.say("Phone number"), kind="tel", limit=40),
                    "document": Field(words.say("Document number"), limit=60),
                }
            )
        fields.update({f"{at}/{name}": field for name, field in people[-1].items()})
        required.append(f"{at}/name")
        another.set_visibility(len(people) < MOST_PEOPLE)

    def add() -> None:
        with household:
            person()

    with box("fields"):
        fields["/category"] = Choice(words.say("Kind"), kinds)
        fields["/lease_filing"] = Field(words.say("Lease filing number, if there is one"), limit=80)
    household = box("")
    another = button(words.say("Add another person"), add)
    add()
    Text(
        words.say("What is personal is kept under a key of the person's own. The officer verifies next."), "aside", "p"
    )
    form = Form(view, fields, required)

    async def send(gateway: Gateway) -> Done:
        filing = fields["/lease_filing"].given
        body = {
            "category": fields["/category"].value,
            "occupants": [{name: field.given for name, field in each.items() if field.given} for each in people],
            **({"lease_filing": filing} if filing else {}),
        }
        return await gateway.do(f"/registry/units/{unit.id}/move-ins", body, key=key)

    async def done(_: Done) -> None:
        dialog.close()
        await panel.refresh()

    with box("acts"):
        form.button(words.say("Register the move-in"), send, words.say("Moved in. The officer is told."), done)
