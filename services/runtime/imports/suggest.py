"""Drafts a mapping from a file's headings and first rows; what it cannot know it says in the draft."""

import json
from collections.abc import Iterator
from pathlib import Path

from contracts.segments import MARK, segment_of
from services.runtime.imports.language import FileRule
from services.runtime.imports.profile import Column, Role, profile
from services.runtime.imports.readers import open_table
from services.runtime.imports.refusals import FileRefused

MOST_WORDS = 60


def suggest(file: Path, encoding: str | None = None) -> str:
    """The draft as YAML; ``encoding`` is of a file of text that does not show it. Raises FileRefused."""
    table = open_table(file.expanduser(), FileRule(encoding=encoding))
    try:
        columns, rows = profile(table)
    finally:
        table.close()
    if not rows:
        raise FileRefused(f"{file} has headings and no rows: there is nothing to draft a mapping from.")
    return "\n".join(Draft(file, table.encoding, columns, rows).lines()) + "\n"


class Draft:
    """A mapping in the making; a column that one part took is not offered to the next."""

    def __init__(self, file: Path, encoding: str | None, columns: list[Column], rows: int) -> None:
        self._file = file
        self._encoding = encoding
        self._columns = columns
        self._rows = rows
        self._taken: set[str] = set()

    def lines(self) -> Iterator[str]:
        """The draft, line by line; each part says what it was drafted from."""
        personal = self._all("person")
        time, location, identity = list(self._time()), list(self._location()), list(self._identity())
        notes, category, place = list(self._notes()), list(self._category()), list(self._place())
        yield f"# Drafted from {self._rows:,} rows of {self._file.name}. See to each CHECK, then try:"
        yield f"#   maplebridge import THIS-FILE {quoted(self._file.name)} --dry-run"
        yield f"source: {self._source()}   # CHECK: one word for whose figures these are; keep it for ever"
        if self._encoding not in {None, "utf-8", "utf-8-sig"}:
            yield f"file: {{encoding: {self._encoding}}}   # CHECK: are the words below as they should be?"
        yield "zone: Asia/Shanghai   # CHECK: where these incidents happened, such as America/New_York"
        for part in (category, place, time, location, identity, notes):
            yield ""
            yield from part
        if personal:
            yield ""
            yield "# values that no errors file shows"
            yield f"personal: [{', '.join(quoted(column.name) for column in personal)}]"
        yield from self._rest()

    def _source(self) -> str:
        try:
            made = segment_of(self._file.name.partition(".")[0])
        except ValueError:
            made = MARK
        return "my-city" if made.startswith(MARK) else made

    def _all(self, role: Role) -> list[Column]:
        found = [c for c in self._columns if c.name not in self._taken and c.filled and c.role == role]
        self._taken.update(column.name for column in found)
        return found

    def _one(self, role: Role, *, times: bool = False) -> Column | None:
        """The fullest column of that role."""
        found = [c for c in self._columns if c.name not in self._taken and c.filled and c.role == role]
        found = [c for c in found if c.told or c.natives] if times else found
        best = max(found, key=lambda column: column.filled, default=None)
        if best is not None:
            self._taken.add(best.name)
        return best

    def _time(self) -> Iterator[str]:
        year, month, day = self._one("year"), self._one("month"), self._one("day")
        if year and month and day:
            clock = [(role, self._one(role)) for role in ("hour", "minute", "second")]
            parts = [("year", year), ("month", month), ("day", day), *((r, c) for r, c in clock if c)]
            yield "# a row without an hour becomes the whole day"
            yield "time:"
            yield f"  parts: {{{', '.join(f'{role}: {quoted(column.name)}' for role, column in parts)}}}"
            return
        first, last = self._one("first", times=True), self._one("last", times=True)
        if first and last:
            yield "# it happened between the two; where the second is blank, at the first"
            yield "time:"
            yield from (_midnight(column) for column in (first, last) if column.midnight)
            yield f"  earliest: {_time_of(first)}"
            yield f"  latest: {_time_of(last)}"
            return
        yield from self._one_time()

    def _one_time(self) -> Iterator[str]:
        times = [c for c in self._columns if c.told and c.filled > self._rows / 2]
        exact = next((c for c in times if c.told and c.told[1] == "moment" and not c.midnight), None)
        dated = next((c for c in times if c.told and (c.told[1] == "day" or c.midnight)), None)
        hour = next((c for c in self._columns if c.role == "hour" and c.clock), None)
        chosen = dated if dated and hour else exact or dated
        if chosen is None:
            yield "# CHECK: no column was seen to hold the time; see docs/importing.md"
            yield f"time: {{column: {quoted(self._columns[0].name)}, format: iso}}"
            return
        self._taken.add(chosen.name)
        if chosen is dated and hour is not None:
            self._taken.add(hour.name)
            if chosen.midnight:
                yield _midnight(chosen)
            yield "# CHECK: is this date the local one? Where it is UTC's, add zone: UTC to it"
            yield f"time: {{date: {_told(chosen)}, hour: {quoted(hour.name)}}}"
            return
        others = ", ".join(c.name for c in times if c is not chosen)
        yield "# CHECK: is this when it happened, in local time?" + (f" There are also: {others}." if others else "")
        if chosen.midnight:
            yield _midnight(chosen)
        yield f"time: {_time_of(chosen)}"

    def _location(self) -> Iterator[str]:
        longitude, latitude = self._one("longitude"), self._one("latitude")
        if longitude and latitude and longitude.numbers and latitude.numbers:
            yield "# CHECK: WGS84 is what GPS says; Chinese map services say GCJ-02"
            names = f"longitude: {quoted(longitude.name)}, latitude: {quoted(latitude.name)}"
            yield f"location: {{{names}, system: WGS84}}"
        else:
            yield "# no columns were seen to hold longitude and latitude"

    def _identity(self) -> Iterator[str]:
        for column in self._columns:
            if column.role == "id" and column.filled == self._rows == len(column.words):
                self._taken.add(column.name)
                yield "# CHECK: is this the source's own number of the incident, the same in each export?"
                yield f"identity: {quoted(column.name)}"
                return
        yield "# No column was seen to number the incidents: equal rows are counted as incidents of their own."
        yield "identity: {row: all}"

    def _notes(self) -> Iterator[str]:
        note = self._one("note")
        if note is None:
            yield "# no column was seen to hold free text; one would be kept sealed as: description: COLUMN"
        else:
            yield "# kept sealed under a key of the incident's own"
            yield f"description: {quoted(note.name)}"

    def _category(self) -> Iterator[str]:
        named = [c for c in self._columns if c.role == "category" and c.name not in self._taken]
        fitting = [c for c in named if 1 < len(c.words) <= MOST_WORDS and not c.numbers] or named
        best = max(fitting, key=lambda c: c.filled, default=None)
        if best is None:
            yield "# CHECK: no column was seen to say what happened"
            yield "category: {constant: other}"
            return
        self._taken.add(best.name)
        yield "# CHECK: give each word its path: crime/…, public-order/…, help/…, dispute/…, noise/…, traffic/…, other"
        yield "category:"
        yield f"  column: {quoted(best.name)}"
        yield "  values:" if best.words else "  values: {}"
        for word, count in best.words.most_common(MOST_WORDS):
            yield f"    {quoted(word)}: other   # {count:,} rows"
        if len(best.words) > MOST_WORDS:
            yield f"  default: keep   # {len(best.words) - MOST_WORDS} words more; each becomes a path of its own"
        else:
            yield "  default: fail   # a word that the table lacks fails its row; keep or {constant: other} would not"

    def _place(self) -> Iterator[str]:
        full = (c for c in self._all("place") if not c.numbers and c.filled > self._rows / 2)
        levels = sorted(full, key=lambda c: len(c.words))[:3]
        yield "# CHECK: the path from the city inwards; for buildings by name see lookup in docs/importing.md"
        yield "place:"
        yield "  under: my-city"
        if levels:
            yield f"  levels: [{', '.join(quoted(column.name) for column in levels)}]"

    def _rest(self) -> Iterator[str]:
        rest = [column.name for column in self._columns if column.name not in self._taken]
        yield ""
        yield "# CHECK: which days do the files cover? Without it there are no year-on-year figures."
        yield "# coverage: [{first: 2020-01-01, last: 2020-12-31}]"
        if rest:
            yield f"# not used: {', '.join(' '.join(name.split()) for name in rest)}"


def _told(column: Column) -> str:
    """A column of times as a mapping has it."""
    given = column.told[0] if column.told else "iso"
    holds = ", holds: day" if column.midnight else ""
    return f"{{column: {quoted(column.name)}, format: {quoted(given)}{holds}}}"


def _time_of(column: Column) -> str:
    """A column of times as the time of an incident; one that only has midnights is a date."""
    return f"{{date: {_told(column)}}}" if column.midnight else _told(column)


def _midnight(column: Column) -> str:
    return (
        f"# CHECK: all times of {' '.join(column.name.split())} are midnight, so it is taken for the day alone, "
        "whatever its zone. Take holds: day out where midnight is meant"
    )


def quoted(text: str) -> str:
    """A text as YAML, bare where it may be."""
    plain = text.replace(" ", "").replace("_", "").replace("-", "")
    bare = plain.isalpha() and not text.startswith(("-", " ")) and text == text.strip() and text != "null"
    return text if bare else json.dumps(text, ensure_ascii=False)
