"""How tests are dealt out to workers side by side, where pytest-xdist runs them.

A file is one piece of work, so that its tests share what is made once a file. Whatever starts whole instances or
brokers of its own is one piece together: one after the other, since several at once are more than two cores carry, and
what is shown there is how soon things happen. That piece begins first, and what is short fills what is left.
"""

from typing import Any

import pytest

INSTANCES = (
    "tests/chaos/",
    "tests/integration/runtime/",
    "tests/integration/rules/",
    "tests/integration/demonstration/",
    "tests/integration/relay/",
    "tests/integration/test_benchmarks.py",
)
"""Beginnings of the names of tests that start whole instances or brokers; one worker runs them all."""

LONGEST_FIRST = (*INSTANCES, "tests/browser/", "tests/integration/", "tests/guarantees/", "tests/contracts/", "")
"""Beginnings of the names of tests."""


def turn(nodeid: str) -> int:
    """Return where a test stands in the order of a run side by side."""
    return next(place for place, beginning in enumerate(LONGEST_FIRST) if nodeid.startswith(beginning))


def piece(nodeid: str) -> str:
    """Return the name of the piece of work that a test belongs to."""
    return "instances" if nodeid.startswith(INSTANCES) else nodeid.partition("::")[0]


def scheduler(config: pytest.Config, log: Any) -> Any:
    """Return what deals the pieces out to the workers, in the order of `turn`."""
    from xdist.scheduler import LoadScopeScheduling

    class ByPieces(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return piece(nodeid)

    config.option.loadscopereorder = False  # the order is ours
    return ByPieces(config, log)
