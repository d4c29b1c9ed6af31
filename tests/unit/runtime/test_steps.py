"""What an instance says while it gets up, into a pipe."""

import io

from rich.console import Console

from services.runtime.steps import Steps


def test_into_a_pipe_each_step_is_said_at_once_and_counts_by_shares():
    said = io.StringIO()
    with Steps(Console(file=said, width=200)) as steps:
        steps.begin("Starting PostgreSQL")
        assert "Starting PostgreSQL" in said.getvalue()
        for number in range(1, 101):
            steps.begin(f"Loading: {number} of 100")
        steps.begin("Waiting")
        steps.begin("Waiting")
        steps.ready("http://here")
    lines = [line.split("s  ", 1)[-1].strip() for line in said.getvalue().splitlines()]
    assert lines[:3] == ["Starting PostgreSQL", "Loading: 1 of 100", "Loading: 20 of 100"]
    assert len(lines) == 1 + 6 + 1 + 2
    assert lines[-2] == "Maple Bridge is at http://here"


def test_on_a_terminal_a_step_that_is_said_again_and_again_is_one_line():
    said = io.StringIO()
    with Steps(Console(file=said, width=200, force_terminal=True)) as steps:
        for _ in range(20):
            steps.begin("Analytics does not answer yet: ConnectError")
    assert said.getvalue().count("\n") == 1
