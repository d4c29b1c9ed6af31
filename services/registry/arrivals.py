"""A household arrives: each person becomes a subject with a key, then they move in with their fields sealed."""

from contracts.common import Identifier
from services.chassis.access import Principal
from services.chassis.eventstore.types import VersionConflict
from services.chassis.http import CommandAnswer, CommandCall
from services.chassis.reading import rows
from services.chassis.service import ServiceContext
from services.chassis.vault import subject_key
from services.registry.bodies import MoveInBody
from services.registry.deciders import BUILDING, SUBJECT, UNIT
from services.registry.domain.refusals import SubjectUnknown, SubjectWasErased
from services.registry.domain.subject_commands import CreateSubjectKey, PersonalField
from services.registry.domain.tenancy_commands import MoveIn, Newcomer
from services.registry.domain.unit import Unit
from services.registry.naming import made
from services.registry.permissions import MOVE
from services.registry.sight import require_unit
from services.registry.views import people

FIELDS: tuple[PersonalField, ...] = ("name", "phone", "document")


class MoveInAnswer(CommandAnswer):
    """What a move-in led to; ``subjects`` are the occupants' ids in the order given, ``id`` is the tenancy's."""

    subjects: list[Identifier]


async def welcome(
    context: ServiceContext, call: CommandCall, principal: Principal, unit: Unit, body: MoveInBody
) -> MoveInAnswer:
    """Registers a household in a unit that the caller may change.

    The rules are asked before anybody becomes a subject, so that a refused household leaves nothing behind.

    Raises:
        SubjectUnknown, SubjectWasErased: somebody who is said to be known is not. OutsideScope: they live elsewhere.
    """
    tenancy = body.tenancy or made(context, call, principal, "tenancy")
    subjects = [
        occupant.subject or made(context, call, principal, f"subject-{place}")
        for place, occupant in enumerate(body.occupants)
    ]
    bare = await _move_in(context, unit, body, tenancy, subjects)
    if not await _repeated(context, call, principal):
        await _ask(context, call, unit, bare)
        for occupant in body.occupants:
            if occupant.subject is not None:
                await _recognise(context, principal, occupant.subject)
        await _introduce(context, call, principal, unit, body, subjects)
        bare = bare.model_copy(update={"occupants": await _sealed(context, body, subjects)})
    handled = await call.handle(UNIT, unit.id, bare, principal)
    return call.answer_as(MoveInAnswer, handled, id=tenancy, subjects=subjects)


async def _move_in(context: ServiceContext, unit: Unit, body: MoveInBody, tenancy: str, subjects: list[str]) -> MoveIn:
    building, _ = await context.handler.state(BUILDING, unit.building)
    return MoveIn(
        tenancy=tenancy,
        category=body.category,
        lease_filing=body.lease_filing,
        occupants=tuple(Newcomer(subject=subject) for subject in subjects),
        effective_at=body.effective_at or context.clock.now(),
        left_at=body.left_at,
        zone=building.zone,
    )


async def _repeated(context: ServiceContext, call: CommandCall, principal: Principal) -> bool:
    record = call.context(principal).command
    return record is not None and await context.store.recall(record) is not None


async def _ask(context: ServiceContext, call: CommandCall, unit: Unit, command: MoveIn) -> None:
    """Asks the rules and the sender's condition, before anything is written."""
    UNIT.decide(unit, command, context.clock.now())
    if call.expected is not None:
        _, version = await context.handler.state(UNIT, unit.id)
        if version != call.expected:
            raise VersionConflict(UNIT.stream(unit.id), call.expected, version)


async def _recognise(context: ServiceContext, principal: Principal, subject: str) -> None:
    """Lets a known person move on. Only who may register moves where they live now may name them: a record follows
    the person, so naming a stranger would draw it out of its own officers' places and into the caller's."""
    person, _ = await context.handler.state(SUBJECT, subject)
    if not person.id:
        raise SubjectUnknown
    found = await rows(context.database.engine, people.last_unit(subject))
    if found:
        home, _ = await context.handler.state(UNIT, found[0]["unit"])
        require_unit(MOVE, principal, home, context.clock.now())
    else:
        principal.require(person.place)
    if person.erased_at is not None:
        raise SubjectWasErased(person.erased_at)


async def _introduce(
    context: ServiceContext,
    call: CommandCall,
    principal: Principal,
    unit: Unit,
    body: MoveInBody,
    subjects: list[str],
) -> None:
    """Makes subjects of those who are none yet."""
    for place, subject in enumerate(subjects):
        command = CreateSubjectKey(
            subject=subject, place=unit.place, effective_at=body.effective_at or context.clock.now()
        )
        await call.handle(SUBJECT, subject, command, principal, part=f"subject-{place}")


async def _sealed(context: ServiceContext, body: MoveInBody, subjects: list[str]) -> tuple[Newcomer, ...]:
    told = [
        (place, field, getattr(occupant, field))
        for place, occupant in enumerate(body.occupants)
        for field in FIELDS
        if getattr(occupant, field) is not None
    ]
    sealed = await context.vault.seal_many([(subject_key(subjects[place]), text) for place, _, text in told])
    fields: list[dict[str, object]] = [{"subject": subject} for subject in subjects]
    for (place, field, _), text in zip(told, sealed, strict=True):
        fields[place][field] = text
    return tuple(Newcomer.model_validate(each) for each in fields)
