"""Persons: a record opens for a purpose and the opening stays on record; erasing destroys the key."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi import Path as PathParameter

from contracts.common import Identifier, Instant, Place, Sealed
from contracts.registry import Registration
from services.chassis.access import Principal, Scope, permit, place_filter, within
from services.chassis.handler import CommandContext
from services.chassis.http import (
    Asked,
    CommandAnswer,
    Context,
    CorrelationId,
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
SubjectId = Annotated[Identifier, PathParameter(examples=["0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e"])]
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


async def _reason(
    subject: str, purpose: Purpose | None, task: str | None, principal: Principal, context: Context
) -> Purpose | None:
    """Why the record is opened: as stated, or from the open task, or since it is the person's own."""
    if permissions.OPEN_RECORD.scope(principal.role) is Scope.SUBJECT:
        principal.require_subject(subject)
        return "resident-request"
    principal.require(await place_of(subject, context))
    if task is None:
        return purpose
    found = await rows(context.database.engine, open_task(Moment(context.clock.now()), task, subject))
    if not found:
        raise PurposeMissing
    return purpose or "verification"


@router.get("/subjects/{subject}", summary="Open a person's record")
async def open_record(
    *,
    subject: SubjectId,
    context: Context,
    principal: Annotated[Principal, permit(permissions.OPEN_RECORD)],
    _: Register,
    correlation: CorrelationId,
    purpose: Annotated[Purpose | None, Query(examples=["incident"])] = None,
    task: Annotated[Identifier | None, Query(description="The tenancy of an open verification.")] = None,
    fields: Annotated[tuple[PersonalField, ...], Query()] = FIELDS,
    maple_purpose: Annotated[Purpose | None, Header(description="The same as ``purpose``.")] = None,
) -> answers.RecordAnswer:
    """Shows personal fields to whom may see them, for a reason; who read what and why is on record first."""
    why = await _reason(subject, purpose or maple_purpose, task, principal, context)
    place = await place_of(subject, context)
    command = OpenRecord(
        subject=subject,
        place=place,
        purpose=why,
        task=task,
        fields=tuple(dict.fromkeys(fields)),
        effective_at=context.clock.now(),
    )
    # no idempotency key: a second reading is a second opening, whatever the sender says
    sender = CommandContext(principal.actor, correlation_id=correlation)
    handled = await context.handler.handle(SUBJECT, subject, command, sender)
    [row] = await rows(context.database.engine, people.sealed_fields(subject))
    shown = {field: row[field] for field in command.fields if row[field] is not None}
    key = subject_key(subject)
    texts = [await context.vault.open(Sealed(key=key, text=text)) for text in shown.values()]
    return answers.RecordAnswer(
        subject=subject,
        place=place,
        purpose=why or "",
        opened=handled.events[-1][0],
        **dict(zip(shown, texts, strict=True)),
    )


ERASE = Noun(SUBJECT, "/subjects/{subject}", router, ruled_below, subject_key).command(
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
