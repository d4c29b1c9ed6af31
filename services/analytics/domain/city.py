"""What was told of the city: the policy in force, and the counts of one measure in one period."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from contracts.city import FiguresPublished, PolicyAdopted
from contracts.common import Event


@dataclass(frozen=True, slots=True)
class InForce:
    """The policy that was adopted last. event: None while there was none."""

    event: PolicyAdopted | None = None

    @property
    def since(self) -> date | None:
        """The first day that is counted under it; None for all days."""
        return self.event.since if self.event else None


def adopted(state: InForce, event: Event) -> InForce:
    """The policy after one more event."""
    return InForce(event) if isinstance(event, PolicyAdopted) else state


@dataclass(frozen=True, slots=True)
class Told:
    """What outsiders have been told of one measure, source, city and period. event: None while nothing was."""

    event: FiguresPublished | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


def told(state: Told, event: Event) -> Told:
    """The same after one more event."""
    if not isinstance(event, FiguresPublished):
        return state
    return Told(event, {cell.area: cell.count for cell in event.cells})


def exported(_: None, __: Event) -> None:
    """Taking the figures out changes nothing."""
