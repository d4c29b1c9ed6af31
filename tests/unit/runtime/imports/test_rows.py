"""Rows become reports: values, places, locations, channels, drills; and what fails says which cell and why."""

import pytest

from services.runtime.imports.batches import MASK
from services.runtime.imports.refusals import FileRefused, MappingRefused

BASE = {
    "source": "town",
    "zone": "Asia/Shanghai",
    "category": "{constant: other}",
    "place": "{under: town}",
    "time": "when",
}


def mapping(**rules: str) -> str:
    return "\n".join(f"{key}: {rule}" for key, rule in (BASE | rules).items())


def row(through, rules: dict[str, str], **cells: str):
    cells = {"when": "2020-07-01T08:30:00"} | cells
    return through(mapping(**rules), ",".join(cells) + "\n" + ",".join(f'"{cell}"' for cell in cells.values()))


def test_a_report_has_what_the_row_says(through):
    rules = {
        "category": "{column: kind, values: {Theft: crime/theft}}",
        "place": "{under: town, levels: [area, {column: block}]}",
        "location": "{longitude: x, latitude: y}",
        "channel": "{column: how, values: {Tel: phone-110}}",
        "identity": "number",
    }
    cells = {"kind": "Theft", "area": "Old Town", "block": "64XX Victoria Dr", "x": "-123.1", "y": "49.2", "how": "Tel"}
    event = row(through, rules, **cells, number="A-17").only
    assert len(event.pop("incident")) == 24
    assert event == {
        "effective_at": "2020-07-01T00:30:00Z",
        "category": "crime/theft",
        "place": "town/old-town/64xx-victoria-dr",
        "occurred": {
            "earliest": "2020-07-01T00:30:00Z",
            "latest": "2020-07-01T00:30:00Z",
            "zone": "Asia/Shanghai",
        },
        "channel": "phone-110",
        "source_unit": None,
        "caller_unit": None,
        "caller": None,
        "description": None,
        "location": {"longitude": -123.1, "latitude": 49.2, "system": "WGS84"},
        "drill": False,
        "source": "town",
        "source_id": "A-17",
        "source_category": "Theft",
    }


@pytest.mark.parametrize(
    ("rule", "cell", "expected"),
    [
        ("{column: kind, values: {Theft: crime/theft}}", " Theft ", "crime/theft"),
        ("{column: kind, values: {Theft: crime/theft}, ignore_case: true}", "THEFT", "crime/theft"),
        ("{column: kind, values: {Theft: crime/theft}, default: {constant: other}}", "Fire", "other"),
        ("{column: kind, values: {Theft: crime/theft}, default: {constant: other}}", "", "other"),
        ("{column: kind, values: {Theft: crime/theft}, default: keep}", "Break & Enter", "break-enter"),
        ("{column: kind, values: {'': other}}", "", "other"),
        ("{column: kind}", "Noise", "noise"),
        ("{under: noise, column: kind}", "Barking Dog", "noise/barking-dog"),
        ("{under: noise, column: kind, values: {Dog: animal/dog}}", "Dog", "noise/animal/dog"),
        ("{template: 'crime {kind}'}", "Theft", "crime-theft"),
        ("{column: kind}", "x" * 100, "x" * 60),
        ("{under: noise, column: kind}", "噪音", "noise/xn--o7r083m"),
    ],
)
def test_categories(through, rule, cell, expected):
    assert row(through, {"category": rule}, kind=cell).only["category"] == expected


@pytest.mark.parametrize(
    ("rule", "cell", "reason"),
    [
        ("{column: kind, values: {A: other}}", "B", "is not among the values of category: add it there, or give it a"),
        ("{column: kind, unknown: [n/a]}", "n/a", "is blank: nobody knows what it is"),
        ("{column: kind, values: {A: other}, default: blank}", "B", "is blank: nobody knows what it is"),
        ("{under: noise, column: kind}", "", "is blank: nobody knows what it is"),
        ("{column: kind}", "!?", "has no letters or digits to make a path of: give it a path in values"),
    ],
)
def test_a_category_that_nobody_knows_fails_its_row(through, rule, cell, reason):
    failure = row(through, {"category": rule}, kind=cell).failure
    assert (failure.line, failure.column, failure.value) == (2, "kind", cell)
    assert failure.reason.startswith(reason)


def test_the_label_is_the_sources_own_word(through):
    rules = {"category": "{column: kind, default: {constant: other}, values: {}}"}
    assert row(through, rules, kind="盗窃").only["source_category"] == "盗窃"
    rules["source_category"] = "{template: '{kind} ({code})'}"
    assert row(through, rules, kind="Noise", code="N1").only["source_category"] == "Noise (N1)"


@pytest.mark.parametrize(
    ("rule", "cells", "expected"),
    [
        ("{levels: [area, block]}", ("Old Town", "5"), "old-town/5"),
        ("{under: town, levels: [area, block]}", ("", "5"), "town"),
        ("{under: town, levels: [area, block]}", ("Old Town", ""), "town/old-town"),
        ("{under: town, levels: [{column: area, unknown: [HIDDEN]}, block]}", ("HIDDEN", "5"), "town"),
        ("{under: town, levels: [{column: area, values: {OT: ot/north}}, block]}", ("OT", "5"), "town/ot/north/5"),
        ("{under: town, levels: [{template: 'beat {area}-{block}'}]}", ("3", "5"), "town/beat-3-5"),
        ("{under: town, levels: [{constant: north}, area]}", ("A", ""), "town/north/a"),
        ("{under: town}", ("x", "y"), "town"),
        ("{under: town, levels: [area]}", ("中山路12号", ""), "town/xn--12-py2c21u6xl9z8e"),
        ("{under: town, levels: [area]}", ("解放街12号", ""), "town/xn--12-sl6c586du93b36b"),
    ],
)  # fmt: skip
def test_places_from_levels(through, rule, cells, expected):
    assert row(through, {"place": rule}, area=cells[0], block=cells[1]).only["place"] == expected


def test_a_place_that_is_blank_fails_without_a_path_above(through):
    failure = row(through, {"place": "{levels: [area]}"}, area="").failure
    assert failure.reason == "is blank, and the mapping has no place.under to fall back on"


def test_a_place_of_too_many_segments_fails_its_row(through):
    rules = {"place": "{levels: [{column: area, values: {A: a/b/c/d/e/f/g/h/i/j/k}}]}"}
    assert row(through, rules, area="A").failure.reason.startswith("makes no place: at most ten segments")


@pytest.mark.parametrize("path", ["-", "a/-", ".."])
def test_a_place_of_signs_alone_fails_its_row_and_is_refused_in_a_table(through, path):
    rules = {"place": f"{{under: town, levels: [{{column: area, values: {{A: '{path}'}}}}]}}"}
    assert row(through, rules, area="A").failure.reason.endswith("each with a letter or a digit")
    rules = {"place": f"{{under: town, lookup: {{column: area, values: {{A: '{path}'}}}}}}"}
    with pytest.raises(MappingRefused, match=r"at most ten segments, each with a letter or a digit\.$"):
        row(through, rules, area="A")


LOOKUP = "{under: campus, lookup: {column: building, values: {Smith Hall: north/smith-hall, Gym: gym}%s}}"


@pytest.mark.parametrize(
    ("default", "building", "expected"),
    [
        ("", "Smith Hall", "campus/north/smith-hall"),
        ("", " SMITH  hall", "campus/north/smith-hall"),
        (", default: keep", "Jones Hall", "campus/jones-hall"),
        (", default: {constant: elsewhere}", "Jones Hall", "campus/elsewhere"),
        (", default: {constant: ''}", "Jones Hall", "campus"),
        (", default: blank", "Jones Hall", "campus"),
        (", default: {constant: elsewhere}", "", "campus/elsewhere"),
    ],
)
def test_places_by_the_name_of_a_building(through, default, building, expected):
    assert row(through, {"place": LOOKUP % default}, building=building).only["place"] == expected


def test_a_building_that_the_table_lacks_fails_its_row(through):
    failure = row(through, {"place": LOOKUP % ""}, building="Jones Hall").failure
    assert (failure.column, failure.value) == ("building", "Jones Hall")
    assert failure.reason == "is not in the table of places: add it there, or give place.lookup a default"


def test_a_table_of_places_may_be_a_file(through, tmp_path):
    (tmp_path / "buildings.csv").write_text("Name;Path\nSmith Hall;north/smith-hall\n")
    rules = {"place": "{under: campus, lookup: {column: b, file: buildings.csv, key: Name, place: Path}}"}
    assert row(through, rules, b="Smith Hall").only["place"] == "campus/north/smith-hall"


def test_a_table_of_places_has_an_encoding_of_its_own(through, tmp_path):
    (tmp_path / "buildings.csv").write_bytes("name,place\nMünsterhof,north/court\n".encode("cp1252"))
    rule = "{under: campus, lookup: {column: b, file: buildings.csv%s}}"
    with pytest.raises(FileRefused, match=r"buildings\.csv is not UTF-8, and its encoding is uncertain\."):
        row(through, {"place": rule % ""}, b="Münsterhof")
    told = row(through, {"place": rule % ", encoding: cp1252"}, b="Münsterhof")
    assert told.only["place"] == "campus/north/court"


def test_a_table_of_places_with_a_wrong_path_is_refused(through, tmp_path):
    (tmp_path / "buildings.csv").write_text("name,place\nSmith Hall,North Campus\n")
    with pytest.raises(MappingRefused, match=r"has 'North Campus' for Smith Hall: a place is lower-case"):
        row(through, {"place": "{lookup: {column: b, file: buildings.csv}}"}, b="Smith Hall")


def test_a_column_that_is_not_there_names_its_neighbour(through):
    with pytest.raises(MappingRefused) as caught:
        row(through, {"category": "{column: Kinds}"}, kind="x", block="y")
    assert str(caught.value).endswith(
        "file.csv has no column Kinds, which the mapping names at category; did you mean kind? "
        "(its columns: when, kind, block)."
    )


@pytest.mark.parametrize("rules", [
    {"time": "{date: whenn}"}, {"time": "{parts: {year: whenn, month: when, day: when}}"},
    {"time": "{earliest: whenn, latest: when}"}, {"place": "{levels: [whenn]}"},
    {"place": "{lookup: {column: whenn, values: {}}}"},
    {"location": "{longitude: whenn, latitude: when}"}, {"identity": "whenn"}, {"identity": "{row: [whenn]}"},
    {"identity": "{row: all, except: [whenn]}"}, {"personal": "[whenn]"}, {"description": "whenn"}, {"drill": "whenn"},
    {"channel": "whenn"}, {"source_unit": "whenn"}, {"category": "{template: 'a {whenn}'}"},
])  # fmt: skip
def test_no_rule_may_name_a_column_that_is_not_there(through, rules):
    with pytest.raises(MappingRefused, match=r"has no column whenn, which the mapping names at .*; did you mean when"):
        row(through, rules)


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        ("120.5", "30.25", {"longitude": 120.5, "latitude": 30.25, "system": "GCJ-02"}),
        ("0.0", "0", None),
        ("", "", None),
        ("0", "51.5", {"longitude": 0.0, "latitude": 51.5, "system": "GCJ-02"}),
    ],
)
def test_locations(through, x, y, expected):
    rules = {"location": "{longitude: x, latitude: y, system: GCJ-02}"}
    assert row(through, rules, x=x, y=y).only["location"] == expected


def test_a_location_at_zero_may_be_meant(through):
    rules = {"location": "{longitude: x, latitude: y, zero: kept}"}
    assert row(through, rules, x="0", y="0").only["location"]["longitude"] == 0


@pytest.mark.parametrize(("x", "y", "column"), [("e", "1", "x"), ("1", "", "y"), ("1", "91", "y"), ("nan", "1", "x")])
def test_a_location_that_is_none_fails_its_row(through, x, y, column):
    assert row(through, {"location": "{longitude: x, latitude: y}"}, x=x, y=y).failure.column == column


@pytest.mark.parametrize(("cell", "drill"), [("", False), ("Y", True), ("no", False), ("TRUE", True)])
def test_drills(through, cell, drill):
    assert row(through, {"drill": "exercise"}, exercise=cell).only["drill"] is drill


def test_drills_in_the_files_own_words(through):
    rules = {"drill": "{column: exercise, values: {演习: true}, default: {constant: false}}"}
    assert row(through, rules, exercise="演习").only["drill"] is True
    failure = row(through, {"drill": "exercise"}, exercise="perhaps").failure
    assert failure.reason.startswith("does not say whether it was a drill")


def test_a_channel_that_is_none_fails_its_row(through):
    assert row(through, {"channel": "how"}, how="pigeon").failure.reason.startswith("is no channel: phone-110")
    assert row(through, {"channel": "how"}, how="").only["channel"] == "import"


def test_a_description_stays_out_of_the_event_until_it_is_sealed(through):
    read = row(through, {"description": "told"}, told="Mr Li shouted")
    assert read.only["description"] == {"key": f"case:{read.ids[0]}", "text": "pending"}
    assert read.descriptions == ["Mr Li shouted"]


def test_personal_values_are_masked_where_a_row_fails(through):
    rules = {"personal": "[who]", "category": "{column: who, values: {}}"}
    failure = row(through, rules, who="Li Si").failure
    assert failure.value == MASK
    assert "Li" not in failure.reason
    failure = row(through, {"description": "told"}, told="Li Si" * 10_000).failure
    assert (failure.value, failure.reason) == (MASK, "is longer than 32,768 bytes")


def test_the_value_of_a_failed_row_is_shown_in_part(through):
    failure = row(through, {"category": "{column: kind, values: {}}"}, kind="x" * 600).failure
    assert failure.value == "x" * 500 + "…"


def test_bytes_that_are_no_text_fail_their_row_alone(through):
    text = b"when,note\n2020-07-01,good\n2020-07-01,b\xffad\n2020-07-02,good\n" + b"2020-07-03,\xc3\xa9\n" * 100
    read = through(mapping(), text)
    assert len(read.events) == 102
    assert [(error.line, error.column) for error in read.errors] == [(3, "note")]


@pytest.mark.parametrize(
    ("rules", "cells", "failure"),
    [
        ({"source_unit": "u"}, {"u": "Room 5"}, ("u", "is no id of a unit: at most 80 lower-case letters")),
        ({"identity": "n"}, {"n": "x" * 121}, ("n", "is no id of an incident: at most 120 characters")),
        ({"source_category": "k"}, {"k": "a\tb"}, ("k", "is no label: at most 120 characters on one line")),
        ({"category": "{constant: a, under: 1/2/3/4/5}"}, {}, ("", "makes no category: at most five segments")),
    ],
)
def test_what_the_platform_does_not_take_fails_with_a_sentence_of_ours(through, rules, cells, failure):
    failed = row(through, rules, **cells).failure
    assert (failed.column, failed.reason[: len(failure[1])]) == failure
    assert "value error" not in failed.reason.lower()


def test_a_heading_that_stands_twice_is_not_chosen_in_silence(through):
    file = "when,kind,kind\n2020-07-01T08:30:00,a,b\n"
    twice = mapping(category="{column: kind, values: {a: crime, b: noise}}")
    with pytest.raises(MappingRefused, match="has several columns kind, and the mapping names it at category"):
        through(twice, file)
    # one that the mapping does not name may stand as often as it likes
    assert through(mapping(), file).only["category"] == "other"
