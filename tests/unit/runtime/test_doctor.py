"""What the doctor makes of what a running instance says of itself."""

import httpx
import pytest

from services.runtime.cli import doctor

OVER_KAFKA = {
    "/operations/processes": {
        "items": [
            {"name": "kafka", "state": "running", "restarts": 2, "trouble": []},
            {"name": "stream", "state": "running", "restarts": 0, "trouble": ["The rules have stopped: restored."]},
            {"name": "project", "state": "waiting", "restarts": 9, "trouble": []},
        ]
    }
}
CHECKS = [
    {"name": "database", "ok": True, "detail": None},
    {"name": "read models", "ok": False, "detail": "kpi stands"},
]
EMBEDDED = {f"/{name}/health/ready": {"checks": CHECKS[:1]} for name in ("registry", "incidents", "mediation")} | {
    "/analytics/health/ready": {"checks": CHECKS}
}


@pytest.fixture
def answers(monkeypatch):
    """Puts an instance in the place of the network."""

    def put(told):
        def handle(request):
            found = told.get(request.url.path)
            return httpx.Response(200, json=found) if found else httpx.Response(404, json={})

        transport = httpx.MockTransport(handle)
        client = httpx.AsyncClient
        monkeypatch.setattr(httpx, "AsyncClient", lambda **kept: client(transport=transport, base_url=kept["base_url"]))

    return put


async def test_over_kafka_each_process_is_told_of_with_its_trouble(answers):
    answers(OVER_KAFKA)
    found = await doctor._processes("http://here")
    assert [(each.what, each.well, each.sentence) for each in found] == [
        ("kafka", True, "running, started again 2 times"),
        ("stream", False, "The rules have stopped: restored."),
        ("project", False, "waiting, started again 9 times"),
    ]


async def test_the_secret_in_the_address_opens_what_the_processes_say(monkeypatch):
    def handle(request):
        if request.url.params.get("key") == "a-secret":
            return httpx.Response(303, headers={"Location": request.url.path, "Set-Cookie": "opened=yes"})
        opened = "opened=yes" in request.headers.get("Cookie", "")
        return httpx.Response(200, json=OVER_KAFKA[request.url.path]) if opened else httpx.Response(403)

    client = httpx.AsyncClient
    transport = httpx.MockTransport(handle)
    monkeypatch.setattr(httpx, "AsyncClient", lambda **kept: client(transport=transport, base_url=kept["base_url"]))
    assert (await doctor._processes("http://here", "a-secret"))[0].sentence == "running, started again 2 times"


async def test_embedded_each_service_is_told_of_with_its_checks(answers):
    answers(EMBEDDED)
    found = {each.what: (each.well, each.sentence) for each in await doctor._processes("http://here")}
    assert found["registry"] == (True, "ready")
    assert found["analytics"] == (False, "kpi stands")


async def test_an_instance_that_does_not_answer_is_said(answers):
    answers({})
    (found,) = await doctor._processes("http://here")
    assert not found.well
    assert "http://here does not" in found.sentence


def test_places_where_a_message_went_to_nobody_are_named():
    assert doctor._recipients([]).well
    found = doctor._recipients([{"place": "yinchuan/helan"}, {"place": "yinchuan/xixia"}])
    assert not found.well
    assert "yinchuan/helan, yinchuan/xixia" in found.sentence
    assert "recipients.yaml" in found.sentence
