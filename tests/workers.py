"""How tests are dealt out to workers side by side, where pytest-xdist runs them.

A file is one piece of work, so that its tests share what is made once a file, except where each makes all that it needs
itself. What takes longest begins first, and the many short tests fill what is left.
"""

from typing import Any

import pytest

PIECES = (
    "tests/chaos/test_relay.py",
    "tests/integration/rules/test_recovery.py",
    "tests/integration/rules/test_stream.py",
    "tests/integration/runtime/test_kafka.py",
)
"""Long files whose tests share nothing: each test is a piece of work of its own."""

LONGEST_FIRST = (
    "tests/chaos/test_demo_kafka.py",
    "tests/chaos/test_anything_dies.py",
    "tests/integration/runtime/test_secured_kafka.py",
    "tests/integration/test_benchmarks.py",
    "tests/chaos/",
    "tests/integration/rules/",
    "tests/integration/runtime/",
    "tests/integration/demonstration/",
    "tests/browser/",
    "tests/integration/",
    "tests/guarantees/",
    "tests/contracts/",
    "",
)
"""Beginnings of the names of tests."""


def turn(nodeid: str) -> int:
    """Return where a test stands in the order of a run side by side."""
    return next(place for place, beginning in enumerate(LONGEST_FIRST) if nodeid.startswith(beginning))


def piece(nodeid: str) -> str:
    """Return the name of the piece of work that a test belongs to."""
    file = nodeid.partition("::")[0]
    return nodeid if file in PIECES else file


def scheduler(config: pytest.Config, log: Any) -> Any:
    """Return what deals the pieces out to the workers, in the order of `turn`."""
    from xdist.scheduler import LoadScopeScheduling

    class ByPieces(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return piece(nodeid)

    config.option.loadscopereorder = False  # the order is ours
    return ByPieces(config, log)
