"""An instance over Kafka while anything in it is killed, paused or deleted, and commands go on to all four services.

MAPLEBRIDGE_CHAOS_ROUNDS sets how many processes are killed, MAPLEBRIDGE_CHAOS_SEED which and when,
MAPLEBRIDGE_CHAOS_RATE how many commands a second the clients try for, MAPLEBRIDGE_CHAOS_AWAY how many seconds the
broker is unreachable. The figures are printed. Beside other load they mean little, so the promise that flow resumes
within ten seconds is asserted where MAPLEBRIDGE_CHAOS_STRICT is set, on a machine of its own.
"""

import asyncio
import os
import random
import secrets
import signal
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from contracts.topics import events_topic
from services.runtime.databases import SERVICES
from services.runtime.folder import DataFolder
from tests.chaos.flow import Waits, watching
from tests.chaos.instance import Instance, instance, kafka_of, maplebridge
from tests.chaos.newcomer import LOCK
from tests.chaos.rounds import LOCKED, PATIENCE, RESUMES_WITHIN, Round, all_is_well, killed, resumed, until
from tests.chaos.storm import ALL
from tests.chaos.traffic import Traffic, traffic
from tests.chaos.victims import BROKER, pid_of, victims

ROUNDS = int(os.environ.get("MAPLEBRIDGE_CHAOS_ROUNDS", "6"))
SEED = int(os.environ.get("MAPLEBRIDGE_CHAOS_SEED", str(secrets.randbelow(10**6))))
RATE = float(os.environ.get("MAPLEBRIDGE_CHAOS_RATE", "50"))
AWAY = float(os.environ.get("MAPLEBRIDGE_CHAOS_AWAY", "10"))
STRICT = "MAPLEBRIDGE_CHAOS_STRICT" in os.environ


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """An instance over Kafka, empty at first."""
    with instance(tmp_path_factory.mktemp("apart"), "--kafka", **{LOCK: LOCKED}) as started:
        started.wait_until_up(PATIENCE)
        yield started


@pytest.fixture(autouse=True)
def with_what_kafka_needs(monkeypatch):
    """Commands on its folder find what they need, too."""
    monkeypatch.setenv(LOCK, LOCKED)


def answered_everywhere(sent: Traffic, since: float) -> bool:
    """Whether each service has answered a command that was begun after a moment."""
    return {each.service for each in sent.answered if each.begun >= since} == set(SERVICES)


def condition(running: Instance, name: str) -> dict[str, Any]:
    """What the page of operations tells of a process."""
    answer = httpx.get(f"{running.url}/operations/processes", timeout=20)
    return next(item for item in answer.raise_for_status().json()["items"] if item["name"] == name)


def behind(running: Instance, relay: str) -> float | None:
    """How many events a relay is behind; None where it does not say so now."""
    said = {lag["what"]: lag["value"] for lag in condition(running, relay)["lag"]}
    return said.get("maplebridge_relay_lag_positions")


def why(running: Instance, name: str) -> str:
    """Why a process is not ready."""
    return httpx.get(f"{condition(running, name)['address']}/health/ready", timeout=20).text


async def delete(data: Path, topic: str) -> None:
    """Deletes a topic by mistake."""
    admin = AIOKafkaAdminClient(**kafka_of(data))
    await admin.start()
    try:
        await admin.delete_topics([topic])
    finally:
        await admin.close()


def test_each_victim_of_a_storm_is_a_process_of_its_own(running):
    names = [name for kind in ALL for name in kind]
    processes = {pid_of(running, name) for name in names}
    assert 0 not in processes
    assert len(processes) == len(names)
    assert processes <= {each.pid for each in running.family()}


async def test_whatever_is_killed_nothing_is_lost_nothing_doubled_and_flow_resumes(running, capsys):
    chance, folder = random.Random(SEED), DataFolder.open(running.data)  # noqa: S311 - which moments, not which secrets
    rounds: list[Round] = []
    async with watching(folder) as flow:
        async with traffic(running.url, folder, f"k{secrets.token_hex(3)}", RATE) as sent:
            await resumed(flow, sent, time.monotonic())
            began, before = time.monotonic(), len(sent.answered)
            for victim, _ in zip(victims(chance), range(ROUNDS), strict=False):
                await asyncio.sleep(chance.uniform(0, 2))
                rounds.append(Round(victim, await resumed(flow, sent, await killed(running, victim))))
            rate = (len(sent.answered) - before) / (time.monotonic() - began)
        with capsys.disabled():
            print(told(rounds, len(sent.commands), rate))  # noqa: T201
        await all_is_well(running, flow, sent)
        with capsys.disabled():
            print(f"  the longest that any command waited: {flow.longest(sent.commands)}")  # noqa: T201
    if STRICT:
        late = [each for each in rounds if each.victim != BROKER and each.resumed.longest > RESUMES_WITHIN]
        assert not late, late


def told(rounds: list[Round], commands: int, rate: float) -> str:
    """The figures, for people."""
    by_victim: defaultdict[str, list[Waits]] = defaultdict(list)
    for each in rounds:
        by_victim[each.victim].append(each.resumed)
    lines = [
        f"\n{len(rounds)} kills (seed {SEED}), {commands:,} commands, {rate:.0f}/s of {RATE:.0f}/s while they went on"
    ]
    for victim, waits in sorted(by_victim.items()):
        answer, view, alert = (max(getattr(each, name) for each in waits) for name in ("answer", "view", "alert"))
        lines.append(
            f"  {victim:<16} {len(waits)} times; at most {answer:4.1f} s to an answer, {view:4.1f} s to a row, "
            f"{alert:4.1f} s to an alert"
        )
    return "\n".join(lines)


async def test_commands_go_on_while_the_broker_is_unreachable_and_what_waited_drains_in_order(running, capsys):
    folder = DataFolder.open(running.data)
    async with watching(folder) as flow:
        async with traffic(running.url, folder, f"a{secrets.token_hex(3)}", RATE) as sent:
            await resumed(flow, sent, time.monotonic())
            since = await killed(running, BROKER, signal.SIGSTOP)
            try:
                await until(lambda: answered_everywhere(sent, since))
                few = await until(lambda: behind(running, "relay-incidents") or 0)
                await asyncio.sleep(AWAY)
                await until(lambda: (behind(running, "relay-incidents") or 0) > few)
                later = time.monotonic()
                await until(lambda: answered_everywhere(sent, later))
            finally:
                since = await killed(running, BROKER, signal.SIGCONT)
            waits, missed = await resumed(flow, sent, since), len(sent.commands)
        await all_is_well(running, flow, sent)
        await until(lambda: behind(running, "relay-incidents") == 0)
    with capsys.disabled():
        print(f"\nthe broker was away for {AWAY:.0f} s and more, {missed:,} commands; then {waits}")  # noqa: T201


async def test_a_topic_that_was_deleted_stops_its_relay_with_a_sentence_and_republishing_mends_it(running):
    folder, data = DataFolder.open(running.data), running.data
    async with watching(folder) as flow:
        async with traffic(running.url, folder, f"d{secrets.token_hex(3)}", RATE) as sent:
            await resumed(flow, sent, time.monotonic())
            await delete(data, events_topic("incidents"))
            await until(
                lambda: "is not there: make it with maplebridge topics apply" in why(running, "relay-incidents")
            )
            since = time.monotonic()
            await until(lambda: answered_everywhere(sent, since))
            made = await asyncio.to_thread(maplebridge, "topics", "apply", "--data", data)
            assert made.returncode == 0, made.stdout + made.stderr
            await until(lambda: "was deleted and made anew" in why(running, "relay-incidents"))
            done = await asyncio.to_thread(maplebridge, "relay", "republish", "incidents", "--from", 1, "--data", data)
            assert done.returncode == 0, done.stderr
            await resumed(flow, sent, time.monotonic())
        await all_is_well(running, flow, sent)
