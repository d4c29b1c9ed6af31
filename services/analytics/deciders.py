"""The aggregates of analytics as the chassis runs them."""

from services.analytics.domain import alert, alert_commands, city, city_commands, figure, figure_commands
from services.chassis.decider import Decider

ALERT = Decider("alert", alert.Alert(), alert.evolve, alert_commands.DECISIONS)
INDICATOR = Decider("indicator", figure.Reports(), figure.evolve_reports, figure_commands.REPORTING)
COVERAGE = Decider("coverage", figure.Coverage(), figure.evolve_coverage, figure_commands.DECLARING)

CITY_POLICY = Decider("policy", city.InForce(), city.adopted, city_commands.ADOPTING)
CITY_FIGURES = Decider("figures", city.Told(), city.told, city_commands.TELLING)
"""In the log of the city, with the policy."""

CITY_EXPORT = Decider[None]("export", None, city.exported, city_commands.EXPORTING)
"""Who took the city's figures out: in the log of analytics, since that of the city is read by others."""
