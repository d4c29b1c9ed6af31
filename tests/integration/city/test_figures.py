"""From the calls to what leaves: counts by community and month, none small, nobody in them."""

import re
from datetime import date

import orjson
import pytest

from contracts.city import AreaLevel, FiguresPublished, PolicyAdopted
from contracts.common import Role
from services.analytics.city.policy import HERE, CitySettings, PolicyRefused, policy
from tests.integration.city.conftest import CALLER, ESTATE, TIANDU, WANDA, city_running

MAY, JUNE = date(2024, 5, 10), date(2024, 6, 10)
COVERED = (date(2024, 5, 1), date(2024, 6, 30))


def cells(log, month):
    """The noise that was last told of a month, by area."""
    noise = [each.event for each in log if each.stream == f"figures-yinchuan.noise-calls.live.{month}"]
    return {cell.area: cell.count for cell in noise[-1].cells} if noise else None


async def test_counts_leave_by_community_and_month_and_small_ones_do_not(city):
    city.calls_from(WANDA, MAY, 14)
    city.calls_from(TIANDU, MAY, 4)
    city.calls_from(f"{ESTATE}/quiet", MAY, 40, doors=2)
    city.call("yinchuan/jinfeng", MAY)  # nobody knows where in the district
    city.calls_from(WANDA, JUNE, 20)
    await city.covered(*COVERED)
    assert await city.told() > 0

    log = await city.log()
    assert cells(log, "2024-05") == {WANDA: 14}
    assert cells(log, "2024-06") is None, "a month that is not over"
    assert [each.type for each in log[:1]] == [PolicyAdopted.type]
    assert await city.told() == 0, "what was told is not told again"


async def test_nothing_leaves_that_names_a_person_a_unit_or_a_building(city):
    city.calls_from(WANDA, MAY, 30)
    city.calls_from(TIANDU, MAY, 30, category="help/ill-person")
    await city.covered(*COVERED)
    await city.told()
    log = await city.log()
    assert len(log) > 2
    for each in log:
        text = f"{each.data.decode()} {each.metadata.decode()} {each.stream}"
        assert CALLER not in text
        assert not re.search(r"incident-call|call-\d|wanda-a|tower|source_unit|caller|subject|household", text)
        places = re.findall(r"yinchuan(?:/[a-z0-9_-]+)+", text)
        assert all(place.count("/") <= 3 for place in places), places
        assert each.about["actor"] == {"role": "system", "id": "city-figures"}


@pytest.mark.parametrize("late", [3, 5])
async def test_who_came_late_is_told_of_only_where_there_are_enough(city, late):
    city.calls_from(WANDA, MAY, 14)
    await city.covered(*COVERED)
    await city.told()
    city.calls_from(WANDA, MAY, late, category="noise/party")
    assert await city.told() == (1 if late >= 5 else 0)
    assert cells(await city.log(), "2024-05") == {WANDA: 14 if late < 5 else 19}


async def test_a_month_that_nobody_covers_is_not_told_as_quiet(city):
    city.calls_from(WANDA, MAY, 14)
    assert await city.told() == 1, "the policy alone"
    await city.covered(date(2024, 5, 2), date(2024, 6, 30))
    assert await city.told() == 0
    await city.covered(*COVERED, WANDA)
    assert await city.told() > 0
    (noise,) = [each.event for each in await city.log() if each.stream == "figures-yinchuan.noise-calls.live.2024-05"]
    assert noise.within == (WANDA,)


async def test_nothing_is_told_before_everything_was_read(city):
    city.calls_from(WANDA, MAY, 14)
    await city.covered(*COVERED)
    await city.station.read_all()
    publisher = city.publisher()
    assert await publisher.look() == 0, "it does not know yet how much there is to read"
    assert await publisher.look() > 0
    publisher._heads = {"incidents": 10_000}
    city.calls_from(WANDA, MAY, 9)
    await city.station.read_all()
    assert await publisher.look() == 0


async def test_another_policy_counts_from_the_day_after_it_was_adopted(city):
    city.calls_from(WANDA, MAY, 14)
    await city.covered(*COVERED)
    await city.told()
    before = len(await city.log())
    shipped = policy(CitySettings())
    coarser = shipped.model_copy(
        update={"measures": tuple(each.model_copy(update={"area": AreaLevel.DISTRICT}) for each in shipped.measures)}
    )
    assert await city.told(coarser) == 1
    last = (await city.log())[-1]
    assert len(await city.log()) == before + 1
    assert isinstance(last.event, PolicyAdopted)
    assert last.event.since == date(2024, 7, 1)


async def test_analytics_does_not_start_with_a_policy_that_allows_too_much(databases, monkeypatch, tmp_path):
    path = tmp_path / "ours.yaml"
    path.write_text((HERE / "policy.yaml").read_text("utf-8").replace("minimum: 5", "minimum: 1"), encoding="utf-8")
    monkeypatch.setenv("MAPLEBRIDGE_CITY_POLICY", str(path))
    running = city_running(databases)
    with pytest.raises(PolicyRefused, match="a minimum of 1 tells of single people"):
        await running.__aenter__()


async def export(city, *places, role=Role.DATA_PLATFORM, **asked):
    return await city.caller(role, *places).get("/export", **asked)


async def test_an_export_gives_the_figures_as_they_stood_at_a_position(city):
    city.calls_from(WANDA, MAY, 14)
    await city.covered(*COVERED)
    await city.told()
    then = (await city.context.store.head()).position
    city.calls_from(WANDA, MAY, 6)
    await city.told()
    now = (await city.context.store.head()).position
    assert now > then

    for position, count in ((then, 14), (now, 20)):
        answer = (await export(city, at=position)).json()
        assert (answer["position"], answer["head"]) == (position, now)
        assert answer["lineage"] == str((await city.context.store.head()).lineage)
        assert answer["policy"]["minimum"] == 5
        found = {each["stream"]: each for each in answer["items"]}
        noise = found["figures-yinchuan.noise-calls.live.2024-05"]
        assert noise["told"]["cells"] == [
            {"area": WANDA, "count": count, "centre": {"longitude": 106.23, "latitude": 38.49}}
        ]
        latest = {}
        for each in await city.log():
            if each.position <= position and isinstance(each.event, FiguresPublished):
                latest[each.stream] = each
        assert {name: each["position"] for name, each in found.items()} == {
            name: each.position for name, each in latest.items()
        }
        assert all(orjson.loads(latest[name].data) == each["told"] for name, each in found.items())
    assert (await export(city)).json()["position"] == now
    before = (await export(city, at=0)).json()
    assert (before["items"], before["policy"]) == ([], None)


async def test_an_export_comes_in_pages_of_one_position(city):
    for category in ("noise/music", "help/ill-person", "dispute/lease"):
        city.calls_from(WANDA, MAY, 14, category=category)
    await city.covered(*COVERED)
    await city.told()
    whole = (await export(city)).json()
    city.calls_from(WANDA, MAY, 9)
    await city.told()
    found, cursor = [], None
    while True:
        page = (await export(city, at=whole["position"], limit=2, **({"cursor": cursor} if cursor else {}))).json()
        assert len(page["items"]) <= 2
        found += page["items"]
        if (cursor := page["next"]) is None:
            break
    assert found == whole["items"]
    assert len(found) > 2


async def test_a_position_that_is_not_there_yet_is_refused_in_a_sentence(city):
    answer = await export(city, at=7)
    assert answer.status_code == 400
    assert answer.json()["detail"] == "The city's log has come to 0: ask for that or less, or leave `at` out."
    assert (await export(city, at=-1)).status_code == 422


async def test_who_may_take_figures_out_and_that_it_is_on_record(city):
    city.calls_from(WANDA, MAY, 14)
    await city.covered(*COVERED)
    await city.told()
    for role in set(Role) - {Role.DATA_PLATFORM}:
        assert (await export(city, role=role)).status_code == 403, role
    assert (await city.client.get("/export")).status_code == 401
    assert (await export(city, "yinchuan/jinfeng")).status_code == 403, "the figures are those of a whole city"
    assert (await export(city, "nyc")).json()["items"] == []
    assert (await export(city, purpose="curiosity")).status_code == 422

    head = (await city.context.store.head()).position
    assert (await export(city, at=head, purpose="statistics")).status_code == 200
    record = (await city.caller(Role.OVERSEER).get("/access-log")).json()["items"]
    assert [(each["by"], each["place"], each["purpose"], each["at"]) for each in record] == [
        ({"role": "data-platform", "id": "data-platform-1"}, "yinchuan", "statistics", head)
    ]
    elsewhere = (await city.caller(Role.OVERSEER, "nyc").get("/access-log")).json()["items"]
    assert [each["place"] for each in elsewhere] == ["nyc"]
    assert (await city.caller(Role.OFFICER).get("/access-log")).status_code == 403
    assert (await city.context.store.head()).position == head, "nobody outside learns who took them"


async def test_every_reading_of_the_log_is_on_record(city):
    city.calls_from(WANDA, MAY, 14)
    await city.covered(*COVERED)
    await city.told()
    platform, overseer = city.caller(Role.DATA_PLATFORM), city.caller(Role.OVERSEER)
    told = (await platform.get("/events")).json()
    seen = [each["position"] for each in told["items"]]
    assert len(seen) > 1
    rest = (await platform.get("/events", after=told["upto"])).json()
    assert rest["items"] == []
    assert len((await platform.get("/events", after=seen[-2])).json()["items"]) == 1
    record = (await overseer.get("/access-log")).json()["items"]
    assert [(each["place"], each["after"], each["at"], each["purpose"]) for each in record] == [
        ("yinchuan", seen[-1] - 1, seen[-1], None),
        ("yinchuan", seen[0] - 1, seen[-1], None),
    ]
    assert {each["by"]["id"] for each in record} == {"data-platform-1"}
    for role in (Role.INTEGRATOR, Role.ANALYST, Role.OVERSEER):
        assert (await city.caller(role).get("/events")).status_code == 403
    # the platform itself reads all the time, and hands nothing to anybody
    assert (await city.station.served.caller(Role.SYSTEM).get("/events")).status_code == 200
    assert len((await overseer.get("/access-log")).json()["items"]) == 2
