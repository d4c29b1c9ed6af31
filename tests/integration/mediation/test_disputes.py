"""Disputes over HTTP: neutral mediators, sealed minutes, and who may know what."""

import json

import pytest

from contracts.common import Role
from services.chassis.vault import case_key
from tests.integration.mediation.conftest import DISPUTE, LAKE


async def texts(caller, dispute):
    answer = await caller.post(f"/disputes/{dispute}/openings", {"purpose": "mediation"})
    assert answer.status_code == 201, answer.text
    return [(step["text"], step["sealed"]) for step in answer.json()["history"] if step["text"] or step["sealed"]]


@pytest.fixture
async def mediated(table):
    """A dispute with a joint session, a private one with each party, and an agreement."""
    dispute = (await table.done("/disputes", DISPUTE))["id"]
    await table.done(f"/disputes/{dispute}/mediator", {"mediator": "mediator-1"})
    for present, minutes in [(["s-gu", "s-shan"], "共同会谈"), (["s-gu"], "顾的底线"), (["s-shan"], "单的底线")]:
        await table.done(f"/disputes/{dispute}/sessions", {"present": present, "minutes": minutes})
    await table.done(f"/disputes/{dispute}/agreement", {"terms": "退八成"})
    return dispute


async def test_a_dispute_goes_its_way(table, mediated):
    await table.done(f"/disputes/{mediated}/resolution", {"outcome": "agreement-kept"})
    await table.done(f"/disputes/{mediated}/reopening", {"reason": "没有退"})
    told = await table.mediator.get(f"/disputes/{mediated}")
    assert told.headers["ETag"] == '"8"'
    case = told.json()
    assert (case["phase"], case["mediator"], case["sessions"], case["parties"]) == ("reopened", "mediator-1", 3, 2)
    assert [step["words"]["zh"] for step in case["history"]][-3:] == ["达成协议", "纠纷办结：协议已履行", "重新受理"]
    assert case["party_subjects"] == DISPUTE["parties"]


async def test_minutes_of_a_private_session_are_not_opened_for_the_other_party(table, mediated):
    gu = table.caller(Role.RESIDENT, subject="s-gu")
    shan = table.caller(Role.RESIDENT, subject="s-shan")
    assert await texts(gu, mediated) == [
        ("退租后押金未退。", False),
        ("共同会谈", False),
        ("顾的底线", False),
        (None, True),
        ("退八成", False),
    ]
    assert await texts(shan, mediated) == [
        ("退租后押金未退。", False),
        ("共同会谈", False),
        (None, True),
        ("单的底线", False),
        ("退八成", False),
    ]


async def test_a_party_who_is_an_officer_reads_no_more_than_a_party(table, mediated):
    officer = table.caller(Role.OFFICER, subject="s-shan", here=True)
    assert ("顾的底线", False) not in await texts(officer, mediated)
    neutral = table.caller(Role.OFFICER)
    assert ("顾的底线", False) in await texts(neutral, mediated)


async def test_a_party_does_not_learn_where_the_other_lives(table, mediated):
    told = (await table.caller(Role.RESIDENT, subject="s-gu").get(f"/disputes/{mediated}")).json()
    assert told["party_subjects"] == [{"subject": "s-gu", "household": None}, {"subject": "s-shan", "household": None}]


async def test_who_is_no_party_and_has_no_place_there_learns_nothing(table, mediated):
    assert (await table.caller(Role.RESIDENT, subject="s-other").get(f"/disputes/{mediated}")).status_code == 403
    assert (await table.caller(Role.OFFICER, LAKE + "-2").get(f"/disputes/{mediated}")).status_code == 403
    assert (await table.caller(Role.OFFICER, LAKE + "-2").get("/disputes")).json()["items"] == []
    assert (await table.caller(Role.RESIDENT, subject="s-other").get("/disputes")).json()["items"] == []
    assert (await table.caller(Role.PARTNER, org="org-lights").get("/disputes")).status_code == 403


async def test_who_counts_reads_neither_names_nor_words(table, mediated):
    analyst = table.caller(Role.ANALYST)
    assert (await analyst.post(f"/disputes/{mediated}/openings", {"purpose": "review"})).status_code == 403
    told = (await analyst.get(f"/disputes/{mediated}")).json()
    assert told["party_subjects"] == []
    assert {step["text"] for step in told["history"]} == {None}
    assert sum(step["sealed"] for step in told["history"]) == 5


async def test_no_list_and_no_log_carries_what_was_said(table, mediated):
    listed = await table.mediator.get("/disputes", state="open", category="dispute", place=LAKE)
    assert [item["id"] for item in listed.json()["items"]] == [mediated]
    assert not any(word in listed.text for word in ("押金", "底线", "退八成", "s-gu"))
    log = b"".join(event.data for event in await table.served.context.store.read(0))
    assert not any(word.encode() in log for word in ("押金", "底线", "退八成"))


async def test_an_erased_case_is_noise_and_says_so(table, mediated):
    await table.served.context.vault.erase(case_key(mediated))
    assert await texts(table.mediator, mediated) == [(None, True)] * 5
    more = await table.mediator.post(f"/disputes/{mediated}/sessions", {"present": ["s-gu"], "minutes": "又"})
    assert more.status_code == 410


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"mediator": "s-gu"}, "mediator-is-a-party"),
        ({"mediator": "mediator-7", "subject": "s-shan"}, "mediator-is-a-party"),
        ({"mediator": "mediator-7", "household": "lake-5-0602"}, "mediator-is-of-a-partys-household"),
    ],
)
async def test_a_mediator_is_neutral(table, body, problem):
    dispute = (await table.done("/disputes", DISPUTE))["id"]
    answer = await table.mediator.post(f"/disputes/{dispute}/mediator", body)
    assert (answer.status_code, answer.json()["type"]) == (409, f"/problems/{problem}")


async def test_who_takes_their_own_dispute_is_known_by_their_token(table):
    dispute = (await table.done("/disputes", DISPUTE))["id"]
    self_interested = table.caller(Role.MEDIATOR, subject="s-gu", here=True)
    answer = await self_interested.post(f"/disputes/{dispute}/mediator", {"mediator": "mediator-1"})
    assert answer.json()["type"] == "/problems/mediator-is-a-party"


async def test_nobody_changes_a_dispute_outside_their_places(table):
    dispute = (await table.done("/disputes", DISPUTE))["id"]
    outsider = table.caller(Role.SUPERVISOR, "yinchuan/helan/xigang/tianehu2")
    for step, body in {
        "mediator": {"mediator": "m"},
        "sessions": {"present": ["s-gu"]},
        "agreement": {},
        "resolution": {"outcome": "withdrawn"},
        "reopening": {},
    }.items():
        answer = await outsider.post(f"/disputes/{dispute}/{step}", body)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/outside-scope")
        unknown = await table.mediator.post(f"/disputes/nobody/{step}", body)
        assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/dispute-unknown")
    assert (await outsider.post("/disputes", DISPUTE)).status_code == 403
    assert (await table.served.context.store.head()).position == 1


async def test_who_is_assigned_outside_their_place_can_mediate_that_dispute_and_no_other(table):
    dispute, other = [(await table.done("/disputes", DISPUTE))["id"] for _ in range(2)]
    officer = table.caller(Role.OFFICER)
    await officer.post(f"/disputes/{dispute}/mediator", {"mediator": "mediator-1"})
    assigned = table.caller(Role.MEDIATOR, "yinchuan/jinfeng")
    assigned.position = officer.position
    steps = {"sessions": {"present": ["s-gu"], "minutes": "会谈"}, "agreement": {"terms": "退八成"}}
    for step, body in steps.items():
        assert (await assigned.post(f"/disputes/{dispute}/{step}", body)).status_code == 201
        assert (await assigned.post(f"/disputes/{other}/{step}", body)).status_code == 403
    assert ("会谈", False) in await texts(assigned, dispute)
    assert (await assigned.get(f"/disputes/{other}")).status_code == 403
    assert [item["id"] for item in (await assigned.get("/disputes")).json()["items"]] == [dispute]
    assert (await assigned.post(f"/disputes/{dispute}/mediator", {"mediator": "m-2"})).status_code == 403
    ended = await assigned.post(f"/disputes/{dispute}/resolution", {"outcome": "agreement-kept"}, key="end")
    again = await assigned.post(f"/disputes/{dispute}/resolution", {"outcome": "agreement-kept"}, key="end")
    assert (ended.status_code, again.status_code) == (201, 200)
    assert (await assigned.get(f"/disputes/{dispute}")).status_code == 403
    assert (await assigned.get("/disputes", mine="true")).json()["items"] == []
    assert (await assigned.post(f"/disputes/{dispute}/reopening")).status_code == 403


async def test_the_right_to_mediate_goes_to_the_next_mediator(table):
    dispute = (await table.done("/disputes", DISPUTE))["id"]
    officer = table.caller(Role.OFFICER)
    assigned = table.caller(Role.MEDIATOR, "yinchuan/jinfeng")
    namesake = table.caller(Role.ANALYST, "yinchuan/jinfeng")
    await officer.post(f"/disputes/{dispute}/mediator", {"mediator": "analyst-1"})
    namesake.position = officer.position
    assert (await namesake.get(f"/disputes/{dispute}")).status_code == 403
    for mediator, status in (("mediator-1", 200), ("mediator-2", 403)):
        await officer.post(f"/disputes/{dispute}/mediator", {"mediator": mediator})
        assigned.position = officer.position
        assert (await assigned.get(f"/disputes/{dispute}")).status_code == status


async def test_what_was_sent_twice_is_done_once(table):
    first = await table.mediator.post("/disputes", DISPUTE, key="k")
    again = await table.mediator.post("/disputes", DISPUTE, key="k")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    stale = await table.mediator.post(f"/disputes/{first.json()['id']}/mediator", {"mediator": "m"}, If_Match='"7"')
    assert stale.status_code == 412


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"parties": [{"subject": "s-gu"}]}, "/parties"),
        ({"parties": [{"subject": "s-gu"}, {"subject": "s-gu"}]}, "/parties/1/subject"),
        ({"effective_at": "2024-07-02T00:00:00Z"}, "/effective_at"),
        ({"summary": ""}, "/summary"),
        ({"place": "Yinchuan"}, "/place"),
    ],
)
async def test_bad_input_is_named_with_its_field(table, changes, pointer):
    answer = await table.mediator.post("/disputes", DISPUTE | changes)
    assert answer.status_code == 422
    assert pointer in json.dumps(answer.json())
    assert (await table.served.context.store.head()).position == 0
