"""Times: in one column, in parts, beside a date, as an interval; and what clocks do twice a year."""

import pytest

from services.runtime.imports.refusals import MappingRefused

MAPPING = """
source: town
zone: {zone}
category: {{constant: other}}
place: {{under: town}}
time: {time}
"""


def when(through, time: str, zone: str = "America/New_York", **cells: str) -> tuple[str, str] | str:
    """The interval that a row with these cells tells, or why it fails."""
    text = ",".join(cells) + "\n" + ",".join(f'"{cell}"' for cell in cells.values()) + "\n"
    read = through(MAPPING.format(zone=zone, time=time), text)
    if read.errors:
        return f"{read.failure.column} {read.failure.reason}"
    occurred = read.only["occurred"]
    assert occurred["zone"] == zone
    assert read.only["effective_at"] == occurred["earliest"]
    return occurred["earliest"], occurred["latest"]


def same(moment: str) -> tuple[str, str]:
    return moment, moment


JULY_1 = ("2020-07-01T04:00:00Z", "2020-07-02T03:59:59Z")


@pytest.mark.parametrize(
    ("rule", "cell", "expected"),
    [
        ("t", "2020-07-01T08:30:00", same("2020-07-01T12:30:00Z")),
        ("t", "2020-07-01 08:30", same("2020-07-01T12:30:00Z")),
        ("t", "2020-07-01T08:30:00Z", same("2020-07-01T08:30:00Z")),
        ("t", "2020-07-01T08:30:00+08:00", same("2020-07-01T00:30:00Z")),
        ("t", "2020-07-01", ("2020-07-01T04:00:00Z", "2020-07-02T03:59:59Z")),
        ("{column: t, zone: UTC}", "2020-07-01T08:30:00", same("2020-07-01T08:30:00Z")),
        ("{column: t, format: '%m/%d/%Y %I:%M:%S %p'}", "07/01/2020 08:30:00 PM", same("2020-07-02T00:30:00Z")),
        ("{column: t, format: '%d.%m.%Y'}", "1.7.2020", ("2020-07-01T04:00:00Z", "2020-07-02T03:59:59Z")),
        ("{column: t, format: '%d.%m.%Y %H'}", "1.7.2020 8", ("2020-07-01T12:00:00Z", "2020-07-01T12:59:59Z")),
        ("{column: t, format: ['%d.%m.%Y %H:%M', '%Y%m%d']}", "1.7.2020 08:30", same("2020-07-01T12:30:00Z")),
        ("{column: t, format: ['%d.%m.%Y %H:%M', '%Y%m%d']}", "20200701", JULY_1),
        ("{column: t, format: unix}", "1593606600", same("2020-07-01T12:30:00Z")),
        ("{column: t, format: unix-ms}", "1593606600000", same("2020-07-01T12:30:00Z")),
        ("{column: t, format: excel}", "44013.354166667", same("2020-07-01T12:30:00Z")),
        ("{column: t, format: excel}", "44013", ("2020-07-01T04:00:00Z", "2020-07-02T03:59:59Z")),
    ],
)  # fmt: skip
def test_one_column(through, rule, cell, expected):
    assert when(through, rule, t=cell) == expected


def test_a_column_of_another_format_fails(through):
    assert when(through, "t", t="yesterday") == NO_TIME


NO_TIME = "t is not a time of the format that the mapping gives: a day of the Gregorian calendar between 1900 and 2199"


@pytest.mark.parametrize("cell", ["1030623", "1040229", "1050229", "990715", "10500229"])
def test_a_date_of_another_calendar_fails_for_one_reason_however_it_looks(through, cell):
    # years of the Republic, some of which look like a date of the Middle Ages or of the far future
    assert when(through, "{column: t, format: '%Y%m%d'}", t=cell) == NO_TIME


@pytest.mark.parametrize("year", ["103", "1899", "2200"])
def test_parts_are_of_the_same_calendar(through, year):
    rule = "{parts: {year: y, month: m, day: d}}"
    assert when(through, rule, y=year, m="6", d="23") == "d is no day of the Gregorian calendar between 1900 and 2199"


def test_the_first_hours_of_1900_in_utc_are_its_end_too(through):
    told = when(through, "t", "Asia/Shanghai", t="1900-01-01T00:00:00")
    assert told == "t is not a time of the Gregorian calendar between 1900 and 2199"


@pytest.mark.parametrize(
    ("form", "missing"),
    [
        ("%Y-%m", "day, and an incident is counted by its day"),
        ("%Y", "day, and"),
        ("%B %Y", "day, and"),
        ("%Y week %W", "day, and"),
        ("%Y-%m %H:%M", "day, and"),
        ("%d.%Y", "month: add %m"),
        ("%d.%m.", "year: take the date from columns of its own"),
        ("%H:%M", "year: take"),
        ("%Y-%m-%d %M", "hour: add %H"),
        ("%Y-%m-%d %I:%M", "half of the day: add %p beside %I"),
    ],
)
def test_what_a_format_does_not_tell_is_not_made_up(through, form, missing):
    with pytest.raises(MappingRefused) as refused:
        when(through, f"{{column: t, format: '{form}'}}", t="x")
    assert str(refused.value).startswith(f"The format {form!r} at time says no {missing}")


@pytest.mark.parametrize(
    ("form", "missing"), [("%M", "hour: add %H"), ("%I:%M", "half of the day: add %p"), ("%Y-%m-%d", "hour: add %H")]
)
def test_a_clock_time_has_an_hour(through, form, missing):
    with pytest.raises(MappingRefused) as refused:
        when(through, f"{{date: d, hour: {{column: t, format: '{form}'}}}}", d="2020-07-01", t="x")
    assert str(refused.value).startswith(f"The format {form!r} at time.hour says no {missing}")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("%T", "has %T, which is not read here: write %H:%M:%S."),
        ("%-d.%m.%Y", "has %-d, which is not read here: write %d."),
        ("%e.%m.%Y", "has %e, which is not read here: write %d, which reads 1 and 01."),
        ("%Y-%m-%d %:z", "has %:z, which is not read here: write %z, which reads +0800 and +08:00."),
        ("%Y-%m-%d %Q", "has %Q, which is not read here: write one of %%, %a, "),
        ("%Y-%m-%d %H:%M %Z", "has %Z, which is not read here: write %z where the column has offsets"),
        ("%Y-%m-%d %", "ends with a lone %: write %% for a percent sign."),
        ("%Y-%m-%d %Y", "has %Y twice: write what stands in one of the two places as plain text"),
        ("%G-W%V", "has %G and %V, which tell a week, and an incident is counted by its day: add the weekday"),
        ("%V %Y", "has %V, an ISO week, without %G, the year that such weeks are counted in: write %G"),
        ("%G-%m-%d", "has %G, the year of an ISO week, without %V: write %Y"),
    ],
)
def test_a_directive_that_cannot_be_read_is_named_with_what_to_write_instead(through, form, said):
    with pytest.raises(MappingRefused) as refused:
        when(through, f"{{column: t, format: '{form}'}}", t="x")
    assert str(refused.value).startswith(f"The format {form!r} at time {said}")


@pytest.mark.parametrize("form", ["dd/mm/yyyy", "%Y-%m-%d %x"])
def test_what_is_no_format_is_refused_before_a_row_is_read(through, form):
    with pytest.raises(MappingRefused, match=r"at time is no format: write strptime's, such as"):
        when(through, f"{{column: t, format: '{form}'}}", t="x")


@pytest.mark.parametrize("cell", ["2020-07", "2020-W27", "2020W27", "2020-W27T08:30", "2020", "08:30"])
def test_an_iso_time_without_its_day_fails(through, cell):
    assert when(through, "t", t=cell) == NO_TIME


JULY_1_AT_8 = ("2020-07-01T12:00:00Z", "2020-07-01T12:59:59Z")


@pytest.mark.parametrize(
    ("rule", "cell", "expected"),
    [
        ("t", "2020-07-01T08", JULY_1_AT_8),
        ("t", "2020-07-01 08-04:00", JULY_1_AT_8),
        ("t", "20200701T12Z", JULY_1_AT_8),
        ("t", "2020-W27-3T08", JULY_1_AT_8),
        ("t", "2020-W27-3", JULY_1),
        ("{column: t, format: '%G-W%V-%u'}", "2020-W27-3", JULY_1),
        ("{column: t, format: '%Y/%j'}", "2020/183", JULY_1),
        ("{column: t, format: '%Y-%m-%d %z'}", "2020-07-01 -0400", JULY_1),
        ("{column: t, format: '%d %b %y %I %p %z'}", "1 Jul 20 08 AM -0400", JULY_1_AT_8),
        ("{column: t, format: '%Y年%m月%d日'}", "2020年7月1日", JULY_1),
        # a Z that says nothing: written into the pattern, it is not heard
        ("{column: t, format: '%Y-%m-%dT00:00:00.000Z'}", "2020-07-01T00:00:00.000Z", JULY_1),
    ],
)
def test_a_time_is_as_exact_as_it_is_told(through, rule, cell, expected):
    assert when(through, rule, t=cell) == expected


def test_a_blank_or_unknown_time_fails(through):
    assert when(through, "t", t=" ", x="1") == "t is blank: nobody knows when it happened"
    assert when(through, "{column: t, unknown: [n/a]}", t="n/a") == "t is blank: nobody knows when it happened"


def test_a_format_that_is_none_is_refused(through):
    with pytest.raises(Exception, match=r"'DD/MM' at time is no format: write strptime's, such as"):
        when(through, "{column: t, format: DD/MM}", t="1")


PARTS = "{parts: {year: y, month: m, day: d, hour: h, minute: i}}"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("2020", "7", "1", "8", "30"), same("2020-07-01T12:30:00Z")),
        (("2020", "07", "01", "08", "05"), same("2020-07-01T12:05:00Z")),
        (("2020", "7", "1", "8", ""), ("2020-07-01T12:00:00Z", "2020-07-01T12:59:59Z")),
        (("2020", "7", "1", "", ""), ("2020-07-01T04:00:00Z", "2020-07-02T03:59:59Z")),
        (("2020", "7", "1", "", "30"), ("2020-07-01T04:00:00Z", "2020-07-02T03:59:59Z")),
        (("2020", "7", "1", "24", "0"), same("2020-07-02T04:00:00Z")),
        (("2020", "2", "30", "8", "0"), "d is no day of the Gregorian calendar between 1900 and 2199"),
        (("2020", "7", "1", "25", "0"), "h is no time of the day"),
        (("2020", "7", "1", "-1", "0"), "h is not a hour in digits"),
        (("2020", "July", "1", "8", "0"), "m is not a month in digits"),
        (("", "", "", "8", "0"), "d is blank: nobody knows when it happened"),
        (("2020", "", "1", "8", "0"), "d is no day of the Gregorian calendar between 1900 and 2199"),
    ],
)
def test_parts(through, cells, expected):
    assert when(through, PARTS, **dict(zip("ymdhi", cells, strict=True))) == expected


CLOCKS = [
    ("14", ("2020-07-01T18:00:00Z", "2020-07-01T18:59:59Z")),
    ("1430", same("2020-07-01T18:30:00Z")),
    ("930", same("2020-07-01T13:30:00Z")),
    ("0005", same("2020-07-01T04:05:00Z")),
    ("14:30", same("2020-07-01T18:30:00Z")),
    ("14.30", same("2020-07-01T18:30:00Z")),
    ("14:30:15", same("2020-07-01T18:30:15Z")),
    ("2:30 PM", same("2020-07-01T18:30:00Z")),
    ("2:30 p.m.", same("2020-07-01T18:30:00Z")),
    ("12:10 AM", same("2020-07-01T04:10:00Z")),
    ("12 PM", ("2020-07-01T16:00:00Z", "2020-07-01T16:59:59Z")),
    ("", ("2020-07-01T04:00:00Z", "2020-07-02T03:59:59Z")),
    ("noon", "h is not a clock time such as 14, 1430, 14:30 or 2:30 PM"),
    ("2599", "h is not a clock time such as 14, 1430, 14:30 or 2:30 PM"),
]


@pytest.mark.parametrize(("clock", "expected"), CLOCKS)
def test_a_date_beside_an_hour(through, clock, expected):
    assert when(through, "{date: d, hour: h}", d="2020-07-01", h=clock) == expected


def test_an_hour_in_a_format_of_its_own(through):
    rule = "{date: {column: d, format: '%d/%m/%Y'}, hour: {column: h, format: '%Hh%M', unknown: [99h99]}}"
    assert when(through, rule, d="01/07/2020", h="08h30") == same("2020-07-01T12:30:00Z")
    assert when(through, rule, d="01/07/2020", h="99h99") == ("2020-07-01T04:00:00Z", "2020-07-02T03:59:59Z")


@pytest.mark.parametrize(
    ("day", "hour", "expected"),
    [
        ("2020-07-01", "8:00", "2020-07-01T12:00:00Z"),
        # nine in the evening of 30 June in New York is 1 July in UTC
        ("2020-07-01", "21:00", "2020-07-01T01:00:00Z"),
        ("2020-07-01", "19:59", "2020-07-01T23:59:00Z"),
        ("2020-07-01", "20:00", "2020-07-01T00:00:00Z"),
    ],
)
def test_a_local_hour_beside_a_day_of_utc(through, day, hour, expected):
    assert when(through, "{date: {column: d, zone: UTC}, hour: h}", d=day, h=hour) == same(expected)


def test_a_local_hour_beside_a_day_of_utc_east_of_it(through):
    # seven in the morning of 2 July in Shanghai is 1 July in UTC
    rule = "{date: {column: d, zone: UTC}, hour: h}"
    assert when(through, rule, "Asia/Shanghai", d="2020-07-01", h="7:00") == same("2020-07-01T23:00:00Z")
    assert when(through, rule, "Asia/Shanghai", d="2020-07-01", h="8:00") == same("2020-07-01T00:00:00Z")


def test_a_local_hour_beside_local_midnight_told_in_utc(through):
    rule = "{date: {column: d, zone: UTC}, hour: h}"
    assert when(through, rule, d="2020-07-01T04:00:00", h="21:00") == same("2020-07-02T01:00:00Z")
    assert when(through, "{date: d, hour: h}", d="2020-07-01T04:00:00Z", h="21:00") == same("2020-07-02T01:00:00Z")


def test_a_midnight_of_utc_that_means_the_day_is_said_to(through):
    rule = "{date: {column: d, zone: UTC, holds: day}, hour: h}"
    assert when(through, rule, d="2020-07-01T00:00:00", h="21:00") == same("2020-07-01T01:00:00Z")


def test_a_day_of_utc_without_an_hour_is_that_whole_day(through):
    rule = "{date: {column: d, zone: UTC}, hour: h}"
    assert when(through, rule, d="2020-07-01", h="") == ("2020-07-01T00:00:00Z", "2020-07-01T23:59:59Z")


def test_an_earliest_and_a_latest(through):
    rule = "{earliest: a, latest: b}"
    expected = ("2020-07-01T12:30:00Z", "2020-07-02T13:00:00Z")
    assert when(through, rule, a="2020-07-01T08:30", b="2020-07-02T09:00") == expected
    assert when(through, rule, a="2020-07-01T08:30", b="") == same("2020-07-01T12:30:00Z")
    assert when(through, rule, a="2020-07-01", b="2020-07-02") == ("2020-07-01T04:00:00Z", "2020-07-03T03:59:59Z")
    assert when(through, rule, a="", b="2020-07-02") == "a is blank: nobody knows when it happened"
    assert when(through, rule, a="2020-07-02", b="2020-06-30") == "b lies before a: an interval ends after it begins"


def test_an_earliest_and_a_latest_in_two_columns_each(through):
    rule = "{earliest: {date: d1, hour: h1}, latest: {date: d2, hour: h2}}"
    cells = {"d1": "2020-07-01", "h1": "0830", "d2": "2020-07-01", "h2": "1715"}
    assert when(through, rule, **cells) == ("2020-07-01T12:30:00Z", "2020-07-01T21:15:00Z")


# New York put its clocks forward at 2020-03-08 02:00 and back at 2020-11-01 02:00


SKIPPED = (
    "t is a time that the clocks skipped in America/New_York: correct the row, or write gap: later under time in the "
    "mapping to have such times read later by as much as the clocks skipped"
)
REPEATED = (
    "t is a time that came twice in America/New_York: write its offset behind it, or fold: interval under time in the "
    "mapping to have such times kept as the interval between the two"
)


def test_a_skipped_time_fails(through):
    assert when(through, "t", t="2024-03-10 02:30") == SKIPPED
    assert when(through, "t", t="2020-03-08T01:59:59") == same("2020-03-08T06:59:59Z")
    assert when(through, "t", t="2020-03-08T03:00:00") == same("2020-03-08T07:00:00Z")


def test_a_skipped_time_is_read_an_hour_later_where_the_mapping_says_so(through):
    assert when(through, "{column: t, gap: later}", t="2020-03-08T02:30:00") == same("2020-03-08T07:30:00Z")


def test_a_skipped_hour_fails_in_parts_and_beside_a_date_too(through):
    parts = dict(zip("ymdhi", ("2024", "3", "10", "2", ""), strict=True))
    assert when(through, PARTS, **parts) == SKIPPED.replace("t is", "d is", 1)
    assert when(through, "{date: d, hour: t}", d="2024-03-10", t="2:30 AM") == SKIPPED


def test_a_skipped_hour_beside_a_day_of_another_zone_fails_on_its_own_day_alone(through):
    rule = "{date: {column: d, zone: Asia/Tokyo}, hour: t}"
    # half past two in New York is the afternoon of the same day in Tokyo
    assert when(through, rule, d="2024-03-10", t="02:30") == SKIPPED
    assert when(through, rule, d="2024-03-11", t="02:30") == same("2024-03-11T06:30:00Z")
    # nine in the evening is the next day there, and the clocks changed in between
    assert when(through, rule, d="2024-03-11", t="21:30") == same("2024-03-11T01:30:00Z")


def test_a_skipped_moment_still_tells_the_day_of_a_date(through):
    rule = "{date: {column: d, holds: moment}, hour: t}"
    assert when(through, rule, d="2024-03-10T02:30", t="14:00") == same("2024-03-10T18:00:00Z")


@pytest.mark.parametrize(
    ("cell", "rule", "changes"),
    [
        ("2024-03-10 02:30", "{column: t, gap: later}", {("skipped", "America/New_York"): 1}),
        ("2024-11-03 01:30", "t", {("repeated", "America/New_York"): 1}),
        ("2024-11-03 01:30", "{column: t, fold: later}", {("repeated", "America/New_York"): 1}),
        ("2024-11-03T01", "t", {("repeated", "America/New_York"): 1}),
        ("2024-11-03T01:30-04:00", "t", {}),
        ("2024-11-03", "t", {}),
        ("2024-11-03 02:00", "t", {}),
        ("2024-03-10 02:30", "t", {}),  # failed, and counted there
    ],
)
def test_rows_at_a_change_of_the_clocks_are_counted(through, cell, rule, changes):
    assert through(MAPPING.format(zone="America/New_York", time=rule), f"t\n{cell}\n").changes == changes


@pytest.mark.parametrize(
    ("fold", "expected"),
    [
        ("interval", ("2020-11-01T05:30:00Z", "2020-11-01T06:30:00Z")),
        ("earlier", same("2020-11-01T05:30:00Z")),
        ("later", same("2020-11-01T06:30:00Z")),
        ("fail", REPEATED),
    ],
)
def test_a_time_that_comes_twice(through, fold, expected):
    assert when(through, f"{{column: t, fold: {fold}}}", t="2020-11-01T01:30:00") == expected


def test_days_are_as_long_as_they_are(through):
    assert when(through, "t", t="2020-03-08") == ("2020-03-08T05:00:00Z", "2020-03-09T03:59:59Z")  # 23 hours
    assert when(through, "t", t="2020-11-01") == ("2020-11-01T04:00:00Z", "2020-11-02T04:59:59Z")  # 25 hours


def test_a_day_may_begin_at_one(through):
    # Brazil put its clocks forward at midnight
    expected = ("2018-11-04T03:00:00Z", "2018-11-05T01:59:59Z")
    assert when(through, "t", "America/Sao_Paulo", t="2018-11-04") == expected


def test_the_future_is_refused_by_the_rules_of_the_domain(through):
    assert when(through, "t", t="2030-01-01T00:00:00").startswith("t It cannot have happened after now (2026-11-24")


def test_the_edges_of_the_calendar_fail_their_row(through):
    assert isinstance(when(through, "t", t="0001-01-01T00:00:00"), str)
    assert isinstance(when(through, "t", t="9999-12-31"), str)
