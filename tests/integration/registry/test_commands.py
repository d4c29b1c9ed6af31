"""Commands over HTTP: what they answer, once, in order, and what they refuse in words."""

import re

import pytest

from contracts.common import Role
from services.chassis.http.paging import write_cursor

JUNE_10 = "2024-06-10T09:30:00+08:00"


def problem(response, status, name):
    """A problem of this status and name, told in a sentence, without a trace of the inside."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    said = response.json()
    assert said["type"] == f"/problems/{name}"
    assert said["status"] == status
    assert said["detail"].endswith(".")
    assert "Traceback" not in response.text
    return said


async def test_a_command_answers_what_it_led_to(city):
    answer = await city.officer.post("/units/wanda-a-1812/observations", {"observed_use": "hotel"})
    assert answer.status_code == 201
    said = answer.json()
    assert (said["stream"], said["version"], said["id"]) == ("unit-wanda-a-1812", 3, "wanda-a-1812")
    assert [event["type"] for event in said["events"]] == ["registry.use-observed.v1"]
    assert answer.headers["ETag"] == '"3"'
    token = re.fullmatch(r"registry=(\d+)\.[0-9a-f]{8}@(.+)", answer.headers["Maple-Position"])
    assert token.groups() == (str(said["position"]), said["stream"])


async def test_a_command_that_changes_nothing_says_so(city):
    again = {"use_class": "rental", "effective_at": "2024-01-01T10:00:00+08:00"}
    answer = await city.officer.post("/units/wanda-a-1812/classifications", again)
    assert answer.status_code == 200
    assert answer.json()["events"] == []


async def test_a_caller_reads_what_they_wrote(city):
    for seen in ("hotel", "studio", "rental", "vacant"):
        await city.officer.post("/units/wanda-a-1812/observations", {"observed_use": seen})
        unit = (await city.officer.get("/units/wanda-a-1812")).json()
        assert unit["observed_use"] == seen
        assert unit["differs"] is (seen in {"hotel", "studio"})


async def test_a_repeated_command_is_applied_once_and_answers_the_same(city):
    household = {"category": "long-let", "occupants": [{"name": "顾小满"}]}
    first = await city.officer.post("/units/wanda-a-1812/move-ins", household, key="phone-7")
    again = await city.officer.post("/units/wanda-a-1812/move-ins", household, key="phone-7")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"repeated": True}
    unit = (await city.officer.get("/units/wanda-a-1812")).json()
    assert [tenancy["tenancy"] for tenancy in unit["tenancies_held"]] == [first.json()["id"]]
    other = await city.officer.post(
        "/units/wanda-a-1812/move-ins", household | {"category": "short-let"}, key="phone-7"
    )
    problem(other, 422, "key-reused")


async def test_a_household_that_was_interrupted_is_sent_again_and_nobody_is_there_twice(city, monkeypatch):
    household = {"category": "long-let", "occupants": [{"name": "顾小满"}, {"name": "顾大满"}]}
    vault = type(city.served.context.vault)
    with monkeypatch.context() as away:

        async def is_away(*_):
            raise ConnectionResetError("the database went away")

        away.setattr(vault, "seal_many", is_away)
        interrupted = await city.officer.post("/units/wanda-a-1812/move-ins", household, key="k")
    assert problem(interrupted, 503, "database-away")
    assert interrupted.headers["Retry-After"]
    arrived = await city.officer.post("/units/wanda-a-1812/move-ins", household, key="k")
    assert arrived.status_code == 201, arrived.text
    log = await city.served.context.store.read(0)
    assert {past.stream for past in log if past.stream.startswith("subject-")} == {
        f"subject-{subject}" for subject in arrived.json()["subjects"]
    }


async def test_the_doors_of_two_buildings_never_share_an_id(city):
    units = {}
    for building, number in (("hall", "2-305"), ("hall-2", "305"), ("hall-2", "305")):
        tower = {"building": building, "name": building, "place": f"yinchuan/jinfeng/x/{building}"}
        tower |= {"lowest_floor": 1, "highest_floor": 30, "effective_at": "2024-01-01T00:00:00+08:00"}
        assert (await city.officer.post("/buildings", tower)).status_code in {200, 201}
        door = {"number": number, "floor": 3, "effective_at": "2024-01-01T00:00:00+08:00"}
        answer = await city.officer.post(f"/buildings/{building}/units", door)
        assert answer.status_code == (200 if building in units else 201), answer.text
        units[building] = answer.json()["id"]
        [found] = (await city.officer.get("/units", building=building)).json()["items"]
        assert (found["id"], found["number"]) == (units[building], number)
    assert units["hall"] == "hall-2-305" != units["hall-2"]


async def test_no_key_of_a_sender_is_that_of_a_part_of_another_request(city):
    household = {"category": "long-let", "occupants": [{"name": "顾小满"}], "effective_at": "2024-06-03T10:00:00+08:00"}
    assert (await city.officer.post("/units/wanda-a-1812/move-ins", household, key="k")).status_code == 201
    seen = await city.officer.post("/units/wanda-a-0601/observations", {"observed_use": "hotel"}, key="k/subject-0")
    assert seen.status_code == 201, seen.text


async def test_a_stale_version_is_told(city):
    await city.officer.post("/units/wanda-a-1812/observations", {"observed_use": "rental"})
    late = await city.officer.post("/units/wanda-a-1812/observations", {"observed_use": "hotel"}, If_Match='"2"')
    problem(late, 412, "version-conflict")
    fresh = await city.officer.get("/units/wanda-a-1812")
    fitting = await city.officer.post(
        "/units/wanda-a-1812/observations", {"observed_use": "hotel"}, If_Match=fresh.headers["ETag"]
    )
    assert fitting.status_code == 201


async def test_a_stale_household_leaves_nobody_behind(city):
    before = (await city.served.context.store.head()).position
    household = {"category": "long-let", "occupants": [{"name": "顾小满"}]}
    problem(await city.officer.post(f"{RENTAL}/move-ins", household, If_Match='"1"'), 412, "version-conflict")
    assert (await city.served.context.store.head()).position == before


async def test_a_condition_on_the_unit_does_not_stand_in_the_way_of_its_newcomers(city):
    fresh = await city.officer.get("/units/wanda-a-1812")
    household = {"category": "long-let", "occupants": [{"name": "顾小满"}]}
    answer = await city.officer.post("/units/wanda-a-1812/move-ins", household, If_Match=fresh.headers["ETag"])
    assert answer.status_code == 201, answer.text


async def test_a_household_through_its_life(city):
    arrived = await city.moved_in()
    [task] = (await city.officer.get("/verifications")).json()["items"]
    assert task["subject"] == arrived["subjects"][0]
    assert task["version"] == arrived["version"]
    assert (task["label"], task["building_name"], task["colour"]) == ("A-1812", "万达公寓 A 座", "rental")
    assert task["due_at"] == "2024-06-06T10:00:00Z"
    assert (task["overdue"], task["calendar"], task["registered_by"]) == (True, "official", "officer")
    attempts = f"/units/wanda-a-1812/tenancies/{arrived['id']}/verifications"
    failed = {"subject": task["subject"], "failed": "nobody-home", "effective_at": "2024-06-05T10:00:00+08:00"}
    assert (await city.officer.post(attempts, failed)).status_code == 201
    [task] = (await city.officer.get("/verifications", state="overdue")).json()["items"]
    assert task["attempts"] == [{"at": "2024-06-05T02:00:00Z", "reason": "nobody-home"}]
    done = {"subject": task["subject"], "method": "document-seen"}
    assert (await city.officer.post(attempts, done)).status_code == 201
    assert (await city.officer.get("/verifications")).json()["items"] == []
    [verified] = (await city.officer.get("/verifications", state="done")).json()["items"]
    assert verified["method"] == "document-seen"
    left = await city.officer.post(f"/units/wanda-a-1812/tenancies/{arrived['id']}/move-out")
    assert left.status_code == 201
    unit = (await city.officer.get("/units/wanda-a-1812")).json()
    assert (unit["colour"], unit["tenancies"], unit["version"]) == ("vacant", 0, 7)


async def test_a_history_is_told_in_both_languages_with_both_times(city):
    arrived = await city.moved_in()
    await city.officer.post(f"/units/wanda-a-1812/tenancies/{arrived['id']}/move-out", {"effective_at": JUNE_10})
    first = (await city.officer.get("/units/wanda-a-1812/history", limit=2)).json()
    assert [item["words"] for item in first["items"]] == [
        {"zh": "退房", "en": "Moved out"},
        {"zh": "登记居住人，待核验", "en": "Occupant registered, to be verified"},
    ]
    assert first["items"][0]["effective_at"] == "2024-06-10T01:30:00Z"
    assert first["items"][0]["recorded_at"] == "2024-06-30T04:00:00Z"
    assert first["items"][0]["actor"] == {"role": "officer", "id": "officer-1"}
    rest = (await city.officer.get("/units/wanda-a-1812/history", cursor=first["next"])).json()
    assert [item["version"] for item in rest["items"]] == [3, 2, 1]
    assert rest["next"] is None


async def test_lists_come_in_pages(city):
    seen, cursor = [], None
    while True:
        query = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await city.officer.get("/units", **query)).json()
        seen += [item["id"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == ["wanda-a-0601", "wanda-a-1812", "wanda-a-1813"]
    problem(await city.officer.get("/units", cursor="AAAA"), 422, "cursor-broken")


@pytest.mark.parametrize(("floor", "name"), [(2**40, "text-unstorable"), (2**63 - 1, "cursor-broken")])
async def test_a_cursor_with_an_impossible_number_is_refused(city, floor, name):
    cursor = write_cursor(("wanda-a", floor, "1812"))
    problem(await city.officer.get("/units", cursor=cursor), 422, name)


async def test_units_are_found_by_what_they_are(city):
    await city.moved_in()
    await city.officer.post("/units/wanda-a-0601/operators", {"operator": "hotel-xinghe"})
    await city.officer.post("/units/wanda-a-1812/observations", {"observed_use": "hotel", "organisation": "星河民宿"})

    async def found(**query):
        return [item["number"] for item in (await city.officer.get("/units", **query)).json()["items"]]

    assert await found(colour="rental") == ["1812"]
    assert await found(colour="vacant") == ["1813"]
    assert await found(use_class="hotel") == ["0601"]
    assert await found(operator="hotel-xinghe") == ["0601"]
    assert await found(differs=True) == ["1812"]
    assert await found(building="wanda-b") == []
    assert await found(place="yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a/1812") == ["1812"]


async def test_units_are_found_by_a_part_of_their_label(city):
    async def found(label):
        return [unit["number"] for unit in (await city.officer.get("/units", label=label)).json()["items"]]

    assert await found("a-18") == ["1812", "1813"]
    assert await found("A-0601") == ["0601"]
    assert await found("181%") == []
    assert await found("wanda") == []


async def test_a_survey_cannot_lose_floors_with_units(city):
    await city.officer.get("/buildings")  # the register has read the units
    cut = await city.officer.post("/buildings/wanda-a/surveys", {"lowest_floor": 1, "highest_floor": 17})
    assert problem(cut, 409, "units-beyond-floors")["pointer"] == "/lowest_floor"
    found = await city.officer.post("/buildings/wanda-a/surveys", {"lowest_floor": -1, "highest_floor": 30})
    assert found.status_code == 201
    building = (await city.officer.get("/buildings/wanda-a")).json()
    assert (building["lowest_floor"], building["highest_floor"]) == (-1, 30)


RENTAL = "/units/wanda-a-1812"
LONG = "万" * 10_000


@pytest.mark.parametrize(
    ("path", "body", "status", "name", "pointer"),
    [
        ("/units/wanda-a-9999/observations", {"observed_use": "hotel"}, 404, "unit-unknown", "/unit"),
        ("/buildings/wanda-z/units", {"number": "1", "floor": 1}, 404, "building-unknown", "/building"),
        (
            "/buildings/wanda-a/units",
            {"number": "B301", "floor": -3},
            422,
            "floor-outside-building",
            "/floor",
        ),
        ("/buildings/wanda-a/units", {"number": "1", "floor": -10}, 422, "invalid", "/floor"),
        (
            "/buildings/wanda-a/units",
            {"number": "1", "floor": 1, "effective_at": "2003-01-01T00:00:00+08:00"},
            422,
            "unit-before-building",
            "/effective_at",
        ),
        (f"{RENTAL}/classifications", {"use_class": "rental"}, 409, "already-classified", "/use_class"),
        (f"{RENTAL}/classifications", {"use_class": "castle"}, 422, "invalid", "/use_class"),
        (
            f"{RENTAL}/classifications",
            {"use_class": "studio", "effective_at": "2003-01-01T00:00:00+08:00"},
            422,
            "date-before-unit",
            "/effective_at",
        ),
        (f"{RENTAL}/observations", {"observed_use": "other", "organisation": LONG}, 422, "invalid", "/organisation"),
        (
            f"{RENTAL}/move-ins",
            {"category": "long-let", "occupants": [{"name": LONG}]},
            422,
            "invalid",
            "/occupants/0/name",
        ),
        (f"{RENTAL}/move-ins", {"category": "long-let", "occupants": []}, 422, "nobody-moves-in", "/occupants"),
        (
            "/units/wanda-a-0601/move-ins",
            {"category": "long-let", "occupants": [{"name": "顾小满"}]},
            409,
            "hotel-has-no-tenants",
            "/unit",
        ),
        (
            f"{RENTAL}/move-ins",
            {"category": "long-let", "occupants": [{"name": "顾小满", "subject": "nobody"}]},
            404,
            "subject-unknown",
            "/subject",
        ),
        (f"{RENTAL}/tenancies/t9/move-out", {}, 404, "tenancy-unknown", "/tenancy"),
        (f"{RENTAL}/tenancies/t9/verifications", {"subject": "s"}, 422, "invalid", None),
        (
            f"{RENTAL}/corrections",
            {"corrects": "nothing", "use_class": "studio", "reason": "看错行"},
            422,
            "nothing-to-correct",
            "/corrects",
        ),
        (f"{RENTAL}/observations", {"observed_use": "hotel", "colour": "red"}, 422, "invalid", "/colour"),
        (f"{RENTAL}/observations", {"effective_at": "2024-06-01T10:00:00"}, 422, "invalid", None),
        (
            "/visit-rounds",
            {"place": "yinchuan/jinfeng", "units": [], "day_part": "day"},
            422,
            "round-without-units",
            "/units",
        ),
    ],
)
async def test_bad_input_is_answered_with_what_to_do(city, path, body, status, name, pointer):
    before = (await city.served.context.store.head()).position
    said = problem(await city.officer.post(path, body), status, name)
    if pointer is not None:
        assert said["pointer"] == pointer
    assert (await city.served.context.store.head()).position == before


async def test_overlapping_tenancies_are_refused_and_leave_nobody_behind(city):
    await city.moved_in()
    before = (await city.served.context.store.head()).position
    household = {"category": "long-let", "occupants": [{"name": "王一"}, {"name": "王二"}]}
    refused = await city.officer.post(f"{RENTAL}/move-ins", household, key="k")
    said = problem(refused, 409, "tenancy-overlaps")
    assert said["pointer"] == "/effective_at"
    assert "王" not in refused.text
    assert (await city.served.context.store.head()).position == before


async def test_what_is_not_json_is_told_so(city):
    response = await city.served.client.post(
        f"{RENTAL}/observations",
        content=b"{",
        headers={"Authorization": f"Bearer {city.officer.token}", "Content-Type": "application/json"},
    )
    problem(response, 400, "malformed-json")


async def test_a_moment_ahead_is_refused_but_a_class_may_begin_then(city):
    ahead = "2024-07-01T12:00:00+08:00"
    late = await city.officer.post(f"{RENTAL}/observations", {"observed_use": "hotel", "effective_at": ahead})
    problem(late, 422, "not-yet-happened")
    planned = await city.officer.post(f"{RENTAL}/classifications", {"use_class": "studio", "effective_at": ahead})
    assert planned.status_code == 201


async def test_every_role_that_is_not_named_is_refused(city):
    for role in (Role.ANALYST, Role.DISPATCHER, Role.OVERSEER, Role.PATROL, Role.MEDIATOR):
        caller = city.caller(role)
        problem(await caller.post(f"{RENTAL}/observations", {"observed_use": "hotel"}), 403, "role-refused")
    problem(await city.caller(Role.PATROL).get("/buildings"), 403, "role-refused")
    problem(await city.caller(Role.ANALYST).get("/units/wanda-a-1812"), 403, "role-refused")
