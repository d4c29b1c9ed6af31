"""A household arrives: each person becomes a subject with a key, then they move in with their fields sealed."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from contracts.common import Frozen, Identifier
from services.chassis.eventstore.types import VersionConflict
from services.chassis.http import Asked, CommandAnswer, Noun
from services.chassis.reading import rows
from services.chassis.vault import subject_key
from services.registry import permissions
from services.registry.api import zoned
from services.registry.deciders import SUBJECT, UNIT
from services.registry.domain.refusals import SubjectUnknown, SubjectWasErased
from services.registry.domain.subject_commands import CreateSubjectKey, PersonalField
from services.registry.domain.tenancy_commands import MoveIn, Newcomer
from services.registry.domain.unit import Unit
from services.registry.personal_fields import DocumentNumber, PersonName, Phone
from services.registry.sight import may_do
from services.registry.views import people

router = APIRouter()
FIELDS: tuple[PersonalField, ...] = ("name", "phone", "document")


class OccupantBody(Frozen):
    """Who moves in; ``subject`` where the person is known already.

    Attributes:
        name, phone, document: sealed under the person's own key before anything else happens to them.
    """

    subject: Identifier | None = None
    name: PersonName
    phone: Phone | None = None
    document: DocumentNumber | None = None


class MoveInAnswer(CommandAnswer):
    """What a move-in led to; ``subjects`` are the occupants' ids in the order given, ``id`` is the tenancy's."""

    subjects: list[Identifier]


MOVE_IN = Noun(UNIT, "/units/{unit}", router, may_do, example="wanda-a-1812", tags=("tenancies",)).command(
    MoveIn,
    "move-ins",
    permissions.MOVE,
    summary="Move in",
    describes="""Register a household; each occupant becomes a subject, and their verification falls due by working
    days; ``left_at`` where it has left again already.

    Names, telephone and document numbers are sealed under the person's own key before anything is decided.""",
    given=("zone",),
    takes={
        "tenancy": Identifier | None,
        "occupants": Annotated[tuple[OccupantBody, ...], Field(max_length=20)],
    },
    example={
        "category": "long-let",
        "lease_filing": "jf-2024-00381",
        "occupants": [{"name": "顾小满", "phone": "13900000000", "document": "640100199001010004"}],
        "effective_at": "2024-06-03T16:00:00+08:00",
    },
    answer=MoveInAnswer,
)


@MOVE_IN.answered
async def move_in(asked: Asked[Any]) -> CommandAnswer:
    """Registers a household in a unit that the caller may change.

    The rules are asked before anybody becomes a subject, so that a refused household leaves nothing behind.

    Raises:
        SubjectUnknown, SubjectWasErased: somebody who is said to be known is not. OutsideScope: they live elsewhere.
    """
    unit = await asked.state()
    body, call, principal = asked.body, asked.call, asked.principal
    tenancy = body.tenancy or call.made(principal, "tenancy")
    subjects = [
        occupant.subject or call.made(principal, f"subject-{place}") for place, occupant in enumerate(body.occupants)
    ]
    bare = MoveIn(
        tenancy=tenancy,
        category=body.category,
        lease_filing=body.lease_filing,
        occupants=tuple(Newcomer(subject=subject) for subject in subjects),
        effective_at=body.effective_at or asked.caller.now,
        left_at=body.left_at,
        **await zoned(asked),
    )
    if not await _repeated(asked):
        await _ask(asked, unit, bare)
        for occupant in body.occupants:
            if occupant.subject is not None:
                await _recognise(asked, occupant.subject)
        await _introduce(asked, unit, subjects)
        bare = bare.model_copy(update={"occupants": await _sealed(asked, subjects)})
    handled = await call.handle(UNIT, unit.id, bare, principal)
    return call.answer_as(MoveInAnswer, handled, id=tenancy, subjects=subjects)


async def _repeated(asked: Asked[Any]) -> bool:
    record = asked.call.context(asked.principal).command
    return record is not None and await asked.service.store.recall(record) is not None


async def _ask(asked: Asked[Any], unit: Unit, command: MoveIn) -> None:
    """Asks the rules and the sender's condition, before anything is written."""
    UNIT.decide(unit, command, asked.service.clock.now())
    if asked.call.expected is not None:
        _, version = await asked.service.handler.state(UNIT, unit.id)
        if version != asked.call.expected:
            raise VersionConflict(UNIT.stream(unit.id), asked.call.expected, version)


async def _recognise(asked: Asked[Any], subject: str) -> None:
    """Lets a known person move on. Only who may register moves where they live now may name them: a record follows
    the person, so naming a stranger would draw it out of its own officers' places and into the caller's."""
    person, _ = await asked.service.handler.state(SUBJECT, subject)
    if not person.id:
        raise SubjectUnknown
    found = await rows(asked.service.database.engine, people.last_unit(subject))
    if found:
        home, _ = await asked.service.handler.state(UNIT, found[0]["unit"])
        may_do(asked.caller, home)
    else:
        asked.principal.require(person.place)
    if person.erased_at is not None:
        raise SubjectWasErased(person.erased_at)


async def _introduce(asked: Asked[Any], unit: Unit, subjects: list[str]) -> None:
    """Makes subjects of those who are none yet."""
    at = asked.body.effective_at or asked.caller.now
    for place, subject in enumerate(subjects):
        command = CreateSubjectKey(subject=subject, place=unit.place, effective_at=at)
        await asked.call.handle(SUBJECT, subject, command, asked.principal, part=f"subject-{place}")


async def _sealed(asked: Asked[Any], subjects: list[str]) -> tuple[Newcomer, ...]:
    told = [
        (place, field, getattr(occupant, field))
        for place, occupant in enumerate(asked.body.occupants)
        for field in FIELDS
        if getattr(occupant, field) is not None
    ]
    sealed = await asked.service.vault.seal_many([(subject_key(subjects[place]), text) for place, _, text in told])
    fields: list[dict[str, object]] = [{"subject": subject} for subject in subjects]
    for (place, field, _), text in zip(told, sealed, strict=True):
        fields[place][field] = text
    return tuple(Newcomer.model_validate(each) for each in fields)
