"""Invented items of the teahouse, problems, units, deliveries and the access log."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

TIANEHU = "yinchuan/helan/xigang/tianehu"
WANDA = "yinchuan/jinfeng/beijing-zhonglu/wanda"
RATES = {
    "raised": 148,
    "resolved": 136,
    "confirmed": 118,
    "unanswered": 12,
    "pending": 6,
    "disputed": 0,
    "open": 12,
    "resolved_percent": 91.89,
    "confirmed_percent": 86.76,
}
TITLES = (
    ("单元门禁常开", "property-company", "committed", -12, "2025-01-20"),
    ("活动室没有地胶，容易滑倒", "property-company", "committed", -36, "2025-01-24"),
    ("地下车库出口夜间照明", "property-company", "committed", -48, "2025-01-11"),
    ("7 号楼电梯间小卡片", None, "placed", -29, None),
    ("3 号楼道充电占道", None, "raised", -6, None),
)


def issues(now: datetime) -> list[dict[str, Any]]:
    made = []
    for number, (title, owner, phase, days, due) in enumerate(TITLES):
        promises = (
            [
                {
                    "id": "c1",
                    "owner": owner,
                    "promise": title,
                    "due_on": due,
                    "overdue": date.fromisoformat(due) < now.date(),
                }
            ]
            if owner and due
            else []
        )
        session = (
            {"id": "s1", "starts_at": (now + timedelta(days=2)).isoformat(), "venue": "活动室门口"}
            if phase == "placed"
            else None
        )
        made.append(
            {
                "id": f"issue-{number}",
                "kind": "agenda-item",
                "title": title,
                "place": TIANEHU,
                "category": "other",
                "phase": phase,
                "raised_at": (now + timedelta(days=days)).isoformat(),
                "commitments": promises,
                "next_session": session,
                "version": 3,
                "raised_by": "subject-1",
                "history": history(now + timedelta(days=days)),
            }
        )
    resident = {"id": "issue-of-a-resident", "title": "居民事项 · A resident's item", "title_withheld": True}
    told = [made[-1]["history"][0] | {"text": "三楼张家门口的灯坏了\n已经一周"}]
    return [*made, made[-1] | resident | {"category": "noise/neighbours", "history": told}]


def history(start: datetime) -> list[dict[str, Any]]:
    steps = (
        ("议题提出", "Item raised", "resident"),
        ("列入议程", "Placed on the agenda", "mediator"),
        ("单位承诺", "Promised by an organisation", "partner"),
    )
    return [
        {
            "id": f"h{n}",
            "version": n,
            "type": "mediation.invented.v1",
            "effective_at": (start + timedelta(days=n)).isoformat(),
            "recorded_at": (start + timedelta(days=n, hours=n)).isoformat(),
            "actor": {"role": role, "id": f"{role}-01"},
            "words": {"zh": zh, "en": en},
        }
        for n, (zh, en, role) in enumerate(steps)
    ]


def deliveries(now: datetime, *, mine: bool) -> list[dict[str, Any]]:
    promise = {
        "id": "d-promise",
        "kind": "promise",
        "about": "issue-item-1",
        "place": "yinchuan/helan/xigang/tianehu",
        "words": {"zh": "承诺逾期未兑现", "en": "A promise is overdue"},
        "channel": "mailbox",
        "to": "dispatcher-desk",
        "at": now.isoformat(),
    }
    others = [
        {
            "id": f"d{n}",
            "kind": "alert",
            "about": "alert-1",
            "alert": "alert-1",
            "place": f"{WANDA}/wanda-a/1812",
            "words": {"zh": "同一声源 30 天内第 3 次噪音", "en": "Third noise from one source in 30 days"},
            "body": {
                "zh": "A-1812，依据 3 件：12-22、01-04、今天 20:38。",
                "en": "A-1812, on 3 events: 12-22, 01-04, today 20:38.",
            },
            "channel": channel,
            "to": to,
            "attempt": attempt,
            "state": state,
            "at": (now - timedelta(minutes=2 + n)).isoformat(),
            "next_at": (now + timedelta(minutes=4)).isoformat() if state == "failed" else None,
            "error": error,
        }
        for n, (channel, to, attempt, state, error) in enumerate(
            (
                ("mailbox", "officer-07", 1, "sent", None),
                ("folder", None, 1, "sent", None),
                ("webhook", "city", 2, "failed", "timed out after 10 s"),
            )
        )
    ]
    return [promise] if mine else [promise, *others]


def unit(ident: str, now: datetime) -> dict[str, Any]:
    building, _, number = ident.rpartition("-")
    letter = building[-1].upper()
    return {
        "id": ident,
        "building": building,
        "building_name": f"万达公寓 {letter} 座",
        "number": number,
        "label": f"{letter}-{number}",
        "floor": int(number[:2] or 1),
        "place": f"{WANDA}/{building}/{number}",
        "capacity": 2,
        "use_class": "rental",
        "colour": "rental",
        "class_since": "2024-03-01T00:00:00Z",
        "version": 9,
        "to_verify": 1,
        "tenancies_held": [
            {
                "tenancy": "t2",
                "category": "long-let",
                "since": "2024-11-02T02:00:00Z",
                "ended_at": None,
                "occupants": [
                    {
                        "subject": "subject-21",
                        "due_at": (now + timedelta(days=2)).isoformat(),
                        "verified_at": None,
                        "overdue": False,
                    }
                ],
            },
            {
                "tenancy": "t1",
                "category": "long-let",
                "since": "2024-03-02T02:00:00Z",
                "ended_at": "2024-10-30T02:00:00Z",
                "occupants": [{"subject": "subject-9", "verified_at": "2024-03-03T02:00:00Z", "overdue": False}],
            },
        ],
    }


def dispute(city: Any) -> dict[str, Any]:
    return {
        "id": "dispute-1",
        "category": "dispute/deposit",
        "place": "yinchuan/xingqing/fenghuang/tiandu-16",
        "phase": "mediating",
        "logged_at": city.now().isoformat(),
        "version": 3,
    }


def meeting(city: Any) -> dict[str, Any]:
    return {
        "id": "s1",
        "kind": "teahouse",
        "place": TIANEHU,
        "starts_at": (city.now() + timedelta(days=2)).isoformat(),
        "venue": "活动室门口",
        "agenda": ["issue-3", "issue-4", "issue-0"],
        "organisations": ["property-company", "fire-service", "residents-committee"],
    }


def sealed(thing: dict[str, Any]) -> dict[str, Any]:
    """As it is read before anybody opens what was written."""
    return thing | {"history": [step | {"text": None} for step in thing["history"]], "ask": "POST to …/openings"}


def opened(thing: dict[str, Any]) -> dict[str, Any]:
    """As the answer to an opening says it."""
    return {"id": thing["id"], "history": thing["history"], "events": [{"id": "o", "type": "opened"}]}


def dispute_routes(app: FastAPI, city: Any) -> None:
    @app.get("/mediation/disputes")
    async def disputes(mine: bool = False) -> Any:
        others = [dispute(city) | {"id": f"dispute-{n}", "phase": "resolved"} for n in (2, 3)]
        return city.listed([] if city.empty else [dispute(city), *([] if mine else others)])

    @app.get("/mediation/disputes/{ident}")
    async def one_dispute(ident: str) -> Any:
        parties = [{"subject": "s-gu", "household": None}, {"subject": "s-shan", "household": None}]
        return sealed(dispute(city) | {"id": ident, "party_subjects": parties, "history": []})

    @app.post("/mediation/disputes/{ident}/openings")
    async def open_dispute(ident: str) -> Any:
        return opened({"id": ident, "history": []})

    @app.post("/mediation/{about}/{ident}/erasure")
    async def erase(about: str, ident: str, request: Request) -> Any:
        city.commands.append((f"erase {about} {ident}", await request.json()))
        return {"stream": ident, "position": city.logs["mediation"], "version": 1, "events": []}

    @app.post("/mediation/issues/{ident}/commitments")
    async def promise(ident: str, request: Request) -> Any:
        body = await request.json()
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", body["owner"]):
            told = {"type": "/problems/invalid", "pointer": "/owner", "rule": "identifier"}
            return JSONResponse(told | {"title": "Invalid", "status": 422, "detail": "It must be an id."}, 422)
        city.commands.append((f"promise {ident}", body))
        return {"stream": ident, "position": city.logs["mediation"], "version": 4, "events": []}

    @app.post("/mediation/issues/{ident}/title")
    async def title(ident: str, request: Request) -> Any:
        city.commands.append((f"title {ident}", await request.json()))
        return {"stream": ident, "position": city.logs["mediation"], "version": 4, "events": []}

    @app.post("/mediation/disputes/{ident}/{step}")
    async def dispute_step(ident: str, step: str, request: Request) -> Any:
        city.commands.append((f"{step} {ident}", await request.json()))
        return {"stream": ident, "position": city.logs["mediation"], "version": 4, "events": []}


def session_routes(app: FastAPI, city: Any) -> None:
    @app.get("/mediation/sessions/{ident}")
    async def one_session(ident: str) -> Any:
        told = {
            "id": ident,
            "residents": 12,
            "items": [{"id": "issue-0", "title": TITLES[0][0], "phase": "committed"}],
            "history": history(city.now() - timedelta(days=3)),
        }
        return sealed(meeting(city) | told)

    @app.post("/mediation/sessions/{ident}/openings")
    async def open_session(ident: str) -> Any:
        return opened({"id": ident, "history": history(city.now() - timedelta(days=3))})


def routes(app: FastAPI, city: Any) -> None:
    none: list[Any] = []

    @app.get("/mediation/rates")
    async def rates() -> Any:
        return {} if city.empty else RATES

    @app.get("/mediation/issues")
    async def listed(state: str = "open") -> Any:
        shown = {"open": issues(city.now()), "all": issues(city.now())}.get(state, issues(city.now())[:2])
        return {**city.listed(none if city.empty else shown), "rates": {} if city.empty else RATES}

    @app.get("/mediation/issues/{ident}")
    async def issue(ident: str) -> Any:
        return sealed(found(ident))

    @app.post("/mediation/issues/{ident}/openings")
    async def open_issue(ident: str) -> Any:
        return opened(found(ident))

    def found(ident: str) -> dict[str, Any]:
        return next((issue for issue in issues(city.now()) if issue["id"] == ident), issues(city.now())[0])

    @app.post("/mediation/issues")
    async def raised(request: Request) -> Any:
        body = await request.json()
        if len(body.get("title", "")) > 80:
            return JSONResponse(
                {
                    "type": "/problems/validation",
                    "title": "Invalid",
                    "status": 422,
                    "detail": "A title has at most 80 characters.",
                    "pointer": "/title",
                },
                422,
            )
        city.commands.append(("raise", body))
        city.happened("mediation", "议题提出", "Item raised")
        return {
            "id": "issue-new",
            "stream": "issue-new",
            "version": 1,
            "position": city.logs["mediation"],
            "events": [{"id": "x", "type": "y"}],
        }

    @app.get("/mediation/owed")
    async def owed() -> Any:
        rows = (
            ("property-company", 5, 1),
            ("fire-service", 2, 0),
            ("residents-committee", 3, 0),
            ("police-station", 2, 0),
            ("harbin-lights", 1, 0),
        )
        return city.listed(
            none
            if city.empty
            else [
                {"owner": owner, "open": count, "overdue": late, "next_due_on": "2025-01-20"}
                for owner, count, late in rows
            ]
        )

    @app.get("/mediation/sessions")
    async def sessions() -> Any:
        return city.listed(none if city.empty else [meeting(city)])


SPOTS = {"a": (106.2342, 38.4881), "b": (106.2351, 38.4886), "c": (106.2347, 38.4874)}
PROBLEMS = {
    "a": ((12, "电梯间小卡片"), (12, "消防门常闭失灵"), (3, "外卖电梯拥堵")),
    "b": ((1, "大堂行李堆放"), (1, "访客登记缺失"), (None, "夜间喧哗")),
    "c": (),
}


def problem(letter: str, number: int, floor: int | None, title: str, now: datetime) -> dict[str, Any]:
    return {
        "id": f"issue-{number}",
        "kind": "pain-point",
        "title": title,
        "category": "other",
        "place": f"{WANDA}/wanda-{letter}",
        "building": f"wanda-{letter}",
        "floor": floor,
        "phase": "raised",
        "raised_at": now.isoformat(),
    }


def map_routes(app: FastAPI, city: Any) -> None:
    """The problem map."""

    @app.get("/analytics/problem-map")
    async def problems() -> Any:
        if city.empty:
            return {**city.listed([]), "buildings": []}
        items = [
            problem(letter, number, floor, title, city.now())
            for letter, found in PROBLEMS.items()
            for number, (floor, title) in enumerate(found)
        ]
        buildings = [
            {
                "id": f"wanda-{letter}",
                "name": f"万达公寓 {letter.upper()} 座",
                "place": f"{WANDA}/wanda-{letter}",
                "location": {"longitude": at[0], "latitude": at[1]},
                "open": len(PROBLEMS[letter]),
                "resolved": 2,
            }
            for letter, at in SPOTS.items()
        ]
        return {**city.listed(items), "buildings": buildings}


def registry_routes(app: FastAPI, city: Any) -> None:
    """The ledger, as far as the pages read it."""
    none: list[Any] = []
    vacated: dict[str, str | None] = {}

    def held(ident: str) -> dict[str, Any]:
        found = unit(ident, city.now())
        if ended_at := vacated.get(ident):
            found["colour"] = "vacant"
            found["tenancies_held"][0]["ended_at"] = ended_at
        return found

    @app.get("/registry/units")
    async def units(label: str = "", colour: str | None = None) -> Any:
        found = none if city.empty else [held(f"wanda-b-{n}") for n in ("2708", "2709", "0417", "0312")]
        return city.listed(
            [each for each in found if label in each["label"].lower() and colour in {None, each["colour"]}]
        )

    @app.get("/registry/units/{ident}")
    async def one(ident: str) -> Any:
        return held(ident)

    @app.get("/registry/units/{ident}/history")
    async def steps(ident: str) -> Any:
        return city.listed(list(reversed(history(city.now() - timedelta(days=70)))))

    @app.post("/registry/units/{ident}/{rest:path}")
    async def command(ident: str, rest: str, request: Request) -> Any:
        body = await request.json()
        city.commands.append((f"{rest} {ident}", body))
        city.moves_out(ident)
        ends = {"move-out": city.now().isoformat(), "corrections": body.get("ended_at")}
        vacated[ident] = ends.get(rest.rpartition("/")[2])
        return {
            "id": "t9",
            "stream": f"unit-{ident}",
            "version": 10,
            "position": city.logs["registry"],
            "events": [{"id": "x", "type": "y"}],
        }

    @app.get("/city/access-log")
    async def readings() -> Any:
        by = {"role": "integrator", "id": "city-yinchuan"}
        log = {"id": 7, "by": by, "place": "yinchuan", "purpose": None, "after": 400, "at": 412}
        return city.listed([log | {"when": city.now().isoformat()}])

    @app.get("/registry/access-log")
    async def openings() -> Any:
        rows = (
            ("verification", "officer", "officer-07", 3),
            ("incident", "dispatcher", "dispatcher-01", 40),
            ("resident-request", "officer", "officer-02", 900),
        )
        return city.listed(
            none
            if city.empty
            else [
                {
                    "id": f"a{n}",
                    "at": (city.now() - timedelta(minutes=ago)).isoformat(),
                    "subject": f"subject-{n + 20}",
                    "place": f"{WANDA}/wanda-b/2708",
                    "purpose": purpose,
                    "task": "t2.subject-21" if n == 0 else None,
                    "fields": ["name", "phone"],
                    "actor": {"role": role, "id": ident},
                }
                for n, (purpose, role, ident, ago) in enumerate(rows)
            ]
        )
