"""Persons: a record opens for a purpose and the opening stays on record; erasing destroys the key."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query

from contracts.common import Identifier, Instant, Place, Sealed
from contracts.registry import Registration
from services.chassis.access import Principal, Scope, permit, place_filter, within
from services.chassis.http import (
    Asked,
    CommandAnswer,
    Context,
    Listed,
    Noun,
    Paging,
    View,
    reads,
    ruled_below,
)
from services.chassis.reading import paged, rows
from services.chassis.service import ServiceContext
from services.chassis.vault import subject_key
from services.registry import answers, permissions
from services.registry.arrivals import FIELDS
from services.registry.deciders import SUBJECT
from services.registry.domain.refusals import PurposeMissing, SubjectUnknown
from services.registry.domain.subject_commands import EraseSubject, OpenRecord, PersonalField, Purpose
from services.registry.views import people
from services.registry.views.moment import Moment
from services.registry.views.tables import openings
from services.registry.views.verifications import open_task

router = APIRouter(tags=["persons"])
PERSONS = Noun(SUBJECT, "/subjects/{subject}", router, ruled_below, subject_key)
Register = Annotated[View, reads("register")]


async def place_of(subject: str, context: ServiceContext) -> str:
    """Where the person lives as far as the register has read; before that, where they became a subject.

    Raises:
        SubjectUnknown: there is no such person.
    """
    state, _ = await context.handler.state(SUBJECT, subject)
    if not state.id:
        raise SubjectUnknown
    found = await rows(context.database.engine, people.subject(subject))
    return str(found[0]["place"]) if found else state.place


async def _reason(asked: Asked[Any], place: str) -> Purpose | None:
    """Why the record is opened: as stated, or from the open task, or since it is the person's own."""
    purpose: Purpose | None = asked.body.purpose
    if asked.caller.scope is Scope.SUBJECT:
        asked.principal.require_subject(asked.aggregate)
        return "resident-request"
    asked.principal.require(place)
    if asked.body.task is None:
        return purpose
    open_now = open_task(Moment(asked.caller.now), asked.body.task, asked.aggregate)
    if not await rows(asked.service.database.engine, open_now):
        raise PurposeMissing
    return purpose or "verification"


@PERSONS.command(
    OpenRecord,
    "openings",
    permissions.OPEN_RECORD,
    summary="Open a person's record",
    describes="""Put on record who reads which personal fields and why, then show them.

    Left out: ``purpose``, where ``task`` says it, the tenancy of an open verification, or it is the caller's own;
    ``fields``, all of them. Each request is a reading of its own.""",
    given=("subject", "place", "effective_at"),
    takes={"fields": tuple[PersonalField, ...] | None},
    example={"purpose": "incident", "fields": ["name", "phone"]},
    answer=answers.RecordAnswer,
    after=("register",),
    repeatable=False,
).answered
async def open_record(asked: Asked[Any]) -> CommandAnswer:
    """Writes the reading down, then opens; where it cannot be written, nothing is opened.

    Raises:
        SubjectUnknown: there is no such person. PurposeMissing: nothing says why. OutsideScope: they live elsewhere.
    """
    place = await place_of(asked.aggregate, asked.service)
    command = OpenRecord(
        subject=asked.aggregate,
        place=place,
        purpose=await _reason(asked, place),
        task=asked.body.task,
        fields=FIELDS if asked.body.fields is None else tuple(dict.fromkeys(asked.body.fields)),
        effective_at=asked.caller.now,
    )
    handled = await asked.call.handle(SUBJECT, asked.aggregate, command, asked.principal)
    [row] = await rows(asked.service.database.engine, people.sealed_fields(asked.aggregate))
    sealed = {field: row[field] for field in command.fields if row[field] is not None}
    key = subject_key(asked.aggregate)
    texts = [await asked.service.vault.open(Sealed(key=key, text=text)) for text in sealed.values()]
    return asked.call.answer_as(
        answers.RecordAnswer,
        handled,
        id=asked.aggregate,
        place=place,
        purpose=command.purpose,
        **dict(zip(sealed, texts, strict=True)),
    )


ERASE = PERSONS.command(
    EraseSubject,
    "erasure",
    permissions.ERASE_RECORD,
    summary="Erase a person's record",
    describes="Destroy the person's key: what it sealed can be read by nobody any more, anywhere.",
    given=("registrations", "effective_at"),
    example={"ground": "resident-request"},
    after=("register",),
)


@ERASE.completed
async def _lived(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives what the register has of the person."""
    asked.principal.require(await place_of(asked.aggregate, asked.service))
    lived = await rows(asked.service.database.engine, people.registrations(asked.aggregate))
    return {"registrations": tuple(Registration(unit=row["unit"], tenancy=row["tenancy"]) for row in lived)}


@ERASE.answered
async def erase_subject(asked: Asked[Any]) -> CommandAnswer:
    """Puts the erasure on record, then destroys the key; a policy does so too, should this process die here."""
    answer = await ERASE.applied(asked)
    await asked.service.vault.erase(subject_key(asked.aggregate))
    return answer


@router.get("/access-log", summary="Read the access log")
async def access_log(
    context: Context,
    principal: Annotated[Principal, permit(permissions.READ_ACCESS_LOG)],
    page: Paging,
    register: Register,
    subject: Identifier | None = None,
    place: Place | None = None,
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
) -> Listed[answers.OpeningAnswer]:
    """Who read personal fields in the caller's places, whose, which and why; the latest first."""
    which = place_filter(openings.c.place, principal)
    if subject is not None:
        which &= openings.c.subject == subject
    if place is not None:
        which &= within(openings.c.place, (place,))
    if since is not None:
        which &= openings.c.effective_at >= since
    if until is not None:
        which &= openings.c.effective_at < until
    found = await rows(
        context.database.engine, paged(people.opened(which), ["position"], page.after(int), page.limit, descending=True)
    )
    return register.listed([answers.opening(row) for row in found], page, key=lambda item: (item.id,))
