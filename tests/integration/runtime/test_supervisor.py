"""Processes are kept running, ended in order, and never outlive who started them."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from functools import partial

import httpx
import psutil
import pytest
from aiohttp import web

from services.runtime.guarded import Seen
from services.runtime.processes import child
from services.runtime.processes.child import Program, StepFailed
from services.runtime.processes.operations import operations
from services.runtime.processes.supervisor import ENDED, supervising

LEASHED = "from services.runtime.processes.leash import hold_to_parent; hold_to_parent();"
PATIENCE = 60


def program(name, code, **environment):
    return Program(name, partial(exec, f"{LEASHED} {code}", {}), environment)


def waits(name):
    return program(name, "import signal; print('up', flush=True); signal.pause()")


def answers(listener):
    connection, _ = listener.accept()
    connection.sendall(b"here")
    connection.close()


async def until(so):
    async with asyncio.timeout(PATIENCE):
        while not so():  # noqa: ASYNC110 - another process has no event
            await asyncio.sleep(0.05)


def alive(pids):
    return [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]


async def test_what_dies_is_started_again_and_that_is_said(tmp_path):
    said = []
    async with supervising(tmp_path, said.append) as supervisor:
        supervisor.keep(waits("one"), waits("two"))
        one, two = supervisor.children
        await until(lambda: "up" in one.last_words())
        first, other = one.pid, two.pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: one.restarts == 1 and one.pid)
        assert one.pid != first
        assert (two.pid, two.restarts) == (other, 0)
        assert said == [said[0]]
        assert said[0].startswith("one ended (by SIGKILL) after")
        pids = [one.pid, two.pid]
    assert not alive(pids)


async def test_the_last_started_end_first(tmp_path):
    order = tmp_path / "order"
    code = (
        "import signal, sys, time, pathlib;"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit());"
        "print('up', flush=True)\n"
        "try: signal.pause()\n"
        "finally:\n"
        "    with open({path!r}, 'a') as order: order.write({name!r})\n"
    )
    async with supervising(tmp_path, print) as supervisor:
        for name in "abc":
            supervisor.keep(program(name, code.format(path=str(order), name=name)))
        await until(lambda: all("up" in each.last_words() for each in supervisor.children))
    assert order.read_text() == "cba"


async def test_a_step_that_fails_is_told_with_its_last_words(tmp_path):
    async with supervising(tmp_path, print) as supervisor:
        await supervisor.once(program("good", "print('well')"))
        with pytest.raises(StepFailed, match=r"no such leaf \(bad; see .*bad\.log\)"):
            await supervisor.once(program("bad", "import sys; sys.exit('no such leaf')"))


async def test_what_a_step_says_is_heard_while_it_runs(tmp_path):
    heard = []
    go_on = tmp_path / "go-on"
    code = f"import os, time; print('half', flush=True)\nwhile not os.path.exists({str(go_on)!r}): time.sleep(0.05)"

    def hear(line):
        heard.append(line)
        if line == "half":
            go_on.touch()

    async with supervising(tmp_path, print) as supervisor:
        await supervisor.once(program("step", code), hear)
    assert "half" in heard


async def test_a_process_has_loaded_what_it_needs_when_it_begins(tmp_path):
    loaded = ("rocksdict", "services.registry.app")
    code = f"import os, sys; print(*(each in sys.modules for each in {loaded}), os.environ['ITS'])"
    async with supervising(tmp_path, print) as supervisor:
        supervisor.keep(program("one", f"{code}; sys.stdout.flush(); import signal; signal.pause()", ITS="own"))
        (one,) = supervisor.children
        await until(one.last_words)
        assert one.last_words() == "True True own"
        assert psutil.Process(one.pid).cmdline()[0] == "maplebridge one"
        parent = psutil.Process(one.pid).parent()
        assert parent.num_threads() == 1  # a lock that another thread held would stay held in each process


async def test_a_socket_is_handed_on_and_stays_open_from_life_to_life(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with supervising(tmp_path, print) as supervisor:
            supervisor.keep(Program("gate", partial(answers, listener), {}))
            for _ in range(2):
                reader, writer = await asyncio.open_connection(*listener.getsockname())
                assert await reader.read() == b"here"
                writer.close()
            assert supervisor.children[0].restarts >= 1


async def test_what_processes_are_forked_from_leaves_their_end_to_the_supervisor(tmp_path):
    async with supervising(tmp_path, print) as supervisor:
        supervisor.keep(waits("one"))
        (one,) = supervisor.children
        await until(lambda: "up" in one.last_words())
        first = one.pid
        parent = psutil.Process(first).parent()
        parent.terminate()  # as who ends a whole group of processes does
        os.kill(first, signal.SIGTERM)
        await until(lambda: one.restarts == 1 and one.pid)
        assert psutil.Process(one.pid).parent() == parent


async def lost_nursery(supervisor, said):
    """Kills what the supervisor's processes were forked from, once they are up, and waits until that was seen."""
    children = supervisor.children
    await until(lambda: all("up" in each.last_words() for each in children))
    psutil.Process(children[0].pid).parent().kill()
    await until(lambda: sum("goes on" in words for words in said) == len(children))


async def test_where_the_process_that_they_are_forked_from_is_lost_all_go_on_and_none_runs_twice(tmp_path):
    said = []
    async with supervising(tmp_path, said.append) as supervisor:
        supervisor.keep(waits("one"), waits("two"))
        one, two = supervisor.children
        await lost_nursery(supervisor, said)
        before = [one.pid, two.pid]
        assert len(alive(before)) == len(before)
        assert (one.restarts, two.restarts) == (0, 0)
        os.kill(before[0], signal.SIGKILL)
        await until(lambda: one.restarts and one.pid)
        assert "one ended (how is not known) after" in said[-1]
        assert (two.pid, two.restarts) == (before[1], 0)
        await until(lambda: not alive(before[:1]))
        other = psutil.Process(one.pid).parent()
        os.kill(before[1], signal.SIGKILL)
        await until(lambda: two.restarts and two.pid)
        assert psutil.Process(two.pid).parent() == other, "they are forked from another process from now on"
        after = [one.pid, two.pid]
    assert not alive(before + after)


async def test_processes_whose_own_was_lost_end_in_order_too(tmp_path):
    said = []
    async with supervising(tmp_path, said.append) as supervisor:
        supervisor.keep(waits("one"), waits("two"))
        await lost_nursery(supervisor, said)
        pids = [each.pid for each in supervisor.children]
        since = time.monotonic()
    assert not alive(pids)
    assert time.monotonic() - since < child.PATIENCE


async def test_what_cannot_be_started_for_now_is_started_later_and_that_is_said(tmp_path, monkeypatch):
    said, fork = [], child.fork
    monkeypatch.setattr(child, "LONGEST_PAUSE", 0.1)
    async with supervising(tmp_path, said.append) as supervisor:
        supervisor.keep(waits("one"))
        (one,) = supervisor.children
        await until(lambda: "up" in one.last_words())
        first, failures = one.pid, [EOFError("unexpected EOF"), OSError("no memory")]

        def failing(*arguments):
            if failures:
                raise failures.pop(0)
            return fork(*arguments)

        monkeypatch.setattr(child, "fork", failing)
        os.kill(first, signal.SIGKILL)
        await until(lambda: one.restarts == 1 and one.pid)
        assert one.pid != first
    assert [words.split(" (")[0] for words in said[1:]] == ["one cannot be started"] * 2


def test_nothing_is_left_after_the_supervisor_was_killed(tmp_path):
    script = f"""
    import asyncio
    from functools import partial
    from pathlib import Path
    from services.runtime.processes.child import Program
    from services.runtime.processes.supervisor import ENDED, supervising

    async def main():
        async with supervising(Path({str(tmp_path)!r}), print) as supervisor:
            code = {LEASHED!r} + "import signal; signal.pause()"
            supervisor.keep(*(Program(name, partial(exec, code, {{}}), {{}}) for name in "ab"))
            print("ready", *(child.pid for child in supervisor.children), flush=True)
            await asyncio.sleep(1000)

    asyncio.run(main())
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    ready, *pids = process.stdout.readline().split()
    assert ready == "ready"
    family = [each.pid for each in psutil.Process(process.pid).children(recursive=True)]
    assert set(map(int, pids)) < set(family)
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + PATIENCE
    while left := alive(family):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


async def test_why_a_process_is_not_ready_is_shown(tmp_path):
    async def metrics(_):
        return web.Response(text='maplebridge_lag_positions{read_model="kpi"} 7\n')

    async def ready(_):
        fine, bad = {"name": "database", "ok": True}, {"name": "read models", "ok": False, "detail": "kpi <stopped>."}
        aside = {"name": "dead letters", "ok": True, "detail": "kpi holds 2."}
        return web.json_response({"status": "not ready", "checks": [fine, bad, aside]}, status=503)

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/health/ready", ready)
    runner = web.AppRunner(app)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0)) as service, socket.create_server(("127.0.0.1", 0)) as page:
        await web.SockSite(runner, service).start()
        at, shown_at = (f"http://127.0.0.1:{each.getsockname()[1]}" for each in (service, page))
        async with (
            supervising(tmp_path, print) as supervisor,
            operations(supervisor, page),
            httpx.AsyncClient() as client,
        ):
            nobody = "http://127.0.0.1:1"
            supervisor.keep(replace(waits("told"), address=at), waits("silent"), replace(waits("hung"), address=nobody))
            told, silent, hung = (await client.get(f"{shown_at}/operations/processes")).json()["items"]
            assert (told["trouble"], told["lag"][0]["value"]) == (["kpi <stopped>.", "kpi holds 2."], 7)
            assert (silent["trouble"], silent["lag"]) == ([], [])
            assert (hung["trouble"], hung["lag"]) == (["It does not answer."], [])
            english = await client.get(f"{shown_at}/operations", headers={"Accept-Language": "en-GB,en;q=0.9"})
            chinese = await client.get(f"{shown_at}/operations", headers={"Accept-Language": "zh-CN"})
            assert all("<td>kpi &lt;stopped&gt;." in page.text for page in (english, chinese))
            assert all(
                word in english.text
                for word in (
                    "<h1>Operations",
                    "<td>running",
                    "<th>trouble",
                    "?in=zh",
                    "<td>kpi 7 positions",
                    "It does not answer.",
                )
            )
            assert all(
                word in chinese.text
                for word in ("<h1>运行状况", "<td>运行中", "<th>问题", "?in=en", "<td>kpi 7 条事件", "没有应答。")
            )
            assert "<h1>运行状况" in (await client.get(f"{shown_at}/operations?in=zh")).text
            lost = await client.get(f"{shown_at}/operations/nope")
            assert (lost.status_code, lost.headers["Location"]) == (302, "/operations")
        await runner.cleanup()


async def test_with_a_secret_in_the_address_operations_are_shown_to_those_who_have_it(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as page:
        async with (
            supervising(tmp_path, print) as supervisor,
            operations(supervisor, page, "a-secret"),
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{page.getsockname()[1]}") as client,
        ):
            for path in ("/operations", "/operations/processes", "/operations?key=wrong", "/operations/nope"):
                answer = await client.get(path)
                assert answer.status_code == 403
                assert "the whole address that it showed" in answer.text
            first = await client.get("/operations?key=a-secret&in=en")
            assert (first.status_code, first.headers["Location"]) == (303, "/operations?in=en")
            assert "<h1>Operations" in (await client.get(first.headers["Location"])).text
            assert (await client.get("/operations/processes")).json() == {"items": []}


async def test_servers_are_shown_like_the_rest(tmp_path):
    async with supervising(tmp_path, lambda _: None) as supervisor:
        supervisor.servers = {"postgresql": lambda: Seen(os.getpid(), 3), "kafka": lambda: Seen(0, 1)}
        here, away = await supervisor.conditions()
    assert (here.name, here.state, here.pid, here.restarts, here.trouble) == (
        "postgresql",
        "running",
        os.getpid(),
        2,
        [],
    )
    assert (away.name, away.state, away.pid, away.trouble) == ("kafka", "waiting", None, [ENDED])
