"""Processes are kept running, ended in order, and never outlive who started them."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from services.runtime.processes.child import Program, StepFailed
from services.runtime.processes.supervisor import supervising

LEASHED = "from services.runtime.processes.leash import hold_to_parent; hold_to_parent();"
PATIENCE = 60


def program(name, code, **environment):
    return Program(name, (sys.executable, "-c", f"{LEASHED} {code}"), environment)


def waits(name):
    return program(name, "import signal; print('up', flush=True); signal.pause()")


async def until(so):
    async with asyncio.timeout(PATIENCE):
        while not so():  # noqa: ASYNC110 - another process has no event
            await asyncio.sleep(0.05)


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
    assert not any(psutil.pid_exists(pid) for pid in pids)


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
        await until(lambda: all("up" in child.last_words() for child in supervisor.children))
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


def test_nothing_is_left_after_the_supervisor_was_killed(tmp_path):
    script = f"""
    import asyncio, sys
    from pathlib import Path
    from services.runtime.processes.child import Program
    from services.runtime.processes.supervisor import supervising

    async def main():
        async with supervising(Path({str(tmp_path)!r}), print) as supervisor:
            code = {LEASHED!r} + "import signal; signal.pause()"
            supervisor.keep(*(Program(name, (sys.executable, "-c", code), {{}}) for name in "ab"))
            print("ready", flush=True)
            await asyncio.sleep(1000)

    asyncio.run(main())
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    children = psutil.Process(process.pid).children()
    assert len(children) == 2
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + PATIENCE
    while alive := [each for each in children if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]:
        assert time.monotonic() < deadline, alive
        time.sleep(0.05)
