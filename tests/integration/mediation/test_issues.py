"""Issues over HTTP: promises, the resident's word, two rates, the problem map."""

import asyncio
import json
from datetime import timedelta

import pytest

from contracts.common import Role
from contracts.mediation import WITHHELD, CommitmentMissed
from services.chassis.postgres import engine
from services.chassis.projections.rebuild import Rebuild
from services.mediation.policies.missed_commitments import call_missed, missed_commitments
from services.mediation.views.docket import DOCKET
from tests.integration.mediation.conftest import ITEM, LAKE, PROMISE

WEEK = timedelta(days=7)


async def test_an_item_goes_from_the_teahouse_to_the_residents_word(table):
    issue = await table.raised()
    session = (
        await table.done(
            "/sessions",
            {"kind": "teahouse", "place": LAKE, "starts_at": "2024-06-30T19:30:00+08:00", "venue": "活动室门口"},
        )
    )["id"]
    await table.done(f"/sessions/{session}/agenda", {"issue": issue})
    [item] = (await table.mediator.get("/issues")).json()["items"]
    assert item["next_session"]["id"] == session
    commitment = await table.promised(issue)
    partner = table.caller(Role.PARTNER, org="org-lights")
    table.served.clock.moment += timedelta(days=7)
    kept = await partner.post(f"/issues/{issue}/commitments/{commitment}/fulfilment")
    assert kept.status_code == 201, kept.text
    await table.done(f"/issues/{issue}/resolution")
    resident = table.caller(Role.RESIDENT, subject="s-ding")
    assert (await resident.post(f"/issues/{issue}/confirmation")).status_code == 201
    told = await resident.opened(f"/issues/{issue}", "task")
    assert (told["phase"], told["version"], told["raised_by"]) == ("confirmed", 5, "s-ding")
    assert (told["commitments"][0]["late_days"], told["commitments"][0]["overdue"]) == (2, False)
    assert told["history"][0]["text"] == ITEM["description"]
    assert [step["words"]["en"] for step in told["history"]][2:] == [
        "Promise kept, 2 days late",
        "Resolved, the resident to confirm",
        "Confirmed by the resident",
    ]


async def test_an_issue_is_not_resolved_while_a_promise_is_open(table):
    issue = await table.raised()
    await table.promised(issue)
    answer = await table.mediator.post(f"/issues/{issue}/resolution")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/commitments-open")


async def test_a_resident_raises_what_happened_lately(table):
    resident = table.caller(Role.RESIDENT, ITEM["place"], subject="s-ding")
    item = {name: value for name, value in ITEM.items() if name != "raised_by"}
    refused = await resident.post("/issues", item | {"effective_at": "1900-01-01T00:00:00Z"})
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/too-long-ago")
    lately = (table.served.clock.moment - timedelta(days=29)).isoformat()
    assert (await resident.post("/issues", item | {"effective_at": lately})).status_code == 201


async def test_only_the_resident_who_raised_it_has_the_word(table):
    issue = await table.resolved()
    other = table.caller(Role.RESIDENT, subject="s-other")
    assert (await other.post(f"/issues/{issue}/confirmation")).status_code == 403
    for_them = await table.mediator.post(f"/issues/{issue}/confirmation", {"by": "s-ding"})
    assert (for_them.status_code, for_them.json()["type"]) == (403, "/problems/not-the-resident-who-raised-it")
    own = table.caller(Role.RESIDENT, subject="s-ding")
    disputed = await own.post(f"/issues/{issue}/objection", {"reason": "两盏还是不亮"})
    assert disputed.status_code == 201
    told = await own.opened(f"/issues/{issue}", "task")
    assert (told["phase"], told["times_disputed"], told["history"][-1]["text"]) == ("disputed", 1, "两盏还是不亮")


async def test_staff_write_a_word_down_where_nobody_is_on_record(table):
    issue = await table.resolved(raised_by=None)
    nameless = await table.mediator.post(f"/issues/{issue}/confirmation")
    assert (nameless.status_code, nameless.json()["type"]) == (422, "/problems/word-of-nobody")
    assert (await table.mediator.post(f"/issues/{issue}/confirmation", {"by": "s-any"})).status_code == 201


async def test_called_done_and_confirmed_are_two_rates(table):
    silent = await table.resolved()
    table.served.clock.moment += 3 * WEEK
    confirmed = await table.resolved(raised_by="s-1")
    disputed = await table.resolved(raised_by="s-2")
    pending = await table.resolved()
    await table.raised()
    for subject, issue, word in [("s-1", confirmed, "confirmation"), ("s-2", disputed, "objection")]:
        resident = table.caller(Role.RESIDENT, subject=subject)
        assert (await resident.post(f"/issues/{issue}/{word}")).status_code == 201
        table.mediator.position = resident.position
    assert silent != pending
    expected = {
        "raised": 5,
        "resolved": 3,
        "confirmed": 1,
        "unanswered": 1,
        "pending": 1,
        "disputed": 1,
        "open": 2,
        "resolved_percent": 60.0,
        "confirmed_percent": 33.3,
    }
    assert expected.items() <= (await table.mediator.get("/rates", kind="agenda-item", place=LAKE)).json().items()
    listed = (await table.mediator.get("/issues", state="waiting", limit=1)).json()
    assert [item["id"] for item in listed["items"]] == [pending]
    assert (listed["rates"]["raised"], listed["rates"]["resolved_percent"]) == (2, 100.0)
    assert listed["next"] is not None
    nothing = (await table.mediator.get("/rates", kind="pain-point")).json()
    assert (nothing["raised"], nothing["resolved_percent"], nothing["confirmed_percent"]) == (0, None, None)


async def test_who_owes_what_by_when(table):
    first, second = await table.raised(), await table.raised()
    late = await table.promised(first, due_on="2024-07-01")
    await table.promised(second, due_on="2024-07-20")
    done = await table.promised(second, owner="org-property")
    await table.done(f"/issues/{second}/commitments/{done}/fulfilment")
    await table.promised(second, owner="org-fire")
    table.served.clock.moment += timedelta(days=2)
    owed = (await table.mediator.get("/owed")).json()["items"]
    assert owed == [
        {"owner": "org-lights", "open": 2, "overdue": 1, "next_due_on": "2024-07-01"},
        {"owner": "org-fire", "open": 1, "overdue": 0, "next_due_on": "2024-07-05"},
    ]
    assert (await table.mediator.get("/owed", kind="agenda-item")).json()["items"] == owed
    assert (await table.mediator.get("/owed", kind="pain-point")).json()["items"] == []
    overdue = (await table.mediator.get("/commitments", state="overdue")).json()["items"]
    assert [(made["id"], made["overdue"], made["title"]) for made in overdue] == [(late, True, ITEM["title"])]
    pages, cursor = [], {}
    while cursor is not None:
        page = (await table.mediator.get("/commitments", limit=1, **cursor)).json()
        pages += [made["due_on"] for made in page["items"]]
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert pages == ["2024-07-01", "2024-07-05", "2024-07-05", "2024-07-20"]


async def missed_of(table, issue):
    log = await table.served.context.store.load(f"issue-{issue}")
    return [past for past in log if past.type == CommitmentMissed.type]


async def test_a_promise_whose_day_has_passed_is_called_missed_once(table):
    issue = await table.raised()
    await table.promised(issue)
    context, clock = table.served.context, table.served.clock
    await table.mediator.get("/issues")
    assert await call_missed(context.database, context.handler, clock) == 0
    clock.moment += timedelta(days=5, hours=12)
    # the service's own worker looks too, and whoever comes second finds nothing to do
    called = [await call_missed(context.database, context.handler, clock) for _ in range(3)]
    [missed] = await missed_of(table, issue)
    assert sum(called) <= 1
    assert (missed.actor.role, missed.effective_at.isoformat()) == (Role.SYSTEM, "2024-07-05T16:00:00+00:00")


async def test_the_worker_looks_until_it_is_told_to_stop(table):
    issue = await table.raised()
    await table.promised(issue)
    await table.mediator.get("/issues")
    context, clock, stop = table.served.context, table.served.clock, asyncio.Event()
    worker = asyncio.create_task(missed_commitments(context.database, context.handler, clock, every=0.02).run(stop))
    clock.moment += timedelta(days=6)
    async with asyncio.timeout(10):
        while not await missed_of(table, issue):  # noqa: ASYNC110 - a database has no event to await
            await asyncio.sleep(0.02)
        stop.set()
        await worker


async def test_a_partner_sees_and_does_what_is_committed_to_it_and_no_more(table):
    theirs, others = await table.raised(), await table.raised()
    await table.promised(theirs)
    mine_too = await table.promised(theirs, owner="org-fire")
    foreign = await table.promised(others, owner="org-fire")
    partner = table.caller(Role.PARTNER, org="org-lights")
    listed = (await partner.get("/issues")).json()
    assert [item["id"] for item in listed["items"]] == [theirs]
    assert listed["rates"]["raised"] == 1
    assert {made["owner"] for made in (await partner.get("/commitments")).json()["items"]} == {"org-lights"}
    assert [row["owner"] for row in (await partner.get("/owed")).json()["items"]] == ["org-lights"]
    assert (await partner.get(f"/issues/{others}")).status_code == 403
    assert (await partner.post(f"/issues/{theirs}/openings", {"purpose": "follow-up"})).status_code == 403
    read = (await partner.get(f"/issues/{theirs}")).json()
    assert (read["raised_by"], read["history"][0]["text"], read["history"][0]["sealed"]) == (None, None, True)
    for issue, commitment in ((theirs, mine_too), (others, foreign)):
        refused = await partner.post(f"/issues/{issue}/commitments/{commitment}/fulfilment")
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/outside-scope")
    assert (await partner.post(f"/issues/{theirs}/commitments", PROMISE | {"owner": "org-fire"})).status_code == 403
    assert (await partner.post(f"/issues/{others}/commitments", PROMISE)).status_code == 403
    assert (await partner.post(f"/issues/{theirs}/commitments", PROMISE)).status_code == 201
    assert (await partner.post(f"/issues/{theirs}/resolution")).status_code == 403


async def test_a_resident_raises_for_themselves_and_sees_their_own(table):
    await table.raised()
    resident = table.caller(Role.RESIDENT, LAKE, subject="s-new")
    own = (await resident.post("/issues", ITEM | {"raised_by": "s-ding"})).json()["id"]
    listed = (await resident.get("/issues")).json()
    assert [item["id"] for item in listed["items"]] == [own]
    assert (await resident.get(f"/issues/{own}")).json()["raised_by"] == "s-new"
    assert (await resident.post(f"/issues/{own}/commitments", PROMISE)).status_code == 403


@pytest.mark.parametrize(
    ("changes", "status", "problem"),
    [
        ({"issue": "q-mine"}, 422, "id-is-made"),
        ({"place": f"{LAKE}-2"}, 403, "outside-scope"),
        ({"building": "lake-5"}, 422, "building-elsewhere"),
        ({"building": "lake-5", "place": f"{LAKE}/lake-50"}, 422, "building-elsewhere"),
        ({"building": "lake-5", "place": f"{LAKE}/lake-5"}, 201, None),
    ],
)
async def test_a_resident_raises_at_their_own_place(table, changes, status, problem):
    resident = table.caller(Role.RESIDENT, LAKE, subject="s-new")
    answer = await resident.post("/issues", ITEM | changes)
    assert answer.status_code == status, answer.text
    assert answer.json().get("type") == (problem and f"/problems/{problem}")


async def test_the_problem_map_shows_each_floor(table):
    point = {"kind": "pain-point", "building": "lake-5", "place": f"{LAKE}/lake-5", "raised_by": None}
    await table.raised(**point, floor=3, category="fire/charging", title="楼道充电")
    await table.raised(**point, floor=3, category="fire/charging", title="楼道堆物")
    await table.resolved(**point, floor=7, category="lift", title="电梯停运")
    await table.raised(**point, category="gate", title="门禁常开")
    await table.raised()
    items = (await table.mediator.get("/problem-map", place=LAKE, building="lake-5")).json()["items"]
    assert [(item["floor"], item["raised"], item["open"], item["resolved"]) for item in items] == [
        (7, 1, 0, 1),
        (3, 2, 2, 0),
        (None, 1, 1, 0),
    ]
    assert items[1]["categories"] == {"fire/charging": 2}
    assert [issue["title"] for issue in items[1]["issues"]] == ["楼道充电", "楼道堆物"]


async def test_a_meeting_is_held(table):
    issue = await table.raised()
    body = {"kind": "coordination", "place": LAKE, "starts_at": "2024-06-30T12:05:00+08:00", "venue": "社区会议室"}
    session = (await table.done("/sessions", body))["id"]
    await table.done(f"/sessions/{session}/agenda", {"issue": issue})
    await table.done(f"/sessions/{session}/attendance", {"organisations": ["org-fire"], "residents": 9})
    await table.done(f"/sessions/{session}/closing", {"minutes": "消防大队参加。"})
    told = await table.mediator.opened(f"/sessions/{session}", "review")
    assert (told["organisations"], told["residents"], told["version"]) == (["org-fire"], 9, 4)
    assert told["items"] == [{"id": issue, "title": ITEM["title"], "phase": "raised"}]
    assert told["history"][-1]["text"] == "消防大队参加。"
    came = table.caller(Role.PARTNER, org="org-fire")
    assert [item["id"] for item in (await came.get("/sessions", state="closed")).json()["items"]] == [session]
    assert (await came.post(f"/sessions/{session}/openings", {"purpose": "review"})).status_code == 403
    assert (await came.get(f"/sessions/{session}")).json()["history"][-1]["text"] is None
    stranger = table.caller(Role.PARTNER, org="org-lights")
    assert (await stranger.get("/sessions")).json()["items"] == []
    assert (await stranger.get(f"/sessions/{session}")).status_code == 403
    late = await table.mediator.post(f"/sessions/{session}/agenda", {"issue": issue})
    assert late.json()["type"] == "/problems/session-is-closed"


async def test_an_item_from_outside_or_nowhere_is_not_placed(table):
    body = {"kind": "teahouse", "place": LAKE, "starts_at": "2024-07-01T12:00:00+08:00", "venue": "茶馆"}
    session = (await table.done("/sessions", body))["id"]
    unknown = await table.mediator.post(f"/sessions/{session}/agenda", {"issue": "nothing"})
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/issue-unknown")
    city = table.caller(Role.MEDIATOR, "yinchuan")
    elsewhere = (await city.post("/issues", ITEM | {"place": "yinchuan/jinfeng"})).json()["id"]
    foreign = await table.mediator.post(f"/sessions/{session}/agenda", {"issue": elsewhere})
    assert (foreign.status_code, foreign.json()["type"]) == (403, "/problems/outside-scope")
    early = await table.mediator.post(f"/sessions/{session}/closing")
    assert early.json()["type"] == "/problems/session-has-not-begun"


async def test_nobody_changes_an_issue_outside_their_places(table):
    issue = await table.resolved()
    before = (await table.served.context.store.head()).position
    outsider = table.caller(Role.SUPERVISOR, LAKE + "2", "yinchuan/helan/xigang/tian")
    for step, body in {
        "commitments": PROMISE,
        "commitments/c/fulfilment": {},
        "resolution": {},
        "confirmation": {"by": "s-ding"},
        "objection": {"by": "s-ding"},
    }.items():
        answer = await outsider.post(f"/issues/{issue}/{step}", body)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/outside-scope"), step
    for path in ("/issues", "/commitments", "/owed", "/problem-map", "/sessions", "/disputes"):
        assert (await outsider.get(path)).json()["items"] == []
    assert (await outsider.get("/rates")).json()["raised"] == 0
    assert (await outsider.get(f"/issues/{issue}")).status_code == 403
    assert (await table.served.context.store.head()).position == before


async def test_a_promise_sent_twice_is_made_once_under_one_id(table):
    issue = await table.raised()
    first = await table.mediator.post(f"/issues/{issue}/commitments", PROMISE, key="k")
    again = await table.mediator.post(f"/issues/{issue}/commitments", PROMISE, key="k")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    reused = await table.mediator.post(f"/issues/{issue}/commitments", PROMISE | {"owner": "org-fire"}, key="k")
    assert reused.json()["type"] == "/problems/key-reused"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": "pain-point"}, "/building"),
        ({"floor": 3}, "/building"),
        ({"title": "x" * 81}, "/title"),
        ({"title": "a\u0000b"}, "/title"),
        ({"floor": -10, "building": "lake-5"}, "/floor"),
        ({"description": "x" * 10_000}, "/description"),
    ],
)
async def test_bad_input_is_named_with_its_field(table, changes, pointer):
    answer = await table.mediator.post("/issues", ITEM | changes)
    assert answer.status_code == 422
    assert pointer in json.dumps(answer.json())
    assert (await table.served.context.store.head()).position == 0


async def test_no_list_carries_what_was_written(table):
    await table.resolved()
    for path in ("/issues", "/commitments", "/problem-map", "/sessions"):
        assert "看不见路" not in (await table.mediator.get(path)).text


async def test_the_docket_rebuilt_is_the_docket(table, database):
    issue = await table.resolved(raised_by=None)
    await table.mediator.get(f"/issues/{issue}")
    owner, context = engine(database.owner, connections=2), table.served.context
    comparison = await Rebuild(DOCKET, owner, context.database.dsn, context.readers).run()
    await owner.dispose()
    assert comparison.equal
    # the one that was rebuilt goes on where the other stopped
    await table.done(f"/issues/{issue}/objection", {"by": "s-ding"})
    assert (await table.mediator.get(f"/issues/{issue}")).json()["phase"] == "disputed"


async def test_the_description_of_the_service_has_examples(table):
    document = (await table.served.client.get("/openapi.json")).json()
    asked = [methods["post"]["requestBody"] for methods in document["paths"].values() if "post" in methods]
    bodies = [body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2] for body in asked]
    assert len(bodies) >= 16
    assert all(document["components"]["schemas"][name].get("examples") for name in bodies)


async def test_a_pain_point_that_is_nobodys_awaits_no_resident_and_is_confirmed_by_a_look(table):
    point = {"kind": "pain-point", "building": "lake-5", "place": f"{LAKE}/lake-5", "raised_by": None}
    issue = await table.resolved(**point)
    assert (await table.mediator.get("/issues", kind="pain-point", state="waiting")).json()["items"] == []
    counts = (await table.mediator.get("/rates", kind="pain-point")).json()
    assert (counts["resolved"], counts["unanswered"], counts["pending"]) == (1, 0, 0)
    assert (await table.mediator.get(f"/issues/{issue}")).json()["awaits"] == "check"
    looked = await table.mediator.post(f"/issues/{issue}/confirmation")
    assert looked.status_code == 201, looked.text
    told = (await table.mediator.get(f"/issues/{issue}")).json()
    assert (told["phase"], told["awaits"]) == ("confirmed", None)


async def test_what_a_resident_writes_is_sealed_until_the_desk_gives_it_a_public_title(table):
    resident = table.caller(Role.RESIDENT, LAKE, subject="s-new")
    named = ITEM | {"title": "三楼老李占道堆物", "description": "每天都堆。"}
    own = (await resident.post("/issues", named)).json()["id"]
    mediator, context = table.mediator, table.served.context
    mediator.position = resident.position
    [item] = (await mediator.get("/issues")).json()["items"]
    assert (item["title"], item["title_withheld"]) == (WITHHELD, True)
    stored = b"".join([row["data"] for row in await context.database.pool.fetch("select data from log.events")])
    assert "老李".encode() not in stored
    assert "每天".encode() not in stored
    told = await mediator.opened(f"/issues/{own}", "follow-up")
    assert told["history"][0]["text"] == "三楼老李占道堆物\n每天都堆。"
    title = {"title": "三楼楼道堆物"}
    assert (await resident.post(f"/issues/{own}/title", title)).status_code == 403
    stranger = table.served.caller(Role.OFFICER, "yinchuan/xingqing")
    assert (await stranger.post(f"/issues/{own}/title", title)).status_code == 403
    assert (await mediator.post(f"/issues/{own}/title", title)).status_code == 201
    assert (await mediator.post(f"/issues/{own}/title", title)).status_code == 200
    [item] = (await mediator.get("/issues")).json()["items"]
    assert (item["title"], item["title_withheld"]) == ("三楼楼道堆物", False)


async def test_a_title_that_the_desk_wrote_is_public_at_once(table):
    issue = await table.raised()
    [item] = (await table.mediator.get("/issues")).json()["items"]
    assert (item["title"], item["title_withheld"]) == (ITEM["title"], False)
    answer = await table.mediator.post(f"/issues/{issue}/title", {"title": "另一个"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/title-is-public")
