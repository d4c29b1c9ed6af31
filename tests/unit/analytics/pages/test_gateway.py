"""The services over HTTP: the viewer's token with each call, refusals as sentences, repeats without harm."""

from datetime import UTC, datetime

import httpx
import pytest

from services.analytics.pages.gateway import Gateway, Refusal, Unreachable
from services.analytics.pages.refusals import sentence
from services.analytics.pages.shapes import Happening, Positions, Shape, Step
from services.analytics.pages.words import Words


class Told(Shape):
    """Something with a history."""

    history: tuple[Step, ...] = ()


def gateway(answer: object, asked: list[httpx.Request] | None = None) -> Gateway:
    def respond(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(request)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, httpx.Response)
        return answer

    client = httpx.AsyncClient(transport=httpx.MockTransport(respond), base_url="http://x")
    return Gateway(client, "viewers-own")


async def test_each_call_carries_the_viewers_own_token_and_waits_for_what_was_seen():
    asked: list[httpx.Request] = []
    empty = gateway(httpx.Response(200, json={"items": []}), asked)
    await empty.following("registry=12").list(Happening, "/analytics/feed", {"limit": 3, "cursor": None})
    assert asked[0].headers["Authorization"] == "Bearer viewers-own"
    assert asked[0].headers["Maple-After"] == "registry=12"
    assert str(asked[0].url) == "http://x/analytics/feed?limit=3"


async def test_a_command_carries_its_key_and_the_version_that_was_seen():
    asked: list[httpx.Request] = []
    made = httpx.Response(201, json={"id": "i", "events": [{}, {}]}, headers={"Maple-Position": "mediation=9"})
    done = await gateway(made, asked).do("/mediation/issues", {"title": "x"}, key="k", expected=4)
    assert (asked[0].headers["Idempotency-Key"], asked[0].headers["If-Match"]) == ("k", '"4"')
    assert (done.id, done.position, done.events) == ("i", "mediation=9", 2)


@pytest.mark.parametrize(("ask", "sent", "text"), [("POST …", ["GET", "POST"], "said"), (None, ["GET"], None)])
async def test_what_was_written_is_opened_by_a_command_where_there_is_something_to_open(ask, sent, text):
    asked: list[httpx.Request] = []
    step = {"id": "h", "effective_at": "2024-06-30T04:00:00Z"}

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.method == "POST":
            return httpx.Response(201, json={"history": [step | {"text": "said"}]})
        return httpx.Response(200, json={"items": [], "history": [step], "ask": ask})

    client = httpx.AsyncClient(transport=httpx.MockTransport(respond), base_url="http://x")
    found = await Gateway(client, "viewers-own").open(Told, "/incidents/cases/i", "response")
    assert [request.method for request in asked] == sent
    assert found.history[0].text == text
    if ask:
        assert (asked[1].url.path, asked[1].read()) == ("/incidents/cases/i/openings", b'{"purpose":"response"}')
        assert "Idempotency-Key" not in asked[1].headers


async def test_a_refusal_is_the_services_own_sentence():
    problem = {"type": "/problems/tenancy-overlaps", "detail": "Somebody lives there.", "pointer": "/effective_at"}
    with pytest.raises(Refusal) as caught:
        await gateway(httpx.Response(409, json=problem)).get(Positions, "/analytics/positions")
    assert str(caught.value) == "Somebody lives there."
    assert (caught.value.status, caught.value.kind, caught.value.pointer) == (409, "tenancy-overlaps", "/effective_at")


@pytest.mark.parametrize("where", [{"pointer": "/place"}, {"parameter": "limit"}])
async def test_a_refusal_is_read_without_the_pointer_that_programs_need(where):
    at = next(iter(where.values()))
    said = "It must be a place. Correct it and send it again."
    problem = {"type": "/problems/invalid", "detail": f"{at}: {said}"} | where
    with pytest.raises(Refusal) as caught:
        await gateway(httpx.Response(422, json=problem)).get(Positions, "/analytics/positions")
    assert sentence(Words("en"), caught.value) == said
    assert caught.value.pointer == where.get("pointer", "")


async def test_a_chinese_viewer_reads_a_refusal_in_chinese():
    refusal = Refusal("Somebody lives there.", status=409, kind="tenancy-overlaps")
    assert sentence(Words("zh"), refusal) == "那时有人住着，请先登记退房。"
    assert sentence(Words("en"), refusal) == "Somebody lives there."
    assert sentence(Words("zh"), Refusal("Odd.", status=400, kind="odd")) == "未能办理：Odd."


async def test_nobody_answering_is_told_apart():
    with pytest.raises(Unreachable):
        await gateway(httpx.ConnectError("no")).get(Positions, "/analytics/positions")


async def test_an_answer_that_is_not_understood_is_a_refusal():
    with pytest.raises(Refusal, match="not understood"):
        await gateway(httpx.Response(200, json={"as_of": "yesterday"})).get(Positions, "/analytics/positions")


async def test_what_the_pages_do_not_read_is_let_pass():
    told = {"as_of": datetime(2025, 1, 1, tzinfo=UTC).isoformat(), "total": 3, "new": True}
    assert (await gateway(httpx.Response(200, json=told)).get(Positions, "/analytics/positions")).total == 3


async def test_a_city_without_places_is_empty_and_not_forbidden():
    problem = {"type": "/problems/scope-missing", "detail": "Your token has to name your places."}
    nobody = gateway(httpx.Response(403, json=problem))
    assert (await nobody.list(Happening, "/analytics/feed")).items == ()
