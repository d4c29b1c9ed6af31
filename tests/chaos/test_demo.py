"""``make demo`` from an empty folder: the figures of the case, a living wall, and a second start that goes on."""

import os
import signal
import time

import pytest

from tests.chaos.instance import gone, instance, maplebridge

FALLS = {
    "building-dispute-calls": (293, 363, -19.28),
    "building-security-cost": (107, 178, -39.89),
    "area-crime": (60, 70, -14.3),
    "area-theft": (12, 24, -50.0),
    "city-crime": (1140, 1500, -24.0),
    "city-public-order": (620, 780, -20.5),
    "city-help-calls": (8920, 10000, -10.8),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


def figures(running, seconds=60):
    """The seven figures, once the read model has caught up."""
    deadline = time.monotonic() + seconds
    with running.client("analyst", "yinchuan") as client:
        while True:
            answer = client.get("/analytics/kpis")
            assert answer.status_code == 200, answer.text
            items = {item["id"]: item for item in answer.json()["items"]}
            # until all of it is read a change is not said; a wrong one never is
            said = {name: items.get(name, {}).get("change_percent") for name in FALLS}
            assert all(said[name] in {None, change} for name, (_, _, change) in FALLS.items()), said
            if None not in said.values():
                return items
            assert time.monotonic() < deadline, {name: items.get(name) for name in FALLS}
            time.sleep(0.5)


def test_an_empty_folder_becomes_the_city_of_the_case(folder):
    with instance(folder, command="demo") as running:
        running.wait_until_up(120)
        items = figures(running)
        for name, (value, previous, change) in FALLS.items():
            item = items[name]
            assert (item["value"], item["previous"]) == (value, previous)
            assert item["change_percent"] == change, name
            assert (item["interval"] is None) == (name == "building-security-cost")
        family = running.family()
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait()
        assert gone(family)


def test_the_second_start_goes_on_quickly_and_the_closed_years_do_not_move(folder):
    with instance(folder, command="demo") as running:
        running.wait_until_up(60)
        before = figures(running)
        with running.client("integrator", "yinchuan") as client:
            began = client.get("/analytics/positions").json()["total"]
            deadline = time.monotonic() + 90
            while client.get("/analytics/positions").json()["total"] == began:
                assert time.monotonic() < deadline, "the city does not live"
                time.sleep(0.5)
        after = figures(running)
        assert {name: after[name]["value"] for name in FALLS} == {name: before[name]["value"] for name in FALLS}
        assert running.end(signal.SIGINT) == 0
    verified = maplebridge("log", "verify", "--data", folder, timeout=180)
    assert verified.returncode == 0, verified.stderr
