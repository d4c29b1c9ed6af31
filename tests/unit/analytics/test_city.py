"""What is told of the city: nothing small, nothing of one door, no change that would give either away."""

from datetime import date, timedelta

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.analytics import FiguresExported, Span
from contracts.city import AreaLevel, Cell, FiguresPublished, Grain, Measure, PolicyAdopted
from services.analytics.city.counting import due
from services.analytics.deciders import CITY_EXPORT, CITY_FIGURES, CITY_POLICY
from services.analytics.domain import city_commands
from services.analytics.domain.city_commands import AdoptPolicy, Counted, ExportFigures, PublishFigures
from services.analytics.statistics.coverage import Declared
from services.analytics.statistics.days import Days
from tests.unit.given import NOON, story

ESTATE = "yinchuan/jinfeng/beijing-zhonglu"
NOISE = Measure(id="noise", kind="incident", category="noise", area=AreaLevel.COMMUNITY, period=Grain.MONTH)
MAY = Span(first=date(2024, 5, 1), last=date(2024, 5, 31))
CRS84 = "urn:ogc:def:crs:OGC:1.3:CRS84"
given_figures, given_policy, given_export = story(CITY_FIGURES), story(CITY_POLICY), story(CITY_EXPORT)


def area(name):
    return f"{ESTATE}/{name}"


def counted(**counts):
    """Counts by area, each from as many places."""
    return tuple(Counted(area=area(name), count=count, places=count) for name, count in counts.items())


def tell(*counts, **changes):
    return PublishFigures(
        **{
            "city": "yinchuan",
            "measure": NOISE,
            "source": "live",
            "span": MAY,
            "zone": "Asia/Shanghai",
            "crs": CRS84,
            "minimum": 5,
            "fewest_places": 3,
            "within": (ESTATE,),
            "counted": counts,
            **changes,
        }
    )


def told(**cells):
    return FiguresPublished(
        city="yinchuan",
        measure="noise",
        kind="incident",
        category="noise",
        source="live",
        area=AreaLevel.COMMUNITY,
        period=Grain.MONTH,
        span=MAY,
        zone="Asia/Shanghai",
        minimum=5,
        crs=CRS84,
        within=(ESTATE,),
        cells=tuple(Cell(area=area(name), count=count) for name, count in cells.items()),
        effective_at=NOON,
    )


def test_a_small_count_is_left_out_and_cannot_be_told_from_none():
    given_figures().when(tell(*counted(wanda=14, tiandu=4, tianehu=5))).then(told(tianehu=5, wanda=14))
    given_figures().when(tell(*counted(wanda=14, tianehu=5))).then(told(tianehu=5, wanda=14))


def test_a_count_of_one_door_is_left_out_however_large_it_is():
    door = Counted(area=area("tiandu"), count=40, places=2)
    given_figures().when(tell(*counted(wanda=14), door)).then(told(wanda=14))


def test_a_period_in_which_all_is_small_is_told_as_such():
    given_figures().when(tell(*counted(wanda=1))).then(told()).when(tell()).nothing()


def test_a_change_smaller_than_the_minimum_is_not_told_and_a_larger_one_is():
    past = given_figures(told(wanda=14))
    past.when(tell(*counted(wanda=18))).nothing()
    past.when(tell(*counted(wanda=10))).nothing()
    past.when(tell(*counted(wanda=19))).then(told(wanda=19))
    past.when(tell(*counted(wanda=4))).then(told())
    past.when(tell(*counted(wanda=14, tiandu=5))).then(told(tiandu=5, wanda=14))


COUNTS = st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=1, max_size=8)


def careless(command, _):
    """Wrong: it suppresses what is small, and tells every change of what is not."""
    shown = [one for one in command.counted if one.count >= command.minimum]
    return tuple(Cell(area=one.area, count=one.count) for one in sorted(shown, key=lambda one: one.area))


def test_the_difference_of_two_versions_is_what_a_careless_way_would_give_away(monkeypatch):
    monkeypatch.setattr(city_commands, "released", careless)
    with pytest.raises(AssertionError, match="somebody who came late"):
        nothing_is_small([[14, 0, 0], [15, 0, 0]], 5)


@any_of(rounds=COUNTS, minimum=st.integers(3, 9))
def test_whatever_was_counted_no_version_and_no_difference_of_versions_is_small(rounds, minimum):
    nothing_is_small(rounds, minimum)


def nothing_is_small(rounds, minimum):
    """Tells the counts of three areas, one round after the other, and looks at what was told."""
    state, before = CITY_FIGURES.initial, {}
    for numbers in rounds:
        command = tell(*counted(**dict(zip("abc", numbers, strict=True))), minimum=minimum)
        for event in CITY_FIGURES.decide(state, command, NOON):
            state = CITY_FIGURES.evolve(state, event)
            now = {cell.area: cell.count for cell in event.cells}
            assert all(count >= minimum for count in now.values())
            for name in now.keys() & before.keys():
                late = abs(now[name] - before[name])
                assert late == 0 or late >= minimum, "somebody who came late"
            before = now


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"cells": ({"area": area("wanda"), "count": 4},)}, "fewer than the minimum of 5"),
        ({"cells": ({"area": f"{area('wanda')}/wanda-a", "count": 40},)}, "pattern"),
        ({"cells": ({"area": ESTATE, "count": 40},)}, "is no community"),
        ({"cells": ({"area": area("wanda"), "count": 9}, {"area": area("wanda"), "count": 8})}, "two cells"),
        ({"minimum": 2}, "greater than or equal to 3"),
        ({"city": "yinchuan/jinfeng"}, "pattern"),
        ({"subject": "018fdd4b-1c00-7aaa-8000-00000000d001"}, "Extra inputs"),
    ],
)
def test_the_contract_has_no_way_to_tell_more(change, sentence):
    with pytest.raises(ValidationError, match=sentence):
        FiguresPublished.model_validate({**told(wanda=14).model_dump(), **change})


POLICY = {"minimum": 5, "fewest_places": 3, "settle_days": 3, "measures": (NOISE,), "zone": "Asia/Shanghai"}


def test_the_first_policy_counts_all_days_and_a_later_one_begins_tomorrow():
    adopt = AdoptPolicy(**POLICY, crs=CRS84, today=date(2024, 6, 30))
    first = PolicyAdopted(**POLICY, crs=CRS84, since=None, effective_at=NOON)
    past = given_policy().when(adopt).then(first)
    past.when(adopt.model_copy(update={"today": date(2024, 7, 9)})).nothing()
    coarser = {**POLICY, "measures": (NOISE.model_copy(update={"area": AreaLevel.DISTRICT}),)}
    past.when(AdoptPolicy(**coarser, crs=CRS84, today=date(2024, 7, 9))).then(
        PolicyAdopted(**coarser, crs=CRS84, since=date(2024, 7, 10), effective_at=NOON)
    )


def test_every_export_is_put_on_record():
    command = ExportFigures(place="yinchuan", purpose="data-platform", at=7)
    made = FiguresExported(place="yinchuan", purpose="data-platform", at=7, effective_at=NOON)
    given_export().when(command).then(made).when(command).then(made)


def cover(place, first, last, categories=()):
    return Declared(place, categories, Days(first, last))


YEAR = (date(2024, 1, 1), date(2024, 12, 31))


def names(found):
    return [(one.city, one.period.name, one.within) for one in found]


def test_only_whole_periods_that_are_covered_and_over_are_told():
    declared = [cover(area("wanda"), date(2024, 1, 15), date(2024, 12, 31))]
    found = due(NOISE, "live", declared, None, date(2024, 4, 29))
    assert names(found) == [("yinchuan", name, (area("wanda"),)) for name in ("2024-02", "2024-03")]
    assert due(NOISE, "live", [cover(area("wanda"), *YEAR, ("crime",))], None, YEAR[1]) == []


def test_what_a_later_policy_may_tell_begins_after_it_was_adopted():
    declared = [cover("yinchuan", *YEAR)]
    found = due(NOISE, "live", declared, date(2024, 10, 10), YEAR[1] + timedelta(days=9))
    assert [name for _, name, _ in names(found)] == ["2024-11", "2024-12"]


def test_a_coverage_of_one_house_covers_no_area_and_a_wide_one_holds_the_narrow():
    houses = [cover(f"{area('wanda')}/wanda-a", *YEAR)]
    assert due(NOISE, "live", houses, None, YEAR[1]) == []
    both = [cover("yinchuan/jinfeng", *YEAR), cover(area("wanda"), *YEAR), cover("helan", *YEAR)]
    found = due(NOISE, "live", both, date(2024, 12, 1), YEAR[1])
    assert names(found) == [("helan", "2024-12", ("helan",)), ("yinchuan", "2024-12", ("yinchuan/jinfeng",))]
