"""Places: a path out of columns, or by name out of a table."""

from collections.abc import Callable
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from contracts.common import NamedPlace
from contracts.segments import segment_of
from services.runtime.imports.language import FileRule, Lookup, PlaceRule
from services.runtime.imports.readers import Cells, open_table, text_of
from services.runtime.imports.refusals import FileEndsEarly, MappingRefused, RowRefused
from services.runtime.imports.values import Columns, Take, columns_of, names_of, remembered, take_raw, take_value

PLACE = TypeAdapter(NamedPlace)


def joined(*parts: str) -> str:
    """Paths one below the other; blank ones are left out."""
    return "/".join(part for part in parts if part)


def take_place(rule: PlaceRule, columns: Columns, beside: Path) -> Take:
    """Takes the place out of a row; ``beside`` is the folder of the mapping. Raises MappingRefused."""
    under = rule.under or ""
    if rule.lookup is not None:
        return _looked_up(rule.lookup, columns, under, beside)
    if not rule.levels:
        return lambda _: under
    return _from_levels(rule, columns, under)


def _from_levels(rule: PlaceRule, columns: Columns, under: str) -> Take:
    levels = rule.levels or ()
    takes = [take_value(level, columns, f"place.levels.{n}", segment_of) for n, level in enumerate(levels, 1)]
    first = names_of(levels[0])

    def take(cells: Cells) -> str:
        place = _path(under, takes, cells)
        if not place:
            raise RowRefused(first, "", "is blank, and the mapping has no place.under to fall back on")
        return place

    return remembered(columns, columns_of(*levels), "place.levels", take)


def _path(under: str, levels: list[Take], cells: Cells) -> str:
    """The path as far as it is known: what lies below a blank level cannot be found."""
    segments = [under] if under else []
    for level in levels:
        segment = level(cells)
        if not segment:
            break
        segments.append(segment)
    return "/".join(segments)


def _looked_up(lookup: Lookup, columns: Columns, under: str, beside: Path) -> Take:
    values = lookup.values if lookup.values is not None else _table(lookup, beside)
    fold: Callable[[str], str] = _folded if lookup.ignore_case else str
    table = {fold(name): _checked(joined(under, place), name) for name, place in values.items()}
    raw, column = take_raw(lookup, columns, "place.lookup"), names_of(lookup)
    policy = lookup.default.policy if lookup.default else "fail"
    constant = joined(under, lookup.default.constant or "") if lookup.default else ""

    def take(cells: Cells) -> str:
        name = raw(cells)
        place = table.get(fold(name))
        if place is not None:
            return place
        if policy == "constant":
            return constant
        if policy == "blank" and under:
            return under
        if policy == "keep" and name:
            return joined(under, _segment_or_refused(name, column))
        raise RowRefused(column, name, "is not in the table of places: add it there, or give place.lookup a default")

    return take


def _segment_or_refused(name: str, column: str) -> str:
    try:
        return segment_of(name)
    except ValueError as error:
        raise RowRefused(column, name, str(error)) from None


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _checked(place: str, name: str) -> str:
    try:
        return PLACE.validate_python(place)
    except ValidationError:
        raise MappingRefused(
            f"The table of places has {place!r} for {name}: a place is lower-case letters, digits, - and _ between "
            "slashes, at most ten segments, each with a letter or a digit."
        ) from None


def _table(lookup: Lookup, beside: Path) -> dict[str, str]:
    table = open_table(beside / Path(lookup.file or "").expanduser(), FileRule(encoding=lookup.encoding))
    try:
        columns = Columns(table.header, table.name)
        name, place = columns.index(lookup.key, "place.lookup.key"), columns.index(lookup.place, "place.lookup.place")
        found: dict[str, str] = {}
        for line, cells in table.rows():
            if isinstance(cells, RowRefused):
                raise MappingRefused(f"{table.name}, line {line}: {cells}.")
            found[text_of(cells[name])] = text_of(cells[place])
    except FileEndsEarly as error:
        raise MappingRefused(str(error)) from None
    finally:
        table.close()
    return found
