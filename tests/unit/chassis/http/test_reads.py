"""A question waits for what its asker wrote, and says how far its answer has read."""

from uuid import UUID

import pytest

from services.chassis.eventstore.lineage import Lineage
from services.chassis.http.refusals import PositionLost
from services.chassis.subscriptions.subscription import Mark
from tests.unit.chassis.http.conftest import HISTORY, NAMES, NOON


async def test_a_list_comes_in_pages_until_there_are_no_more(small):
    seen, cursor = [], ""
    for _ in range(3):
        page = (await small.client.get(f"/units?limit=10{cursor}")).json()
        seen += [unit["id"] for unit in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert page["next"] is None
    assert seen == NAMES


async def test_an_answer_says_as_of_when_and_how_far_it_has_read(small):
    answer = await small.client.get("/units")
    assert answer.headers["maple-position"] == "registry=20.3f9c2b7d"
    assert answer.json()["position"] == {"registry": 20}
    assert answer.json()["as_of"] == NOON.isoformat().replace("+00:00", "Z")


async def test_of_several_read_models_the_one_that_has_read_least_counts(small):
    answer = await small.client.get("/units/a")
    assert answer.headers["maple-position"] == "incidents=3.3f9c2b7d, registry=12.3f9c2b7d"
    assert answer.headers["etag"] == '"7"'


async def test_without_maple_after_nobody_waits(small):
    await small.client.get("/units")
    assert small.reading.wanted == []


async def test_with_it_each_read_model_is_waited_for(small):
    await small.client.get("/units/a", headers={"Maple-After": "registry=9, incidents=2"})
    assert [(name, wanted) for name, wanted, _ in small.reading.wanted] == [
        ("register", {"registry": 9, "incidents": 2}),
        ("slow", {"registry": 9, "incidents": 2}),
    ]


async def test_a_position_that_the_log_has_not_come_to_is_not_waited_for(small):
    answer = await small.client.get("/units", headers={"Maple-After": "registry=31"})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/position-ahead")
    assert small.reading.wanted == []
    assert (await small.client.get("/units", headers={"Maple-After": "registry=30"})).status_code == 200


async def test_of_a_token_that_names_a_history_each_mark_is_asked_for_its_own(small):
    await small.client.get("/units", headers={"Maple-After": "registry=9"})
    await small.client.get("/units", headers={"Maple-After": "registry=9.3f9c2b7d"})
    without, holds = small.reading.holds
    assert without is None
    assert await holds("registry", Mark(20, HISTORY))
    assert not await holds("registry", Mark(20, UUID(int=7)))
    small.lineages.append(Lineage(UUID(int=8), 5))  # the log was put back to before position 9
    with pytest.raises(PositionLost):
        await holds("registry", Mark(20, UUID(int=8)))


async def test_what_the_log_has_lost_is_said(small):
    small.reading.outcome = PositionLost("registry")
    answer = await small.client.get("/units", headers={"Maple-After": "registry=9.3f9c2b7d"})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/position-lost")


async def test_a_position_of_a_log_that_is_not_read_here_is_left_to_others(small):
    assert (await small.client.get("/units", headers={"Maple-After": "mediation=99"})).status_code == 200


async def test_a_parameter_that_a_route_does_not_take_is_refused_with_those_that_it_takes(small):
    answer = await small.client.get("/units", params={"limt": 5})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/parameter-unknown")
    assert "does not take: it takes cursor, limit." in answer.json()["detail"]
    assert "limt" not in answer.text, "what somebody made up may be anything"
    assert (await small.client.get("/units/a", params={"limit": 5})).json()["detail"].count("it takes none") == 1
    assert (await small.client.get("/units", params={"limit": 5})).status_code == 200
    sent = await small.client.post("/units/a/observations", json={"use": "hotel"}, params={"palce": "x"})
    assert sent.status_code == 422
    assert small.handling.given == []
