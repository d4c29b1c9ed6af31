"""From three calls to an alert that an officer takes and closes; a crash on the way loses and doubles nothing."""

import asyncio
from datetime import timedelta

import orjson

from contracts.common import Role
from contracts.incidents import IncidentResolved
from contracts.registry import OccupantRegistered, OccupantVerified, TenantMovedOut
from services.analytics.rules import worker
from services.analytics.rules.settling import settle
from tests.integration.analytics.conftest import OTHERS
from tests.integration.analytics.happenings import NOON, TOWER, at, report

UNIT = "wanda-a-1812"


def three_calls():
    return [report(number, source_unit=UNIT, caller_unit="wanda-a-1811") for number in (1, 2, 3)]


async def raised(station, officer):
    station.put("incidents", three_calls())
    answer = await station.until("/alerts", officer, lambda listed: listed["items"])
    (alert,) = answer["items"]
    return alert


async def test_three_calls_raise_an_alert_that_one_officer_takes_and_closes(station):
    officer, other = station.caller(Role.OFFICER), station.caller(Role.SUPERVISOR)
    alert = await raised(station, officer)
    assert (alert["rule"], alert["unit"], alert["label"], alert["count"]) == ("repeated-disturbance", UNIT, "A-1812", 3)
    assert alert["words"] == {
        "zh": "A-1812 30 天内 3 起纠纷或噪音",
        "en": "A-1812: 3 disputes or noise calls in 30 days",
    }
    whole = (await officer.get(f"/alerts/{alert['id']}")).json()
    assert [line["position"] for line in whole["evidence"]] == [1, 2, 3]
    assert {line["unit"] for line in whole["evidence"]} == {UNIT}
    taken = await officer.post(f"/alerts/{alert['id']}/acknowledgement")
    assert taken.status_code == 201
    refused = await other.post(f"/alerts/{alert['id']}/acknowledgement")
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/alert-taken"
    assert "officer-1" in refused.json()["detail"]
    again = await officer.post(f"/alerts/{alert['id']}/acknowledgement")
    assert again.status_code == 200
    closed = await officer.post(f"/alerts/{alert['id']}/closure", {"feedback": "acted", "note": "谈过了"})
    assert closed.status_code == 201
    whole = (await officer.get(f"/alerts/{alert['id']}")).json()
    assert (whole["state"], whole["by"], whole["feedback"]) == ("closed", "officer-1", "acted")
    assert [step["type"].split(".")[1] for step in whole["history"]] == [
        "alert-raised",
        "alert-acknowledged",
        "alert-closed",
    ]
    assert "谈过了" not in repr(await station.served.context.store.read(0))
    assert (await officer.get("/alerts")).json()["items"] == []


async def test_more_calls_revise_it_and_a_change_of_tenant_takes_it_back(station):
    officer = station.caller(Role.OFFICER)
    alert = await raised(station, officer)
    station.put("incidents", [report(4, source_unit=UNIT)])
    await station.until("/alerts", officer, lambda listed: [item["count"] for item in listed["items"]] == [4])
    out = TenantMovedOut(unit=UNIT, place=f"{TOWER}/1812", tenancy="t-1", effective_at=at(2.5))
    station.put("registry", [(f"unit-{UNIT}", out)])
    await station.until("/alerts", officer, lambda listed: not listed["items"])
    (settled,) = (await officer.get("/alerts", state="settled")).json()["items"]
    assert (settled["id"], settled["count"]) == (alert["id"], 0)


async def test_duplicates_and_unfounded_reports_take_the_alert_back(station):
    officer = station.caller(Role.OFFICER)
    alert = await raised(station, officer)
    ended = {"incident": "i-3", "place": TOWER, "outcome": "duplicate", "effective_at": at(4)}
    station.put("incidents", [("incident-i-3", IncidentResolved(**ended))])
    await station.until("/alerts", officer, lambda listed: not listed["items"])
    (settled,) = (await officer.get("/alerts", state="settled")).json()["items"]
    assert settled["id"] == alert["id"]
    assert (await officer.get(f"/alerts/{alert['id']}")).json()["history"][-1]["type"] == "analytics.alert-revised.v1"


async def test_a_closed_alert_rings_again_when_its_unit_goes_on(station):
    officer = station.caller(Role.OFFICER)
    alert = await raised(station, officer)
    await officer.post(f"/alerts/{alert['id']}/acknowledgement")
    await officer.post(f"/alerts/{alert['id']}/closure", {"feedback": "no-action-needed"})
    await station.until("/alerts", officer, lambda listed: not listed["items"])
    station.put("incidents", [report(number, source_unit=UNIT) for number in (4, 5, 6, 7)])
    (again,) = (await station.until("/alerts", officer, lambda listed: listed["items"]))["items"]
    assert (again["id"], again["state"], again["count"], again["by"]) == (alert["id"], "raised", 7, None)
    assert again["reopened_at"] is not None
    mail = await station.until("/mailbox", officer, lambda listed: len(listed["items"]) == 2)
    assert [item["words"]["en"] for item in mail["items"]] == [
        "A-1812: 7 disputes or noise calls in 30 days",
        "A-1812: 3 disputes or noise calls in 30 days",  # what was said then
    ]


async def test_an_overdue_verification_is_found_though_no_event_comes(station):
    officer = station.caller(Role.OFFICER)
    who = {"unit": UNIT, "place": f"{TOWER}/1812", "tenancy": "t-1", "subject": "s-1"}
    registered = OccupantRegistered(**who, verification_due_at=NOON + timedelta(hours=30), effective_at=NOON)
    station.put("registry", [(f"unit-{UNIT}", registered)])
    await station.read_all()
    assert (await officer.get("/alerts")).json()["items"] == []
    station.clock.moment = NOON + timedelta(hours=31)
    (alert,) = (await station.until("/alerts", officer, lambda listed: listed["items"]))["items"]
    assert (alert["rule"], alert["due_at"]) == ("verification-overdue", "2024-07-01T10:00:00Z")
    verified = OccupantVerified(**who, method="in-person", effective_at=NOON + timedelta(hours=31))
    station.put("registry", [(f"unit-{UNIT}", verified)])
    await station.until("/alerts", officer, lambda listed: not listed["items"])


async def test_an_alert_that_nobody_takes_is_escalated_by_the_clock(station):
    officer = station.caller(Role.OFFICER)
    alert = await raised(station, officer)
    assert alert["escalated_to"] is None
    station.clock.moment = NOON + timedelta(hours=5)
    listed = await station.until("/alerts", officer, lambda listed: listed["items"][0]["escalated_to"])
    assert listed["items"][0]["escalated_to"] == "not-named"  # and never a role that is no person


async def test_alerts_elsewhere_are_neither_seen_nor_taken(station):
    alert = await raised(station, station.caller(Role.OFFICER))
    stranger = station.caller(Role.OFFICER, "yinchuan/xingqing", "yinchuan/jinfeng-2")
    assert (await stranger.get("/alerts", state="all")).json()["items"] == []
    assert (await stranger.get(f"/alerts/{alert['id']}")).status_code == 404
    assert (await stranger.get(f"/alerts/{alert['id']}/deliveries")).status_code == 404
    assert (await stranger.get("/mailbox")).json()["items"] == []
    assert (await stranger.post(f"/alerts/{alert['id']}/acknowledgement")).status_code == 403
    assert (await station.caller(Role.ANALYST).get("/alerts")).status_code == 403


class Crash(Exception):
    """Pulls the plug."""


async def test_a_crash_between_the_alert_and_the_memory_neither_loses_nor_doubles(station, monkeypatch):
    crashes = []

    async def crashing(*arguments):
        await settle(*arguments)
        if not crashes:
            crashes.append(arguments)
            raise Crash  # appended, and nothing remembered yet

    monkeypatch.setattr(worker, "settle", crashing)
    context = station.served.context
    await station.read_all()
    station.put("incidents", three_calls())
    officer = station.caller(Role.OFFICER)
    await station.until("/alerts", officer, lambda listed: listed["items"])
    await station.read_all()
    assert crashes
    alerts = [past for past in await context.store.read(0) if past.stream.startswith("alert-")]
    assert [past.type for past in alerts] == ["analytics.alert-raised.v1"]
    assert await context.checkpoints.position("rules") == {s: len(station.logs[s].events) for s in OTHERS}


async def test_rules_stop_at_a_restored_log_and_begin_anew_when_they_are_told(station):
    context, officer = station.served.context, station.caller(Role.OFFICER)
    await raised(station, officer)
    await station.read_all()
    station.logs["incidents"].restore(2)
    station.put("incidents", [report(number, source_unit="wanda-a-1811") for number in (7, 8, 9)])
    async with asyncio.timeout(20):
        while "rules" not in {each.projection for each in await context.checkpoints.stopped()}:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    (rules,) = station.service.followers
    await rules.reset()
    log = station.logs["incidents"]
    await context.checkpoints.reached("rules", {"incidents": len(log.events)}, 20)
    alerts = [past for past in await context.store.read(0) if past.stream.startswith("alert-")]
    last = orjson.loads(alerts[-1].data)
    assert (last["key"], {ref["position"] for ref in last["evidence"]}) == ("wanda-a-1811", {3, 4, 5})
    assert {each.projection for each in await context.checkpoints.stopped()} & {"rules"} == set()
