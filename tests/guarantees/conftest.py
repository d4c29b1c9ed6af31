"""A laboratory for each test."""

from collections.abc import Iterator

import pytest

from tests.guarantees.laboratory import Laboratory
from tests.own_loop import OwnLoop


@pytest.fixture
def laboratory(session_databases) -> Iterator[Laboratory]:
    """A fresh database with the chassis' migrations; dropped after the test."""
    with OwnLoop() as loop:
        fresh = loop.run(session_databases.fresh())
        laboratory = Laboratory(loop, fresh.owner, fresh.app)
        yield laboratory
        laboratory.close()
        loop.run(session_databases.drop(fresh.name))
