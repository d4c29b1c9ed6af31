"""Every rule of the registry that can forbid a command, as a sentence that says what to do."""

from datetime import datetime

from contracts.refusals import Conflicting, Gone, Mistaken, Unknown
from contracts.registry import TenancyCategory, UseClass


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


class NotYetHappened(Mistaken):
    """A fact was reported for a time that has not come."""

    def __init__(self, effective_at: datetime, now: datetime) -> None:
        super().__init__(
            f"{_said(effective_at)} has not come yet, it is {_said(now)}: report what happened once it has.",
            "/effective_at",
        )


class BuildingUnknown(Unknown):
    """Nobody registered the building."""

    def __init__(self, building: str) -> None:
        super().__init__(f"No building {building} is registered: register it first, or check its id.", "/building")


class BuildingExists(Conflicting):
    """Another building has the id."""

    def __init__(self, building: str) -> None:
        super().__init__(
            f"A building {building} is registered already with other facts: choose another id, or survey its floors.",
            "/building",
        )


class BuildingPlaceUnlikeItsId(Mistaken):
    """A building's place must end in the building."""

    def __init__(self, building: str, place: str) -> None:
        super().__init__(f"The place {place} must end in /{building}, with the community before it.", "/place")


class BuildingPlaceTooDeep(Mistaken):
    """A unit's place is one segment longer than its building's."""

    def __init__(self, place: str) -> None:
        super().__init__(f"The place {place} has more than nine segments: leave some out.", "/place")


class ZoneUnknown(Mistaken):
    """No such time zone."""

    def __init__(self, zone: str) -> None:
        super().__init__(f"{zone} is no time zone of a place: use an IANA name such as Asia/Shanghai.", "/zone")


class FloorsUpsideDown(Mistaken):
    """The lowest floor lies above the highest."""

    def __init__(self, lowest: int, highest: int) -> None:
        super().__init__(f"The lowest floor {lowest} lies above the highest {highest}: exchange them.", "/lowest_floor")


class SurveyBeforeBuilding(Mistaken):
    """A survey of a building that did not stand yet."""

    def __init__(self, building: str, since: datetime) -> None:
        super().__init__(
            f"{building} is in the ledger since {_said(since)}: a survey cannot be older.", "/effective_at"
        )


class UnitsBeyondFloors(Conflicting):
    """Units are registered on floors that the survey did not find."""

    def __init__(self, lowest: int, highest: int) -> None:
        super().__init__(
            f"Units are registered on the floors {lowest} to {highest}: survey at least these, or correct the units.",
            "/lowest_floor",
        )


class UnitUnknown(Unknown):
    """Nobody registered the unit."""

    def __init__(self) -> None:
        super().__init__("No unit has this id: register it in its building first, or check the id.", "/unit")


class UnitExists(Conflicting):
    """Another unit has the id."""

    def __init__(self, unit: str) -> None:
        super().__init__(f"The unit {unit} is registered already with another floor or capacity.", "/number")


class DoorIsAnother(Conflicting):
    """Another door has the id, or the same door is written in other capitals."""

    def __init__(self, unit: str, building: str, number: str) -> None:
        super().__init__(
            f"{unit} is the door {number} of {building}: use it as it is registered, or choose a number that differs "
            "in more than capitals.",
            "/number",
        )


class UnitIdNotItsDoor(Mistaken):
    """A unit's id names its building and its door, so that no door is registered twice."""

    def __init__(self, unit: str, wanted: str) -> None:
        super().__init__(f"The unit's id must be {wanted}, its building and its door number, not {unit}.", "/unit")


class FloorOutsideBuilding(Mistaken):
    """The building has no such floor."""

    def __init__(self, floor: int, lowest: int, highest: int) -> None:
        super().__init__(
            f"The building has the floors {lowest} to {highest}, not {floor}: check the floor, or survey the building.",
            "/floor",
        )


class UnitBeforeBuilding(Mistaken):
    """A unit older than its building."""

    def __init__(self, since: datetime) -> None:
        super().__init__(
            f"The building is in the ledger since {_said(since)}: its units cannot be older.", "/effective_at"
        )


class DateBeforeUnit(Mistaken):
    """A fact about a unit from before the unit was in the ledger."""

    def __init__(self, unit: str, since: datetime) -> None:
        super().__init__(f"{unit} is in the ledger since {_said(since)}: choose that date or later.", "/effective_at")


class AlreadyClassified(Conflicting):
    """The unit has that class already."""

    def __init__(self, unit: str, use_class: UseClass, since: datetime) -> None:
        super().__init__(
            f"{unit} is registered as {use_class.value} since {_said(since)}: there is nothing to change.", "/use_class"
        )


class ClassifiedOtherwise(Conflicting):
    """Another class holds from that very moment."""

    def __init__(self, unit: str, use_class: UseClass, since: datetime) -> None:
        super().__init__(
            f"{unit} is registered as {use_class.value} from {_said(since)} itself: correct that record instead.",
            "/effective_at",
        )


class TenantsStillThere(Conflicting):
    """A hotel unit has an operator, not tenants."""

    def __init__(self, tenancy: str) -> None:
        super().__init__(
            f"The tenancy {tenancy} runs at that time, and a hotel has no tenants: move it out first, or choose a "
            "later date.",
            "/use_class",
        )


class NothingToCorrect(Mistaken):
    """No record of a class begins at that moment."""

    def __init__(self, unit: str) -> None:
        super().__init__(
            f"The event named is no classification of {unit}: name one from the unit's history.", "/corrects"
        )


class UnitUnclassified(Conflicting):
    """When a verification is due follows from the class; without one it cannot be said."""

    def __init__(self, unit: str, moment: datetime) -> None:
        super().__init__(
            f"{unit} has no use class at {_said(moment)}: classify it from that date first.", "/effective_at"
        )


class HotelHasNoTenants(Conflicting):
    """A hotel unit has an operator, not tenants."""

    def __init__(self, unit: str, since: datetime) -> None:
        super().__init__(
            f"{unit} is a hotel from {_said(since)} on, and short stays are counted by its operator: reclassify the "
            "unit if somebody lives there.",
            "/unit",
        )


class TenancyOverlaps(Conflicting):
    """More tenancies at once than the unit can hold."""

    def __init__(self, unit: str, capacity: int, running: tuple[str, ...]) -> None:
        super().__init__(
            f"{unit} holds {capacity} at once and is taken by {', '.join(running)} at that time: move them out first, "
            "correct their dates, or say when this tenancy ended.",
            "/effective_at",
        )


class TenancyExists(Conflicting):
    """The tenancy's id is taken."""

    def __init__(self, tenancy: str) -> None:
        super().__init__(f"A tenancy {tenancy} is on record already: choose another id.", "/tenancy")


class TenancyUnknown(Unknown):
    """The unit has no such tenancy."""

    def __init__(self, unit: str, tenancy: str) -> None:
        super().__init__(f"{unit} has no tenancy {tenancy}: look at the unit's history for its id.", "/tenancy")


class TenancyEndedBefore(Conflicting):
    """The tenancy has ended at another time."""

    def __init__(self, tenancy: str, ended_at: datetime) -> None:
        super().__init__(
            f"The tenancy {tenancy} ended at {_said(ended_at)} already: correct it if that is wrong.", "/effective_at"
        )


class MoveOutBeforeMoveIn(Mistaken):
    """Nobody leaves before they came."""

    def __init__(self, since: datetime) -> None:
        super().__init__(f"The household moved in at {_said(since)}: the move-out must be later.", "/effective_at")


class CategoryUnlikeClass(Conflicting):
    """An owner's tenancy in a unit that its owner does not live in."""

    def __init__(self, category: TenancyCategory, use_class: UseClass) -> None:
        super().__init__(
            f"A tenancy of the category {category.value} does not go with a unit registered as {use_class.value}: "
            "choose another category, or reclassify the unit.",
            "/category",
        )


class NobodyMovesIn(Mistaken):
    """A tenancy without anybody to verify."""

    def __init__(self) -> None:
        super().__init__("A tenancy needs at least one occupant: register who moves in.", "/occupants")


class OccupantTwice(Mistaken):
    """A person named twice in one household."""

    def __init__(self, place: int) -> None:
        super().__init__("The same person stands twice among the occupants: leave one.", f"/occupants/{place}/subject")


class OccupantAlreadyThere(Conflicting):
    """The person lives in the unit already."""

    def __init__(self, tenancy: str, place: int) -> None:
        super().__init__(
            f"This person lives there already under the tenancy {tenancy} at that time.", f"/occupants/{place}/subject"
        )


class OccupantUnknown(Unknown):
    """Nobody registered the person under the tenancy."""

    def __init__(self, tenancy: str) -> None:
        super().__init__(f"Nobody with this id is registered under the tenancy {tenancy}.", "/subject")


class VerificationBeforeMoveIn(Mistaken):
    """A verification from before the tenancy."""

    def __init__(self, since: datetime) -> None:
        super().__init__(f"The tenancy began at {_said(since)}: a verification must be later.", "/effective_at")


class VerificationLapsed(Conflicting):
    """The tenancy had ended; what was to verify lapsed with it."""

    def __init__(self, tenancy: str, ended_at: datetime) -> None:
        super().__init__(
            f"The tenancy {tenancy} ended at {_said(ended_at)} and its verifications lapsed: nobody is left to verify.",
            "/tenancy",
        )


class AlreadyVerified(Conflicting):
    """A failed attempt after the person was verified."""

    def __init__(self, verified_at: datetime) -> None:
        super().__init__(f"This person was verified at {_said(verified_at)}: nothing is left to try.", "/subject")


class RoundUnknown(Unknown):
    """Nobody planned the round."""

    def __init__(self) -> None:
        super().__init__("No visit round has this id: plan it first, or check the id.", "/round")


class RoundExists(Conflicting):
    """Another round has the id."""

    def __init__(self, visit_round: str) -> None:
        super().__init__(f"A visit round {visit_round} is planned already: choose another id.", "/round")


class RoundWithoutUnits(Mistaken):
    """A round that leads nowhere."""

    def __init__(self) -> None:
        super().__init__("A visit round needs at least one unit to knock at.", "/units")


class UnitElsewhere(Mistaken):
    """A door that is not registered in the round's place."""

    def __init__(self, unit: str, index: int) -> None:
        super().__init__(f"No unit {unit} is registered in the place of the round: check its id.", f"/units/{index}")


class OfficerUnnamed(Mistaken):
    """A round that is nobody's."""

    def __init__(self) -> None:
        super().__init__("Say whose round it is: name the officer.", "/officer")


class UnitTwiceInRound(Mistaken):
    """A door listed twice."""

    def __init__(self, unit: str, place: int) -> None:
        super().__init__(f"The unit {unit} stands twice in the round: leave one.", f"/units/{place}")


class UnitNotInRound(Mistaken):
    """A door that the round does not list."""

    def __init__(self, unit: str) -> None:
        super().__init__(f"The unit {unit} is not in this round: plan a round with it.", "/unit")


class RoundClosed(Conflicting):
    """The round has ended."""

    def __init__(self, closed_at: datetime) -> None:
        super().__init__(f"The round was closed at {_said(closed_at)}: plan another one.", "/round")


class SubjectUnknown(Unknown):
    """No such person is known."""

    def __init__(self) -> None:
        super().__init__("No subject has this id: check it in the unit's history.", "/subject")


class SubjectWasErased(Gone):
    """The person's key was destroyed."""

    def __init__(self, erased_at: datetime) -> None:
        super().__init__(
            f"This person's record was erased at {_said(erased_at)} and cannot be read again: register them as a new "
            "subject if they come back.",
            "/subject",
        )


class PurposeMissing(Mistaken):
    """A person's record opens only for a reason."""

    def __init__(self) -> None:
        super().__init__(
            "Say why the record is to be opened: give a purpose, or the tenancy of an open verification as the task.",
            "/purpose",
        )


class NothingOpened(Mistaken):
    """An opening that shows no field."""

    def __init__(self) -> None:
        super().__init__("Name at least one field to open: name, phone or document.", "/fields")
