"""What one may ask about incidents, and what nobody is told."""

import json

import pytest

from contracts.common import Role
from services.chassis.postgres import engine
from services.chassis.projections.rebuild import Rebuild
from services.chassis.vault import case_key
from services.incidents.views.casebook import CASEBOOK
from tests.integration.incidents.conftest import JINFENG, REPORT, WANDA_A

TIANDU = "yinchuan/xingqing/fenghuang/tiandu-16"


@pytest.fixture
async def casebook(desk):
    """Five incidents in two districts: one judged, one resolved, one a drill, one from elsewhere."""
    city = desk.served.caller(Role.DISPATCHER, "yinchuan")
    integrator = desk.served.caller(Role.INTEGRATOR, "yinchuan")
    ids = {}
    for name, caller, changes in [
        ("noise", city, {"occurred": {"earliest": "2024-06-30T11:50:00+08:00"}}),
        (
            "theft",
            city,
            {"category": "crime/theft", "place": TIANDU, "occurred": {"earliest": "2024-06-30T10:00:00+08:00"}},
        ),
        ("done", city, {"category": "crime/theft/bicycle", "occurred": {"earliest": "2024-06-29T10:00:00+08:00"}}),
        ("drill", city, {"drill": True, "occurred": {"earliest": "2024-06-28T10:00:00+08:00"}}),
        (
            "import",
            integrator,
            {"source": "old-city", "channel": "import", "occurred": {"earliest": "2003-01-01T00:00:00+08:00"}},
        ),
    ]:
        answer = await caller.post("/cases", REPORT | changes)
        assert answer.status_code == 201, answer.text
        ids[name] = answer.json()["id"]
    for path, body in [
        (f"/cases/{ids['noise']}/triage", {"priority": "emergency"}),
        (f"/cases/{ids['noise']}/dispatches", {"officers": ["officer-li"]}),
        (f"/cases/{ids['done']}/resolution", {"outcome": "settled", "note": "找回了。"}),
    ]:
        assert (await city.post(path, body)).status_code == 201
    desk.dispatcher.position = city.position
    return ids, city


async def test_who_has_written_is_told_where_the_picture_is_not_kept_any_more(casebook, desk):
    """After the log was restored, say: the positions that the read model has are of a history that was left."""
    _, city = casebook
    assert (await city.get("/cases")).status_code == 200
    marks = desk.served.context.checkpoints
    await marks.stop(CASEBOOK.name, "incidents", "The log was restored.")
    told = await city.get("/cases")
    assert (told.status_code, told.json()["type"]) == (503, "/problems/reader-stopped")
    assert told.headers["Retry-After"] == "30"
    city.position = None
    assert (await city.get("/cases")).status_code == 200
    await marks.go_on(CASEBOOK.name, "incidents")
    city.position = desk.dispatcher.position
    assert (await city.get("/cases")).status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["noise", "theft", "done", "drill", "import"]),
        ({"state": "open"}, ["noise", "theft", "drill"]),
        ({"state": "resolved"}, ["done"]),
        ({"category": "crime/theft"}, ["theft", "done"]),
        ({"category": "crime/thef"}, []),
        ({"place": TIANDU}, ["theft"]),
        ({"place": "yinchuan/jin"}, []),
        ({"from": "2024-06-29T10:00:00+08:00", "to": "2024-06-30T11:50:00+08:00"}, ["theft", "done"]),
        ({"officer": "officer-li"}, ["noise"]),
        ({"phase": "dispatched"}, ["noise"]),
        ({"source": "old-city"}, ["import"]),
        ({"drill": "true"}, ["drill"]),
        ({"source_unit": "wanda-a-1812", "drill": "false", "source": "live"}, ["noise", "theft", "done"]),
    ],
)
async def test_a_list_is_narrowed_down(casebook, query, expected):
    ids, city = casebook
    answer = await city.get("/cases", **query)
    assert answer.status_code == 200, answer.text
    names = {value: name for name, value in ids.items()}
    assert [names[item["id"]] for item in answer.json()["items"]] == expected


async def test_a_list_comes_in_pages_that_together_are_the_list(casebook):
    ids, city = casebook
    found, cursor = [], {}
    while True:
        page = (await city.get("/cases", limit=2, **cursor)).json()
        found += [item["id"] for item in page["items"]]
        assert len(page["items"]) <= 2
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == [ids[name] for name in ("noise", "theft", "done", "drill", "import")]
    assert (await city.get("/cases", cursor="rubbish")).status_code == 422


async def test_no_list_carries_what_somebody_wrote(casebook):
    _, city = casebook
    for path in ("/cases", "/open"):
        assert "施工" not in (await city.get(path)).text
        assert "找回了" not in (await city.get(path)).text


async def test_nobody_sees_what_lies_outside_their_places(casebook, desk):
    ids, _ = casebook
    here = await desk.dispatcher.get("/cases", place="yinchuan")
    assert {item["id"] for item in here.json()["items"]} == {ids[name] for name in ("noise", "done", "drill", "import")}
    assert (await desk.dispatcher.get(f"/cases/{ids['theft']}")).status_code == 403
    assert (await desk.dispatcher.get("/cases", place=TIANDU)).json()["items"] == []
    neighbour = desk.caller(Role.OFFICER, WANDA_A + "a")
    assert (await neighbour.get("/cases")).json()["items"] == []
    assert (await neighbour.get("/open")).json()["items"] == []


async def test_a_resident_sees_what_they_have_told_and_nothing_else(casebook, desk):
    ids, _ = casebook
    resident = desk.caller(Role.RESIDENT, WANDA_A, subject="s-ding")
    assert (await resident.get("/cases")).json()["items"] == []
    assert (await resident.get(f"/cases/{ids['noise']}")).status_code == 403
    own = (await resident.post("/cases", REPORT | {"channel": "app"})).json()["id"]
    assert [item["id"] for item in (await resident.get("/cases")).json()["items"]] == [own]
    assert (await resident.opened(f"/cases/{own}", "task"))["history"][0]["text"] == REPORT["description"]


async def test_who_may_not_read_texts_reads_none_and_not_who_told(casebook, desk):
    ids, _ = casebook
    for role in (Role.ANALYST, Role.PROPERTY_MANAGER):
        caller = desk.caller(role)
        assert (await caller.post(f"/cases/{ids['noise']}/openings", {"purpose": "review"})).status_code == 403
        told = (await caller.get(f"/cases/{ids['noise']}")).json()
        assert "施工" not in json.dumps(told, ensure_ascii=False)
        assert (told["caller_unit"], told["caller"], told["source_unit"]) == (None, None, "wanda-a-1812")


async def test_a_text_is_gone_with_its_key_and_the_rest_stays(casebook, desk):
    ids, city = casebook
    await desk.served.context.vault.erase(case_key(ids["done"]))
    told = await city.opened(f"/cases/{ids['done']}", "review")
    assert [step["text"] for step in told["history"]] == [None, None]
    assert told["outcome"] == "settled"


async def test_the_log_holds_no_plain_text(casebook, desk):
    log = await desk.served.context.store.read(0)
    assert all("施工".encode() not in event.data and b"\\u65bd" not in event.data for event in log)
    assert sum(b'"description":{"key":"case:' in event.data for event in log) == 5


async def test_what_is_open_is_counted_by_place_without_drills(casebook):
    ids, city = casebook
    answer = (await city.get("/open", level=2)).json()
    assert (answer["total"], answer["drills"]) == (2, 1)
    by_place = {item["place"]: item for item in answer["items"]}
    assert by_place.keys() == {"yinchuan/jinfeng", "yinchuan/xingqing"}
    jinfeng = by_place["yinchuan/jinfeng"]
    assert (jinfeng["count"], jinfeng["emergency"], jinfeng["unassigned"]) == (1, 1, 0)
    assert [case["id"] for case in jinfeng["cases"]] == [ids["noise"]]
    assert by_place["yinchuan/xingqing"]["unjudged"] == 1
    fine = (await city.get("/open")).json()
    assert {item["place"] for item in fine["items"]} == {WANDA_A, TIANDU}
    few = (await city.get("/open", level=1, each=1)).json()
    assert (few["total"], few["items"][0]["count"]) == (2, 2)
    # the one that no officer goes to, although the other is an emergency
    assert [case["id"] for case in few["items"][0]["cases"]] == [ids["theft"]]


async def test_an_answer_includes_what_was_written_before_it(desk):
    for number in range(10):
        incident = await desk.reported()
        items = (await desk.dispatcher.get("/cases")).json()
        assert items["items"][0]["id"] == incident or len(items["items"]) == number + 1
        assert items["position"] == {"incidents": number + 1}


async def test_what_nobody_reported_is_not_found(desk):
    answer = await desk.dispatcher.get("/cases/nobody")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


async def test_the_casebook_rebuilt_is_the_casebook(casebook, desk, database):
    await desk.dispatcher.get("/cases")
    owner = engine(database.owner, connections=2)
    context = desk.served.context
    comparison = await Rebuild(CASEBOOK, owner, context.database.dsn, context.readers).run()
    await owner.dispose()
    assert comparison.equal
    assert [table.rows for table in comparison.tables] == [5]
    # the one that was rebuilt goes on where the other stopped
    incident = await desk.reported()
    assert (await desk.dispatcher.get(f"/cases/{incident}")).json()["phase"] == "reported"
    await desk.dispatcher.post(f"/cases/{incident}/triage", {"priority": "urgent"})
    assert (await desk.dispatcher.get(f"/cases/{incident}")).json()["phase"] == "triaged"


async def test_the_description_of_the_service_has_examples(desk):
    document = (await desk.served.client.get("/openapi.json")).json()
    for name in ("ReportIncident", "TriageIncident", "DispatchOfficers", "Arrive", "ResolveIncident", "ReopenIncident"):
        assert document["components"]["schemas"][name]["examples"]
    assert JINFENG in json.dumps(document)


async def test_the_platform_alone_reads_the_log(casebook, desk):
    told = (await desk.served.caller(Role.SYSTEM).get("/events", after=1, limit=3)).json()
    assert [event["position"] for event in told["items"]] == [2, 3, 4]
    assert (told["upto"], told["head"]) == (4, 8)
    for role in (Role.OFFICER, Role.INTEGRATOR, Role.DATA_PLATFORM):
        assert (await desk.caller(role).get("/events")).status_code == 403
