"""``make demo-kafka`` from an empty folder: the figures of the case as separate processes over Kafka give them."""

import asyncio
import os
import re
import signal
import time
from collections import defaultdict

import httpx
import orjson
import pytest

from contracts.topics import BARRIER, LOGS, WATERMARK
from tests.chaos.instance import gone, instance, kafka_of, maplebridge
from tests.chaos.newcomer import LOCK
from tests.chaos.test_demo import FALLS, figures
from tests.described import Described
from tests.topic_records import topic_records

FORCED = ("registry", "relay-registry", "project", "gateway", "city")
PATIENCE = 120
CAUGHT_UP = 240
WANDA = "yinchuan/jinfeng/beijing-zhonglu/wanda"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo-kafka")


@pytest.fixture(autouse=True)
def with_what_kafka_needs(monkeypatch):
    monkeypatch.setenv(LOCK, "requirements-kafka.lock")


def processes(running):
    """What the page of operations tells of each process, by name."""
    answer = httpx.get(f"{running.url}/operations/processes", timeout=20)
    return {item["name"]: item for item in answer.raise_for_status().json()["items"]}


def until(so, what):
    """Asks until it is so; a gateway that is being started anew is asked again."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if found := so():
                return found
        except httpx.HTTPError as error:
            what = f"{what} ({error!r})"
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def test_the_seven_figures_are_those_of_embedded_mode(folder):
    with instance(folder, "--kafka", command="demo") as running:
        running.wait_until_up(300)
        assert any("Kafka answers at 127.0.0.1:" in line for line in running.lines)
        items = figures(running, CAUGHT_UP)
        for name, (value, previous, change) in FALLS.items():
            item = items[name]
            assert (item["value"], item["previous"]) == (value, previous)
            assert item["change_percent"] == change, name
            assert (item["interval"] is None) == (name == "building-security-cost")
        _what_is_killed_comes_back(running)
        _the_city_lives_on(running)
        _the_rules_say_where_they_are(running)
        _who_wrote_reads_it(running)
        _a_part_is_published_again(running)
        _what_is_on_the_topics_is_described(running)
        family = running.family()
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait()
        assert gone(family)


def _what_is_killed_comes_back(running):
    before = processes(running)
    assert all(item["state"] == "running" for item in before.values())
    for name in FORCED:
        os.kill(before[name]["pid"], signal.SIGKILL)

    def back():
        now = processes(running)
        return (
            all(now[name]["restarts"] == before[name]["restarts"] + 1 and now[name]["pid"] for name in FORCED) and now
        )

    after = until(back, "what was killed is not started again")
    assert {name: item["pid"] for name, item in after.items() if name not in FORCED} == {
        name: item["pid"] for name, item in before.items() if name not in FORCED
    }
    assert any("registry ended (by SIGKILL)" in line for line in running.lines)


def _the_city_lives_on(running):
    """Nobody else does anything yet: what is new in the feed is what its new process did."""
    with running.client("officer", WANDA.partition("/")[0]) as officer:

        def newest():
            answer = officer.get("/analytics/feed")
            return answer.json()["items"][0] if answer.status_code != 503 else None

        last = until(newest, "there is no feed")
        until(lambda: newest() not in (None, last), "nothing happens in the city any more")


def _the_rules_say_where_they_are(running):
    """Their positions lie with Faust's tables: the list says so, and does not tell of zero events."""
    listed = maplebridge("projections", "list", "--data", running.data, "--json")
    assert listed.returncode == 0, listed.stderr
    rows = {row["name"]: row for row in orjson.loads(listed.stdout)}
    assert (rows["rules"]["position"], rows["rules"]["behind"]) == ({}, None)
    assert rows["floors"]["position"]["registry"] > 0
    assert rows["floors"]["behind"] >= 0


def _who_wrote_reads_it(running):
    """Through the gateway, the registry, its topic and the read model of analytics."""
    unit = {"observed_use": "vacant"}
    with running.client("officer", WANDA) as officer:

        def observed():
            answer = officer.post("/registry/units/wanda-a-1812/observations", json=unit)
            return answer if answer.status_code != 503 else None

        answer = until(observed, "the registry does not take commands")
        assert answer.status_code == 201, answer.text
        after = {"Maple-After": answer.headers["Maple-Position"]}

        def seen():
            told = officer.get("/analytics/buildings/wanda-a/floors", headers=after)
            return told if told.status_code != 503 else None

        answer = until(seen, "the read model does not reach what was written")
        assert answer.status_code == 200, answer.text


def _a_part_is_published_again(running):
    """As after a topic was deleted; readers drop what they have, and go on."""
    done = maplebridge("relay", "republish", "mediation", "--from", 2000, "--data", running.data)
    assert done.returncode == 0, done.stderr
    assert "events of mediation are published again." in done.stdout

    def caught_up():
        relay = processes(running)["relay-mediation"]
        behind = {lag["what"]: lag["value"] for lag in relay["lag"]}
        return behind["maplebridge_relay_lag_positions"] == 0 and relay["pid"]

    until(caught_up, "the relay does not publish again")


def _what_is_on_the_topics_is_described(running):
    """Every message that there is, by the document that the instance serves; and nobody is in the city's."""
    kafka = kafka_of(running.data)
    assert any(f"Kafka answers at {kafka['bootstrap_servers']}" in line for line in running.lines)
    described = Described(httpx.get(f"{running.url}/asyncapi.json", timeout=20).raise_for_status().json())
    assert set(described.channels) == {f"maplebridge.{name}.events" for name in LOGS} | {"maplebridge.alerts"}
    with running.client("data-platform", "yinchuan") as client:

        def told():
            head = client.get("/city/export").raise_for_status().json()["head"]
            behind = {lag["what"]: lag["value"] for lag in processes(running)["relay-city"]["lag"]}
            return head > 100 and not behind.get("maplebridge_relay_lag_positions", 1) and head

        until(told, "the city is told nothing")
    positions: defaultdict[str, set[tuple[int, str]]] = defaultdict(set)
    persons: set[str] = set()
    city: list[str] = []

    def look(record):
        headers = described.check(record)
        if headers["ce_type"] in {WATERMARK, BARRIER}:
            return
        positions[record.topic].add((int(headers["ce_sequence"]), headers["ce_type"]))
        told = orjson.loads(record.value)
        if record.topic == "maplebridge.registry.events":
            persons.update(told.get("subjects", ()), *[[told[name]] for name in ("subject", "unit") if name in told])
        if record.topic == "maplebridge.city.events":
            city.append(f"{told} {headers}")

    for topic in described.channels:
        found = asyncio.run(topic_records(kafka, topic))
        assert found
        for record in found:
            look(record)
    assert len(persons) > 1000
    everything = set(re.findall(r"[A-Za-z0-9._-]+", " ".join(city)))
    assert not everything & persons, "a person or a unit in a message for the city"
    alerts, events = positions["maplebridge.alerts"], positions["maplebridge.analytics.events"]
    both = min(max(alerts)[0], max(events)[0])  # one was read a moment after the other, and the city lives
    for topic in ("maplebridge.alerts", "maplebridge.analytics.events"):
        for record in asyncio.run(topic_records(kafka, topic)):  # by now all partitions have what there was then
            look(record)
    raised = {each for each in alerts if each[0] <= both}
    assert raised == {(at, name) for at, name in events if ".alert-" in name and at <= both}
    assert len({name for _, name in raised}) >= 3


def test_the_second_start_goes_on_and_leaves_nothing_behind(folder):
    with instance(folder, "--kafka", command="demo") as running:
        running.wait_until_up(180)
        before = figures(running, CAUGHT_UP)
        with running.client("integrator", "yinchuan") as client:

            def total():
                return client.get("/analytics/positions").json()["total"]

            began = total()
            until(lambda: total() > began, "the city does not live")
        after = figures(running, CAUGHT_UP)
        assert {name: after[name]["value"] for name in FALLS} == {name: before[name]["value"] for name in FALLS}
        family = running.family()
        assert running.end(signal.SIGINT, 90) == 0
        assert gone(family, 5)  # what the others were forked from sees by itself that nobody needs it any more
