"""What a request to the registry may say; personal fields stand here in plain text and nowhere after."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from contracts.common import Frozen, Identifier, Instant, Place, Point, ZoneName
from contracts.registry import Floor, ObservedUse, TenancyCategory, UnitNumber, UseClass, VisitOutcome
from services.chassis.http.texts import VisibleHeadline, VisibleLabel, visible
from services.registry.domain.tenancy_commands import Method, Reason
from services.registry.domain.visit_round_commands import DayPart
from services.registry.personal_fields import DocumentNumber, PersonName, Phone


def _example(**said: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [said]})


class Happened(Frozen):
    """When it became true; left out: now, by the service's clock."""

    effective_at: Instant | None = None


class BuildingBody(Happened):
    """A building as the registrar enters it."""

    model_config = _example(
        building="wanda-a",
        name="万达公寓 A 座",
        place="yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a",
        lowest_floor=-2,
        highest_floor=30,
        location={"longitude": 106.2324, "latitude": 38.4872, "system": "CGCS2000"},
        effective_at="2024-01-01T00:00:00+08:00",
    )
    building: Annotated[Identifier, StringConstraints(max_length=58)]
    name: VisibleLabel
    place: Place
    lowest_floor: Floor
    highest_floor: Floor
    location: Point | None = None
    zone: ZoneName | None = None


class SurveyBody(Happened):
    """The storeys that somebody counted."""

    model_config = _example(lowest_floor=-2, highest_floor=30)
    lowest_floor: Floor
    highest_floor: Floor


class UnitBody(Happened):
    """A unit of the building in the address; the answer says its id."""

    model_config = _example(number="1812", floor=18, effective_at="2024-01-01T00:00:00+08:00")
    number: Annotated[UnitNumber, AfterValidator(visible)]
    floor: Floor
    capacity: Annotated[int, Field(ge=1, le=50)] = 1


class ClassificationBody(Happened):
    """What the unit is registered for; ``effective_at`` may lie ahead."""

    model_config = _example(use_class="rental", effective_at="2024-03-01T00:00:00+08:00")
    use_class: UseClass


class ObservationBody(Happened):
    """What somebody saw there."""

    model_config = _example(observed_use="hotel", organisation="星河民宿")
    observed_use: ObservedUse
    organisation: VisibleLabel | None = None


class OperatorBody(Happened):
    """Which organisation runs the unit; null: nobody any more."""

    model_config = _example(operator="hotel-xinghe")
    operator: Identifier | None


class OccupantBody(Frozen):
    """Who moves in; ``subject`` where the person is known already.

    Attributes:
        name, phone, document: sealed under the person's own key before anything else happens to them.
    """

    subject: Identifier | None = None
    name: PersonName
    phone: Phone | None = None
    document: DocumentNumber | None = None


class MoveInBody(Happened):
    """A household that moves in; ``left_at`` where it has left again already."""

    model_config = _example(
        category="long-let",
        lease_filing="jf-2024-00381",
        occupants=[{"name": "顾小满", "phone": "13900000000", "document": "640100199001010004"}],
        effective_at="2024-06-03T16:00:00+08:00",
    )
    category: TenancyCategory
    occupants: Annotated[tuple[OccupantBody, ...], Field(max_length=20)]
    tenancy: Identifier | None = None
    lease_filing: Identifier | None = None
    left_at: Instant | None = None


class VerificationBody(Happened):
    """What became of an attempt to verify: either ``method``, by which it succeeded, or ``failed``, why not."""

    model_config = _example(subject="0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e", method="document-seen")
    subject: Identifier
    method: Method | None = None
    failed: Reason | None = None

    @model_validator(mode="after")
    def _one_outcome(self) -> Self:
        if (self.method is None) == (self.failed is None):
            raise ValueError("say either the method by which it succeeded or why it failed")
        return self


class MoveOutBody(Happened):
    """A household that leaves."""

    model_config = _example(effective_at="2024-06-10T09:30:00+08:00")


class CorrectionBody(Frozen):
    """A record of a class that was wrong from its own date on."""

    model_config = _example(
        corrects="0190a7c2-7d5e-7b11-8c1e-2f4a5b6c7d8e", use_class="studio", reason="登记时看错一行"
    )
    corrects: Identifier
    use_class: UseClass
    reason: VisibleHeadline


class TenancyCorrectionBody(Frozen):
    """When a household really moved in (left out: as registered) and out (null: it lives there still)."""

    model_config = _example(ended_at="2024-06-10T09:30:00+08:00", reason="登记时写错年份")
    since: Instant | None = None
    ended_at: Instant | None
    reason: VisibleHeadline


class RoundBody(Happened):
    """A round of doors; ``effective_at`` is when it begins, and may lie ahead. Officer: the caller where left out."""

    model_config = _example(
        place="yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a",
        units=["wanda-a-1812"],
        day_part="evening",
    )
    place: Place
    units: Annotated[tuple[Identifier, ...], Field(max_length=500)]
    day_part: DayPart
    officer: Identifier | None = None
    round: Identifier | None = None


class VisitBody(Happened):
    """What a knock at a door met."""

    model_config = _example(unit="wanda-a-1812", outcome="met")
    unit: Identifier
    outcome: VisitOutcome


class ClosingBody(Happened):
    """The end of a round."""

    model_config = _example(effective_at="2024-06-30T12:00:00+08:00")
