"""What a command may be answered with follows from what lets it through and decides it; nothing is listed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter

from contracts.common import Frozen, Role
from contracts.refusals import Conflicting, Mistaken, Unknown
from services.chassis.access import OutsideScope, Permission
from services.chassis.decider import Decider
from services.chassis.http import Asked, Caller, Noun
from services.chassis.http.foreseen import foreseen


class NotThere(Unknown):
    """There is none."""


class Torn(Conflicting):
    """It is torn."""


class Full(Mistaken):
    """No word more fits."""


class Elsewhere(Mistaken):
    """It is never raised by what is tried here."""


class Illegible(Mistaken):
    """Nobody can read it."""


class Write(Frozen):
    """A command."""

    text: str


class Tear(Frozen):
    """Another one."""


@dataclass(frozen=True)
class Note:
    """A state whose methods refuse."""

    torn: bool = False

    def whole(self) -> "Note":
        """Itself, where it is whole."""
        if self.torn:
            raise Torn("It is torn.")
        return self


def _fits(most: int, text: str) -> None:
    if len(text) > most:
        raise Full("Write less.")


def _write(most: int, note: Note, command: Write, _: Any) -> list[Any]:
    note.whole()
    return [_fits(most, word) for word in [command.text]]


def _tear(note: Note, command: Tear, _: Any) -> list[Any]:
    if note.torn or command is None:
        raise Elsewhere("It was torn before.")
    return []


def may_write(caller: Caller, note: Note) -> None:
    """Lets a command through in the caller's places."""
    if note is None:
        raise NotThere("There is none.")
    caller.principal.require("yinchuan")


NOTE = Decider("note", Note(), lambda note, _: note, {Write: partial(_write, 20), Tear: _tear})
WRITE = Noun(NOTE, "/notes/{note}", APIRouter(), may_write).command(
    Write, "words", Permission("write", place={Role.OFFICER}), summary="Write"
)


@WRITE.completed
async def complete(asked: Asked[Any]) -> Mapping[str, Any]:
    """Gives nothing."""

    def read() -> None:
        raise Illegible("Write it again.")

    await asked.state()
    read()
    return {}


def test_what_is_raised_on_the_way_is_found_and_nothing_else():
    assert foreseen(WRITE) == {NotThere, OutsideScope, Torn, Full, Illegible}


def test_what_another_command_leads_to_is_found_where_the_function_makes_it():
    both = Noun(NOTE, "/both/{note}", APIRouter(), may_write).command(
        Write, "words", Permission("write", place={Role.OFFICER}), summary="Write"
    )

    @both.answered
    async def write_and_tear(asked: Asked[Any]) -> Any:
        await asked.apply(Write(text="a"))
        return await asked.apply(Tear())

    assert foreseen(both) == {NotThere, OutsideScope, Torn, Full, Elsewhere}
