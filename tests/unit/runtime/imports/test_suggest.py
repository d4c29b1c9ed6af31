"""A draft is a mapping that can be tried at once."""

from pathlib import Path

import openpyxl
import pytest

from services.runtime.imports.mapping_file import parse
from services.runtime.imports.refusals import FileRefused
from services.runtime.imports.suggest import suggest
from tests.unit.runtime.imports.conftest import read_files

VANCOUVER = """TYPE,YEAR,MONTH,DAY,HOUR,MINUTE,HUNDRED_BLOCK,NEIGHBOURHOOD,X,Y,lon,lat
Mischief,2003,1,1,0,0,64XX VICTORIA DR,Sunset,1.0,2.0,-123.06564,49.22644
Homicide,2003,1,1,,,OFFSET TO PROTECT PRIVACY,OFFSET TO PROTECT PRIVACY,0.0,0.0,,
Mischief,2003,1,2,5,30,9XX W 15TH AVE,Fairview,1.0,2.0,-123.12656,49.25785
"""
CAMPUS = """Case Number;Offense;Date From;Date To;Building;Complainant Name;Narrative
2020-001;Theft;01/31/2020 08:30:00 PM;02/01/2020 09:00:00 AM;Smith Hall;Li Si;Bicycle gone
2020-002;Noise;02/13/2020 10:00:00 PM;;Gym;Wang Wu;Loud
"""
LOCAL_HOUR = """report_no,offence_type,report_date,hour,district
1,Theft,2020-01-05,23,North
2,Noise,2020-01-06,1430,South
"""


def drafted(tmp_path: Path, text: str, name: str = "my file.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    draft = suggest(path)
    return draft, parse(draft), path


def test_a_draft_of_vancouvers_file_reads_it(tmp_path):
    _, mapping, path = drafted(tmp_path, VANCOUVER)
    assert mapping.source == "my-file"
    assert mapping.category.values == {"Mischief": "other", "Homicide": "other"}
    assert (mapping.time.parts.hour.column, mapping.location.longitude.column) == ("HOUR", "lon")
    assert [level.column for level in mapping.place.levels] == ["HUNDRED_BLOCK", "NEIGHBOURHOOD"]
    assert mapping.identity.row == "all"
    assert not read_files(suggest(path), path).errors


def test_a_draft_sees_numbers_intervals_names_and_notes(tmp_path):
    _, mapping, path = drafted(tmp_path, CAMPUS)
    assert mapping.identity.column == "Case Number"
    assert mapping.time.earliest.column == "Date From"
    assert mapping.time.latest.format == ("%m/%d/%Y %I:%M:%S %p",)
    assert (mapping.personal, mapping.description.column) == (("Complainant Name",), "Narrative")
    assert not read_files(suggest(path), path).errors


def test_a_draft_sees_an_hour_beside_a_date(tmp_path):
    draft, mapping, path = drafted(tmp_path, LOCAL_HOUR)
    assert (mapping.time.date.column, mapping.time.hour.column) == ("report_date", "hour")
    assert "Where it is UTC's, add zone: UTC" in draft
    assert not read_files(suggest(path), path).errors


@pytest.mark.parametrize(
    "times",
    [
        ["2024-07-01T00:00:00.000Z", "2024-07-02T00:00:00.000Z"],
        ["2024-07-01 00:00", "2024-07-02 00:00"],
        ["07/01/2024 12:00:00 AM", "07/02/2024 12:00:00 AM"],
    ],
)
def test_times_that_are_always_midnight_are_drafted_as_days(tmp_path, times):
    draft, mapping, path = drafted(tmp_path, "kind,starttime,what\n" + "".join(f"theft,{t},theft\n" for t in times))
    assert "# CHECK: all times of starttime are midnight, so it is taken for the day alone" in draft
    assert (mapping.time.date.column, mapping.time.date.holds) == ("starttime", "day")
    # the day as it is written, also west of Greenwich
    read = read_files(draft.replace("zone: Asia/Shanghai", "zone: America/New_York"), path)
    assert [e["occurred"]["earliest"] for e in read.events] == ["2024-07-01T04:00:00Z", "2024-07-02T04:00:00Z"]


def test_an_hour_beside_a_midnight_is_its_hour(tmp_path):
    text = LOCAL_HOUR.replace("2020-01-05", "2020-01-05T00:00:00Z").replace("2020-01-06", "2020-01-06T00:00:00Z")
    _, mapping, path = drafted(tmp_path, text)
    assert (mapping.time.date.holds, mapping.time.hour.column) == ("day", "hour")
    assert read_files(suggest(path), path).events[1]["occurred"]["earliest"] == "2020-01-06T06:30:00Z"


def test_one_bad_date_of_five_hides_no_column_of_times(tmp_path):
    days = ["03/02/2024", "17/02/2024", "never", "21/03/2024", "04/05/2024"]
    file = tmp_path / "few.csv"
    file.write_text("kind,when\n" + "".join(f"noise,{day}\n" for day in days))
    # also the format is told by what fails least: two of these would be read month first
    assert 'time: {column: when, format: "%d/%m/%Y"}' in suggest(file)


def test_a_draft_reads_chinese_headings(tmp_path):
    text = "警情编号,类别,报警时间,地点,报警人电话,备注\nA1,盗窃,2024-05-06 08:30:00,万达公寓,13800000000,无\n"
    _, mapping, _ = drafted(tmp_path, text, "警情.csv")
    assert (mapping.source, mapping.category.column, mapping.time.column) == ("my-city", "类别", "报警时间")
    assert (mapping.personal, mapping.identity.column) == (("报警人电话",), "警情编号")


def test_a_draft_says_in_which_encoding_the_file_was_read(tmp_path):
    path = tmp_path / "vorfälle.csv"
    path.write_bytes("type,date\nBelästigung,2024-03-04\nDiebstahl,2024-03-05\n".encode("cp1252"))
    with pytest.raises(FileRefused, match=r"or --encoding: gb18030"):
        suggest(path)
    draft = suggest(path, "cp1252")
    assert parse(draft).file.encoding == "cp1252"
    assert "Belästigung: other" in draft


def test_a_draft_of_a_workbook_takes_its_dates_as_they_are(tmp_path):
    from datetime import datetime

    book = openpyxl.Workbook()
    book.active.append(["Type", "When", "Street"])
    book.active.append(["Theft", datetime(2020, 1, 31, 20, 30), "Main: street, 5"])  # noqa: DTZ001
    path = tmp_path / "b.xlsx"
    book.save(path)
    mapping = parse(suggest(path))
    assert mapping.time.column == "When"
    assert not read_files(suggest(path), path).errors


@pytest.mark.parametrize(
    "text",
    ["a\n1\n", "x,y\n,\n1,2\n", '"Type: of, \'it\'","#1"\n"a ""b"" # c: d",2\n', "null,true\nyes,no\n", "Type\n- x\n"],
)
def test_any_file_gives_a_draft_that_is_a_mapping(tmp_path, text):
    drafted(tmp_path, text)


def test_a_file_without_rows_is_refused(tmp_path):
    with pytest.raises(FileRefused, match=r"has headings and no rows: there is nothing to draft a mapping from\.$"):
        drafted(tmp_path, "a,b\n")
