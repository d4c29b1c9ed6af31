"""What a storm prints and when it fails, without one."""

import random

from tests.chaos.flow import Waits
from tests.chaos.rounds import Round
from tests.chaos.storm import ALL, line, table, too_late
from tests.chaos.victims import victims

SLOW, QUICK = Waits(1.0, 11.0, 3.0), Waits(0.5, 0.8, 2.0)


def test_everybody_falls_in_turn():
    names = [name for kind in ALL for name in kind]
    drawn = victims(random.Random(7), ALL)  # noqa: S311
    most = max(map(len, ALL)) * len(ALL)
    assert set(names) == {next(drawn) for _ in range(most)}


def test_what_takes_longer_than_ten_seconds_is_late_unless_the_broker_has_to_start():
    assert too_late(Round("project", SLOW))
    assert too_late(Round("postgres's guardian", SLOW, 3.0))
    assert not too_late(Round("project", QUICK))
    assert not any(too_late(Round(name, SLOW)) for name in ("broker", "broker's guardian"))


def test_the_table_has_the_longest_waits_of_each_victim_and_of_pauses_apart():
    rounds = [Round("project", QUICK), Round("project", SLOW), Round("project", QUICK, 4.2), Round("broker", SLOW)]
    head, *rows = [row.split() for row in table(rounds).splitlines()]
    assert head[0] == "victim"
    assert rows == [
        ["broker", "killed", "1", "1.0", "11.0", "3.0"],
        ["project", "killed", "2", "1.0", "11.0", "3.0"],
        ["project", "paused", "1", "0.5", "0.8", "2.0"],
    ]
    assert line(rounds[1]).startswith("LATE project killed")
    assert line(rounds[2]).startswith("project paused for 4.2 s: 0.5 s to an answer")
