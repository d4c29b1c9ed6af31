"""Invented figures, in the shape of GET /analytics/kpis."""

import random
from datetime import timedelta
from typing import Any

from fastapi import FastAPI

WANDA = "yinchuan/jinfeng/beijing-zhonglu/wanda"
TIANDU = "yinchuan/xingqing/fenghuang/tiandu-16"
ROWS = (
    (
        "building-dispute-calls",
        "纠纷类警情",
        "Dispute calls",
        WANDA,
        "dispute",
        "year",
        293,
        363,
        -19.28,
        (-31.0, -5.6),
        False,
    ),
    ("building-security-cost", "企业安防成本", "Security cost", WANDA, None, "year", 107, 178, -39.89, None, None),
    ("area-crime", "刑事案件", "Crime", TIANDU, "crime", "before-after", 60, 70, -14.3, (-40.5, 23.0), True),
    ("area-theft", "盗窃", "Theft", TIANDU, "crime/theft", "before-after", 12, 24, -50.0, (-77.0, 4.0), True),
    ("city-crime", "刑事案件", "Crime", "yinchuan", "crime", "year", 1140, 1500, -24.0, (-29.6, -17.9), False),
    (
        "city-public-order",
        "治安案件",
        "Public order",
        "yinchuan",
        "public-order",
        "year",
        620,
        780,
        -20.5,
        (-28.6, -11.5),
        False,
    ),
    (
        "city-help-calls",
        "求助类警情",
        "Calls for help",
        "yinchuan",
        "help",
        "year",
        8920,
        10000,
        -10.8,
        (-13.3, -8.2),
        False,
    ),
)


WAITING = {
    "indicator": "building-security-cost",
    "source": "security-wanda-a",
    "place": WANDA,
    "span": {"first": "2024-12-01", "last": "2024-12-31"},
    "value": 9_000_000.0,
    "unit": "CNY",
    "usual": 48_000.0,
}


def figure(row: tuple[Any, ...]) -> dict[str, Any]:
    ident, zh, en, place, category, basis, value, previous, change, interval, chance = row
    rng = random.Random(ident)  # noqa: S311 - nobody guesses at it
    spread = (
        [value / 12 * rng.uniform(0.75, 1.25) for _ in range(12)],
        [previous / 12 * rng.uniform(0.75, 1.25) for _ in range(12)],
    )
    return {
        "id": ident,
        "name": {"zh": zh, "en": en},
        "unit": "count" if category else "CNY10k",
        "place": place,
        "category": category,
        "period": "2024",
        "span": {"first": "2024-01-01", "last": "2024-12-31"},
        "previous_span": {"first": "2023-01-01", "last": "2023-12-31"},
        "basis": basis,
        "value": value,
        "previous": previous,
        "change_percent": change,
        "change_digits": 2 if ident.startswith("building-") else 1,
        "interval_percent": interval,
        "may_be_chance": chance,
        "series": {"value": spread[0], "previous": spread[1]},
    }


def imported() -> list[dict[str, Any]]:
    rng, items = random.Random(5), []  # noqa: S311 - nobody guesses at it
    for category in ("crime/theft/from-vehicle", "crime/break-and-enter", "crime/mischief", "traffic/collision"):
        for year in range(2003, 2018):
            value = rng.randint(900, 12000)
            items.append(
                {
                    "id": f"vancouver-{category.rpartition('/')[2]}-{year}",
                    "place": "vancouver",
                    "category": category,
                    "period": str(year),
                    "span": {"first": f"{year}-01-01", "last": f"{year}-12-31"},
                    "value": value,
                    "previous": None if year in {2003, 2005} else value * 1.1,
                    "change_percent": None if year in {2003, 2005} else -9.1,
                    "interval_percent": None if year in {2003, 2005} else (-12.0, -6.0),
                    "may_be_chance": False,
                }
            )
    return items


def routes(app: FastAPI, city: Any) -> None:
    @app.get("/analytics/kpis")
    async def kpis(place: str | None = None) -> Any:
        if city.empty:
            return city.listed([])
        return city.listed(imported() if place == "vancouver" else [figure(row) for row in ROWS])

    @app.get("/analytics/indicators/waiting")
    async def waiting() -> Any:
        return city.listed([WAITING] if not any(name == "release" for name, _ in city.commands) else [])

    @app.post("/analytics/indicators/release")
    async def release(body: dict[str, Any]) -> Any:
        city.commands.append(("release", body))
        return {"id": body["indicator"], "events": [{}]}

    @app.get("/analytics/kpi-places")
    async def places() -> Any:
        known = [("yinchuan", "2023-01-01", "2024-12-31"), ("vancouver", "2003-01-01", "2017-07-13")]
        return city.listed(
            []
            if city.empty
            else [{"place": place, "sources": [place], "first": first, "last": last} for place, first, last in known]
        )

    @app.get("/analytics/kpis/{ident}/events")
    async def events(ident: str, which: str = "value", cursor: str | None = None, limit: int = 50) -> Any:
        row = next((row for row in ROWS if row[0] == ident), ROWS[0])
        count = row[6] if which == "value" else row[7]
        start = int(cursor or 0)
        items = [
            {
                "id": f"{ident}-{n}",
                "source": "incidents",
                "position": 1000 + n * 7,
                "type": "incidents.incident-reported.v1",
                "at": (city.now() - timedelta(days=20 + n)).isoformat(),
                "place": row[3],
                "category": row[4],
                "words": {"zh": f"{row[1]} 上报", "en": f"{row[2]} reported"},
            }
            for n in range(start, min(count, start + limit))
        ]
        return city.listed(items, str(start + limit) if start + limit < count else None)
