"""The XML within an XLSX file, read piece by piece: sheets, shared texts, which numbers are dates."""

import re
import zipfile
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import IO
from xml.etree import ElementTree as ET
from xml.parsers import expat

from services.runtime.imports.readers.table import Cell
from services.runtime.imports.refusals import FileRefused

PIECE = 1 << 16
TEXTS = "xl/sharedstrings.xml"
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
SPOKEN = re.compile(r'"[^"]*"|\\.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)
DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
DAY = timedelta(days=1)
MOST_UNPACKED = 2**31  # bytes of a workbook; a million rows of thirty columns are half of it
MOST_TEXTS = 2**28  # bytes of its shared texts, which are held in memory
MOST_SMALL = 2**23  # bytes of a part that is read as a whole
TIGHTEST = 200  # bytes unpacked for each packed one; sheets have ten to fifty
NO_BOMB = 2**26  # bytes unpacked, below which tightness does not matter
LONGEST_TEXT = 1_048_576  # characters of a cell; a spreadsheet allows 32,767


class Unreadable(ValueError):
    """The XML is not that of a workbook."""


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, where it lies in the archive, whether people see it."""

    name: str
    part: str
    visible: bool


@dataclass(frozen=True)
class Contents:
    """What a workbook says about itself: its sheets, and the day that its dates count from."""

    sheets: list[Sheet]
    epoch: datetime


def refuse_bombs(archive: zipfile.ZipFile, name: str) -> None:
    """Refuses a workbook that would unpack to more than any sheet has, before it is unpacked. Raises FileRefused.

    The sizes are those that the archive states; no part is unpacked beyond them.
    """
    parts = archive.infolist()
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    texts = max((part.file_size for part in parts if part.filename.lower() == TEXTS), default=0)
    if unpacked > MOST_UNPACKED or texts > MOST_TEXTS or unpacked > max(NO_BOMB, TIGHTEST * packed):
        raise FileRefused(
            f"{name} would unpack to {unpacked:,} bytes, more than can be read: save it as CSV, or in parts."
        )


def feed(stream: IO[bytes], parser: expat.XMLParserType) -> Iterator[int]:
    """Parses a stream piece by piece, yielding how many bytes each was."""
    # entities can be made to grow without end, and no workbook has any
    parser.StartDoctypeDeclHandler = _refuse_doctype
    read = 0
    while piece := stream.read(PIECE):
        parser.Parse(piece, False)
        read += len(piece)
        if read - parser.CurrentByteIndex > LONGEST_TEXT:
            raise Unreadable  # one piece of markup, such as an attribute, without an end
        yield len(piece)
    parser.Parse(b"", True)


def _refuse_doctype(*_: object) -> None:
    raise Unreadable


def local(name: str) -> str:
    """A name without its prefix."""
    return name[name.find(":") + 1 :]


def contents(archive: zipfile.ZipFile) -> Contents:
    """The sheets of a workbook, in its order."""
    targets = {
        element.get("Id"): element.get("Target", "") for element in _small(archive, "xl/_rels/workbook.xml.rels").iter()
    }
    sheets: list[Sheet] = []
    epoch = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets count naive days
    for element in _small(archive, "xl/workbook.xml").iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "workbookPr" and element.get("date1904") in {"1", "true"}:
            epoch = datetime(1904, 1, 1)  # noqa: DTZ001
        if tag == "sheet":
            link = next((value for key, value in element.items() if key.endswith("}id")), None)
            target = targets.get(link, "")
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            sheets.append(Sheet(element.get("name", ""), part, element.get("state", "visible") == "visible"))
    return Contents(sheets, epoch)


def _small(archive: zipfile.ZipFile, part: str) -> ET.Element:
    if archive.getinfo(part).file_size > MOST_SMALL:
        raise Unreadable
    text = archive.read(part)
    if b"<!DOCTYPE" in text:
        raise Unreadable
    return ET.fromstring(text)  # noqa: S314 - no document type, so no entities


def date_styles(archive: zipfile.ZipFile) -> list[bool]:
    """Whether a number of each style is a date or a time."""
    if "xl/styles.xml" not in archive.namelist():
        return []
    root = _small(archive, "xl/styles.xml")
    own: dict[str, bool] = {}
    styles: list[bool] = []
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "numFmt":
            own[element.get("numFmtId", "")] = _tells_time(element.get("formatCode", ""))
        if tag == "cellXfs":
            codes = [child.get("numFmtId", "0") for child in element]
            styles = [own.get(code, code.isdigit() and int(code) in DATE_FORMATS) for code in codes]
    return styles


def _tells_time(code: str) -> bool:
    """Whether a number format shows days or hours: it has their letters outside quotation marks."""
    return any(letter in "ymdhsYMDHS" for letter in SPOKEN.sub("", code).partition(";")[0].replace("General", ""))


class Texts:
    """The shared texts of a workbook, end to end in one run of bytes; as objects they would take ten times as much."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q")
        self._recent: dict[int, str] = {}

    def add(self, text: str) -> None:
        """One more."""
        self._bytes += unescaped(text).encode("utf-8", "surrogatepass")
        self._ends.append(len(self._bytes))

    def __getitem__(self, index: int) -> str:
        known = self._recent.get(index)
        if known is not None:
            return known
        start = self._ends[index - 1] if index else 0
        text = self._bytes[start : self._ends[index]].decode("utf-8", "surrogatepass")
        if len(self._recent) < 50_000:
            self._recent[index] = text
        return text

    @classmethod
    def read(cls, archive: zipfile.ZipFile) -> "Texts":
        """All of a workbook's."""
        texts = cls()
        part = next((name for name in archive.namelist() if name.lower() == TEXTS), None)
        if part is None:
            return texts
        parser = expat.ParserCreate()
        parser.buffer_text = True
        taking = TakeText(texts.add)
        parser.StartElementHandler, parser.EndElementHandler = taking.start, taking.end
        parser.CharacterDataHandler = taking.characters
        with archive.open(part) as stream:
            for _ in feed(stream, parser):
                pass
        return texts


class TakeText:
    """Puts a text together from its runs, without what tells how to pronounce it."""

    def __init__(self, done: Callable[[str], None], item: str = "si") -> None:
        self._done = done
        self._item = item
        self._text: list[str] = []
        self._length = 0
        self._within = self._spoken = False

    def start(self, name: str, _: dict[str, str]) -> None:
        tag = local(name)
        self._within = tag == "t" and not self._spoken
        if tag == "rPh":
            self._spoken = True
        elif tag == self._item:
            self._text, self._length = [], 0

    def characters(self, text: str) -> None:
        if self._within:
            self._text.append(text)
            self._length += len(text)
            if self._length > LONGEST_TEXT:
                raise Unreadable

    def end(self, name: str) -> None:
        tag = local(name)
        self._within = False
        if tag == "rPh":
            self._spoken = False
        elif tag == self._item:
            self._done("".join(self._text))


def unescaped(text: str) -> str:
    """A text with the characters that XML cannot hold, which workbooks write as ``_x000D_``."""
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def moment_of(serial: float, epoch: datetime) -> Cell:
    """A spreadsheet's number as what it shows: a date, a time of the day, or both."""
    days, rest = divmod(serial, 1.0)
    since = timedelta(milliseconds=round(rest * 86_400_000))
    try:
        at = epoch + timedelta(days=days) + since
    except OverflowError:
        return serial
    if 0 <= serial < 1 and since < DAY:
        return time(at.hour, at.minute, at.second, at.microsecond)
    return date(at.year, at.month, at.day) if since in {timedelta(), DAY} else at
