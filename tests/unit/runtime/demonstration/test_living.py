"""The living city does one thing at a time, can be switched off, and outlives a service that is away."""

import asyncio
import itertools
import random
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import TypeAdapter

from contracts.common import Role
from services.chassis.access import Principal
from services.chassis.clock import FixedClock
from services.registry.personal_fields import DocumentNumber, PersonName, Phone
from services.runtime.demonstration import living
from services.runtime.demonstration.hands import CityUnanswered, Hands
from services.runtime.demonstration.living import LivingCity, Shift, live
from services.runtime.demonstration.people import people
from services.runtime.demonstration.townspeople import STAFF

NOW = datetime(2025, 1, 14, 12, 45, tzinfo=UTC)


class Services:
    """Stands in for the four services: answers lists as told, and writes down what is asked."""

    def __init__(self, lists=None, status=200) -> None:
        self.lists = lists or {}
        self.status = status
        self.commands: list[tuple[str, str, str]] = []
        self.asked = asyncio.Event()
        self.commanded = asyncio.Event()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.set()
        if self.status != 200:
            return httpx.Response(self.status, text="away", request=request)
        if request.method == "POST":
            self.commanded.set()
            self.commands.append((request.headers["authorization"], request.url.path, request.content.decode()))
            return httpx.Response(201, json={"stream": "x", "version": 1, "position": 1, "events": []})
        return httpx.Response(200, json={"items": self.lists.get(request.url.path, [])})

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self), base_url="http://inside")


def token(principal: Principal) -> str:
    return f"{principal.role}/{principal.id}"


def a_city(services: Services, seed: int = 1) -> LivingCity:
    return LivingCity(Hands(services.client(), token), FixedClock(NOW), random.Random(seed))  # noqa: S311 - a simulation


def a_case(phase: str, minutes: float, **more):
    since = (NOW - timedelta(minutes=minutes)).isoformat()
    place = "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/1812"
    return {
        "id": f"case-{phase}",
        "phase": phase,
        "phase_since": since,
        "place": place,
        "category": "noise/hotel-guests",
        "priority": None if phase == "reported" else "routine",
        "officers": ["officer-gu"],
        "drill": False,
        **more,
    }


@pytest.mark.parametrize(
    ("phase", "minutes", "asked"),
    [
        ("reported", 2, ("dispatcher/dispatcher-01", "/incidents/cases/case-reported/triage")),
        ("triaged", 2, ("dispatcher/dispatcher-01", "/incidents/cases/case-triaged/dispatches")),
        ("dispatched", 2, ("officer/officer-gu", "/incidents/cases/case-dispatched/departures")),
        ("en-route", 9, ("officer/officer-gu", "/incidents/cases/case-en-route/arrivals")),
        ("arrived", 20, ("officer/officer-gu", "/incidents/cases/case-arrived/resolution")),
    ],
)
async def test_a_case_that_has_waited_goes_one_step_further(phase, minutes, asked):
    services = Services({"/incidents/cases": [a_case(phase, minutes)]})
    await a_city(services).tick()
    assert [(who.removeprefix("Bearer "), path) for who, path, _ in services.commands] == [asked]


async def test_a_case_is_given_time():
    services = Services({"/incidents/cases": [a_case("arrived", 2)] * 7})
    for seed in range(12):
        await a_city(services, seed).tick()
    assert not [path for _, path, _ in services.commands if path.startswith("/incidents")]


async def test_no_call_comes_in_while_the_room_is_busy_and_calls_come_when_it_is_not():
    quiet = Services()
    for seed in range(12):
        await a_city(quiet, seed).tick()
    assert [path for _, path, _ in quiet.commands if path == "/incidents/cases"]


async def test_an_alert_that_nobody_takes_is_taken():
    raised = (NOW - timedelta(minutes=45)).isoformat()
    services = Services({"/analytics/alerts": [{"id": "alert-1", "raised_at": raised, "acknowledged_at": None}]})
    city = a_city(services)
    for _ in range(5):
        await city.tick()
    assert "/analytics/alerts/alert-1/acknowledgement" in [path for _, path, _ in services.commands]


async def test_three_alerts_stay_open_and_the_fourth_is_closed_in_time():
    long_ago = (NOW - timedelta(minutes=100)).isoformat()
    alerts = [
        {"id": f"alert-{number}", "raised_at": long_ago, "acknowledged_at": long_ago, "by": "officer-ma"}
        for number in range(3)
    ]
    services = Services({"/analytics/alerts": alerts})
    city = a_city(services)
    for _ in range(5):
        await city.tick()
    assert not [path for _, path, _ in services.commands if path.startswith("/analytics")]
    alerts.append(
        {"id": "alert-3", "raised_at": NOW.isoformat(), "acknowledged_at": NOW.isoformat(), "by": "officer-gu"}
    )
    for _ in range(5):
        await city.tick()
    assert [path for _, path, _ in services.commands if path.endswith("/closure")] == [
        "/analytics/alerts/alert-0/closure"
    ]


async def test_the_third_complaint_about_one_room_comes_before_any_about_another():
    rooms = [{"id": f"wanda-a-18{number:02d}"} for number in range(1, 20)]
    services = Services({"/registry/units": rooms})

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/registry/units/"):
            return httpx.Response(200, json={"place": "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/1801"})
        return services(request)

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://inside")
    hands = Hands(client, token)
    town = LivingCity(hands, FixedClock(NOW), random.Random(3))._town  # noqa: S311 - a simulation
    for _ in range(6):
        await town.the_neighbours_complain(hands)
    sources = [body.split('"source_unit":"')[1].split('"')[0] for _, _, body in services.commands]
    assert sources[:3] == sources[:1] * 3
    assert sources[3:] == sources[3:4] * 3
    assert sources[0] != sources[3]


async def test_it_can_be_switched_off():
    services, stop = Services(), asyncio.Event()
    off = asyncio.create_task(live(services.client(), token, FixedClock(NOW), stop, speed=0))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(off, 5)
    assert not services.commands


async def test_the_officers_come_on_duty_once_a_shift():
    services, clock = Services(), FixedClock(NOW)
    hands, shift = Hands(services.client(), token), Shift(clock)
    for hours, shifts in ((0, 1), (11, 1), (12, 2)):
        clock.moment = NOW + timedelta(hours=hours)
        await shift.begin(hands)
        came = [who for who, path, _ in services.commands if path == "/incidents/duties"]
        assert len(came) == shifts * len(STAFF)
    assert set(came) == {f"Bearer officer/{ident}" for ident in STAFF}


async def test_it_goes_on_when_a_service_comes_back(monkeypatch):
    monkeypatch.setattr(living, "AFTER_TROUBLE", 0.001)
    services, stop = Services(status=503), asyncio.Event()
    going = asyncio.create_task(live(services.client(), token, FixedClock(NOW), stop, speed=5000, seed=1))
    await asyncio.wait_for(services.asked.wait(), 5)
    assert not services.commands
    assert not going.done()
    services.status = 200
    await asyncio.wait_for(services.commanded.wait(), 10)
    stop.set()
    await asyncio.wait_for(going, 5)


async def test_what_a_rule_forbids_is_counted_and_what_breaks_is_raised():
    services = Services(status=409)
    hands = Hands(services.client(), token)
    who = Principal(Role.DISPATCHER, "dispatcher-01", ("yinchuan",))
    assert await hands.command(who, "/incidents/cases") is None
    assert hands.refused == 1
    services.status = 500
    with pytest.raises(CityUnanswered, match="answered with 500"):
        await hands.items(who, "/incidents/cases")


async def test_a_token_is_asked_for_once_an_hour():
    seconds, asked = [0.0], []

    def issue(principal: Principal) -> str:
        asked.append(principal.id)
        return token(principal)

    hands = Hands(Services().client(), issue, lambda: seconds[0])
    who = Principal(Role.DISPATCHER, "dispatcher-01", ("yinchuan",))
    for moment in (0, 10, 3500, 3601):
        seconds[0] = moment
        await hands.items(who, "/incidents/cases")
    assert len(asked) == 2


async def test_they_read_with_what_they_have_written_in_it():
    """Whoever reads a list that lags behind goes a step that somebody has gone, and is refused."""
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.method, request.headers.get("Maple-After")))
        position = {"Maple-Position": "incidents=7.3f9c2b7d@case-1"} if request.method == "POST" else {}
        return httpx.Response(200, json={"items": []}, headers=position)

    hands = Hands(httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://inside"), token)
    who = Principal(Role.DISPATCHER, "dispatcher-01", ("yinchuan",))
    await hands.items(who, "/incidents/cases")
    await hands.command(who, "/incidents/cases/case-1/triage")
    await hands.items(who, "/incidents/cases")
    await hands.items(who, "/registry/units")
    assert asked == [("GET", None), ("POST", None), ("GET", "incidents=7.3f9c2b7d@case-1"), ("GET", None)]


def test_whoever_moves_in_has_a_name_a_phone_and_a_document_that_the_registry_takes():
    taken = {"name": TypeAdapter(PersonName), "phone": TypeAdapter(Phone), "document": TypeAdapter(DocumentNumber)}
    for person in itertools.islice(people(random.Random(2), "somebody"), 300):  # noqa: S311 - a simulation
        for field, adapter in taken.items():
            assert adapter.validate_python(getattr(person, field))
        assert person.document.startswith("0000"), "of no region that there is"
