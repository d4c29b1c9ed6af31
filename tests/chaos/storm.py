"""A storm: an instance over Kafka under load, in which somebody is killed or paused again and again.

    python -m tests.chaos.storm --seconds 600 --rate 45 [--seed 7] [--data DIR]

Victims are all processes of the instance, PostgreSQL, the broker, the guardians of both, and the process from which the
others are forked; one at a time, at random, the next once flow is there again. Each line says how long that took, from
the kill or from the end of the pause: to an answer, to a row in every read model, to an alert. In the end what was
acknowledged must be in the logs once and on their topics, read models equal to rebuilt ones, and alerts those of an
embedded replay.

The status is 1 where that does not hold, or where flow took more than ten seconds to resume after anything but a
restart of the broker. The data folder is kept where something failed; its logs/ may say why.
"""

import argparse
import asyncio
import contextlib
import os
import random
import secrets
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from services.runtime.folder import DataFolder
from tests.chaos.flow import Flow, Waits, watching
from tests.chaos.instance import Instance, instance
from tests.chaos.newcomer import LOCK
from tests.chaos.rounds import LOCKED, PATIENCE, RESUMES_WITHIN, Round, all_is_well, killed, resumed, until
from tests.chaos.traffic import Traffic, traffic
from tests.chaos.victims import BROKER, GUARDIANS, KINDS, NURSERY, signalled, victims

ALL = (*KINDS, tuple(GUARDIANS), (NURSERY,))
LONGEST_PAUSE = 12.0  # seconds; sessions with Kafka and leases end after six
PAUSED = 0.3
"""How many of the rounds are pauses."""
BROKERS = {BROKER, next(name for name, server in GUARDIANS.items() if server == BROKER)}
"""After these the broker has to start."""


def main(words: Sequence[str]) -> int:
    """Runs one; answers its status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600, help="how long victims fall")
    parser.add_argument("--rate", type=float, default=45, help="commands a second that all clients together try for")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="which victims, and when")
    parser.add_argument("--data", type=Path, help="an empty data folder; a temporary one unless set")
    options = parser.parse_args(words)
    data = options.data or Path(tempfile.mkdtemp(prefix="storm-"))
    os.environ[LOCK] = LOCKED
    say(f"seed {options.seed}, data folder {data}")
    with instance(data, "--kafka") as running:
        say(f"up after {running.wait_until_up(PATIENCE):.0f} s")
        rounds, well = asyncio.run(storm(running, random.Random(options.seed), options.seconds, options.rate))  # noqa: S311
    say(table(rounds))
    late = [each for each in rounds if too_late(each)]
    if well and not late:
        if options.data is None:
            shutil.rmtree(data, ignore_errors=True)
        return 0
    say(f"{len(late)} of {len(rounds)} rounds took longer than {RESUMES_WITHIN:.0f} s; the data is kept in {data}")
    return 1


async def storm(running: Instance, chance: random.Random, seconds: float, rate: float) -> tuple[list[Round], bool]:
    """Lets victims fall for so long; answers the rounds, and whether all was well in the end."""
    folder = DataFolder.open(running.data)
    rounds: list[Round] = []
    async with watching(folder) as flow:
        try:
            async with traffic(running.url, folder, f"s{secrets.token_hex(3)}", rate) as sent:
                await resumed(flow, sent, time.monotonic())
                ends = time.monotonic() + seconds
                for victim in victims(chance, ALL):
                    await asyncio.sleep(chance.uniform(0, 2))
                    if time.monotonic() > ends:
                        break
                    rounds.append(await one(running, flow, sent, victim, chance))
                    say(line(rounds[-1]))
            say(f"{len(sent.commands):,} commands; looking at logs, topics, read models and alerts")
            await all_is_well(running, flow, sent)
        except Exception:  # noqa: BLE001 - what is wrong is what is asked for
            say(traceback.format_exc())
            return rounds, False
    say(f"all is well; the longest that any command waited: {waited(flow.longest(sent.commands))}")
    return rounds, True


async def one(running: Instance, flow: Flow, sent: Traffic, victim: str, chance: random.Random) -> Round:
    """Somebody is killed or paused; waits until flow is there again."""
    if chance.random() >= PAUSED:
        return Round(victim, await resumed(flow, sent, await killed(running, victim)))
    pid = await until(lambda: signalled(running, victim, signal.SIGSTOP))
    began = time.monotonic()
    try:
        await asyncio.sleep(chance.uniform(1, LONGEST_PAUSE))
    finally:
        with contextlib.suppress(ProcessLookupError):  # somebody may have ended what did not move
            os.kill(pid, signal.SIGCONT)
    woken = time.monotonic()
    return Round(victim, await resumed(flow, sent, woken), woken - began)


def too_late(each: Round) -> bool:
    """Whether flow took longer to resume than is promised."""
    return each.resumed.longest > RESUMES_WITHIN and each.victim not in BROKERS


def table(rounds: Sequence[Round]) -> str:
    """The longest waits of each victim, for people."""
    by_victim: defaultdict[tuple[str, str], list[Waits]] = defaultdict(list)
    for each in rounds:
        by_victim[each.victim, "paused" if each.paused else "killed"].append(each.resumed)
    lines = [f"{'victim':<22} {'':<6} {'times':>5} {'answer':>7} {'row':>7} {'alert':>7}  seconds at most"]
    for (victim, how), waits in sorted(by_victim.items()):
        answer, view, alert = (max(getattr(each, name) for each in waits) for name in ("answer", "view", "alert"))
        lines.append(f"{victim:<22} {how:<6} {len(waits):>5} {answer:>7.1f} {view:>7.1f} {alert:>7.1f}")
    return "\n".join(lines)


def line(each: Round) -> str:
    """One round, for people."""
    how = f"paused for {each.paused:.1f} s" if each.paused else "killed"
    return f"{'LATE ' if too_late(each) else ''}{each.victim} {how}: {waited(each.resumed)}"


def waited(waits: Waits) -> str:
    """Three waits, for people."""
    return f"{waits.answer:.1f} s to an answer, {waits.view:.1f} s to a row, {waits.alert:.1f} s to an alert"


def say(words: str) -> None:
    """To the terminal, at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
