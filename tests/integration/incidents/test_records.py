"""What was written opens for a purpose, and each reading is on record before it is shown."""

import asyncio

import pytest

from contracts.common import Actor, Role
from contracts.incidents import CaseOpened
from services.chassis.eventstore.store import EventStore
from services.chassis.handler import CommandContext
from services.chassis.postgres import engine
from services.chassis.projections.rebuild import Rebuild
from services.incidents.deciders import ERASURE
from services.incidents.domain.erasure import EraseText
from services.incidents.views.openings import OPENINGS
from tests.integration.incidents.conftest import JINFENG, REPORT, WANDA_A

ELSEWHERE = "yinchuan/xingqing"


def texts(answer):
    assert answer.status_code in {200, 201}, answer.text
    return [step["text"] for step in answer.json()["history"] if step["text"]]


async def readings(desk, incident):
    log = await desk.served.context.store.load(f"opening-{incident}")
    return [(past.actor.id, past.event.purpose, past.event.own_task, past.event.fields) for past in log]


async def logged(desk, *places, **query):
    overseer = desk.served.caller(Role.OVERSEER, *places)
    overseer.position = f"incidents={(await desk.served.context.store.head()).position}"
    answer = await overseer.get("/access-log", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_without_a_purpose_nothing_is_shown_and_nothing_recorded(desk):
    incident = await desk.reported()
    head = (await desk.served.context.store.head()).position
    answer = await desk.dispatcher.get(f"/cases/{incident}")
    assert texts(answer) == []
    assert REPORT["description"] not in answer.text
    told = answer.json()
    assert told["history"][0]["sealed"]
    assert "/openings" in told["ask"]
    assert (await desk.dispatcher.get(f"/cases/{incident}", purpose="review")).status_code == 422
    assert (await desk.dispatcher.post(f"/cases/{incident}/openings")).status_code == 422
    assert (await desk.dispatcher.post(f"/cases/{incident}/openings", {"purpose": "curiosity"})).status_code == 422
    assert (await desk.served.context.store.head()).position == head


async def test_with_a_purpose_it_is_shown_and_exactly_one_reading_is_on_record(desk):
    incident = await desk.reported()
    before = await desk.dispatcher.get(f"/cases/{incident}")
    supervisor = desk.caller(Role.SUPERVISOR)
    answer = await supervisor.post(f"/cases/{incident}/openings", {"purpose": "review"})
    assert texts(answer) == [REPORT["description"]]
    assert await readings(desk, incident) == [("supervisor-1", "review", False, ("description",))]
    [event] = await desk.served.context.store.load(f"opening-{incident}")
    assert answer.status_code == 201
    assert answer.json()["events"] == [{"id": str(event.id), "type": CaseOpened.type}]
    # reading moves neither the version nor what the desk may still do with it
    after = await desk.dispatcher.get(f"/cases/{incident}")
    assert after.headers["ETag"] == before.headers["ETag"] == '"1"'
    judged = await desk.dispatcher.post(f"/cases/{incident}/triage", {"priority": "urgent"}, If_Match='"1"')
    assert judged.status_code == 201


async def test_each_reading_is_on_record_though_it_calls_itself_a_repeat(desk):
    incident = await desk.reported()
    path = f"/cases/{incident}/openings"
    for _ in range(3):
        again = await desk.dispatcher.post(path, {"purpose": "response"}, key="again", If_Match='"1"')
        assert (again.status_code, bool(texts(again)), again.json()["repeated"]) == (201, True, False)
    assert len(await readings(desk, incident)) == 3


async def test_the_officer_who_was_sent_reads_by_their_task_until_it_is_resolved(desk):
    incident = await desk.reported()
    officer = desk.caller(Role.OFFICER)
    other = await officer.post(f"/cases/{incident}/openings", {"purpose": "task"})
    assert (other.status_code, other.json()["type"]) == (422, "/problems/not-your-task")
    await desk.dispatcher.post(f"/cases/{incident}/dispatches", {"officers": ["officer-1"]})
    officer.position = desk.dispatcher.position
    assert texts(await officer.post(f"/cases/{incident}/openings", {"purpose": "task"})) == [REPORT["description"]]
    await officer.post(f"/cases/{incident}/resolution", {"outcome": "settled", "note": "已劝止。"})
    late = await officer.post(f"/cases/{incident}/openings", {"purpose": "task"})
    assert late.status_code == 422
    assert len(texts(await officer.post(f"/cases/{incident}/openings", {"purpose": "investigation"}))) == 2
    assert await readings(desk, incident) == [
        ("officer-1", "response", True, ("description",)),
        ("officer-1", "investigation", False, ("description", "note")),
    ]


async def test_a_resident_s_own_reading_is_at_their_request_whatever_they_say(desk):
    resident = desk.caller(Role.RESIDENT, WANDA_A, subject="s-ding")
    incident = (await resident.post("/cases", REPORT | {"channel": "app"})).json()["id"]
    assert texts(await resident.get(f"/cases/{incident}")) == []
    assert texts(await resident.post(f"/cases/{incident}/openings", {"purpose": "emergency"})) == [
        REPORT["description"]
    ]
    assert await readings(desk, incident) == [("resident-1", "resident-request", True, ("description",))]


async def test_who_may_not_read_leaves_no_reading_and_sees_nothing(desk):
    incident, bare = await desk.reported(), await desk.reported(description=None)
    for role in (Role.ANALYST, Role.PROPERTY_MANAGER):
        answer = await desk.caller(role).post(f"/cases/{incident}/openings", {"purpose": "review"})
        assert answer.status_code == 403
        told = await desk.caller(role).get(f"/cases/{incident}")
        assert (texts(told), told.json()["ask"]) == ([], None)
    unknown = await desk.dispatcher.post("/cases/nowhere/openings", {"purpose": "review"})
    assert unknown.json()["type"] == "/problems/incident-unknown"
    outside = await desk.caller(Role.SUPERVISOR, ELSEWHERE).post(f"/cases/{incident}/openings", {"purpose": "review"})
    assert outside.status_code == 403
    nothing = await desk.dispatcher.post(f"/cases/{bare}/openings", {"purpose": "review"})
    assert (nothing.status_code, nothing.json()["events"], texts(nothing)) == (200, [], [])
    assert (await desk.dispatcher.get(f"/cases/{bare}")).json()["ask"] is None
    assert await readings(desk, incident) == await readings(desk, bare) == []


async def test_what_cannot_be_put_on_record_is_not_shown(desk, monkeypatch):
    incident = await desk.reported()

    async def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(EventStore, "append", full)
    answer = await desk.dispatcher.post(f"/cases/{incident}/openings", {"purpose": "review"})
    assert answer.status_code == 503
    assert REPORT["description"] not in answer.text


async def test_the_overseer_reads_who_read_what_and_why(desk):
    first, second = await desk.reported(), await desk.reported()
    for incident in (first, second, first):
        await desk.dispatcher.post(f"/cases/{incident}/openings", {"purpose": "response"})
    log = await logged(desk, JINFENG)
    assert [line["incident"] for line in log["items"]] == [first, second, first]
    line = log["items"][0]
    assert (line["purpose"], line["own_task"], line["fields"]) == ("response", False, ["description"])
    assert (line["place"], line["actor"]) == (REPORT["place"], {"role": "dispatcher", "id": "dispatcher-1"})
    assert REPORT["description"] not in str(log)
    pages, cursor = [], {}
    while cursor is not None:
        page = await logged(desk, JINFENG, limit=2, **cursor)
        pages += [item["id"] for item in page["items"]]
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert pages == [item["id"] for item in log["items"]]
    assert len((await logged(desk, JINFENG, incident=second, place=JINFENG))["items"]) == 1
    assert (await logged(desk, JINFENG, to="2024-06-30T04:00:00Z"))["items"] == []
    assert len((await logged(desk, JINFENG, **{"from": "2024-06-30T04:00:00Z"}))["items"]) == 3


async def test_nobody_else_s_place_is_in_the_access_log_and_nobody_else_reads_it(desk):
    incident = await desk.reported()
    await desk.dispatcher.post(f"/cases/{incident}/openings", {"purpose": "response"})
    assert (await logged(desk, ELSEWHERE))["items"] == []
    assert (await logged(desk, ELSEWHERE, place=JINFENG))["items"] == []
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.ANALYST):
        assert (await desk.caller(role).get("/access-log")).status_code == 403
    overseer = desk.caller(Role.OVERSEER)
    assert (await overseer.post(f"/cases/{incident}/openings", {"purpose": "review"})).status_code == 403


@pytest.mark.parametrize("path", ["/cases", "/open"])
async def test_lists_open_nothing_though_a_purpose_is_given(desk, path):
    await desk.reported()
    assert REPORT["description"] not in (await desk.dispatcher.get(path, purpose="review")).text


async def test_the_access_log_rebuilt_is_the_access_log(desk, database):
    incident = await desk.reported()
    await desk.dispatcher.post(f"/cases/{incident}/openings", {"purpose": "response"})
    await logged(desk, JINFENG)
    owner, context = engine(database.owner, connections=2), desk.served.context
    comparison = await Rebuild(OPENINGS, owner, context.database.dsn, context.readers).run()
    await owner.dispose()
    assert comparison.equal
    assert [table.rows for table in comparison.tables] == [1]


async def test_a_supervisor_erases_what_was_written_for_a_ground_that_is_on_record(desk):
    incident = await desk.reported()
    context, path = desk.served.context, f"/cases/{incident}/erasure"
    assert (await desk.dispatcher.post(path, {"ground": "retention-ended"})).status_code == 403
    assert (await desk.caller(Role.SUPERVISOR, ELSEWHERE).post(path, {"ground": "retention-ended"})).status_code == 403
    supervisor = desk.caller(Role.SUPERVISOR)
    assert (await supervisor.post(path)).status_code == 422
    assert (await supervisor.post("/cases/nowhere/erasure", {"ground": "retention-ended"})).status_code == 404
    erased = await supervisor.post(path, {"ground": "resident-request"})
    assert erased.status_code == 201, erased.text
    assert (await supervisor.post(path, {"ground": "retention-ended"})).status_code == 200
    [event] = await context.store.load(f"erasure-{incident}")
    assert (event.actor.id, event.event.ground) == ("supervisor-1", "resident-request")
    shown = await supervisor.post(f"/cases/{incident}/openings", {"purpose": "review"})
    assert texts(shown) == []
    assert shown.json()["history"][0]["sealed"]
    assert list(await context.vault.erasures()) == [f"case:{incident}"]
    # reading and judging go on, and nobody can write under the old key
    note = {"outcome": "settled", "note": "已劝止。"}
    assert (await desk.dispatcher.post(f"/cases/{incident}/resolution", note)).status_code == 410
    assert (await desk.dispatcher.post(f"/cases/{incident}/resolution", {"outcome": "settled"})).status_code == 201


async def test_the_key_goes_though_the_process_died_between_the_event_and_the_key(desk):
    incident = await desk.reported()
    context = desk.served.context
    command = EraseText(incident=incident, place=JINFENG, ground="retention-ended")
    supervisor = CommandContext(Actor(role=Role.SUPERVISOR, id="supervisor-1"))
    await context.handler.handle(ERASURE, incident, command, supervisor)  # and the process dies here
    async with asyncio.timeout(20):
        while not await context.vault.erasures():  # noqa: ASYNC110 - the ledger says so
            await asyncio.sleep(0.02)
