"""What is done about an incident over HTTP, and what is refused."""

from datetime import timedelta

import pytest

from contracts.common import Actor, Role
from contracts.incidents import IncidentReported
from services.chassis.eventstore.types import Append, NewEvent, metadata
from services.chassis.ids import uuid7
from services.incidents.domain.identity import digest_of, incident_of
from tests.integration.incidents.conftest import REPORT, WANDA_A


async def test_an_incident_goes_its_way(desk):
    incident = await desk.reported()
    officer = desk.caller(Role.OFFICER)
    steps = [
        (desk.dispatcher, "triage", {"priority": "urgent"}),
        (desk.dispatcher, "dispatches", {"officers": ["officer-1", "officer-ma"]}),
        (officer, "departures", {}),
        (officer, "arrivals", {}),
        (officer, "resolution", {"outcome": "settled", "note": "约定晚八点后不再施工。"}),
        (desk.dispatcher, "reopening", {"reason": "又开始了。"}),
    ]
    for version, (caller, step, body) in enumerate(steps, start=2):
        desk.served.clock.moment += timedelta(minutes=1)
        answer = await caller.post(f"/cases/{incident}/{step}", body)
        assert answer.status_code == 201, answer.text
        assert answer.headers["ETag"] == f'"{version}"'
    desk.dispatcher.position = answer.headers["Maple-Position"]
    case = await desk.dispatcher.opened(f"/cases/{incident}", "review")
    assert (case["phase"], case["version"], case["waited_seconds"], case["label"]) == ("reopened", 7, None, "A-1812")
    assert [step["text"] for step in case["history"] if step["text"]] == [
        "楼上一直在施工。",
        "约定晚八点后不再施工。",
        "又开始了。",
    ]
    assert case["history"][4]["words"] == {
        "zh": "officer-1 到场，用时 4 分 0 秒",
        "en": "officer-1 arrived after 4 min 0 s",
    }


async def test_what_was_sent_twice_is_done_once_and_answered_alike(desk):
    first = await desk.dispatcher.post("/cases", REPORT, key="k-1")
    again = await desk.dispatcher.post("/cases", REPORT, key="k-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["events"] == first.json()["events"]
    assert (await desk.served.context.store.head()).position == 1


async def test_a_stream_that_cannot_be_read_is_said_to_be_so_and_where(desk):
    store, now = desk.served.context.store, desk.served.clock.now()
    about = metadata(Actor(role=Role.SYSTEM, id="platform"))
    for kind in ("cn.maplebridge.incidents.nobody.knows.v1", IncidentReported.type):
        incident = await desk.reported()
        strange = NewEvent(uuid7(), kind, b"{}", about, now)
        appended = await store.append(Append(f"incident-{incident}", 1, (strange,), now))
        answer = await desk.dispatcher.post(f"/cases/{incident}/triage", {"priority": "urgent"})
        assert (answer.status_code, answer.json()["type"]) == (500, "/problems/event-unreadable")
        assert f"the event at position {appended.last} of incidents" in answer.json()["detail"]
        assert (await store.head()).position == appended.last


async def test_a_key_is_not_for_another_body(desk):
    await desk.dispatcher.post("/cases", REPORT, key="k-1")
    other = await desk.dispatcher.post("/cases", REPORT | {"category": "help"}, key="k-1")
    assert other.status_code == 422
    assert other.json()["type"] == "/problems/key-reused"


async def test_a_stale_version_is_refused_and_nothing_is_written(desk):
    incident = await desk.reported()
    await desk.dispatcher.post(f"/cases/{incident}/triage", {"priority": "urgent"})
    stale = await desk.dispatcher.post(f"/cases/{incident}/triage", {"priority": "routine"}, If_Match='"1"')
    assert stale.status_code == 412
    assert (await desk.served.context.store.head()).position == 2
    fresh = await desk.dispatcher.post(f"/cases/{incident}/triage", {"priority": "routine"}, If_Match='"2"')
    assert fresh.status_code == 201


async def test_a_second_judgement_alike_changes_nothing(desk):
    incident = await desk.reported()
    first = await desk.dispatcher.post(f"/cases/{incident}/triage", {"priority": "urgent"})
    again = await desk.dispatcher.post(f"/cases/{incident}/triage", {"priority": "urgent"})
    assert (first.status_code, again.status_code, again.json()["events"]) == (201, 200, [])


async def test_an_integrator_says_whose_report_it_is_and_nobody_else_may(desk):
    foreign = REPORT | {"source": "city-platform", "source_id": "2024-06-30-0007", "channel": "import"}
    integrator = desk.caller(Role.INTEGRATOR)
    assert (await integrator.post("/cases", foreign)).status_code == 201
    assert (await desk.dispatcher.post("/cases", foreign)).status_code == 403


@pytest.fixture
def integrator(desk):
    return desk.caller(Role.INTEGRATOR)


FOREIGN = REPORT | {"source": "city-platform", "source_id": "2024-06-30-0007"}


@pytest.mark.parametrize("changes", [{}, {"occurred": None}, {"description": None}])
async def test_what_a_source_reports_twice_is_one_incident(desk, integrator, changes):
    report = {name: value for name, value in (FOREIGN | changes).items() if value is not None}
    first = await integrator.post("/cases", report)
    desk.served.clock.moment += timedelta(minutes=1)
    again = await integrator.post("/cases", report)
    assert (first.status_code, again.status_code, again.json()["events"]) == (201, 200, [])
    assert again.json()["id"] == first.json()["id"]
    other = await integrator.post("/cases", report | {"source_id": "2024-06-30-0008"})
    assert (other.status_code, other.json()["id"] == first.json()["id"]) == (201, False)


@pytest.mark.parametrize(
    "changes", [{"category": "help/other"}, {"description": "别的话。"}, {"place": f"{WANDA_A}/1813"}]
)
async def test_what_a_source_calls_the_same_must_be_the_same(desk, integrator, changes):
    await integrator.post("/cases", FOREIGN)
    other = await integrator.post("/cases", FOREIGN | changes)
    assert (other.status_code, other.json()["type"]) == (409, "/problems/incident-exists")
    mine = await desk.dispatcher.post("/cases", REPORT | {"incident": "i-1"})
    theirs = await desk.dispatcher.post("/cases", REPORT | {"incident": "i-1"} | changes)
    assert (mine.status_code, theirs.status_code) == (201, 409)
    assert (await desk.served.context.store.head()).position == 2


async def test_two_cities_may_have_sources_of_one_name(desk):
    here, there = desk.caller(Role.INTEGRATOR), desk.caller(Role.INTEGRATOR, "vancouver")
    abroad = FOREIGN | {"place": "vancouver/west-end"}
    first, other = await here.post("/cases", FOREIGN), await there.post("/cases", abroad)
    assert (first.status_code, other.status_code) == (201, 201)
    assert first.json()["id"] == incident_of(digest_of(FOREIGN["source"], FOREIGN["source_id"]))
    assert other.json()["id"] != first.json()["id"]
    for caller, report, told in ((here, FOREIGN, first), (there, abroad, other)):
        again = await caller.post("/cases", report)
        assert (again.status_code, again.json()["id"]) == (200, told.json()["id"])


async def test_a_source_decides_which_incident_its_id_is(integrator):
    both = await integrator.post("/cases", FOREIGN | {"incident": "i-1"})
    assert (both.status_code, both.json()["type"]) == (422, "/problems/source-names-incident")


async def test_a_resident_reports_what_happened_lately(desk):
    resident = desk.caller(Role.RESIDENT, WANDA_A, subject="s-ding")
    report = REPORT | {"channel": "app"}
    noon = desk.served.clock.moment
    for days, status in ((31, 422), (29, 201)):
        occurred = {"earliest": (noon - timedelta(days=days)).isoformat()}
        answer = await resident.post("/cases", report | {"occurred": occurred})
        assert answer.status_code == status, answer.text
    long_ago = report | {"occurred": {"earliest": "1900-01-01T00:00:00Z"}}
    refused = await resident.post("/cases", long_ago)
    assert (refused.json()["type"], refused.json()["pointer"]) == ("/problems/too-long-ago", "/occurred/earliest")
    # the desk may enter what is older
    assert (await desk.dispatcher.post("/cases", REPORT | {"occurred": long_ago["occurred"]})).status_code == 201


async def test_a_resident_reports_for_themselves(desk):
    resident = desk.caller(Role.RESIDENT, WANDA_A, subject="s-ding")
    answer = await resident.post("/cases", REPORT | {"caller": "s-other", "channel": "app"})
    told = await resident.get(f"/cases/{answer.json()['id']}")
    assert told.json()["caller"] == "s-ding"


@pytest.mark.parametrize(
    ("changes", "status", "problem"),
    [
        ({"incident": "i-mine"}, 422, "id-is-made"),
        ({"channel": "phone-110"}, 422, "residents-use-the-app"),
        ({"drill": True}, 422, "no-drill-of-residents"),
        ({"place": f"{WANDA_A}-2"}, 403, "outside-scope"),
        ({"source_unit": "wanda-b-1812"}, 422, "unit-elsewhere"),
        ({"source_unit": "wanda-b-1812", "place": WANDA_A}, 422, "unit-elsewhere"),
    ],
)
async def test_a_resident_reports_at_their_own_place_over_the_app(desk, changes, status, problem):
    resident = desk.caller(Role.RESIDENT, WANDA_A, subject="s-ding")
    answer = await resident.post("/cases", REPORT | {"channel": "app"} | changes)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{problem}")


async def test_an_officer_speaks_for_themselves_and_the_desk_for_anybody(desk):
    incident = await desk.reported()
    await desk.dispatcher.post(f"/cases/{incident}/dispatches", {"officers": ["officer-1", "officer-ma"]})
    officer = desk.caller(Role.OFFICER)
    other = await officer.post(f"/cases/{incident}/arrivals", {"officer": "officer-ma"})
    assert (other.status_code, other.json()["type"]) == (403, "/problems/outside-scope")
    assert (await officer.post(f"/cases/{incident}/arrivals", {"officer": "officer-1"})).status_code == 201
    assert (await desk.dispatcher.post(f"/cases/{incident}/arrivals", {"officer": "officer-ma"})).status_code == 201


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        (
            {"occurred": {"earliest": "2024-06-30T11:00:00+08:00", "latest": "2024-06-30T10:00:00+08:00"}},
            422,
            "/occurred/latest",
        ),
        ({"occurred": {"earliest": "2024-07-01T11:00:00+08:00"}}, 422, "/occurred/earliest"),
        ({"occurred": {"earliest": "2024-06-30T11:00:00+08:00", "zone": "Asia/Nowhere"}}, 422, "/occurred/zone"),
        ({"occurred": {"earliest": "2024-06-30T11:00:00"}}, 422, "/occurred/earliest"),
        ({"occurred": {"earliest": "0001-01-01T00:00:00+08:00"}}, 422, "/occurred/earliest"),
        ({"category": "Noise"}, 422, "/category"),
        ({"place": "yinchuan/jinfeng/../xingqing"}, 422, "/place"),
        ({"description": "x" * 10_000}, 422, "/description"),
        ({"source_unit": "-1"}, 422, "/source_unit"),
        ({"unknown": 1}, 422, "/unknown"),
    ],
)
async def test_bad_input_is_named_with_its_field_and_nothing_is_written(desk, changes, status, pointer):
    answer = await desk.dispatcher.post("/cases", REPORT | changes)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert pointer in str(problem), problem
    assert problem["type"].startswith("/problems/")
    assert (await desk.served.context.store.head()).position == 0


async def test_no_json_is_a_problem_and_no_stack_trace(desk):
    headers = {"Authorization": f"Bearer {desk.dispatcher.token}", "Content-Type": "application/json"}
    answer = await desk.served.client.post("/cases", content=b'{"category": ', headers=headers)
    assert answer.status_code == 400
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("step", ["triage", "dispatches", "departures", "arrivals", "resolution", "reopening"])
async def test_nothing_is_done_about_an_incident_that_nobody_reported(desk, step):
    bodies = {"triage": {"priority": "urgent"}, "dispatches": {"officers": ["o"]}, "resolution": {"outcome": "settled"}}
    answer = await desk.dispatcher.post(f"/cases/nobody/{step}", bodies.get(step, {}))
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/incident-unknown")


@pytest.mark.parametrize("place", ["yinchuan/xingqing", "yinchuan/jinfeng-2", WANDA_A + "a", WANDA_A + "/18"])
async def test_nobody_changes_what_lies_outside_their_places(desk, place):
    incident = await desk.reported()
    outsider = desk.caller(Role.SUPERVISOR, place)
    bodies = {
        "triage": {"priority": "urgent"},
        "dispatches": {"officers": ["officer-1"]},
        "departures": {"officer": "officer-1"},
        "arrivals": {"officer": "officer-1"},
        "resolution": {"outcome": "settled"},
        "reopening": {},
    }
    for step, body in bodies.items():
        answer = await outsider.post(f"/cases/{incident}/{step}", body)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/outside-scope")
    assert (await outsider.post("/cases", REPORT)).status_code == 403
    assert (await desk.served.context.store.head()).position == 1


async def test_who_has_no_part_in_it_is_refused(desk):
    incident = await desk.reported()
    for role in (Role.ANALYST, Role.OVERSEER, Role.PROPERTY_MANAGER, Role.OFFICER):
        refused = await desk.caller(role).post(f"/cases/{incident}/triage", {"priority": "urgent"})
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/role-refused")
    stranger = await desk.served.client.get("/cases")
    assert stranger.status_code == 401
