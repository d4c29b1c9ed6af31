"""Files into the log of a real PostgreSQL: once, whole, and by the rules of the domain."""

import csv
import gzip
from collections import Counter

import pytest

from contracts.analytics import Span
from contracts.common import Role
from services.chassis.clock import FixedClock
from services.chassis.eventstore.verify import verify
from services.chassis.vault import MemoryLedger, PostgresKeys, Vault
from services.runtime.imports.refusals import FileRefused, MappingRefused
from tests.integration.imports.conftest import (
    KEY,
    NEW_YORK_HEADER,
    NOW,
    VANCOUVER_HEADER,
    vancouver_rows,
)

TOWN = """
source: town
zone: Asia/Shanghai
category: {column: kind, values: {theft: crime/theft}}
place: {under: town}
time: when
identity: number
description: told
personal: [who]
coverage: [{first: 2020-01-01, last: 2020-12-31}]
"""


def counts(summary):
    return summary.rows, summary.imported, summary.known, summary.failed


async def test_vancouver_by_year_and_type(city):
    rows = vancouver_rows(200)
    summary = await city.load("vancouver-crime", city.file("vancouver_2003_2010.csv", VANCOUVER_HEADER, *rows))
    assert counts(summary) == (200, 200, 0, 0)
    events = await city.events()
    assert Counter(e.event.source_category for e in events) == Counter(row.partition(",")[0] for row in rows)
    hidden = [e.event for e in events if e.event.category == "crime/against-person/other"]
    assert len(hidden) == 20
    assert {event.place for event in hidden} == {"vancouver"}
    assert {event.location for event in hidden} == {None}
    # the whole day of 1 January in Vancouver
    assert hidden[0].occurred.earliest.isoformat() == "2003-01-01T08:00:00+00:00"
    assert hidden[0].occurred.latest.isoformat() == "2003-01-02T07:59:59+00:00"
    assert events[1].event.place == "vancouver/west-end/1xx-main-st"


async def test_the_events_say_who_told_them_and_the_chain_holds(city):
    await city.load("vancouver-crime", city.file("a.csv", VANCOUVER_HEADER, *vancouver_rows(30)))
    events = await city.events()
    assert [e.position for e in events] == list(range(1, 31))
    assert {(e.actor.role, e.actor.id) for e in events} == {(Role.INTEGRATOR, "import:vancouver-crime")}
    assert len({e.correlation_id for e in events}) == 1
    assert {e.version for e in events} == {1}
    assert all(e.stream == f"incident-{e.event.incident}" for e in events)
    assert [verified.position async for verified in verify(city.incidents)][-1] == 30


async def test_new_york_by_month_descriptor_and_borough(city):
    rows = [
        "2020-05-31T23:59:00,Noise: Alarms (NR3),NR3,BROOKLYN,40.6769,-73.8952",
        '2020-06-01T00:01:00,"Noise, Barking Dog (NR5)",NR5,STATEN ISLAND,40.5,-74.1',
        '2020-06-01T00:01:00,"Noise, Barking Dog (NR5)",NR5,STATEN ISLAND,40.5,-74.1',
        "2020-06-02T10:00:00,Noise: Something New (NX1),NX1,Unspecified,,",
    ]
    summary = await city.load("nyc-311-noise", city.file("a.csv", NEW_YORK_HEADER, *rows))
    assert counts(summary) == (4, 4, 0, 0)
    events = [e.event for e in await city.events()]
    assert [event.category for event in events] == [
        "noise/alarm",
        "noise/animal/dog",
        "noise/animal/dog",
        "noise/other",
    ]
    assert [event.place for event in events] == [
        "new-york/brooklyn",
        "new-york/staten-island",
        "new-york/staten-island",
        "new-york/unspecified",
    ]
    assert events[0].effective_at.isoformat() == "2020-06-01T03:59:00+00:00"
    assert events[3].location is None
    [covered] = await city.coverage()
    assert covered.span == Span(first="2020-05-06", last="2020-10-24")
    assert covered.complete_at == {"incidents": 4}


async def test_a_second_import_of_the_same_file_adds_nothing(city):
    path = city.file("a.csv", VANCOUVER_HEADER, *vancouver_rows(100))
    await city.load("vancouver-crime", path)
    assert counts(await city.load("vancouver-crime", path)) == (100, 0, 100, 0)
    assert len(await city.events()) == 100
    assert len(await city.coverage()) == 1


async def test_the_same_rows_in_one_file_add_nothing_to_their_parts(city):
    rows = vancouver_rows(100)
    parts = [city.file(f"{n}.csv", VANCOUVER_HEADER, *rows[n : n + 33]) for n in range(0, 100, 33)]
    assert counts(await city.load("vancouver-crime", *parts)) == (100, 100, 0, 0)
    whole = city.file("whole.csv", VANCOUVER_HEADER, *rows)
    assert counts(await city.load("vancouver-crime", whole)) == (100, 0, 100, 0)


async def test_files_that_overlap_share_what_they_share(city):
    rows = vancouver_rows(100)
    await city.load("vancouver-crime", city.file("a.csv", VANCOUVER_HEADER, *rows[:80]))
    summary = await city.load("vancouver-crime", city.file("b.csv", VANCOUVER_HEADER, *rows))
    assert counts(summary) == (100, 20, 80, 0)


async def test_an_import_that_stopped_goes_on(city):
    rows = vancouver_rows(100)
    whole = city.file("a.csv", VANCOUVER_HEADER, *rows)
    # as a kill -9 leaves it: some transactions are in the log, the coverage is not declared
    await city.load("vancouver-crime", city.file("half.csv", VANCOUVER_HEADER, *rows[:60]))
    assert counts(await city.load("vancouver-crime", whole)) == (100, 40, 60, 0)
    assert len({e.stream for e in await city.events()}) == 100


async def test_bad_rows_are_written_down_and_never_stop_the_good_ones(city):
    path = city.file(
        "a.csv",
        "number,kind,when,who,told",
        "1,theft,2020-01-01,Li Si,",
        "2,arson,2020-01-02,Li Si,",
        "3,theft,soon,Li Si,",
        "4,theft",
        "5,theft,2030-01-01,Li Si,",
        "6,theft,2020-01-03,Li Si,",
    )
    summary = await city.load(TOWN, path)
    assert counts(summary) == (6, 2, 0, 4)
    with (city.folder / "errors.csv").open(encoding="utf-8-sig", newline="") as file:
        errors = list(csv.DictReader(file))
    assert [(e["line"], e["column"], e["value"]) for e in errors] == [
        ("3", "kind", "arson"),
        ("4", "when", "soon"),
        ("5", "", ""),
        ("6", "when", "2030-01-01"),
    ]
    assert "Li Si" not in (city.folder / "errors.csv").read_text()
    assert errors[3]["reason"].startswith("It cannot have happened after now")


async def test_no_errors_no_errors_file(city):
    await city.load("vancouver-crime", city.file("a.csv", VANCOUVER_HEADER, *vancouver_rows(3)))
    assert sorted(path.name for path in city.folder.iterdir()) == ["a.csv"]


async def test_a_dry_run_says_what_would_happen_and_writes_nothing(city):
    rows = vancouver_rows(50)
    await city.load("vancouver-crime", city.file("a.csv", VANCOUVER_HEADER, *rows[:20]))
    summary = await city.load("vancouver-crime", city.file("b.csv", VANCOUVER_HEADER, *rows), dry_run=True)
    assert counts(summary) == (50, 30, 20, 0)
    assert len(await city.events()) == 20


async def test_descriptions_are_sealed_and_can_be_opened(city):
    path = city.file(
        "a.csv", "number,kind,when,who,told", "1,theft,2020-01-01,x,Mr Li shouted", "2,theft,2020-01-02,x,"
    )
    await city.load(TOWN, path)
    first, second = await city.events()
    assert b"Li" not in first.data
    assert second.event.description is None
    vault = Vault(PostgresKeys(city.incidents.pool), master_key=KEY, clock=FixedClock(NOW))
    assert await vault.open(first.event.description) == "Mr Li shouted"


async def test_a_case_that_was_erased_is_not_sealed_anew(city):
    path = city.file("a.csv", "number,kind,when,who,told", "1,theft,2020-01-01,x,Mr Li shouted")
    await city.load(TOWN, path)
    (event,) = await city.events()
    keys = PostgresKeys(city.incidents.pool)
    vault = Vault(keys, master_key=KEY, clock=FixedClock(NOW), ledger=MemoryLedger())
    await vault.erase(event.event.description.key)
    assert counts(await city.load(TOWN, path)) == (1, 0, 1, 0)


async def test_a_known_id_with_other_content_stays_as_it_was(city):
    await city.load(TOWN, city.file("a.csv", "number,kind,when,who,told", "1,theft,2020-01-01,x,"))
    later = city.file("b.csv", "number,kind,when,who,told", "1,theft,2020-02-02,x,")
    assert counts(await city.load(TOWN, later)) == (1, 0, 1, 0)


async def test_what_is_wrong_with_any_file_is_said_before_a_row_is_written(city):
    good = city.file("a.csv", VANCOUVER_HEADER, *vancouver_rows(3))
    for bad, sentence in (
        (city.file("b.csv", "TIPE,YEAR", "x,2003"), r"has no column MONTH"),
        (city.folder / "nowhere.csv", r"nowhere.csv is not there\.$"),
        (city.folder, r"is not a file\.$"),
        (good, r"a.csv is named twice: name each file once\.$"),
    ):
        with pytest.raises((FileRefused, MappingRefused), match=sentence):
            await city.load("vancouver-crime", good, bad)
    assert await city.events() == []


async def test_a_file_that_breaks_off_leaves_its_good_rows_and_no_coverage(city):
    path = city.folder / "a.csv.gz"
    text = "\n".join([VANCOUVER_HEADER, *vancouver_rows(20_000)])
    path.write_bytes(gzip.compress(text.encode())[:-2000])
    with pytest.raises(FileRefused, match=r"breaks off after line \d+"):
        await city.load("vancouver-crime", path)
    written = len(await city.events())
    assert 0 < written < 20_000
    assert await city.coverage() == []
    path.write_bytes(gzip.compress(text.encode()))
    summary = await city.load("vancouver-crime", path)
    assert counts(summary) == (20_000, 20_000 - written, written, 0)
