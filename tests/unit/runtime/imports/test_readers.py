"""Files are read as what they are, and refused in one sentence where they are not what they say."""

import gzip
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from services.runtime.imports.language import FileRule
from services.runtime.imports.readers import open_table
from services.runtime.imports.readers.table import headings, letters
from services.runtime.imports.refusals import FileEndsEarly, FileRefused, RowRefused

TEXT = "kind,when,note\nTheft,2020-01-01,a\nNoise,2020-01-02,b\n"

LINES = """{"kind": "Theft", "when": "2020-01-01", "note": "a"}
{"kind": "Noise", "when": "2020-01-02", "note": "b"}
"""


def read(path: Path, **rule) -> tuple[tuple[str, ...], list]:
    table = open_table(path, FileRule(**rule))
    try:
        return table.header, [(line, cells) for line, cells in table.rows()]
    finally:
        table.close()


def written(tmp_path: Path, content: str | bytes, name: str = "file.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (TEXT, "plain.csv"),
        (gzip.compress(TEXT.encode(), mtime=0), "packed.csv.gz"),
        (gzip.compress(TEXT.encode(), mtime=0), "packed without saying so.csv"),
        (TEXT.replace(",", ";"), "semicolons.csv"),
        (TEXT.replace(",", "\t"), "tabs.txt"),
        (TEXT.replace("\n", "\r\n"), "windows.csv"),
        ("\ufeff" + TEXT, "marked.csv"),
        (TEXT.encode("utf-16"), "wide.csv"),
        (TEXT.removesuffix("\n"), "no end of line"),
        (LINES, "lines.jsonl"),
    ],
)  # fmt: skip
def test_dialects_are_seen(tmp_path, content, name):
    header, rows = read(written(tmp_path, content, name))
    assert header == ("kind", "when", "note")
    assert [list(cells) for _, cells in rows] == [["Theft", "2020-01-01", "a"], ["Noise", "2020-01-02", "b"]]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_chinese_text_is_read_in_the_encodings_it_comes_in(tmp_path, encoding):
    text = "类别,时间,地点\n盗窃,2020-01-01,万达公寓\n" * 3
    header, rows = read(written(tmp_path, text.encode(encoding)))
    assert header == ("类别", "时间", "地点")
    assert rows[0] == (2, ["盗窃", "2020-01-01", "万达公寓"])


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("lieu,genre\nMontréal,bruit\nQuébec,vol à l'étalage\n", "cp1252"),
        # as GB 18030 these would be words, too
        ("ART,TAG,BEZIRK\nSachbeschädigung,2024-03-04,Südstadt\nDiebstahl,2024-03-05,Köhlerviertel\n", "cp1252"),
        ("INFRAÇÃO,LOCALIZAÇÃO\nAGRESSÃO,ESTAÇÃO\n", "cp1252"),
        ("тип,место\nКРАЖА,ЦЕНТР\n", "cp1251"),
        ("종류,시각,장소\n도난,2024-03-04,강남구\n소음,2024-03-05,서초구\n", "euc_kr"),
        ("種別,時刻,場所\n盗難,2024-03-04,さくら通り\n騒音,2024-03-05,みなと町\n", "euc_jp"),
        ("種別,時刻,場所\n盗難,2024-03-04,桜通り\n騒音,2024-03-05,港町\n", "shift_jis"),
        ("類別,時間,地點\n竊盜,2024-03-04,中山區\n噪音,2024-03-05,大安區\n", "big5"),
        ("类,a\n盗,b\n", "gb18030"),  # of three characters nothing is certain
    ],
)
def test_an_encoding_is_not_guessed_but_asked_for(tmp_path, text, encoding):
    path = written(tmp_path, text.encode(encoding))
    with pytest.raises(FileRefused, match=r"is not UTF-8, and its encoding is uncertain\. Save it as UTF-8; or say"):
        read(path)
    header, rows = read(path, encoding=encoding)
    lines = [line.split(",") for line in text.splitlines()]
    assert [list(header), *(cells for _, cells in rows)] == lines


def test_a_mark_at_the_start_is_heard_before_what_the_mapping_says(tmp_path):
    header, _ = read(written(tmp_path, "\ufeffa,b\n1,2\n"), encoding="utf-8")
    assert header == ("a", "b")


def test_a_sample_that_ends_within_a_character_is_still_utf_8(tmp_path):
    text = "a,b\n" + "é,é\n" * 100_000
    for shift in range(3):
        _, rows = read(written(tmp_path, "x" * shift + text))
        assert rows[-1][1] == ["é", "é"]


def test_lines_count_where_a_cell_has_several(tmp_path):
    _, rows = read(written(tmp_path, 'a,b\n"one\ntwo",2\n\n3,4\n'))
    assert rows == [(2, ["one\ntwo", "2"]), (5, ["3", "4"])]


def test_a_row_of_another_width_fails_alone(tmp_path):
    _, rows = read(written(tmp_path, "a,b\n1,2\n1\n1,2,3\n3,4\n"))
    assert [line for line, cells in rows if isinstance(cells, RowRefused)] == [3, 4]
    assert "has 1 cells where the headings are 2" in str(rows[1][1])
    assert rows[-1] == (5, ["3", "4"])


HEADED = "no,when,kind,note\n"


def lines_of(rows: list) -> tuple[list[int], list[int]]:
    """The lines of good rows, and of those that failed."""
    failed = [line for line, cells in rows if isinstance(cells, RowRefused)]
    return [line for line, _ in rows if line not in failed], failed


def test_a_quote_that_is_never_closed_spoils_its_own_line_and_no_other(tmp_path):
    lines = "".join(f"{n},2024,Theft,x\n" for n in range(2, 60_001))
    _, rows = read(written(tmp_path, f'{HEADED}0,2024,Theft,x\n1,2024,Theft,"oops\n{lines}'))
    good, failed = lines_of(rows)
    assert (len(good), failed) == (60_000, [3])
    assert str(rows[1][1]).startswith("has a quotation mark that is not closed within the line")
    assert rows[-1] == (60_002, ["60000", "2024", "Theft", "x"])


@pytest.mark.parametrize(
    ("text", "good", "failed"),
    [
        # the mark is closed by the opening one of another line
        ('1,a,b,c\n2,a,b,"said: c\n3,a,b,c\n4,a,b,c\n5,a,b,"c\n6,a,b,c\n', [2, 4, 5, 7], [3, 6]),
        ('1,a,"b,c\n2,a,"b,c\n3,a,b,c\n', [4], [2, 3]),
        # two stray marks that together read like a cell over several lines
        ('1,a,b,"c\n2,a,b,c\n3,a,b,c"\n4,a,b,c\n', [3, 4, 5], [2]),
        ('1,a,"b,c\n2,a,b",c\n3,a,b,c\n', [3, 4], [2]),
        ('1,a,b,c\n2,a,b,"c', [2, 3], []),
    ],
)
def test_lines_after_an_open_quote_are_rows_of_their_own(tmp_path, text, good, failed):
    _, rows = read(written(tmp_path, HEADED + text))
    assert lines_of(rows) == (good, failed)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ('1,a,b,"first line\nsecond, line"\n2,a,b,"5"" pipe"\n', ["first line\nsecond, line", '5" pipe']),
        ('1,a,b,"first\n\nsecond"\n2,a,b,"5"" pipe"\n', ["first\n\nsecond", '5" pipe']),
        ('1,a,b,"x, y\nv, w\nz"\n2,a,b,5"\n', ["x, y\nv, w\nz", '5"']),
        (
            '1,a,b,"so ""called"" thing\nend"\n2,a,b,"so "called" thing"\n',
            ['so "called" thing\nend', 'so called" thing"'],
        ),
    ],
)
def test_a_cell_may_go_over_several_lines(tmp_path, text, cells):
    _, rows = read(written(tmp_path, HEADED + text))
    assert [row[3] for _, row in rows] == cells


def test_a_quote_that_is_never_closed_in_the_headings_is_refused(tmp_path):
    rows = "".join(f"{n},2024,Theft,x\n" for n in range(10))
    with pytest.raises(FileRefused, match=r"is not a CSV file that can be read: has a quotation mark"):
        read(written(tmp_path, 'no,when,kind,"note\n' + rows))


def test_a_line_without_an_end_fails_alone_and_does_not_fill_the_memory(tmp_path):
    _, rows = read(written(tmp_path, f"a,b\n1,2\n{'x' * 3_000_000},3\n4,5\n"))
    assert lines_of(rows) == ([2, 4], [3])
    assert str(rows[1][1]) == "is longer than 1,048,576 characters"


def test_columns_without_headings_have_letters(tmp_path):
    header, rows = read(written(tmp_path, "x,1\ny,2\n"), header="none")
    assert header == ("A", "B")
    assert rows == [(1, ["x", "1"]), (2, ["y", "2"])]


def test_headings_may_stand_further_down(tmp_path):
    header, rows = read(written(tmp_path, "Report of the year,\n,\nkind,when\nTheft,2020\n"), header=3)
    assert header == ("kind", "when")
    assert rows == [(4, ["Theft", "2020"])]


def test_headings_are_unique_and_never_blank():
    assert headings(["a", "", "a", 5.0, None]) == ("a", "B", "a (2)", "5", "E")
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_json_lines_may_not_be_nested_or_widened_without_end(tmp_path):
    nested = '{"a": ' * 1_000 + "1" + "}" * 1_000
    _, rows = read(written(tmp_path, f'{{"a": 1}}\n{nested}\n{{"a": 2}}\n', "x.jsonl"))
    assert [str(cells) for _, cells in rows] == ["[1]", "is nested too deep", "[2]"]
    wide = "\n".join("{" + ", ".join(f'"{n}-{key}": 1' for key in range(5_000)) + "}" for n in range(4))
    with pytest.raises(FileRefused, match=r"has more than 16,384 different keys"):
        read(written(tmp_path, wide, "y.jsonl"))


def test_no_more_of_long_json_lines_is_held_for_their_headings_than_fits(tmp_path):
    line = '{"a": "' + "x" * 1_000_000 + '"}\n'
    header, rows = read(written(tmp_path, line * 12 + '{"a": 1, "later": 2}\n', "x.jsonl"))
    assert (header, rows[-1]) == (("a",), (13, [1]))


def test_json_lines_are_flattened_and_may_lack_keys(tmp_path):
    text = '{"a": 1, "at": {"x": 2.5, "y": null}}\n\nnot json\n[1]\n{"a": true, "list": [1, 2]}\n'
    header, rows = read(written(tmp_path, text, "x.jsonl"))
    assert header == ("a", "at.x", "at.y", "list")
    assert [line for line, _ in rows] == [1, 3, 4, 5]
    assert rows[0][1] == [1, 2.5, None, None]
    assert [str(cells) for _, cells in rows[1:3]] == ["is not JSON", "is JSON, but not an object"]
    assert rows[3][1] == [True, None, None, "[1,2]"]


@pytest.fixture
def workbook(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Incidents"
    sheet.append(["Kind", "When", "Number"])
    sheet.append(["Theft", datetime(2020, 1, 1, 13, 5), 7])  # noqa: DTZ001
    sheet.append([None, None, None])
    sheet.append(["Noise", datetime(2020, 1, 2), 2.5])  # noqa: DTZ001
    book.create_sheet("Notes").append(["nothing"])
    path = tmp_path / "book.xlsx"
    book.save(path)
    return path


def test_a_workbook_gives_rows_with_their_numbers(workbook):
    header, rows = read(workbook)
    assert header == ("Kind", "When", "Number")
    assert [line for line, _ in rows] == [2, 4]
    assert rows[0][1][1] == datetime(2020, 1, 1, 13, 5)  # noqa: DTZ001


def test_a_sheet_is_chosen_by_name(workbook):
    assert read(workbook, sheet="Notes")[0] == ("nothing",)
    with pytest.raises(FileRefused, match=r"has no sheet Note; it has Incidents, Notes\.$"):
        read(workbook, sheet="Note")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"", "is empty."),
        ("a.csv.gz", gzip.compress(b"", mtime=0), "is empty."),
        ("a.csv.gz", TEXT.encode(), "is not gzip, though its name says so: rename it, or get it again."),
        ("a.csv.gz", b"\x1f\x8b\x08\x00broken", "is a damaged gzip file: get it again."),
        ("a.xlsx", TEXT.encode(), "is not a workbook, though its name says so: save it as .xlsx, or rename it."),
        ("a.xlsx", b"PK\x03\x04rubbish", "is not a workbook that can be read: save it as .xlsx again."),
        ("a.csv", b"PK\x03\x04rubbish", "is a workbook or an archive, though its name says .csv: rename or unpack it."),
        ("a.csv", b"%PDF-1.7 ...", "is a PDF: export it as CSV or XLSX."),
        ("a.csv", b"\x89PNG\r\n\0\0\0", "is not text: give a CSV file, a workbook or JSON lines."),
        ("a.jsonl", TEXT.encode(), "is not JSON lines, though its name says so: each line must be an object."),
        ("a.json", b'[{"a": 1}]', "is one JSON array: write one object on each line (jq -c '.[]' does it)."),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(tmp_path, name, content, sentence):
    path = written(tmp_path, content, name)
    with pytest.raises(FileRefused) as caught:
        read(path)
    assert str(caught.value) == f"{path} {sentence}"


def collect(table, rows: list) -> None:
    for row in table.rows():
        rows.append(row)  # noqa: PERF402 - an extend would keep nothing where reading breaks off


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz"])
def test_a_file_that_breaks_off_gives_what_came_before(tmp_path, name):
    line = '{"a": %d, "b": "%s"}\n' if "json" in name else "%d,%s\n"
    whole = "a,b\n" * ("csv" in name) + "".join(line % (n, hash(n * 7919) % 10**9) for n in range(200_000))
    path = written(tmp_path, gzip.compress(whole.encode())[:-1000], name)
    table = open_table(path, FileRule())
    rows = []
    with pytest.raises(FileEndsEarly, match=r"breaks off after line \d+: it is damaged or was not copied whole"):
        collect(table, rows)
    table.close()
    assert len(rows) > 150_000


def test_a_missing_file_is_said_to_be_so(tmp_path):
    with pytest.raises(FileRefused, match=r"cannot be read: No such file or directory\.$"):
        read(tmp_path / "nowhere.csv")
