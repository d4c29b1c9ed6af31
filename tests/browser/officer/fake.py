"""The services that the officer's page talks to, in memory: same routes, same answers, faults to order."""

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Body, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from services.analytics.pages.officer import Choice, mount
from tests.browser.officer.city import NOW, OFFICER, PERSON, PLACE, City, said

BUILDINGS = {"wanda-a": "万达公寓 A 座", "wanda-b": "万达公寓 B 座", "wanda-c": "万达公寓 C 座"}
OFFICERS = (
    Choice(OFFICER, PLACE, {"zh": "马警官", "en": "Officer Ma"}, {"zh": "万达公寓", "en": "Wanda apartments"}),
    Choice("officer-li", PLACE, {"zh": "李警官", "en": "Officer Li"}, {"zh": "万达公寓", "en": "Wanda apartments"}),
)


def token(officer: str, place: str, seconds: float = 3600) -> str:
    """A token as the page reads it; nobody checks this one."""
    claims = {
        "sub": officer,
        "role": "officer",
        "places": [place],
        "iat": int(time.time()),
        "exp": int(time.time() + seconds),
    }
    parts = ({"alg": "none"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + ".x"


def problem(status: int, kind: str, detail: str) -> JSONResponse:
    """problem+json"""
    content = {"type": f"/problems/{kind}", "title": kind, "status": status, "detail": detail, "pointer": ""}
    return JSONResponse(content, status, media_type="application/problem+json")


def listed(items: list[Any], **more: Any) -> dict[str, Any]:
    """A list as every service answers it."""
    return {"items": items, "next": None, "as_of": said(NOW), "position": {"registry": 1}, **more}


def bare(evidence: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Evidence as a list has it; its words and times are in the alert's own answer."""
    return [{key: each[key] for key in ("source", "position", "id")} for each in evidence]


def application(city: City) -> FastAPI:
    """The page and the services that it asks."""
    app = FastAPI()

    @app.middleware("http")
    async def line(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        service = request.url.path.split("/")[1]
        if service == "officer":
            return await go_on(request)
        city.asked.append((request.method, request.url.path, dict(request.headers)))
        while city.holds_answers and request.method == "GET":  # noqa: ASYNC110 - a plain flag, set by another thread
            await asyncio.sleep(0.05)
        after = request.headers.get("maple-after")
        if after is not None and f".{city.lineage}" not in after:
            return problem(400, "position-lost", "The log was restored from an older copy.")
        if city.away:
            return problem(503, "database-away", "Try again soon.")
        if city.refuses_tokens or "authorization" not in request.headers:
            return problem(401, "token-expired", "Fetch a new token.")
        if request.method == "POST" and not request.url.path.endswith("/openings"):
            return await _command(city, request)
        return await go_on(request)

    mount(
        app,
        mode=city.mode,
        demonstration=True,
        clock=lambda: NOW,
        issue=token,
        officers=lambda: OFFICERS if city.imported else (),
    )  # type: ignore[arg-type]
    _registry(app, city)
    _others(app, city)
    return app


async def _command(city: City, request: Request) -> Response:
    key = request.headers.get("idempotency-key", "")
    body = json.loads(await request.body() or b"{}")
    if key in city.answers:
        return JSONResponse({**city.answers[key], "repeated": True})
    thing, stream = _thing(city, request.url.path)
    if thing is None:
        return problem(404, "not-found", "Nothing has this id.")
    wanted = request.headers.get("if-match")
    if wanted is not None and wanted != f'"{thing["version"]}"':
        return problem(412, "version-conflict", "The stream has moved on.")
    if thing is city.duty:
        thing["on"] = not request.url.path.endswith("/end")
    refused = _decide(city, request.url.path, thing, body)
    if refused is not None:
        return refused
    thing["version"] += 1
    city.commands.append({"path": request.url.path, "body": body, "key": key, "if_match": wanted})
    answer = {
        "stream": stream,
        "version": thing["version"],
        "position": len(city.commands),
        "events": [{"id": key, "type": "x"}],
        "repeated": False,
    }
    city.answers[key] = answer
    if city.loses_answers > 0:
        city.loses_answers -= 1
        # the connection ends in the middle of an answer
        return Response(b"{", 200, headers={"Content-Length": "4000", "Content-Type": "application/json"})
    position = f"{request.url.path.split('/')[1]}={len(city.commands)}.{city.lineage}@{stream}"
    return JSONResponse(answer, 201, headers={"Maple-Position": position})


def _thing(city: City, path: str) -> tuple[dict[str, Any] | None, str]:
    _, _, noun, *more = path.split("/")
    if noun == "duties":
        return city.duty, f"duty-{OFFICER}"
    id_ = more[0]
    kinds = {
        "units": (city.units, "unit"),
        "alerts": (city.alerts, "alert"),
        "cases": (city.incidents, "incident"),
        "visit-rounds": (city.rounds, "round"),
    }
    things, kind = kinds[noun]
    return things.get(id_), f"{kind}-{id_}"


def _decide(city: City, path: str, thing: dict[str, Any], body: dict[str, Any]) -> Response | None:
    verb = path.rpartition("/")[2]
    if verb == "acknowledgement":
        thing |= {"state": "acknowledged", "by": OFFICER}
    elif verb == "closure":
        city.alerts.pop(thing["id"])
    elif verb in {"departures", "arrivals"}:
        thing["phase"] = {"departures": "en-route", "arrivals": "arrived"}[verb]
    elif verb == "resolution":
        city.incidents.pop(thing["id"])
    elif verb == "verifications":
        return _verification(city, body)
    elif verb == "move-ins" and thing["tenancies"]:
        return problem(409, "tenancy-overlaps", f"{thing['id']} is taken.")
    elif verb == "move-ins" and thing["use_class"] == "studio":
        return problem(422, "not-yet-happened", "Report what happened once it has.")
    elif verb == "move-ins":
        thing |= {"tenancies": 1, "occupants": 1, "to_verify": 1}
    elif verb == "visits":
        next(door for door in thing["doors"] if door["unit"] == body["unit"])["outcome"] = body["outcome"]
    return None


def _verification(city: City, body: dict[str, Any]) -> None:
    task = next(key for key, each in city.verifications.items() if each["subject"] == body["subject"])
    if "method" in body:
        city.verifications.pop(task)
    else:
        city.verifications[task]["attempts"].append({"at": said(NOW), "reason": body["failed"]})


def _registry(app: FastAPI, city: City) -> None:
    def building(id_: str) -> dict[str, Any]:
        return {
            "id": id_,
            "name": BUILDINGS[id_],
            "place": f"{PLACE}/{id_}",
            "zone": city.zones.get(id_, "Asia/Shanghai"),
            "lowest_floor": 1,
            "highest_floor": 27,
        }

    @app.get("/registry/buildings")
    async def buildings() -> dict[str, Any]:
        return listed([building(id_) for id_ in BUILDINGS])

    @app.get("/registry/buildings/{id_}")
    async def one_building(id_: str) -> dict[str, Any]:
        floors: dict[int, list[dict[str, Any]]] = {}
        for unit in sorted(
            (each for each in city.units.values() if each["building"] == id_), key=lambda each: each["id"]
        ):
            floors.setdefault(unit["floor"], []).append(
                {key: value for key, value in unit.items() if key != "tenancies_held"}
            )
        return {
            **building(id_),
            "as_of": said(NOW),
            "floors": [{"floor": floor, "units": floors[floor]} for floor in sorted(floors, reverse=True)],
        }

    @app.get("/registry/units/{id_}")
    async def one_unit(id_: str, response: Response) -> Any:
        if id_ not in city.units:
            return problem(404, "not-found", "No unit has this id.")
        response.headers["ETag"] = f'"{city.units[id_]["version"]}"'
        return {**city.units[id_], "building_name": BUILDINGS[city.units[id_]["building"]]}

    @app.get("/registry/units/{id_}/history")
    async def history(id_: str) -> dict[str, Any]:
        return listed(city.history.get(id_, []))

    _tasks(app, city)


def _tasks(app: FastAPI, city: City) -> None:
    @app.get("/registry/verifications")
    async def verifications() -> dict[str, Any]:
        return listed(list(city.verifications.values()))

    @app.get("/registry/visit-rounds")
    async def rounds() -> dict[str, Any]:
        return listed([{"id": each} for each in city.rounds])

    @app.get("/registry/visit-rounds/{id_}")
    async def one_round(id_: str) -> Any:
        return city.rounds[id_]

    @app.post("/registry/subjects/{id_}/openings")
    async def subject(id_: str, body: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        opened = {each: PERSON[each] for each in body["fields"]}
        return {"id": id_, "place": PLACE, **opened, "document": None, "purpose": "verification", "events": []}


def _others(app: FastAPI, city: City) -> None:
    @app.get("/analytics/positions")
    async def positions() -> dict[str, Any]:
        return {"as_of": said(NOW), "total": 41208, "logs": {}, "read": {}}

    @app.get("/analytics/alerts")
    async def alerts() -> dict[str, Any]:
        return listed([{**alert, "evidence": bare(alert["evidence"])} for alert in city.alerts.values()])

    @app.get("/analytics/alerts/{id_}")
    async def one_alert(id_: str) -> Any:
        return city.alerts.get(id_) or problem(404, "not-found", "No alert has this id.")

    @app.get("/analytics/mailbox")
    async def mailbox(mine: bool) -> dict[str, Any]:
        letter = {"kind": "promise", "about": "issue-q-1", "alert": None, "place": "yinchuan/jinfeng", "at": said(NOW)}
        words = {"zh": "承诺逾期未兑现", "en": "A promise is overdue"}
        over = [letter | {"id": f"m-{channel}", "words": words} for channel in ("mailbox", "folder")]
        return listed(over if mine else [])

    @app.get("/incidents/cases")
    async def cases() -> dict[str, Any]:
        return listed(list(city.incidents.values()))

    @app.get("/incidents/duties")
    async def duties() -> dict[str, Any]:
        duty = {"officer": OFFICER, "place": PLACE, "since": said(NOW), "until": said(NOW + timedelta(hours=12))}
        return listed([duty] if city.duty["on"] else [])

    @app.post("/incidents/cases/{id_}/openings")
    async def one_case(id_: str) -> Any:
        text = {
            "id": "h-1",
            "version": 1,
            "type": "x",
            "effective_at": said(NOW),
            "recorded_at": said(NOW),
            "actor": {"role": "dispatcher", "id": "d"},
            "words": {"zh": "报警", "en": "reported"},
            "text": "楼上音响很吵，持续两小时",
        }
        return (
            {"id": id_, "events": [], "history": [text]}
            if id_ in city.incidents
            else problem(404, "not-found", "No case has this id.")
        )

    @app.get("/mediation/issues")
    async def issues() -> dict[str, Any]:
        return listed(city.issues)

    @app.get("/mediation/rates")
    async def rates() -> dict[str, Any]:
        return {
            "raised": 4,
            "resolved": 1,
            "confirmed": 0,
            "unanswered": 0,
            "pending": 1,
            "disputed": 0,
            "open": 3,
            "resolved_percent": 25.0,
            "confirmed_percent": 0.0,
        }
