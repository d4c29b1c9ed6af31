"""The registry's decider of units, with its calendar remembered: the package looks a day up anew each time."""

from functools import cache

from services.registry.deciders import unit_decider
from services.registry.working_calendar import CHINA

UNIT = unit_decider(cache(CHINA.is_working_day))
