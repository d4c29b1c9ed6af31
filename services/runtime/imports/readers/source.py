"""Looks at a file's first bytes: what it is, and whether that is what its name says."""

import gzip
import io
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

from services.runtime.imports.refusals import FileRefused

Kind = Literal["csv", "jsonl", "workbook", "other workbook"]
SAMPLE = 262_144  # bytes
GZIP, ZIP, OLE, PDF = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"
BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
FEWEST_CHARACTERS = 5  # unlike ones; of fewer nothing is certain
COMMON_SHARE = 0.9
JSON_NAMES = (".jsonl", ".ndjson", ".json")
WORKBOOK_NAMES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


@dataclass(frozen=True)
class Source:
    """A file that was looked at.

    Attributes:
        path: where. kind: what. packed: with gzip. sample: its first bytes, unpacked. size: in bytes, as it lies there.
    """

    path: Path
    kind: Kind
    packed: bool
    sample: bytes
    size: int

    def open(self) -> tuple[BinaryIO, BinaryIO]:
        """The unpacked bytes, and the raw file under them, whose ``tell`` says how far reading has come."""
        raw = self.path.open("rb")
        return (cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if self.packed else raw), raw


def look(path: Path) -> Source:
    """Looks at a file. Raises FileRefused, one sentence, where it is not what it says."""
    try:
        with path.open("rb") as file:
            head = file.read(SAMPLE)
        size = path.stat().st_size
    except OSError as error:
        raise FileRefused(f"{path} cannot be read: {error.strerror}.") from None
    if not head:
        raise FileRefused(f"{path} is empty.")
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = head.startswith(GZIP)
    if suffixes[-1:] == [".gz"] and not packed:
        raise FileRefused(f"{path} is not gzip, though its name says so: rename it, or get it again.")
    if packed:
        head = _unpacked(path)
        suffixes = suffixes[:-1] if suffixes[-1:] == [".gz"] else suffixes
    return Source(path, _kind(path, head, suffixes[-1] if suffixes else "", packed=packed), packed, head, size)


def _unpacked(path: Path) -> bytes:
    try:
        with gzip.open(path, "rb") as file:
            head = file.read(SAMPLE)
    except (EOFError, OSError, zlib.error):
        head = _rescued(path)
        if not head:
            raise FileRefused(f"{path} is a damaged gzip file: get it again.") from None
    if not head:
        raise FileRefused(f"{path} is empty.")
    return head


def _rescued(path: Path) -> bytes:
    """What can be unpacked of a gzip file that breaks off within the sample."""
    try:
        with path.open("rb") as file:
            return zlib.decompressobj(31).decompress(file.read(SAMPLE), SAMPLE)
    except zlib.error:
        return b""


def _kind(path: Path, head: bytes, suffix: str, *, packed: bool) -> Kind:
    is_workbook = head.startswith((ZIP, OLE))
    if suffix in WORKBOOK_NAMES and not is_workbook:
        raise FileRefused(f"{path} is not a workbook, though its name says so: save it as .xlsx, or rename it.")
    if is_workbook:
        if packed:
            raise FileRefused(f"{path} is a workbook or an archive within gzip: unpack it first.")
        if suffix and suffix not in WORKBOOK_NAMES:
            raise FileRefused(
                f"{path} is a workbook or an archive, though its name says {suffix}: rename or unpack it."
            )
        return "workbook" if head.startswith(ZIP) and suffix not in {".ods", ".xlsb"} else "other workbook"
    _refuse_binary(path, head)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"{" or suffix in JSON_NAMES:
        if start == b"[":
            raise FileRefused(f"{path} is one JSON array: write one object on each line (jq -c '.[]' does it).")
        if start != b"{":
            raise FileRefused(f"{path} is not JSON lines, though its name says so: each line must be an object.")
        return "jsonl"
    return "csv"


def _refuse_binary(path: Path, head: bytes) -> None:
    if head.startswith(PDF):
        raise FileRefused(f"{path} is a PDF: export it as CSV or XLSX.")
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused(f"{path} is not text: give a CSV file, a workbook or JSON lines.")


def encoding_of(path: Path, sample: bytes, said: str | None) -> str:
    """The encoding of a text: by its mark, as it was said, else UTF-8 or GB 18030 where it can be nothing else.

    Raises:
        FileRefused: it may be one of several; a wrong guess would change words, places and the identity of rows.
    """
    marked = next((name for mark, name in BOMS if sample.startswith(mark)), None)
    if marked or said:
        return marked or said or ""
    if _is_utf8(sample):
        return "utf-8"
    if _is_chinese(sample):
        return "gb18030"
    raise FileRefused(
        f"{path} is not UTF-8, and its encoding is uncertain. Save it as UTF-8; or say which it is: encoding under "
        "file in the mapping (under place.lookup for a table of places) or --encoding: gb18030 and big5 are Chinese, "
        "cp1252 is western European, cp1250 central European."
    )


def _is_utf8(sample: bytes) -> bool:
    """Whether a text is UTF-8, a stray byte aside."""
    foreign = [character for character in sample.decode("utf-8", "surrogateescape") if not character.isascii()]
    broken = sum("\udc80" <= character <= "\udcff" for character in foreign)
    at_the_end = 3 if _fits(sample, "utf-8") else 0  # the sample may end within a character
    return (broken - at_the_end) * 10 <= len(foreign) - broken


def _fits(sample: bytes, encoding: str) -> bool:
    for cut in range(4):  # the sample may end within a character
        try:
            sample[: len(sample) - cut].decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(sample) - 8:
                return False
        else:
            return True
    return False


def _is_chinese(sample: bytes) -> bool:
    """Whether a text is surely GB 18030.

    Most bytes of any other encoding make characters of it too, but rare ones: text of today is of the 3,755 characters
    of level 1. Korean alone can look like it, and is then Korean throughout.
    """
    if not _fits(sample, "gb18030"):
        return False
    found = Counter(character for character in sample.decode("gb18030", "ignore") if not character.isascii())
    common = {character for character in found if _is_common(character.encode("gb18030"))}
    if len(common) < FEWEST_CHARACTERS or sum(found[c] for c in common) < COMMON_SHARE * found.total():
        return False
    korean = [character for character in sample.decode("euc_kr", "replace") if not character.isascii()]
    hangul = sum("\uac00" <= character <= "\ud7a3" for character in korean)
    return hangul < COMMON_SHARE * len(korean)


def _is_common(written: bytes) -> bool:
    """Whether a character of GB 18030 is of level 1, a mark or a wide form."""
    if len(written) != 2 or written[1] < 0xA1:
        return False
    return 0xB0 <= written[0] <= 0xD7 or written[0] in {0xA1, 0xA3}


def as_text(binary: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """Text over bytes; a byte that does not fit stays visible as a surrogate, and spoils its own row only."""
    return io.TextIOWrapper(binary, encoding=encoding, errors="surrogateescape", newline="")
