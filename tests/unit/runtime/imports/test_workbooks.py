"""XLSX in the shapes that programs write it."""

import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest

from services.runtime.imports.language import FileRule
from services.runtime.imports.readers import open_table
from services.runtime.imports.refusals import FileEndsEarly, FileRefused

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'


def workbook(
    folder: Path,
    *sheets: str,
    properties: str = "",
    shared: str = "",
    styles: str = "",
    names: tuple[str, ...] = (),
    states: tuple[str, ...] = (),
) -> Path:
    """A workbook with these sheets' rows."""
    path = folder / "book.xlsx"
    parts = [f'<sheet name="{names[n] if names else n}" sheetId="{n + 1}" r:id="r{n}" '
             f'state="{states[n] if states else "visible"}"/>' for n in range(len(sheets))]  # fmt: skip
    links = [f'<Relationship Id="r{n}" Target="worksheets/sheet{n}.xml"/>' for n in range(len(sheets))]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook {MAIN} xmlns:r="{LINKS}">{properties}<sheets>{"".join(parts)}</sheets></workbook>',
        )
        archive.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{''.join(links)}</Relationships>")
        if shared:
            archive.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{shared}</sst>")
        if styles:
            archive.writestr("xl/styles.xml", f"<styleSheet {MAIN}>{styles}</styleSheet>")
        for n, rows in enumerate(sheets):
            text = rows if rows.startswith("<?xml") else f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"
            archive.writestr(f"xl/worksheets/sheet{n}.xml", text)
    return path


def read(path: Path, **rule) -> tuple[tuple[str, ...], list]:
    table = open_table(path, FileRule(**rule))
    try:
        return table.header, list(table.rows())
    finally:
        table.close()


def test_shared_texts_may_have_runs_and_a_pronunciation(tmp_path):
    shared = (
        "<si><t>万达</t></si><si><r><t>Main </t></r><r><rPr/><t>Street</t></r></si>"
        "<si><t>東京</t><rPh sb='0' eb='2'><t>とうきょう</t></rPh></si><si><t>two_x000A_lines</t></si>"
    )
    cells = "".join(f'<c r="{letter}2" t="s"><v>{n}</v></c>' for n, letter in enumerate("AB"))
    more = '<row r="3"><c r="A3" t="s"><v>2</v></c><c r="B3" t="s"><v>3</v></c></row>'
    _, rows = read(workbook(tmp_path, f'{HEADER}<row r="2">{cells}</row>{more}', shared=shared))
    assert rows == [(2, ["万达", "Main Street"]), (3, ["東京", "two\nlines"])]


def test_numbers_are_dates_where_their_style_says_so(tmp_path):
    styles = (
        '<numFmts><numFmt numFmtId="170" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="171" formatCode="0.0 &quot;days&quot;"/>'
        '<numFmt numFmtId="172" formatCode="[Red]0.00"/><numFmt numFmtId="173" formatCode="[h]:mm"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="172"/>'
        '<xf numFmtId="173"/></cellXfs>'
    )
    cases = [
        (0, "43861", 43861),
        (1, "43861", date(2020, 1, 31)),
        (2, "43861.354166666667", datetime(2020, 1, 31, 8, 30)),  # noqa: DTZ001
        (3, "1.5", 1.5),
        (4, "43861", 43861),
        (5, "0.354166666666667", time(8, 30)),
        (1, "soon", "soon"),
    ]
    cells = "".join(
        f'<row r="{n}"><c r="A{n}" s="{style}"><v>{text}</v></c></row>' for n, (style, text, _) in enumerate(cases, 2)
    )
    _, rows = read(workbook(tmp_path, HEADER + cells, styles=styles))
    assert [cells[0] for _, cells in rows] == [expected for *_, expected in cases]


def test_dates_may_count_from_1904(tmp_path):
    styles = '<cellXfs><xf numFmtId="14"/></cellXfs>'
    path = workbook(
        tmp_path,
        HEADER + '<row r="2"><c r="A2"><v>42399</v></c></row>',
        properties='<workbookPr date1904="1"/>',
        styles=styles,
    )
    assert read(path)[1] == [(2, [date(2020, 1, 31), None])]


def test_cells_of_every_kind(tmp_path):
    cells = (
        '<c r="A2" t="b"><v>1</v></c><c r="B2" t="str"><f>A1</f><v>made</v></c>'
        '</row><row r="3"><c r="A3" t="e"><v>#N/A</v></c><c r="B3"><v>2.50</v></c>'
    )
    _, rows = read(workbook(tmp_path, f'{HEADER}<row r="2">{cells}</row>'))
    assert rows == [(2, [True, "made"]), (3, ["#N/A", 2.5])]


def test_cells_may_be_missing_or_without_a_name_or_beyond_the_headings(tmp_path):
    rows = (
        '<row r="2"><c r="B2"><v>1</v></c><c r="XFD2"><v>9</v></c></row><row r="4"/>'
        '<row r="5"><c r="A5" t="s"/></row><row><c><v>1</v></c><c><v>2</v></c></row>'
    )
    assert read(workbook(tmp_path, HEADER + rows))[1] == [(2, [None, 1]), (6, [1, 2])]


def test_names_may_have_a_prefix(tmp_path):
    sheet = (
        '<?xml version="1.0"?><x:worksheet xmlns:x="y"><x:sheetData><x:row r="1"><x:c r="A1" t="str"><x:v>a</x:v></x:c>'
        '</x:row><x:row r="2"><x:c r="A2"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    assert read(workbook(tmp_path, sheet)) == (("a",), [(2, [1])])


def test_the_first_sheet_that_people_see_is_taken(tmp_path):
    other = HEADER.replace("<t>a</t>", "<t>hidden</t>")
    path = workbook(tmp_path, other, HEADER, names=("Lists", "Data"), states=("hidden", "visible"))
    assert read(path)[0] == ("a", "b")
    assert read(path, sheet="Lists")[0] == ("hidden", "b")


def test_without_headings_the_sheets_own_width_counts(tmp_path):
    sheet = (
        f'<?xml version="1.0"?><worksheet {MAIN}><dimension ref="A1:C2"/><sheetData><row r="1"><c r="A1"><v>1</v></c>'
        '</row><row r="2"><c r="C2"><v>3</v></c></row></sheetData></worksheet>'
    )
    assert read(workbook(tmp_path, sheet), header="none") == (
        ("A", "B", "C"),
        [(1, [1, None, None]), (2, [None, None, 3])],
    )


@pytest.mark.parametrize(
    "sheet",
    ['<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>', "<?xml broken", "<?xml?>", ""],
)
def test_what_is_no_sheet_is_refused(tmp_path, sheet):
    with pytest.raises(FileRefused):
        read(workbook(tmp_path, sheet))


def test_a_sheet_that_breaks_off_gives_what_came_before(tmp_path):
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(2, 5000))
    path = workbook(tmp_path, f'<?xml version="1.0"?><worksheet {MAIN}><sheetData>{HEADER}{rows}<row r="oops')
    table = open_table(path, FileRule())
    found = []
    with pytest.raises(FileEndsEarly, match=r"breaks off after row \d+"):
        found.extend(iter_into(table, found))
    assert len(found) > 1000


def iter_into(table, found: list) -> list:
    for row in table.rows():
        found.append(row)  # noqa: PERF402 - an extend would keep nothing where reading breaks off
    return []


def test_an_old_workbook_that_is_none_is_refused(tmp_path):
    path = tmp_path / "a.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    with pytest.raises(FileRefused, match=r"is not a workbook that can be read: save it as .xlsx again\.$"):
        read(path)


OPEN_DOCUMENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="Calls">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
)
OPEN_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
    'manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)
OPEN_CELL = '<table:table-cell office:value-type="string"{repeated}><text:p>{text}</text:p></table:table-cell>'


def open_document(folder: Path, rows: str) -> Path:
    path = folder / "book.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", OPEN_MANIFEST)
        archive.writestr("content.xml", OPEN_DOCUMENT.format(rows=rows))
    return path


def test_an_open_document_is_read_in_a_process_of_its_own(tmp_path):
    rows = "".join(
        f"<table:table-row>{''.join(OPEN_CELL.format(repeated='', text=text) for text in row)}</table:table-row>"
        for row in (("a", "b"), ("1", "x"))
    )
    path = open_document(tmp_path, rows)
    assert read(path) == (("a", "b"), [(2, ["1", "x"])])
    with pytest.raises(FileRefused, match=r"has no sheet Lists; it has Calls\.$"):
        read(path, sheet="Lists")


def test_a_workbook_of_few_bytes_and_many_cells_is_refused(tmp_path):
    cell = OPEN_CELL.format(repeated=' table:number-columns-repeated="200"', text="x")
    rows = f'<table:table-row table:number-rows-repeated="100000">{cell}</table:table-row>'
    with pytest.raises(FileRefused, match=r"takes more memory than there is for a workbook of this kind: save it as"):
        read(open_document(tmp_path, rows))


def packed(folder: Path, part: str, size: int) -> Path:
    """A workbook of which one part is very long."""
    path = workbook(folder, HEADER + '<row r="2"><c r="A2"><v>1</v></c></row>')
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(part, "w") as stream:
        for _ in range(size // 1_000_000):
            stream.write(b" " * 1_000_000)
    return path


@pytest.mark.parametrize("part", ["xl/media/picture.bin", "xl/sharedStrings.xml"])
def test_a_workbook_that_unpacks_to_a_multiple_is_refused_before_it_is_unpacked(tmp_path, part):
    with pytest.raises(FileRefused, match=r"would unpack to 80,\d{3},\d{3} bytes, more than can be read"):
        read(packed(tmp_path, part, 80_000_000))


def test_a_part_that_is_read_whole_may_not_be_long(tmp_path):
    with pytest.raises(FileRefused, match=r"is not a workbook that can be read"):
        read(packed(tmp_path, "xl/styles.xml", 10_000_000))


@pytest.mark.parametrize(
    "row",
    [
        f'<row r="2"><c r="A2" t="str"><v>{"x" * 1_100_000}</v></c></row>',
        f'<row r="2" spans="{"1" * 1_300_000}"><c r="A2"><v>1</v></c></row>',
        '<row r="2"><c r="A2" s="first"><v>1</v></c></row>',
        '<row r="2"><c r="A2" t="s"><v>none</v></c></row>',
    ],
    ids=["text", "attribute", "style", "shared text"],
)
def test_a_cell_that_no_spreadsheet_writes_ends_the_sheet(tmp_path, row):
    with pytest.raises(FileRefused, match=r"breaks off after row|is not a workbook that can be read"):
        read(workbook(tmp_path, HEADER + row))
