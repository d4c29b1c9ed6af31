"""The city of the shipped seed, decided once for all tests of it."""

import pytest

from tests.unit.runtime.demonstration.deciding import Decided, decided


@pytest.fixture(scope="session")
def city() -> Decided:
    return decided(16)
