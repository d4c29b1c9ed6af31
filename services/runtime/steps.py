"""What the terminal shows while an instance gets up; where it goes into a pipe or a file, plain lines at once."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

SHARE = 5
"""A counted step says so many lines in a pipe, not one a count."""


class Steps:
    """One line a step with its time, a spinner on the current one, then the address."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            console=console,
            transient=False,
        )
        self._current: TaskID | None = None
        self._began = time.monotonic()
        self._shown = False
        self._head = ""
        self._what = ""
        self._said = 0

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._progress.start()
            self._shown = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish(failed=error is not None)
        self._hide()

    def begin(self, what: str) -> None:
        """The next step; a text such as ``Loading: 12,000 of 80,000`` moves the bar of the step it begins like.

        The text of the current step changes nothing.
        """
        if what == self._what:
            return
        self._what = what
        done, total = _counts(what)
        head = what.partition(":")[0]
        if not self._shown:
            self._say(what, head, done * SHARE // total if total else 0)
            return
        if self._current is not None and total is not None and self._head == head:
            self._progress.update(self._current, completed=done, total=total, description=what)
            return
        self._finish()
        self._head = head
        self._current = self._progress.add_task(what, total=total)

    def ready(self, url: str) -> None:
        """People can come."""
        self._finish()
        self._hide()
        self._console.print(f"Maple Bridge is at {url}", highlight=False)
        self._console.print(
            f"Up after {time.monotonic() - self._began:.1f} s. Ctrl-C ends it.", style="dim", highlight=False
        )

    def _say(self, what: str, head: str, share: int) -> None:
        if head != self._head or share != self._said or head == what:
            self._console.print(f"{time.monotonic() - self._began:6.1f} s  {what}", highlight=False)
        self._head, self._said = head, share

    def _finish(self, *, failed: bool = False) -> None:
        if self._current is not None and not failed:
            self._progress.update(self._current, total=1, completed=1)
        self._current = None

    def _hide(self) -> None:
        if self._shown:
            self._progress.stop()
            self._shown = False


def _counts(what: str) -> tuple[int, int | None]:
    """``done`` and ``total`` of a text that ends in ``: done of total``."""
    numbers = what.rpartition(":")[2].replace(",", "").split(" of ")
    if len(numbers) == 2 and all(number.strip().isdigit() for number in numbers):
        return int(numbers[0]), int(numbers[1])
    return 0, None
