"""What was written opens for a purpose, and each reading is on record before it is shown."""

import pytest

from contracts.common import Role
from services.chassis.eventstore.store import EventStore
from tests.integration.mediation.conftest import DISPUTE, HELAN, ITEM, LAKE

ELSEWHERE = "yinchuan/xingqing"


def texts(answer):
    assert answer.status_code in {200, 201}, answer.text
    return [step["text"] for step in answer.json()["history"] if step["text"]]


async def readings(table, kind, case):
    log = await table.served.context.store.load(f"opening-{kind}-{case}")
    return [(past.actor.id, past.event.purpose, past.event.own_task, past.event.fields) for past in log]


async def logged(table, *places, **query):
    overseer = table.served.caller(Role.OVERSEER, *places)
    overseer.position = f"mediation={(await table.served.context.store.head()).position}"
    answer = await overseer.get("/access-log", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
async def cases(table):
    """A dispute with a private session, an item, and a meeting with minutes: by kind, their ids."""
    dispute = (await table.done("/disputes", DISPUTE))["id"]
    await table.done(f"/disputes/{dispute}/mediator", {"mediator": "mediator-1"})
    await table.done(f"/disputes/{dispute}/sessions", {"present": ["s-gu"], "minutes": "顾的底线"})
    meeting = {"kind": "coordination", "place": LAKE, "starts_at": "2024-06-30T12:05:00+08:00", "venue": "会议室"}
    session = (await table.done("/sessions", meeting))["id"]
    await table.done(f"/sessions/{session}/closing", {"minutes": "消防大队参加。"})
    return {"dispute": dispute, "issue": await table.raised(), "session": session}


WRITTEN = {
    "dispute": (["退租后押金未退。", "顾的底线"], ("summary", "minutes")),
    "issue": ([ITEM["description"]], ("description",)),
    "session": (["消防大队参加。"], ("minutes",)),
}


@pytest.mark.parametrize("kind", WRITTEN)
async def test_without_a_purpose_nothing_is_shown_and_nothing_recorded(table, cases, kind):
    head = (await table.served.context.store.head()).position
    answer = await table.mediator.get(f"/{kind}s/{cases[kind]}")
    assert texts(answer) == []
    assert "/openings" in answer.json()["ask"]
    assert (await table.mediator.get(f"/{kind}s/{cases[kind]}", purpose="review")).status_code == 422
    assert sum(step["sealed"] for step in answer.json()["history"]) == len(WRITTEN[kind][0])
    assert (await table.mediator.post(f"/{kind}s/{cases[kind]}/openings", {"purpose": "curiosity"})).status_code == 422
    assert (await table.served.context.store.head()).position == head


@pytest.mark.parametrize("kind", WRITTEN)
async def test_with_a_purpose_it_is_shown_and_exactly_one_reading_is_on_record(table, cases, kind):
    before = await table.mediator.get(f"/{kind}s/{cases[kind]}")
    answer = await table.caller(Role.SUPERVISOR).post(f"/{kind}s/{cases[kind]}/openings", {"purpose": "review"})
    shown, fields = WRITTEN[kind]
    assert texts(answer) == shown
    assert await readings(table, kind, cases[kind]) == [("supervisor-1", "review", False, fields)]
    [event] = await table.served.context.store.load(f"opening-{kind}-{cases[kind]}")
    assert [each["id"] for each in answer.json()["events"]] == [str(event.id)]
    after = await table.mediator.get(f"/{kind}s/{cases[kind]}")
    assert after.headers["ETag"] == before.headers["ETag"]


async def test_the_mediator_reads_by_their_task_until_it_is_resolved(table, cases):
    path = f"/disputes/{cases['dispute']}"
    officer = await table.caller(Role.OFFICER).post(f"{path}/openings", {"purpose": "task"})
    assert (officer.status_code, officer.json()["type"]) == (422, "/problems/not-your-task")
    assert texts(await table.mediator.post(f"{path}/openings", {"purpose": "task"})) == WRITTEN["dispute"][0]
    await table.done(f"{path}/resolution", {"outcome": "withdrawn"})
    assert (await table.mediator.post(f"{path}/openings", {"purpose": "task"})).status_code == 422
    assert await readings(table, "dispute", cases["dispute"]) == [
        ("mediator-1", "mediation", True, ("summary", "minutes"))
    ]


@pytest.mark.parametrize("kind", ["issue", "session"])
async def test_an_issue_and_a_session_are_no_task_of_staff(table, cases, kind):
    answer = await table.mediator.post(f"/{kind}s/{cases[kind]}/openings", {"purpose": "task"})
    assert answer.json()["type"] == "/problems/not-your-task"
    assert await readings(table, kind, cases[kind]) == []


async def test_minutes_sealed_from_a_party_stay_sealed_and_are_on_no_record_of_theirs(table, cases):
    shan = table.caller(Role.RESIDENT, subject="s-shan")
    answer = await shan.post(f"/disputes/{cases['dispute']}/openings", {"purpose": "task"})
    assert texts(answer) == ["退租后押金未退。"]
    officer = table.caller(Role.OFFICER, subject="s-shan", here=True)
    assert "顾的底线" not in texts(await officer.post(f"/disputes/{cases['dispute']}/openings", {"purpose": "review"}))
    assert await readings(table, "dispute", cases["dispute"]) == [
        ("resident-1", "resident-request", True, ("summary",)),
        ("officer-1", "review", False, ("summary",)),
    ]


async def test_the_resident_who_raised_an_item_reads_their_own(table, cases):
    own = table.caller(Role.RESIDENT, subject="s-ding")
    assert texts(await own.post(f"/issues/{cases['issue']}/openings", {"purpose": "follow-up"})) == [
        ITEM["description"]
    ]
    assert await readings(table, "issue", cases["issue"]) == [
        ("resident-1", "resident-request", True, ("description",))
    ]


async def test_who_may_not_read_leaves_no_reading_and_sees_nothing(table, cases):
    for kind, case in cases.items():
        analyst = await table.caller(Role.ANALYST).post(f"/{kind}s/{case}/openings", {"purpose": "review"})
        assert analyst.status_code == 403
        told = await table.caller(Role.ANALYST).get(f"/{kind}s/{case}")
        assert (texts(told), told.json()["ask"]) == ([], None)
        unknown = await table.mediator.post(f"/{kind}s/nowhere/openings", {"purpose": "review"})
        assert unknown.json()["type"] == f"/problems/{kind}-unknown"
        outside = table.caller(Role.SUPERVISOR, ELSEWHERE)
        assert (await outside.post(f"/{kind}s/{case}/openings", {"purpose": "review"})).status_code == 403
        assert await readings(table, kind, case) == []


async def test_what_cannot_be_put_on_record_is_not_shown(table, cases, monkeypatch):
    async def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(EventStore, "append", full)
    answer = await table.mediator.post(f"/disputes/{cases['dispute']}/openings", {"purpose": "mediation"})
    assert answer.status_code == 503
    assert "押金" not in answer.text


async def test_the_overseer_reads_who_read_what_and_why(table, cases):
    for kind, case in cases.items():
        await table.mediator.post(f"/{kind}s/{case}/openings", {"purpose": "review"})
    log = await logged(table, HELAN)
    assert [(line["kind"], line["case"]) for line in log["items"]] == [*reversed(cases.items())]
    last = log["items"][-1]
    assert (last["purpose"], last["own_task"], last["fields"]) == ("review", True, ["summary", "minutes"])
    assert (last["place"], last["actor"]) == (DISPUTE["place"], {"role": "mediator", "id": "mediator-1"})
    assert not any(text in str(log) for shown, _ in WRITTEN.values() for text in shown)
    first = await logged(table, HELAN, limit=2)
    rest = await logged(table, HELAN, limit=2, cursor=first["next"])
    assert first["items"] + rest["items"] == log["items"]
    assert [line["kind"] for line in (await logged(table, HELAN, kind="issue", case=cases["issue"]))["items"]] == [
        "issue"
    ]
    assert (await logged(table, HELAN, to="2024-06-30T04:00:00Z"))["items"] == []
    assert len((await logged(table, HELAN, place=LAKE, **{"from": "2024-06-30T04:00:00Z"}))["items"]) == 3


async def test_nobody_else_s_place_is_in_the_access_log_and_nobody_else_reads_it(table, cases):
    await table.mediator.post(f"/disputes/{cases['dispute']}/openings", {"purpose": "mediation"})
    assert (await logged(table, ELSEWHERE))["items"] == []
    assert (await logged(table, ELSEWHERE, place=HELAN))["items"] == []
    for role in (Role.SUPERVISOR, Role.ANALYST, Role.MEDIATOR):
        assert (await table.caller(role).get("/access-log")).status_code == 403
    assert (await table.caller(Role.OVERSEER).get(f"/disputes/{cases['dispute']}")).status_code == 403


@pytest.mark.parametrize("kind", WRITTEN)
async def test_a_supervisor_erases_what_was_written_for_a_ground_that_is_on_record(table, cases, kind):
    path, context = f"/{kind}s/{cases[kind]}/erasure", table.served.context
    assert (await table.mediator.post(path, {"ground": "retention-ended"})).status_code == 403
    assert (
        await table.served.caller(Role.SUPERVISOR, ELSEWHERE).post(path, {"ground": "retention-ended"})
    ).status_code == 403
    supervisor = table.served.caller(Role.SUPERVISOR, "yinchuan")
    assert (await supervisor.post(f"/{kind}s/nowhere/erasure", {"ground": "retention-ended"})).status_code == 404
    erased = await supervisor.post(path, {"ground": "retention-ended"})
    assert erased.status_code == 201, erased.text
    assert (await supervisor.post(path, {"ground": "retention-ended"})).status_code == 200
    [event] = await context.store.load(f"erasure-{kind}-{cases[kind]}")
    assert (event.actor.id, event.event.kind, event.event.ground) == ("supervisor-1", kind, "retention-ended")
    supervisor.position = table.mediator.position
    assert texts(await supervisor.post(f"/{kind}s/{cases[kind]}/openings", {"purpose": "review"})) == []
    assert list(await context.vault.erasures()) == [f"case:{cases[kind]}"]
