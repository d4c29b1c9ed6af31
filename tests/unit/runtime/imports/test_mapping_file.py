"""A mapping is read from YAML, and what is wrong with it is said by line and key."""

import pytest

from services.runtime.imports.mapping_file import find, load, parse, shipped
from services.runtime.imports.refusals import MappingRefused, MappingUnknown

SMALL = """
source: town
zone: Asia/Shanghai
category: {column: kind, default: keep, values: {}}
place: {under: town}
time: when
"""


def refused(text: str) -> str:
    with pytest.raises(MappingRefused) as caught:
        parse(text, "town.yaml")
    return str(caught.value)


def test_a_small_mapping_is_enough():
    mapping = parse(SMALL)
    assert (mapping.source, mapping.time.column, mapping.identity.row) == ("town", "when", "all")


def test_words_stay_words():
    mapping = parse(SMALL.replace("values: {}", "values: {no: other, 007: crime, 1.50: traffic}"))
    assert mapping.category.values == {"no": "other", "007": "crime", "1.50": "traffic"}


@pytest.mark.parametrize("name", shipped())
def test_the_mappings_that_ship_are_right(name):
    assert load(find(name)).source == name


def test_an_unknown_mapping_names_those_that_ship():
    with pytest.raises(MappingUnknown, match=r"There is no mapping nowhere: .*nyc-311-noise, vancouver-crime"):
        find("nowhere")


def test_a_mapping_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MappingRefused, match=r"it is no UTF-8 text\.$"):
        load(path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "town.yaml is not a mapping: it must have keys such as source, zone, category."),
        ("- a\n", "town.yaml is not a mapping: it must have keys such as source, zone, category."),
        ("a: [", "town.yaml, line 1: this is not YAML (expected the node content, but found '<stream end>')."),
        ("source: a\nsource: b\n", "town.yaml, line 2: source stands here twice."),
        (
            SMALL.replace("zone: Asia/Shanghai", "zone: Asia/Shangai"),
            "town.yaml, line 3: zone Asia/Shangai is no time zone of a place: use an IANA name such as Asia/Shanghai.",
        ),
        (SMALL.replace("time: when", ""), "town.yaml, line 2: the mapping lacks the key time."),
        (
            SMALL.replace("time: when", "time: {column: when, parts: {year: a, month: b, day: c}}"),
            "town.yaml, line 6: time needs exactly one of column, parts, date, earliest, and has column and parts.",
        ),
        (
            SMALL.replace("time: when", "time: {earliest: when}"),
            "town.yaml, line 6: time needs both earliest and latest, or neither.",
        ),
        (
            SMALL.replace("time: when", "time: {hour: when, date: {column: when, zone: Mars/A}}"),
            (
                "town.yaml, line 6: time.date.zone Mars/A is no time zone of a place: use an IANA name such as "
                "Asia/Shanghai."
            ),
        ),
        (
            SMALL.replace("zone: Asia/Shanghai", "zone: EST5EDT"),
            "town.yaml, line 3: zone EST5EDT is no time zone of a place: use an IANA name such as Asia/Shanghai.",
        ),
        (
            SMALL.replace("under: town", "under: Old Town"),
            (
                "town.yaml, line 5: place.under must be a path of lower-case words between slashes, such as "
                "yinchuan/jinfeng."
            ),
        ),
        (
            SMALL.replace("under: town", "under: town/-"),
            (
                "town.yaml, line 5: place.under must be the path of a place whose segments each have a letter or a "
                "digit, such as yinchuan/jinfeng: signs alone, such as -, name nothing."
            ),
        ),
        (SMALL.replace("{under: town}", "{}"), "town.yaml, line 5: place needs under, levels or lookup."),
        (
            SMALL.replace("default: keep", "default: maybe"),
            "town.yaml, line 4: category.default is fail, keep, blank or {constant: …}.",
        ),
        (
            SMALL.replace("values: {}", "values: {Theft: Crime/Theft}"),
            (
                "town.yaml, line 4: category gives 'Crime/Theft', which is no category: write lower-case words between "
                "slashes, at most five, such as crime/theft/from-vehicle."
            ),
        ),
        (
            SMALL + "channel: {constant: pigeon}\n",
            (
                "town.yaml, line 7: channel gives 'pigeon', which is no channel: phone-110, hotline-12345, counter, "
                "patrol, app, sensor, import."
            ),
        ),
        (
            SMALL.replace("source: town", "source: live"),
            "town.yaml, line 2: the mapping has the source live, which is the platform's own: give it another name.",
        ),
        (
            SMALL + "coverage: [{first: 2020-02-01, last: 2020-01-01}]\n",
            "town.yaml, line 7: coverage.1 ends before it begins: swap first and last.",
        ),
        (
            SMALL + "identity: {column: id, row: all}\n",
            "town.yaml, line 7: identity needs exactly one of column, template, row, and has column and row.",
        ),
    ],
)
def test_what_is_wrong_is_said_by_line_and_key(text, sentence):
    assert refused(text) == sentence


def test_an_unknown_key_names_its_neighbour_and_what_is_allowed():
    said = refused(SMALL.replace("time: when", "time: {colum: when, date: {column: a}}"))
    assert said.startswith("town.yaml, line 6: time has no key colum; did you mean column? (column, unknown, format,")


def test_a_key_of_the_whole_mapping_may_be_unknown():
    assert "a mapping has no key coverages; did you mean coverage?" in refused(SMALL + "coverages: []\n")


def test_several_faults_are_several_sentences():
    said = refused(SMALL.replace("time: when", "").replace("Asia/Shanghai", "Mars"))
    assert len(said.splitlines()) == 2


def test_aliases_and_endless_depth_are_refused_and_cost_nothing():
    doubled = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    for text, line in ((doubled, 2), ("a:\n  - &a [*a]\n", 2)):
        with pytest.raises(MappingRefused) as refused:
            parse(text, "m.yaml")
        assert str(refused.value) == f"m.yaml, line {line}: an alias such as *name is not known here: write it out."
    with pytest.raises(MappingRefused, match=r"m\.yaml, line 1: no key of a mapping lies so deep\.$"):
        parse("a: " + "[" * 5_000, "m.yaml")


def test_a_mapping_that_is_no_mapping_by_its_size_is_refused(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text("#" * 10_000_001)
    with pytest.raises(MappingRefused, match=r"is over 10,000,000 bytes: put its tables of places into files"):
        load(path)
