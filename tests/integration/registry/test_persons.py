"""Persons: sealed before anything else, opened for a purpose, on record, and erased for good."""

import asyncio

from contracts.common import Actor, Role
from contracts.registry import Registration
from services.chassis.handler import CommandContext
from services.chassis.vault import NoLedger
from services.registry.deciders import SUBJECT
from services.registry.domain.subject_commands import EraseSubject

KEY = "select wrapped from vault.keys where name = $1"
NAME, PHONE, DOCUMENT = "顾小满", "13900000000", "640100199001010004"


async def test_a_record_opens_for_a_purpose_and_the_opening_is_on_record(city):
    [subject] = (await city.moved_in())["subjects"]
    opened = await city.officer.post(f"/subjects/{subject}/openings", {"purpose": "incident"})
    assert opened.status_code == 201, opened.text
    said = opened.json()
    assert (said["name"], said["phone"], said["document"]) == (NAME, PHONE, DOCUMENT)
    overseer = city.caller(Role.OVERSEER)
    overseer.position = None
    overseer.position = f"registry={(await city.served.context.store.head()).position}"
    [line] = (await overseer.get("/access-log")).json()["items"]
    assert (line["subject"], line["purpose"], line["fields"]) == (subject, "incident", ["name", "phone", "document"])
    assert line["actor"] == {"role": "officer", "id": "officer-1"}
    assert NAME not in str(line)


async def test_a_record_does_not_open_without_a_purpose(city):
    [subject] = (await city.moved_in())["subjects"]
    before = (await city.served.context.store.head()).position
    silent = await city.officer.post(f"/subjects/{subject}/openings")
    assert (silent.status_code, silent.json()["type"]) == (422, "/problems/purpose-missing")
    assert (await city.officer.post(f"/subjects/{subject}/openings", {"purpose": "curiosity"})).status_code == 422
    assert (await city.served.context.store.head()).position == before


async def test_every_reading_is_on_record_though_it_calls_itself_a_repeat(city):
    [subject] = (await city.moved_in())["subjects"]
    for _ in range(3):
        said = {"purpose": "incident"}
        again = await city.officer.post(f"/subjects/{subject}/openings", said, key="again", If_Match='"1"')
        assert (again.status_code, again.json()["name"], again.json()["repeated"]) == (201, NAME, False)
    opened = [past.type for past in await city.served.context.store.load(f"subject-{subject}")]
    assert opened == ["registry.subject-key-created.v1", *["registry.record-opened.v1"] * 3]


async def test_an_open_verification_gives_the_purpose_and_a_done_one_does_not(city):
    arrived = await city.moved_in()
    [subject] = arrived["subjects"]
    opened = await city.officer.post(f"/subjects/{subject}/openings", {"task": arrived["id"], "fields": ["name"]})
    assert opened.json()["purpose"] == "verification"
    assert (opened.json()["name"], opened.json()["phone"]) == (NAME, None)
    done = {"subject": subject, "method": "in-person"}
    await city.officer.post(f"/units/wanda-a-1812/tenancies/{arrived['id']}/verifications", done)
    late = await city.officer.post(f"/subjects/{subject}/openings", {"task": arrived["id"]})
    assert (late.status_code, late.json()["type"]) == (422, "/problems/purpose-missing")


async def test_reading_a_record_takes_a_command_and_no_query(city):
    [subject] = (await city.moved_in())["subjects"]
    assert (await city.officer.get(f"/subjects/{subject}", purpose="emergency")).status_code == 404
    nothing = await city.officer.post(f"/subjects/{subject}/openings", {"purpose": "emergency", "fields": []})
    assert (nothing.status_code, nothing.json()["type"]) == (422, "/problems/nothing-opened")


async def test_a_resident_reads_their_own_record_and_nobody_else_s(city):
    [subject] = (await city.moved_in())["subjects"]
    resident = city.caller(Role.RESIDENT, subject=subject)
    own = await resident.post(f"/subjects/{subject}/openings")
    assert (own.json()["name"], own.json()["purpose"]) == (NAME, "resident-request")
    stranger = city.caller(Role.RESIDENT, subject="somebody-else")
    assert (await stranger.post(f"/subjects/{subject}/openings")).status_code == 403
    assert (await resident.get("/units")).status_code == 403


async def test_only_the_overseer_reads_the_access_log_and_nothing_else(city):
    [subject] = (await city.moved_in())["subjects"]
    assert (await city.officer.get("/access-log")).status_code == 403
    overseer = city.caller(Role.OVERSEER)
    for path in ("/buildings", "/units", "/verifications"):
        assert (await overseer.get(path)).status_code == 403, path
    assert (await overseer.post(f"/subjects/{subject}/openings", {"purpose": "incident"})).status_code == 403


async def test_an_erased_record_is_gone_and_says_so(city):
    arrived = await city.moved_in()
    [subject] = arrived["subjects"]
    assert (await city.officer.post(f"/subjects/{subject}/erasure", {"ground": "resident-request"})).status_code == 403
    supervisor = city.caller(Role.SUPERVISOR)
    erased = await supervisor.post(f"/subjects/{subject}/erasure", {"ground": "resident-request"})
    assert erased.status_code == 201, erased.text
    [said] = await city.served.context.store.read(erased.json()["position"] - 1, 1)
    assert said.event.registrations == (Registration(unit="wanda-a-1812", tenancy=arrived["id"]),)
    assert (await supervisor.post(f"/subjects/{subject}/erasure", {"ground": "resident-request"})).status_code == 200
    gone = await city.officer.post(f"/subjects/{subject}/openings", {"purpose": "incident"})
    assert (gone.status_code, gone.json()["type"]) == (410, "/problems/subject-was-erased")
    verify = {"subject": subject, "method": "in-person"}
    attempt = await city.officer.post(f"/units/wanda-a-1812/tenancies/{arrived['id']}/verifications", verify)
    assert attempt.status_code == 410
    await city.officer.post(f"/units/wanda-a-1812/tenancies/{arrived['id']}/move-out")
    back = {"category": "long-let", "occupants": [{"subject": subject, "name": NAME}]}
    assert (await city.officer.post("/units/wanda-a-1812/move-ins", back)).status_code == 410


async def test_an_erasure_that_the_ledger_does_not_take_is_not_said_to_be_done_and_is_done_later(city, monkeypatch):
    [subject] = (await city.moved_in())["subjects"]
    context, supervisor = city.served.context, city.caller(Role.SUPERVISOR)
    with monkeypatch.context() as lost:
        lost.setattr(context.vault, "_ledger", NoLedger())
        for _ in range(2):
            refused = await supervisor.post(f"/subjects/{subject}/erasure", {"ground": "resident-request"})
            assert (refused.status_code, refused.json()["type"]) == (503, "/problems/erasure-unrecorded")
        assert await context.database.pool.fetchval(KEY, f"subject:{subject}") is not None
    async with asyncio.timeout(30):
        while await context.database.pool.fetchval(KEY, f"subject:{subject}"):  # noqa: ASYNC110 - a row says so
            await asyncio.sleep(0.05)
    assert list(await context.vault.erasures()) == [f"subject:{subject}"]
    assert (await supervisor.post(f"/subjects/{subject}/erasure", {"ground": "resident-request"})).status_code == 200


async def test_a_key_is_destroyed_though_the_process_died_between_the_event_and_the_key(city):
    [subject] = (await city.moved_in())["subjects"]
    context = city.served.context
    erase = EraseSubject(subject=subject, ground="retention-ended", effective_at=context.clock.now())
    supervisor = CommandContext(Actor(role=Role.SUPERVISOR, id="supervisor-1"))
    await context.handler.handle(SUBJECT, subject, erase, supervisor)  # and the process dies here
    async with asyncio.timeout(10):
        while await context.database.pool.fetchval(KEY, f"subject:{subject}"):  # noqa: ASYNC110 - a row says so
            await asyncio.sleep(0.02)


async def test_personal_text_is_in_no_row_of_the_database_and_in_no_log(city, capfd):
    [subject] = (await city.moved_in())["subjects"]
    await city.officer.post(f"/subjects/{subject}/openings", {"purpose": "incident"})
    await city.officer.get("/units")
    pool = city.served.context.database.pool
    tables = await pool.fetch(
        "select schemaname, tablename from pg_tables where schemaname in ('log', 'register', 'projections', 'vault')"
    )
    rows = 0
    for schema, table in tables:
        for row in await pool.fetch(f'select * from "{schema}"."{table}"'):
            rows += 1
            for value in row.values():
                text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                assert not [secret for secret in (NAME, PHONE, DOCUMENT) if secret in text], (schema, table)
    assert rows > 20
    logged = capfd.readouterr()
    assert "route=" in logged.out + logged.err
    assert not [secret for secret in (NAME, PHONE, DOCUMENT) if secret in logged.out + logged.err]


async def test_a_known_person_moves_on_under_the_same_id(city):
    arrived = await city.moved_in()
    await city.officer.post(f"/units/wanda-a-1812/tenancies/{arrived['id']}/move-out")
    said = {"use_class": "studio", "effective_at": "2024-01-01T10:00:00+08:00"}
    await city.officer.post("/units/wanda-a-1813/classifications", said)
    again = await city.moved_in(
        "wanda-a-1813",
        occupants=[{"subject": arrived["subjects"][0], "name": NAME, "phone": "13800000000"}],
        effective_at="2024-06-30T12:00:00+08:00",
    )
    assert again["subjects"] == arrived["subjects"]
    opened = (await city.officer.post(f"/subjects/{again['subjects'][0]}/openings", {"purpose": "mediation"})).json()
    assert (opened["phone"], opened["document"], opened["place"][-4:]) == ("13800000000", DOCUMENT, "1813")


async def test_nobody_draws_a_person_out_of_the_places_of_others_by_naming_them(city):
    [subject] = (await city.moved_in())["subjects"]
    place = "yinchuan/helan/xigang/lake"
    stranger = city.caller(Role.OFFICER, "yinchuan/helan")
    for path, body in (
        ("/buildings", {"building": "lake", "name": "湖", "place": place, "lowest_floor": 1, "highest_floor": 6}),
        ("/buildings/lake/units", {"number": "0101", "floor": 1}),
        ("/units/lake-0101/classifications", {"use_class": "rental"}),
    ):
        since = {"effective_at": "2024-01-01T10:00:00+08:00"}
        assert (await stranger.post(path, body | since)).status_code == 201, path
    stranger.position = city.officer.position  # the register has read where the person lives
    before = (await city.served.context.store.head()).position
    household = {"category": "long-let", "occupants": [{"name": "新客"}, {"subject": subject, "name": "冒名"}]}
    refused = await stranger.post("/units/lake-0101/move-ins", household)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/outside-scope")
    assert (await city.served.context.store.head()).position == before
    assert (await stranger.post(f"/subjects/{subject}/openings", {"purpose": "emergency"})).status_code == 403
    assert (await city.officer.post(f"/subjects/{subject}/openings", {"purpose": "emergency"})).json()["name"] == NAME


async def test_an_operator_moves_its_own_guests_on_and_nobody_else_s(city):
    for unit, operator in (("wanda-a-1812", "house-one"), ("wanda-a-1813", "house-two")):
        if unit.endswith("3"):
            said = {"use_class": "rental", "effective_at": "2024-01-01T10:00:00+08:00"}
            assert (await city.officer.post(f"/units/{unit}/classifications", said)).status_code == 201
        assert (await city.officer.post(f"/units/{unit}/operators", {"operator": operator})).status_code == 201
    arrived = await city.moved_in(effective_at="2024-06-30T10:00:00+08:00")
    await city.officer.get("/units")
    again = {"category": "long-let", "occupants": [{"subject": arrived["subjects"][0], "name": NAME}]}
    other = city.caller(Role.OPERATOR, org="house-two")
    assert (await other.post("/units/wanda-a-1813/move-ins", again)).status_code == 403
    await city.officer.post(f"/units/wanda-a-1812/tenancies/{arrived['id']}/move-out")
    own = city.caller(Role.OPERATOR, org="house-one")
    assert (await own.post("/units/wanda-a-1812/move-ins", again)).status_code == 201
