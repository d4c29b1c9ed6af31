"""A simulated city of two years, with every figure of the case in its events, and the city that lives on after it.

The percentages are the article's, the counts behind them are invented, and so are all people and organisations.
"""

from services.runtime.demonstration.clock import DemonstrationClock
from services.runtime.demonstration.figures import END, SEED
from services.runtime.demonstration.living import live, stand_by
from services.runtime.demonstration.load import LoadSummary, Target, load

__all__ = ["END", "SEED", "DemonstrationClock", "LoadSummary", "Target", "live", "load", "stand_by"]
