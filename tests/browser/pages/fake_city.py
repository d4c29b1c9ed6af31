"""Services with invented answers in the shapes of the real ones: the pages can be looked at without a database.

`python -m tests.browser.pages.fake_city --port 8099` serves the pages over them.
"""

import argparse
import asyncio
import base64
import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from tests.browser.pages import fake_figures, fake_mediation
from tests.browser.pages.fake_mediation import opened, sealed

WANDA = "yinchuan/jinfeng/beijing-zhonglu/wanda"
START = datetime(2025, 1, 14, 12, 41, 7, tzinfo=UTC)


def seeded(seed: int | str) -> random.Random:
    """The same chance at every start."""
    return random.Random(seed)  # noqa: S311 - nobody guesses at it


USES = ("hotel", "studio", "rental", "owner-occupied", "vacant")


class FakeCity:
    """A city of one estate that changes when it is told to. `begun` is when its clock began, in real time."""

    def __init__(self, *, empty: bool = False) -> None:
        self.empty = empty
        self.begun = datetime.now(UTC)
        self.logs = dict.fromkeys(("registry", "incidents", "mediation", "analytics"), 0 if empty else 10302)
        self.down = False
        self.commands: list[tuple[str, dict[str, Any]]] = []
        rng = seeded(7)
        self.towers = [] if empty else [tower(rng, letter) for letter in "abc"]
        self.feed: list[dict[str, Any]] = [] if empty else first_feed(self.now())
        self.alerts = [] if empty else first_alerts(self.now())
        self.cases = [] if empty else first_cases(self.now())
        self.on_duty = ["officer-gu", "officer-07", "officer-bai"]

    def now(self) -> datetime:
        return START + (datetime.now(UTC) - self.begun)

    def positions(self) -> dict[str, Any]:
        read = {name: dict(self.logs) for name in ("floors", "feed", "alerts", "kpi", "problems")}
        return {"as_of": self.now().isoformat(), "total": sum(self.logs.values()), "logs": self.logs, "read": read}

    def listed(self, items: list[Any], following: str | None = None) -> dict[str, Any]:
        return {"items": items, "next": following, "as_of": self.now().isoformat(), "position": self.logs}

    def happened(self, source: str, zh: str, en: str, unit: str | None = None, label: str | None = None) -> None:
        """Something happens: a line in the feed, a step of a log."""
        self.logs[source] += 1
        moment = self.now().isoformat()
        event = happening(f"live-{sum(self.logs.values())}", source, moment, zh, en, label, unit)
        self.feed.insert(0, event | {"position": self.logs[source]})

    def done(self, case: dict[str, Any], act: str, body: dict[str, Any], by: str) -> None:
        """Somebody at the desk does something about an incident."""
        officers = body.get("officers", [])
        if act == "triage":
            case.update(phase="triaged", priority=body.get("priority"))
        elif act == "recalls":
            case["officers"] = [each for each in case["officers"] if each not in officers]
        else:
            case.update(phase="dispatched", officers=[*case["officers"], *officers])
        case["version"] += 1
        who = ", ".join(officers) or body.get("priority", "")
        step = {
            "id": f"{case['id']}-{case['version']}",
            "version": case["version"],
            "type": f"incidents.{act}.v1",
            "effective_at": self.now().isoformat(),
            "recorded_at": self.now().isoformat(),
            "actor": {"role": "dispatcher", "id": by},
            "words": {"zh": f"{act} {who}", "en": f"{act} {who}"},
        }
        case["history"] = [*case["history"], step]
        self.happened("incidents", "已派警", "Officers dispatched", None, case["label"])

    def reports(self, ident: str) -> None:
        """Another incident is reported, and comes before the others."""
        first = {"id": ident, "officers": [], "priority": "emergency", "history": [], "version": 1, "drill": False}
        self.cases.insert(0, self.cases[0] | first)
        self.happened("incidents", "警情上报", "Incident reported")

    def moves_out(self, unit: str) -> None:
        """The tenant of a unit leaves: its colour goes."""
        for building in self.towers:
            for floor in building["floors"]:
                for cell in floor["units"]:
                    if cell["id"] == unit:
                        building["counts"][cell["colour"]] -= 1
                        building["counts"]["vacant"] += 1
                        cell["colour"] = "vacant"
                        self.happened("registry", "租户退房", "Tenant moved out", unit, cell["label"])


def tower(rng: random.Random, letter: str, *, hotels: bool = True) -> dict[str, Any]:
    floors, counts = [], dict.fromkeys(USES, 0)
    for number in range(30, 0, -1):
        weights = (97, 0, 0, 0, 3) if 6 <= number <= 25 else (0, 22, 16, 54, 8) if number > 25 else (0, 55, 22, 14, 9)
        if not hotels:
            weights = (0, 55, 22, 14, 9)
        units = []
        for column in range(1, 22):
            colour = rng.choices(USES, weights)[0]
            counts[colour] += 1
            name = f"{number:02d}{column:02d}"
            marks = ["to-verify"] if colour == "rental" and rng.random() < 0.04 else []
            units.append(
                {
                    "id": f"wanda-{letter}-{name}",
                    "number": name,
                    "label": f"{letter.upper()}-{name}",
                    "colour": colour,
                    "marks": marks,
                }
            )
        floors.append({"floor": number, "units": units})
    return {
        "id": f"wanda-{letter}",
        "name": f"万达公寓 {letter.upper()} 座",
        "place": f"{WANDA}/wanda-{letter}",
        "lowest_floor": 1,
        "highest_floor": 30,
        "counts": counts,
        "floors": floors,
    }


def happening(
    ident: str,
    source: str,
    at: str,
    zh: str,
    en: str,
    label: str | None = None,
    unit: str | None = None,
    detail: dict[str, str] | None = None,
) -> dict[str, Any]:
    place = f"{WANDA}/{unit.rpartition('-')[0]}/{unit.rpartition('-')[2]}" if unit else WANDA
    return {
        "id": ident,
        "source": source,
        "position": 10302,
        "type": f"{source}.invented.v1",
        "at": at,
        "recorded_at": at,
        "place": place,
        "unit": unit,
        "label": label,
        "words": {"zh": zh, "en": en},
        "detail": detail,
    }


def first_feed(now: datetime) -> list[dict[str, Any]]:
    def ago(seconds: int) -> str:
        return (now - timedelta(seconds=seconds)).isoformat()

    return [
        happening(
            "f1",
            "registry",
            ago(4),
            "租户退房",
            "Tenant moved out",
            "B-2708",
            "wanda-b-2708",
            {"zh": "物业登记", "en": "by the property company"},
        ),
        happening(
            "f2",
            "incidents",
            ago(16),
            "警情到场",
            "Officers arrived",
            "A-0903",
            "wanda-a-0903",
            {"zh": "噪音 · 用时 6 分", "en": "noise · after 6 min"},
        ),
        happening(
            "f3",
            "mediation",
            ago(55),
            "议题办结",
            "Item done",
            None,
            None,
            {"zh": "健身器材安装 · 待居民确认", "en": "fitness equipment · resident to confirm"},
        ),
        happening("f4", "registry", ago(180), "身份核验", "Occupant verified", "C-0312", "wanda-c-0312"),
        happening("f5", "incidents", ago(400), "警情上报", "Incident reported", "C-0204", "wanda-c-0204"),
    ]


def first_alerts(now: datetime) -> list[dict[str, Any]]:
    def alert(ident: str, zh: str, en: str, label: str, state: str, ago: int, **more: Any) -> dict[str, Any]:
        letter, number = label.lower().split("-")
        evidence = [
            happening(
                f"{ident}-{n}",
                "incidents",
                (now - timedelta(days=8 * n, minutes=3)).isoformat(),
                "噪音警情",
                "Noise incident",
                label,
                f"wanda-{letter}-{number}",
            )
            for n in range(3)
        ]
        return {
            "id": ident,
            "rule": "repeated-noise",
            "rule_version": 4,
            "severity": "alarm",
            "unit": f"wanda-{letter}-{number}",
            "label": label,
            "place": f"{WANDA}/wanda-{letter}/{number}",
            "words": {"zh": zh, "en": en},
            "raised_at": (now - timedelta(seconds=ago)).isoformat(),
            "state": state,
            "count": 3,
            "evidence": evidence,
            **more,
        }

    return [
        alert("alert-1", "A-1812 30 天内第 3 次噪音", "A-1812: third noise in 30 days", "A-1812", "raised", 134),
        alert(
            "alert-2",
            "新租客核验逾期",
            "Verification of a new tenant overdue",
            "B-0417",
            "acknowledged",
            93000,
            by="officer-07",
            severity="attention",
            due_at=(now - timedelta(hours=26)).isoformat(),
            acknowledged_at=(now - timedelta(seconds=91000)).isoformat(),
        ),
        alert(
            "alert-3",
            "退房后仍有人居住",
            "Lived in after moving out",
            "C-2203",
            "acknowledged",
            1560,
            by="officer-03",
            severity="attention",
            acknowledged_at=(now - timedelta(seconds=1500)).isoformat(),
        ),
    ]


def first_cases(now: datetime) -> list[dict[str, Any]]:
    def case(
        ident: str,
        category: str,
        place: str,
        label: str | None,
        phase: str,
        minutes: int,
        officers: list[str],
        priority: str | None,
    ) -> dict[str, Any]:
        reported = now - timedelta(minutes=minutes)
        history = [
            {
                "id": f"{ident}-1",
                "version": 1,
                "type": "incidents.incident-reported.v1",
                "effective_at": reported.isoformat(),
                "recorded_at": (reported + timedelta(minutes=2)).isoformat(),
                "actor": {"role": "dispatcher", "id": "dispatcher-01"},
                "words": {"zh": "警情上报", "en": "Incident reported"},
            }
        ]
        return {
            "id": ident,
            "category": category,
            "place": place,
            "label": label,
            "phase": phase,
            "reported_at": reported.isoformat(),
            "officers": officers,
            "priority": priority,
            "channel": "phone-110",
            "drill": ident == "case-drill",
            "waited_seconds": 420 if phase == "arrived" else None,
            "wait_measured": True if phase == "arrived" else None,
            "version": 2,
            "history": history,
        }

    return [
        case("case-drill", "crime/robbery", f"{WANDA}/wanda-a", None, "reported", 50, [], "emergency"),
        case("case-1", "noise/hotel-guests", f"{WANDA}/wanda-a/1812", "A-1812", "triaged", 2, [], "urgent"),
        case("case-2", "public-order/leaflets", f"{WANDA}/wanda-c", None, "arrived", 11, ["officer-07"], "routine"),
        case(
            "case-3",
            "help/lost-person",
            "yinchuan/helan/xigang/tianehu",
            None,
            "en-route",
            6,
            ["officer-02", "officer-05"],
            "emergency",
        ),
        case("case-4", "dispute/deposit", f"{WANDA}/wanda-b/0903", "B-0903", "arrived", 34, ["officer-03"], "routine"),
    ]


def services(city: FakeCity) -> FastAPI:
    """The services' HTTP over the fake city."""
    app = FastAPI()

    @app.middleware("http")
    async def may_be_down(request: Request, call_next: Any) -> Response:
        if city.down and request.url.path.split("/")[1] in city.logs:
            return JSONResponse({"title": "Away", "detail": "The database is away; try again shortly."}, 503)
        return await call_next(request)

    building_routes(app, city)
    alert_routes(app, city)
    case_routes(app, city)
    fake_figures.routes(app, city)
    fake_mediation.routes(app, city)
    fake_mediation.dispute_routes(app, city)
    fake_mediation.session_routes(app, city)
    fake_mediation.map_routes(app, city)
    fake_mediation.registry_routes(app, city)
    control_routes(app, city)
    return app


MILESTONE = {"zh": "楼层置换整合 59 家 1,165 间", "en": "59 hotels, 1,165 rooms consolidated"}
MADE = {"version": 2, "events": [{"id": "x", "type": "y"}]}


BIG = {"big": ["big/north", "big/south", "big/west"], "big/north": ["big/north/hill", "big/north/lake"]}
"""A city that has too many units to draw each, by the places that hold others."""


def sums(place: str, units: int) -> dict[str, Any]:
    """A place of so many units, half of them hotel rooms."""
    counts = {**dict.fromkeys(USES, 0), "hotel": units // 2, "rental": units - units // 2}
    return {"place": place, "counts": counts, "units": units, "noted": 7}


def building_routes(app: FastAPI, city: FakeCity) -> None:
    @app.get("/analytics/positions")
    async def positions() -> Any:
        return city.positions()

    @app.get("/analytics/places")
    async def places(place: str | None = None) -> Any:
        if place in BIG:
            return {"place": place, "total": sums(place, 90_000), "items": [sums(each, 30_000) for each in BIG[place]]}
        held = [dict(sums(b["place"], sum(b["counts"].values())), counts=b["counts"]) for b in city.towers]
        total = sums(place or "", sum(each["units"] for each in held)) | {
            "occupants": 270,
            "to_verify": 9,
            "overdue": 3,
        }
        return {"place": place, "total": total, "items": held, "first_at": "2023-01-01T00:00:00Z"}

    @app.get("/analytics/floors")
    async def floors(as_of: date | None = None) -> Any:
        items = (
            [tower(seeded(as_of.toordinal()), letter, hotels=as_of.year > 2023) for letter in "abc"]
            if as_of
            else city.towers
        )
        marks = [] if city.empty else [{"at": "2024-04-12T00:00:00Z", "words": MILESTONE}]
        return {**city.listed(items), "first_at": "2023-01-01T00:00:00Z", "milestones": marks}

    @app.get("/analytics/building-names")
    async def names() -> Any:
        return city.listed([{"place": f"{WANDA}/wanda-c", "name": "C", "zone": "America/Vancouver"}])

    @app.get("/analytics/feed")
    async def feed(limit: int = 20) -> Any:
        return city.listed(city.feed[:limit])


def alert_routes(app: FastAPI, city: FakeCity) -> None:
    @app.get("/analytics/alerts")
    async def alerts() -> Any:
        return city.listed([alert for alert in city.alerts if alert["state"] != "closed"])

    @app.get("/analytics/alerts/{ident}")
    async def alert(ident: str) -> Any:
        return next(alert for alert in city.alerts if alert["id"] == ident)

    @app.get("/analytics/mailbox")
    async def deliveries(mine: bool = False) -> Any:
        return city.listed([] if city.empty else fake_mediation.deliveries(city.now(), mine=mine))

    @app.post("/analytics/alerts/{ident}/{act}")
    async def act_on(ident: str, act: str, request: Request) -> Any:
        alert = next(alert for alert in city.alerts if alert["id"] == ident)
        state = "acknowledged" if act == "acknowledgement" else "closed"
        alert.update(state=state, by="dispatcher-01", acknowledged_at=city.now().isoformat())
        city.commands.append((f"{act} {ident}", await request.json()))
        city.happened("analytics", "预警已接收", "Alert taken", alert["unit"], alert["label"])
        return {"stream": f"alert-{ident}", "position": city.logs["analytics"], **MADE}


def case_routes(app: FastAPI, city: FakeCity) -> None:
    @app.get("/incidents/cases")
    async def cases(drill: bool | None = None) -> Any:
        return city.listed([case for case in city.cases if drill is None or case["drill"] == drill])

    @app.post("/incidents/cases")
    async def report(request: Request) -> Any:
        city.commands.append(("report", await request.json()))
        return {"stream": "incident-new", "id": "new", "position": city.logs["incidents"], **MADE}

    @app.get("/incidents/open")
    async def waiting(each: int = 20) -> Any:
        real = [case for case in city.cases if not case["drill"]]
        items = [{"place": "yinchuan", "count": len(real), "cases": real[:each]}] if real else []
        return city.listed(items) | {"total": len(real), "drills": len(city.cases) - len(real)}

    @app.get("/incidents/duties")
    async def duties() -> Any:
        return city.listed([] if city.empty else [duty(city, ident) for ident in city.on_duty])

    @app.post("/incidents/duties")
    async def on_duty(request: Request) -> Any:
        city.on_duty.append((await request.json())["officer"])
        return {"stream": "duty", "position": city.logs["incidents"], **MADE}

    @app.get("/incidents/cases/{ident}")
    async def case(ident: str) -> Any:
        return sealed(next(case for case in city.cases if case["id"] == ident))

    @app.post("/incidents/cases/{ident}/openings")
    async def open_case(ident: str) -> Any:
        return opened(next(case for case in city.cases if case["id"] == ident))

    @app.post("/incidents/cases/{ident}/{act}")
    async def act_on_case(ident: str, act: str, request: Request) -> Any:
        case, body = next(case for case in city.cases if case["id"] == ident), await request.json()
        expected = request.headers.get("if-match")
        if expected is not None and expected != f'"{case["version"]}"':
            problem = {"type": "/problems/version-conflict", "detail": "The version is another.", "title": "Conflict"}
            return JSONResponse(problem, 412)
        city.commands.append((f"{act} {ident}", body))
        city.done(case, act, body, "dispatcher-01")
        return {"stream": ident, "position": city.logs["incidents"], **MADE}


def duty(city: FakeCity, ident: str) -> dict[str, Any]:
    on = [
        {"incident": case["id"], "category": case["category"], "place": case["place"], "phase": case["phase"]}
        for case in city.cases
        if ident in case["officers"]
    ]
    return {"officer": ident, "place": WANDA, "since": city.now().isoformat(), "on": on, "elsewhere": 0}


def control_routes(app: FastAPI, city: FakeCity) -> None:
    """What a test may do to the city."""

    @app.post("/fake/moves-out/{unit}")
    async def moves_out(unit: str) -> Any:
        city.moves_out(unit)
        return {}

    @app.post("/fake/reports/{ident}")
    async def reports(ident: str) -> Any:
        city.reports(ident)
        return {}

    @app.post("/fake/desk/{ident}/{act}/{what}")
    async def another_desk(ident: str, act: str, what: str) -> Any:
        case = next(case for case in city.cases if case["id"] == ident)
        city.done(case, act, {"priority": what} if act == "triage" else {"officers": [what]}, "dispatcher-02")
        return {}

    @app.post("/fake/down/{state}")
    async def down(state: bool) -> Any:
        city.down = state
        return {}

    @app.get("/fake/commands")
    async def commands() -> Any:
        return city.commands

    @app.get("/fake/clients")
    async def clients() -> int:
        from nicegui import Client

        return len(Client.instances)


def token_of(role: str) -> str:
    """What the pages read of a token; these services believe any."""
    claims = json.dumps({"role": role, "exp": 4_000_000_000, "places": [WANDA]})
    return f"x.{base64.urlsafe_b64encode(claims.encode()).decode().rstrip('=')}.x"


def site(city: FakeCity, *, tokens: bool = False) -> FastAPI:
    """The pages over the fake city. tokens: viewers bring one, there is no development issuer."""
    from services.analytics.pages.mounting import mount

    app = services(city)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://maplebridge")
    mount(
        app,
        client=client,
        mode="services" if tokens else "embedded",
        demonstration=not city.empty,
        now=city.now,
        issue_token=None if tokens else token_of,
        cookie_secret="only for looking",
        home_place=WANDA,
    )
    return app


async def serve(port: int, *, empty: bool, alive: bool, tokens: bool) -> None:
    city = FakeCity(empty=empty)
    server = uvicorn.Server(uvicorn.Config(site(city, tokens=tokens), port=port, log_level="warning"))
    tasks = [asyncio.create_task(live_on(city))] if alive else []
    await server.serve()
    for task in tasks:
        task.cancel()


async def live_on(city: FakeCity) -> None:
    rng = seeded(3)
    while True:
        await asyncio.sleep(8)
        letter = rng.choice("abc")
        city.moves_out(f"wanda-{letter}-{rng.randint(26, 30):02d}{rng.randint(1, 21):02d}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--alive", action="store_true")
    parser.add_argument("--tokens", action="store_true")
    told = parser.parse_args()
    asyncio.run(serve(told.port, empty=told.empty, alive=told.alive, tokens=told.tokens))
