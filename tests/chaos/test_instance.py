"""An instance starts, refuses in one sentence, ends in order, and survives being killed."""

import asyncio
import json
import os
import signal
import socket

import asyncpg
import pytest

from tests.chaos.instance import gone, instance, maplebridge

BUILDING = {
    "building": "wanda-a",
    "name": "万达公寓 A 座",
    "place": "yinchuan/jinfeng/beijing-zhonglu/wanda/wanda-a",
    "lowest_floor": 1,
    "highest_floor": 30,
    "effective_at": "2023-01-01T00:00:00+08:00",
}


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    """An instance that runs while this module's tests look at it."""
    with instance(tmp_path_factory.mktemp("up")) as running:
        running.wait_until_up()
        yield running


def test_it_listens_on_this_machine_alone(up):
    ports = {
        (connection.laddr.ip, connection.status)
        for process in up.family()
        for connection in process.net_connections("tcp")
        if connection.status == "LISTEN"
    }
    assert ports == {("127.0.0.1", "LISTEN")}


def test_postgresql_is_not_root_and_has_no_port(up):
    servers = [process for process in up.family() if process.name() == "postgres"]
    assert servers
    assert all(process.uids().real != 0 for process in servers)


def test_a_folder_in_use_gets_one_sentence(up):
    refused = maplebridge("up", "--data", up.data, "--port", 9)
    assert refused.returncode == 1
    assert str(up.process.pid) in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "Traceback" not in refused.stderr


def test_a_taken_port_gets_one_sentence(up, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = maplebridge("up", "--data", tmp_path, "--port", taken.getsockname()[1])
    assert refused.returncode == 1
    assert "taken" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "postgres").exists()


def test_a_token_of_a_folder_in_which_nothing_runs_says_so(up, tmp_path):
    options = ("token", "--role", "officer", "--place", "yinchuan", "--data")
    assert str(tmp_path) in maplebridge(*options, tmp_path).stderr
    assert maplebridge(*options, up.data).stderr == ""


def test_a_folder_of_a_newer_version_gets_one_sentence(tmp_path):
    maplebridge("token", "--role", "officer", "--place", "yinchuan", "--data", tmp_path)
    version = next(path for path in tmp_path.iterdir() if path.name in {"layout", "VERSION", "version"})
    version.write_text("999\n")
    refused = maplebridge("up", "--data", tmp_path)
    assert refused.returncode == 1
    assert "newer" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_health_docs_and_metrics_of_all_four(up):
    client = up.client("officer", "yinchuan")
    for service in ("registry", "incidents", "mediation", "analytics"):
        for path in ("health/live", "health/ready", "docs", "openapi.json", "metrics"):
            answer = client.get(f"/{service}/{path}")
            assert answer.status_code == 200, (service, path, answer.text[:200])


ASIDE = """insert into projections.dead_letters (projection, source, position, stream, version, type, error)
values ('rules', 'incidents', 1, $1, 1, 'unreadable', 'not readable')"""


def test_commands_on_a_running_instance_use_its_postgresql(up):
    verified = maplebridge("log", "verify", "--data", up.data, "--json")
    assert verified.returncode == 0, verified.stderr
    listed = maplebridge("projections", "list", "--data", up.data, "--json")
    assert listed.returncode == 0, listed.stderr
    assert '"kpi"' in listed.stdout
    assert maplebridge("doctor", "--data", up.data).returncode == 0
    assert maplebridge("deadletters", "list", "--data", up.data).stdout.strip() == "Nothing waits."


def test_what_the_rules_set_aside_is_listed_retried_and_dropped(up):
    def waiting():
        return maplebridge("deadletters", "list", "rules", "--data", up.data).stdout.strip()

    def set_aside(stream):
        where = json.loads((up.data / "runtime.json").read_text())["socket"]

        async def put():
            connection = await asyncpg.connect(host=where, port=5432, user="postgres", database="analytics")
            await connection.execute(ASIDE, stream)
            await connection.close()

        asyncio.run(put())

    set_aside("incident-x")
    assert "incident-x" in waiting()
    assert maplebridge("doctor", "--data", up.data).returncode == 1
    dropped = maplebridge("deadletters", "drop", "rules", "--stream", "incident-x", "--data", up.data)
    assert dropped.stdout.strip() == "1 events dropped."
    set_aside("incident-y")
    retried = maplebridge("deadletters", "retry", "rules", "--data", up.data)
    assert retried.stdout.strip() == "rules begins again from the logs; 1 events that waited are read again."
    assert retried.returncode == 0
    assert waiting() == "Nothing waits."


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "term"])
def test_it_ends_in_order_and_leaves_no_process(tmp_path, number):
    with instance(tmp_path) as running:
        running.wait_until_up()
        family = running.family()
        assert running.end(number) == 0
        assert running.lines[-1].strip() == "Ended."
        assert gone(family)


def test_kill_9_loses_nothing(tmp_path):
    with instance(tmp_path) as running:
        running.wait_until_up()
        family = running.family()
        with running.client("administrator", "yinchuan") as client:
            answer = client.post("/registry/buildings", json=BUILDING)
            assert answer.status_code == 201, answer.text
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait()
        assert gone(family), "PostgreSQL was left running"
    with instance(tmp_path) as again:
        again.wait_until_up()
        with again.client("officer", "yinchuan") as client:
            listed = client.get("/registry/buildings", headers={"Maple-After": "registry=1"})
            assert [item["id"] for item in listed.json()["items"]] == ["wanda-a"], listed.text
    assert maplebridge("log", "verify", "registry", "--data", tmp_path).returncode == 0
