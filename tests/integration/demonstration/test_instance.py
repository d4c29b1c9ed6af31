"""The loaded city as the services tell of it, and the city that lives on after."""

import asyncio
import random

from contracts.common import Role
from services.runtime.demonstration.hands import Hands
from services.runtime.demonstration.living import LivingCity

FIGURES = {
    "building-dispute-calls": (293, 363, -19.28),
    "building-security-cost": (107, 178, -39.89),
    "area-crime": (60, 70, -14.3),
    "area-theft": (12, 24, -50.0),
    "city-crime": (1140, 1500, -24.0),
    "city-public-order": (620, 780, -20.5),
    "city-help-calls": (8920, 10000, -10.8),
}
OVERDUE, NOISE, DISPUTE = "wanda-b-0417", "wanda-a-1812", "wanda-c-0306"


async def figures(instance):
    answer = await instance.read("/analytics/kpis")
    assert answer.status_code == 200, answer.text
    return {item["id"]: item for item in answer.json()["items"] if item["id"] in FIGURES}


async def test_the_figures_of_the_case_are_served_and_do_not_move_while_the_city_lives_on(instance):
    await _caught_up(instance)
    before = await figures(instance)
    assert list(before) == list(FIGURES)
    for name, (value, previous, percent) in FIGURES.items():
        item = before[name]
        assert (item["value"], item["previous"]) == (value, previous)
        assert item["change_percent"] == percent
        assert (item["interval"] is None) == (name == "building-security-cost")

    await _three_alerts_are_open(instance)

    heads = await _heads(instance)
    hands = Hands(instance.client, instance.issuer.issue)
    city = LivingCity(hands, instance.clock, random.Random(4))  # noqa: S311 - a simulation
    for _ in range(120):
        await city.tick()
    grown = {name: position - heads[name] for name, position in (await _heads(instance)).items()}
    assert grown["incidents"] >= 10
    assert grown["registry"] >= 1
    assert grown["mediation"] >= 1
    assert hands.refused <= 6

    after = await figures(instance)
    for name, item in after.items():
        for field in ("value", "previous", "change_percent", "interval", "series"):
            assert item[field] == before[name][field]
    await _the_wall_is_as_drawn(instance)


async def _heads(instance):
    return {name: (await part.context.store.head()).position for name, part in instance.parts.items()}


async def _caught_up(instance):
    """Every read model has read what was loaded."""
    async with asyncio.timeout(120):
        while True:
            told = (await instance.read("/analytics/positions")).json()
            wanted = await _heads(instance)
            read = told["read"].values()
            if read and all(vector.get(log, wanted[log]) >= wanted[log] for vector in read for log in vector):
                return
            await asyncio.sleep(0.2)


async def _three_alerts_are_open(instance):
    """The rules find these and nothing else; history's alerts stay closed."""
    async with asyncio.timeout(120):
        while True:
            found = (await instance.read("/analytics/alerts", state="open", limit=100)).json()["items"]
            if {alert["key"] for alert in found} >= {OVERDUE, NOISE, DISPUTE}:
                break
            await asyncio.sleep(0.3)
    assert sorted(alert["key"] for alert in found) == sorted([OVERDUE, NOISE, DISPUTE])
    closed = (await instance.read("/analytics/alerts", state="closed", limit=100)).json()["items"]
    assert 8 <= len(closed) <= 20


async def _the_wall_is_as_drawn(instance):
    floors = (await instance.read("/analytics/floors", place="yinchuan/jinfeng/beijing-zhonglu/wanda")).json()
    hotels = sum(tower["counts"]["hotel"] for tower in floors["items"])
    (consolidation,) = floors["milestones"]
    assert consolidation["at"].startswith("2024-04-25")
    assert consolidation["words"]["zh"] == "楼层置换整合 59 家 1,165 间"
    assert hotels == 1165
    rates = (
        await instance.read(
            "/mediation/rates", Role.MEDIATOR, kind="agenda-item", place="yinchuan/helan/xigang/tianehu"
        )
    ).json()
    assert rates["raised"] >= 148
    assert rates["resolved"] >= 136
    assert rates["confirmed"] >= 118
