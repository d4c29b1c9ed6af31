"""Every row of a file is accounted for: imported, known or failed, the same in a dry run and in the run."""

from datetime import date
from uuid import uuid4

import pytest

from contracts.analytics import Span
from contracts.common import Actor, Occurred, Role
from contracts.incidents import Channel, IncidentReported
from services.chassis.clock import FixedClock
from services.chassis.eventstore.types import Append, metadata, new_event
from services.chassis.ids import uuid7
from services.incidents.domain.identity import digest_of, incident_of
from services.runtime.imports.mapping_file import parse
from services.runtime.imports.run import Options, Summary, run
from tests.integration.imports.conftest import NOW, City

TOWN = """
source: town
zone: Asia/Shanghai
category: {column: kind, values: {theft: crime/theft}}
place: {under: town}
time: when
identity: number
coverage: [{first: 2023-01-01, last: 2024-12-31}]
"""
HEADINGS = "number,kind,when,hurt"


def counts(summary: Summary) -> tuple[int, int, int, int, int]:
    return summary.rows, summary.imported, summary.known, summary.differing, summary.failed


async def nowhere(city: City, *lines: str) -> Summary:
    """A dry run without an instance."""
    path = city.file("nowhere.csv", HEADINGS, *lines)
    options = Options(dry_run=True, errors=city.folder / "errors.csv")
    return await run(parse(TOWN), city.folder, [path], None, options, clock=FixedClock(NOW), new_id=uuid7)


@pytest.mark.parametrize("between", [0, 3_500])
async def test_a_dry_run_counts_as_the_run_does(city, between):
    # two rows tell of incident 1: beside each other, or in different batches
    rows = ["1,theft,2024-01-01,yes", *(f"{n},theft,2024-01-01,no" for n in range(10, 10 + between))]
    rows += ["1,theft,2024-01-01,no", "1,theft,2024-01-02,no", "2,fire,2024-01-02,no"]
    path = city.file("a.csv", HEADINGS, *rows)
    expected = (between + 4, between + 1, 2, 1, 1)
    assert counts(await nowhere(city, *rows)) == expected
    assert counts(await city.load(TOWN, path, dry_run=True)) == expected
    assert await city.events() == []
    assert counts(await city.load(TOWN, path)) == expected
    again = (between + 4, 0, between + 3, 1, 1)
    assert counts(await city.load(TOWN, path, dry_run=True)) == again
    assert counts(await city.load(TOWN, path)) == again


async def report_live(city: City, incident: str) -> None:
    """An incident that a person reports, under an id of their own choice."""
    told = IncidentReported(
        incident=incident,
        effective_at=NOW,
        category="help",
        place="town/harbour",
        occurred=Occurred(earliest=NOW, latest=NOW),
        channel=Channel.APP,
    )
    event = new_event(uuid4(), told, metadata(Actor(role=Role.RESIDENT, id="li"), correlation_id="x"))
    await city.incidents.append(Append(f"incident-{incident}", 0, (event,), NOW))


async def test_a_row_whose_id_was_taken_by_another_report_gets_in_all_the_same(city):
    guessed = incident_of(digest_of("town", "1"))
    await report_live(city, guessed)
    sealed = TOWN + "description: hurt\n"
    path = city.file("a.csv", HEADINGS, "1,theft,2024-01-01,yes", "2,theft,2024-01-02,no")
    assert counts(await city.load(sealed, path, dry_run=True)) == (2, 2, 0, 0, 0)
    assert counts(await city.load(sealed, path)) == (2, 2, 0, 0, 0)
    imported = {e.event.source_id: e for e in await city.events() if e.event.source == "town"}
    assert set(imported) == {"1", "2"}
    own = imported["1"].event.incident
    assert (own != guessed, imported["1"].stream) == (True, f"incident-{own}")
    assert imported["1"].event.description.key == f"case:{own}"
    for _ in range(2):
        assert counts(await city.load(sealed, path)) == (2, 0, 2, 0, 0)
    assert len(await city.events()) == 3


@pytest.mark.parametrize("identity", ["number", "{row: all}"])
async def test_the_same_row_of_the_same_source_in_another_city_is_another_incident(city, identity):
    here = TOWN.replace("identity: number", f"identity: {identity}") + "description: hurt\n"
    there = here.replace("under: town", "under: port/harbour")
    path = city.file("a.csv", HEADINGS, "1,theft,2024-01-01,yes", "2,theft,2024-01-02,no")
    for mapping in (here, there):
        assert counts(await city.load(mapping, path, dry_run=True)) == (2, 2, 0, 0, 0)
        assert counts(await city.load(mapping, path)) == (2, 2, 0, 0, 0)
    for mapping in (there, here):
        assert counts(await city.load(mapping, path, dry_run=True)) == (2, 0, 2, 0, 0)
        assert counts(await city.load(mapping, path)) == (2, 0, 2, 0, 0)
    events = [each.event for each in await city.events()]
    assert [event.place for event in events] == ["town", "town", "port/harbour", "port/harbour"]
    assert len({event.incident for event in events}) == 4
    assert [event.description.key for event in events] == [f"case:{event.incident}" for event in events]


async def test_one_file_may_tell_of_the_same_number_in_two_cities(city):
    both = TOWN.replace("{under: town}", "{levels: [{column: hurt}]}").partition("coverage")[0]
    rows = ["1,theft,2024-01-01,town", "1,theft,2024-01-01,port", "1,theft,2024-01-01,port"]
    path = city.file("a.csv", HEADINGS, *rows)
    for expected in ((3, 2, 1, 0, 0), (3, 0, 3, 0, 0)):
        assert counts(await city.load(both, path, dry_run=True)) == expected
        assert counts(await city.load(both, path)) == expected


async def test_days_on_which_rows_fail_are_not_declared_until_the_mapping_is_mended(city):
    rows = [f"{year}{month:02},theft,{year}-{month:02}-15,no" for year in (2023, 2024) for month in range(1, 13)]
    rows += [f"9{month:02},larceny,2024-{month:02}-16,no" for month in range(1, 13)]
    path = city.file("a.csv", HEADINGS, *rows)
    summary = await city.load(TOWN, path)
    assert counts(summary) == (36, 24, 0, 0, 12)
    (declared,) = await city.coverage()
    assert declared.gaps == (Span(first=date(2024, 1, 16), last=date(2024, 12, 16)),)
    mended = TOWN.replace("{theft: crime/theft}", "{theft: crime/theft, larceny: crime/theft}")
    assert counts(await city.load(mended, path)) == (36, 12, 24, 0, 0)
    assert (await city.coverage())[-1].gaps == ()


async def test_an_import_where_no_row_comes_in_declares_nothing(city):
    for rows in ([], ["1,fire,2024-01-01,no"]):
        summary = await city.load(TOWN, city.file("a.csv", HEADINGS, *rows))
        assert summary.covered.reasons == ("No row came in, so no day is declared as covered.",)
    assert await city.coverage() == []


async def test_a_time_that_the_clocks_skipped_leaves_its_own_day_uncovered(city):
    there = TOWN.replace("Asia/Shanghai", "America/New_York")
    rows = ["1,theft,2024-03-10 02:30,no", "2,theft,2024-03-12 02:30,no"]
    assert counts(await city.load(there, city.file("a.csv", HEADINGS, *rows))) == (2, 1, 0, 0, 1)
    (declared,) = await city.coverage()
    assert declared.gaps == (Span(first=date(2024, 3, 10), last=date(2024, 3, 10)),)


async def test_a_line_with_an_open_quote_is_counted_and_leaves_the_coverage_undeclared(city):
    rows = [f"{n},theft,2024-01-01,no" for n in range(500)]
    rows[1] = '1,theft,2024-01-01,"no'
    summary = await city.load(TOWN, city.file("a.csv", HEADINGS, *rows))
    assert counts(summary) == (500, 499, 0, 0, 1)
    assert await city.coverage() == []
