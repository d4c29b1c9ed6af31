"""The aggregates of this service, for whoever decides: its own shell, an import, a simulation in memory."""

from services.chassis.decider import Decider
from services.incidents.domain import duty, erasure, incident, incident_commands, opening

INCIDENT = Decider("incident", incident.Incident(), incident.evolve, incident_commands.DECISIONS)
DUTY = Decider("duty", duty.Duty(), duty.evolve, duty.DECISIONS)
OPENING = Decider[None]("opening", None, opening.evolve, opening.DECISIONS)
"""Who read an incident, in a stream beside the incident's own, whose version no reading may move."""
ERASURE = Decider[bool]("erasure", False, erasure.evolve, erasure.DECISIONS)
"""Whether what was written was erased, in a stream beside the incident's own."""
