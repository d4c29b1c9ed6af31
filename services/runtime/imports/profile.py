"""Looks at the columns of a file: how full they are, which words, whether numbers, times or names."""

import contextlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from typing import Literal

from services.runtime.imports.formats import Exact, format_reader
from services.runtime.imports.readers import Cell, Table, text_of
from services.runtime.imports.refusals import RowRefused
from services.runtime.imports.times import clock_time

ROWS_LOOKED_AT = 5000
MOST_PARSED = 500
ENOUGH = 0.95
HANDFUL = 3
FORMATS = (
    "iso",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d-%b-%Y %H:%M",
    "%d-%b-%Y",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日",
)
Role = Literal[
    "id", "year", "month", "day", "hour", "minute", "second", "longitude", "latitude", "category", "place", "person",
    "note", "first", "last", "drill", "channel",
]  # fmt: skip
# what columns are called, tried in this order; one word for a column is enough
NAMED: tuple[tuple[Role, str], ...] = (
    ("person", r"complainant|caller|victim|suspect|witness|phone|mobile|e-?mail|姓名|电话|手机|身份证|报警人|当事人"),
    ("longitude", r"^(lon|lng|long|longitude|经度)$|longitude"),
    ("latitude", r"^(lat|latitude|纬度)$|latitude"),
    ("year", r"^(year|yr|年|年份)$"),
    ("month", r"^(month|mon|月|月份)$"),
    ("day", r"^(day|日|dom)$"),
    ("hour", r"\bhour\b|^(hr|hh|time|time of day|小时|时间段|时刻)$|^(time|hour)[ _-]?(occ|occurred|local)?$"),
    ("minute", r"^(minute|min|分|分钟)$"),
    ("second", r"^(second|sec|秒)$"),
    ("drill", r"drill|exercise|演习|演练"),
    ("channel", r"channel|来源渠道|报警方式"),
    ("first", r"\b(from|start|begin|earliest)\b|起始|开始|最早"),
    ("last", r"\b(to|end|until|latest)\b|结束|截止|最晚"),
    ("id", r"\bid\b|\bkey\b|number|\bno\b|\bnr\b|case|编号|案号|警情号"),
    ("note", r"note|narrative|comment|remark|details|备注|简要|详情|内容"),
    ("category", r"type|categor|offen[cs]e|crime|descript|incident|kind|nature|complaint|类别|类型|案由|性质"),
    ("place", (r"borough|district|neighbou?rhood|area|beat|ward|precinct|zone|block|address|street|building|location"
              r"|place|city|town|地址|地点|区|街道|社区|小区|楼")),
)  # fmt: skip


@dataclass
class Column:
    """What a column looks like.

    Attributes:
        name: its heading. filled: rows where it is not blank. words: its contents and how often.
        told: which format its times have and how exactly they are told, where it holds times.
        midnight: its times have an hour, and it is always midnight.
        clock: it holds clock times. numbers: it holds numbers. natives: its cells are times already.
    """

    name: str
    filled: int = 0
    words: "Counter[str]" = field(default_factory=Counter)
    natives: int = 0
    told: tuple[str, Exact] | None = None
    midnight: bool = False
    clock: bool = False
    numbers: bool = False

    def add(self, cell: Cell) -> None:
        """Takes a cell into account."""
        text = text_of(cell)
        if text:
            self.filled += 1
            self.words[text] += 1
            self.natives += isinstance(cell, datetime | date | time)

    def conclude(self) -> None:
        """Decides what it holds, after the last cell."""
        sample = list(islice(self.words, MOST_PARSED))
        if not sample:
            return
        self.numbers = _most(_is_number(word) for word in sample)
        self.clock = _most(_is_clock(word) for word in sample)
        if not self.numbers or self.natives:
            told = [found for given in FORMATS if (found := _told(given, sample))]
            # day and month are told apart by the format that fails least
            self.told = min(told, key=lambda found: found[0])[1:] if told else None
            self.midnight = bool(self.told and self.told[1] == "moment" and _at_midnight(self.told[0], sample))

    @property
    def role(self) -> Role | None:
        """What its heading says it is."""
        spoken = re.sub(r"[_\W]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.name)).strip().casefold()
        return next((role for role, pattern in NAMED if re.search(pattern, spoken)), None)


def profile(table: Table) -> tuple[list[Column], int]:
    """The columns after a look at the first rows, and how many rows that were."""
    columns, rows = [Column(name) for name in table.header], 0
    for _, cells in islice(table.rows(), ROWS_LOOKED_AT):
        if isinstance(cells, RowRefused):
            continue
        rows += 1
        for column, cell in zip(columns, cells, strict=False):
            column.add(cell)
    for column in columns:
        column.conclude()
    return columns, rows


def _most(answers: Iterable[bool]) -> bool:
    given = list(answers)
    return sum(given) >= ENOUGH * len(given)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _is_clock(word: str) -> bool:
    try:
        clock_time(word, "")
    except RowRefused:
        return False
    return True


def _at_midnight(given: str, sample: list[str]) -> bool:
    """Whether all times of a format are midnight by their own clock."""
    read = format_reader(given, "")
    clocks: set[time] = set()
    for word in sample:
        with contextlib.suppress(ValueError):
            clocks.add(read(word)[0].time())
    return clocks == {time()}


def _told(given: str, sample: list[str]) -> tuple[int, str, Exact] | None:
    """How many words do not fit a format, where most do; one in a handful may be wrong."""
    allowed = max((1 - ENOUGH) * len(sample), 1 if len(sample) > HANDFUL else 0)
    read = format_reader(given, "")
    exact: Exact = "day"
    failed = 0
    for word in sample:
        try:
            exact = read(word)[1]
        except ValueError:
            failed += 1
            if failed > allowed:
                return None
    return failed, given, exact
