"""What the copy with the event more, or with the field more, is asked over HTTP; run there, not here."""

import pytest

from contracts.common import Role


async def _history(desk, incident):
    answer = await desk.dispatcher.get(f"/cases/{incident}")
    return answer.headers["ETag"], [step["words"] for step in answer.json()["history"]]


@pytest.mark.event
async def test_a_caller_is_called_back_until_they_answer(desk):
    incident = await desk.reported(caller="s-gu")
    path, seen = f"/cases/{incident}/call-backs", []
    for reached, status in ((False, 201), (True, 201), (False, 200)):
        answer = await desk.dispatcher.post(path, {"reached": reached})
        seen.append((answer.status_code == status, answer.text))
    assert all(right for right, _ in seen), seen
    version, words = await _history(desk, incident)
    assert version == '"3"'
    assert words[1:] == [
        {"zh": "回访未接通", "en": "Caller not reached"},
        {"zh": "回访报警人", "en": "Caller called back"},
    ]
    assert (await desk.caller(Role.ANALYST).post(path, {"reached": True})).status_code == 403


@pytest.mark.event
async def test_where_nobody_told_of_it_nobody_is_called(desk):
    incident = await desk.reported()
    refused = await desk.dispatcher.post(f"/cases/{incident}/call-backs", {"reached": True})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/nobody-to-call")


@pytest.mark.field
async def test_a_reopening_says_whether_it_was_asked_for(desk):
    incident = await desk.reported()
    await desk.dispatcher.post(f"/cases/{incident}/resolution", {"outcome": "settled"})
    await desk.dispatcher.post(f"/cases/{incident}/reopening", {"asked_for": True})
    _, words = await _history(desk, incident)
    assert words[-1] == {"zh": "重新受理（应报警人要求）", "en": "Reopened at the caller's request"}
