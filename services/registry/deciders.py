"""What the registry decides about, for the shell and for a simulation: pure, no database behind it."""

from services.chassis.decider import Decider
from services.registry.domain import (
    building,
    building_commands,
    subject,
    subject_commands,
    tenancy_commands,
    unit,
    unit_commands,
    visit_round,
    visit_round_commands,
)
from services.registry.domain.working_days import WorkingDays
from services.registry.working_calendar import CHINA


def unit_decider(calendar: WorkingDays) -> Decider[unit.Unit]:
    """Units, under a calendar of working days."""
    decisions = {**unit_commands.decisions(calendar), **tenancy_commands.decisions(calendar)}
    return Decider("unit", unit.Unit(), unit.evolve, decisions)


UNIT = unit_decider(CHINA)
BUILDING = Decider("building", building.Building(), building.evolve, building_commands.DECISIONS)
VISIT_ROUND = Decider("round", visit_round.VisitRound(), visit_round.evolve, visit_round_commands.DECISIONS)
SUBJECT = Decider("subject", subject.Subject(), subject.evolve, subject_commands.DECISIONS)
