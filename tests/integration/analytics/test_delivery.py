"""Telling people of alerts: on record, with patience, and a channel that never answers slows nothing else."""

import asyncio
import socket
from datetime import timedelta

import httpx
import pytest

from contracts.common import Role
from contracts.incidents import DutyStarted, OfficersDispatched
from contracts.mediation import CommitmentMissed
from services.analytics.delivery.channels import Channel, DeliverySettings, channels
from services.analytics.delivery.ledger import Ledger
from services.analytics.delivery.notices import Notice
from services.analytics.delivery.sending import Line, Message, NotDelivered, sender
from services.analytics.delivery.worker import Courier
from services.analytics.words import Words
from services.chassis.clock import FixedClock
from tests.integration.analytics.happenings import NOON
from tests.integration.analytics.test_alerts import raised


@pytest.fixture
def black_hole():
    """A port that accepts and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(64)
        yield server.getsockname()[1]


NOTICE = Notice("event-1", "alert", "a-1", "yinchuan", Words("三起噪音", "three calls"))


OLD = {"effective_at": NOON - timedelta(days=2)}


def mute(port, **more):
    return Channel(id="mute", kind="apprise", to="officer", address=f"json://127.0.0.1:{port}/", **more)


async def test_an_alert_is_in_the_mailbox_and_on_record(station):
    officer = station.caller(Role.OFFICER)
    alert = await raised(station, officer)
    sent = await station.until(
        "/mailbox", officer, lambda listed: [item["state"] for item in listed["items"]] == ["sent"]
    )
    (item,) = sent["items"]
    assert (item["alert"], item["channel"], item["to"], item["attempt"]) == (alert["id"], "mailbox", None, 1)
    assert item["error"] is None
    of_alert = (await officer.get(f"/alerts/{alert['id']}/deliveries")).json()["items"]
    assert of_alert == sent["items"]


@pytest.mark.usefixtures("named")
async def test_a_task_goes_to_its_person_and_a_missed_promise_to_who_is_on_duty_nearest(station):
    case = {"place": "yinchuan/jinfeng/wanda", "effective_at": NOON}
    late = {"issue": "q-1", "commitment": "c-1", "owner": "property-1"}
    station.put(
        "incidents",
        [
            ("duty-officer-bai", DutyStarted(officer="officer-bai", place="yinchuan", effective_at=NOON)),
            ("duty-officer-ma", DutyStarted(officer="officer-ma", place="yinchuan/jinfeng", effective_at=NOON)),
            ("incident-i-1", OfficersDispatched(incident="i-1", officers=("officer-li", "officer-he"), **case)),
            ("incident-i-0", OfficersDispatched(incident="i-0", officers=("officer-li",), **case | OLD)),
        ],
    )
    await station.read_all()
    station.put("mediation", [("issue-q-1", CommitmentMissed(**late, **case))])
    supervisor = station.caller(Role.SUPERVISOR)
    mail = await station.until("/mailbox", supervisor, lambda listed: len(listed["items"]) == 3)
    assert {(item["kind"], item["about"], item["to"]) for item in mail["items"]} == {
        ("assignment", "incident-i-1", "officer-li"),
        ("assignment", "incident-i-1", "officer-he"),
        ("promise", "issue-q-1", "officer-ma"),
    }
    li = station.caller(Role.OFFICER, "yinchuan/xingqing", ident="officer-li")
    (mine,) = (await li.get("/mailbox", mine=True)).json()["items"]
    assert mine["words"] == {"zh": "您被派往处置一起警情", "en": "You are sent to an incident"}
    assert mine["alert"] is None


def test_a_folder_gets_a_file_an_alert_and_the_same_file_at_each_attempt(tmp_path):
    send = sender(Channel(id="folder", kind="folder", to="officer"), tmp_path / "alerts")
    for _ in range(2):
        send(Message("a-1~folder", "a-1", "三起噪音 / three calls", "wanda"))
    (file,) = (tmp_path / "alerts").iterdir()
    assert file.read_text("utf-8") == "三起噪音 / three calls\n\nwanda\n"
    (tmp_path / "plain").write_text("")
    with pytest.raises(NotDelivered, match="folder cannot be written"):
        sender(Channel(id="folder", kind="folder", to="officer"), tmp_path / "plain")(Message("a", "a", "b", "c"))


def test_the_folder_is_left_out_where_none_is_set_and_channels_are_data(tmp_path):
    assert [channel.id for channel in channels(DeliverySettings())] == ["mailbox"]
    assert [channel.id for channel in channels(DeliverySettings(folder=tmp_path))] == ["mailbox", "folder"]
    file = tmp_path / "channels.yaml"
    file.write_text("channels: [{id: mail, kind: apprise, to: supervisor, places: [yinchuan/jinfeng]}]")
    (mail,) = channels(DeliverySettings(channels=file))
    assert mail.serves("yinchuan/jinfeng/wanda")
    assert not mail.serves("yinchuan/jinfeng-2")
    with pytest.raises(ValueError, match="needs an address"):
        sender(mail, None)


def test_waiting_doubles_until_it_is_given_up():
    channel = Channel(id="c", kind="mailbox", to="officer", attempts=4, wait_seconds=5)
    assert [channel.wait_after(attempts) for attempts in (1, 2, 3, 4)] == [5, 10, 20, None]


async def test_a_channel_that_never_answers_is_left_after_its_time(black_hole):
    channel = mute(black_hole, timeout_seconds=0.3)
    line = Line(channel, sender(channel, None))
    async with asyncio.timeout(9):  # less than the ten seconds of a channel that says nothing of its time
        with pytest.raises(NotDelivered, match="No answer within"):
            await line.send(Message("a", "a", "b", "c"))
        with pytest.raises(NotDelivered, match="attempt before"):
            await line.send(Message("a", "a", "b", "c"))


async def test_attempts_are_repeated_with_patience_given_up_and_all_on_record(station):
    context = station.served.context
    ledger, machine = Ledger(context.database.pool), FixedClock(NOON)

    def refuse(_):
        raise NotDelivered("The station's mail is away.")

    channel = Channel(id="mail", kind="mailbox", to="supervisor", attempts=3, wait_seconds=10)

    courier = Courier(Line(channel, refuse), ledger, context.clock, context.telemetry, machine)
    for _ in range(2):  # enlisting is repeated after a crash
        await ledger.enlist(NOTICE, [("mail", "supervisor-01")], NOON, NOON)
    tries = []
    for seconds in (0, 5, 10, 29, 30, 300):
        machine.moment = NOON + timedelta(seconds=seconds)
        tries.append(await courier.deliver())
    assert tries == [1, 0, 1, 0, 1, 0]
    pool = context.database.pool
    task = await pool.fetchrow("select state, attempts, next_at, error from delivery.tasks where about = 'a-1'")
    assert tuple(task) == ("given-up", 3, None, "The station's mail is away.")
    outcomes = await pool.fetch("select attempt, outcome, error from delivery.attempts order by attempt")
    assert [(row["attempt"], row["outcome"]) for row in outcomes] == [(1, "failed"), (2, "failed"), (3, "failed")]


async def test_a_black_hole_slows_neither_the_mailbox_nor_the_services(station, black_hole):
    context = station.served.context
    ledger, stop = Ledger(context.database.pool), asyncio.Event()
    channel = mute(black_hole, timeout_seconds=300, attempts=50, wait_seconds=0)

    line = Line(channel, sender(channel, None))
    courier = Courier(line, ledger, context.clock, context.telemetry, FixedClock(NOON))
    await ledger.enlist(NOTICE, [("mute", "officer-gu")], NOON, NOON)
    running = asyncio.create_task(courier.run(stop))
    officer = station.caller(Role.OFFICER)
    async with asyncio.timeout(60):  # less than one attempt at the channel that never answers
        await raised(station, officer)
        await station.until(
            "/mailbox", officer, lambda listed: listed["items"] and listed["items"][0]["state"] == "sent"
        )
        answers = [await officer.get("/positions") for _ in range(20)]
    assert all(answer.status_code == httpx.codes.OK for answer in answers)
    stop.set()
    running.cancel()


@pytest.fixture
def named(tmp_path, monkeypatch):
    """A file that names who is told in the city."""
    file = tmp_path / "recipients.yaml"
    file.write_text(
        "recipients: [{place: yinchuan, supervisor: supervisor-01}, {place: yinchuan/jinfeng, officers: [officer-gu]}]"
    )
    monkeypatch.setenv("MAPLEBRIDGE_ALERT_RECIPIENTS", str(file))


@pytest.mark.usefixtures("named")
async def test_an_alert_goes_to_the_officer_of_the_place_and_its_escalation_to_the_supervisor_by_name(station):
    officer = station.caller(Role.OFFICER)
    alert = await raised(station, officer)
    station.clock.moment = NOON + timedelta(hours=5)
    listed = await station.until("/alerts", officer, lambda listed: listed["items"][0]["escalated_to"])
    assert listed["items"][0]["escalated_to"] == "supervisor-01"
    mail = await station.until("/mailbox", officer, lambda listed: len(listed["items"]) == 2)
    assert {(item["kind"], item["to"], item["alert"]) for item in mail["items"]} == {
        ("alert", "officer-gu", alert["id"]),
        ("escalation", "supervisor-01", alert["id"]),
    }
    gu = station.caller(Role.OFFICER, "yinchuan/xingqing", ident="officer-gu")  # elsewhere by now; the letter is theirs
    assert [item["to"] for item in (await gu.get("/mailbox", mine=True)).json()["items"]] == ["officer-gu"]
    assert (await officer.get("/mailbox", mine=True)).json()["items"] == []
