"""What analytics answers about the ledger of a place, level by level."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.analytics.answers import COLOURS, Answer, Colour, Row
from services.analytics.views.ledger import COUNTS


class PlaceSums(Answer):
    """What the ledger of a place comes to.

    Attributes:
        place: its path. building, name: where it is a building. counts: its units in each colour.
        units: all of them. noted: those with something to look at. occupants, to_verify, overdue: people who live
            there, those of them who are still to be verified, and those for whom that is late.
    """

    place: str
    building: str | None = None
    name: str | None = None
    counts: dict[Colour, int]
    units: int
    noted: int
    occupants: int
    to_verify: int
    overdue: int


class Places(Answer):
    """A level of the city as it stood at ``as_of``.

    Attributes:
        place: whose level it is; null where the caller's places have no single one above them that they may see.
        total: all of it. items: the places right below. next: the cursor of the next page of them.
        first_at: the first moment anything is known of.
    """

    place: str | None
    total: PlaceSums
    items: list[PlaceSums]
    next: str | None
    first_at: datetime | None
    as_of: datetime
    position: dict[str, int]


def place_sums(place: str, sums: Sequence[Mapping[str, int]], row: Row | None = None) -> PlaceSums:
    """The ledger of a place, added up over what of it is seen."""
    total = {name: sum(each[name] for each in sums) for name in COUNTS}
    counts = {colour: total[colour.replace("-", "_")] for colour in COLOURS}
    rest = {name: total[name] for name in ("units", "noted", "occupants", "to_verify", "overdue")}
    names = {"building": row["building"], "name": row["name"]} if row else {}
    return PlaceSums(place=place, counts=counts, **rest, **names)
