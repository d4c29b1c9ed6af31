"""A member with a name, whom its group does not know any more."""

import pytest

from services.chassis.kafka.member import keep_place


class Coordinator:
    """aiokafka's, as far as it joins.

    Attributes:
        asked: as whom it has asked to be let in. answers: whom the group makes it; None: it does not know it.
    """

    def __init__(self):
        self.member_id = ""
        self.asked = []
        self.answers = []

    def reset_generation(self):
        self.member_id = ""

    async def _do_rejoin_group(self, subscription):
        self.asked.append(self.member_id)
        if (answer := self.answers.pop(0)) is None:
            self.reset_generation()
            return False
        self.member_id = answer
        return True


@pytest.fixture
def coordinator():
    made = Coordinator()
    keep_place(made)
    return made


async def test_it_asks_once_as_who_it_was_then_as_somebody_new(coordinator):
    coordinator.answers = ["first", None, "second"]
    assert await coordinator._do_rejoin_group(None)
    coordinator.reset_generation()
    assert not await coordinator._do_rejoin_group(None)
    assert await coordinator._do_rejoin_group(None)
    assert coordinator.asked == ["", "first", ""]


async def test_who_was_let_in_as_who_it_was_asks_so_again(coordinator):
    coordinator.answers = ["first", "first", "first"]
    for _ in range(3):
        assert await coordinator._do_rejoin_group(None)
        coordinator.reset_generation()
        coordinator.reset_generation()
    assert coordinator.asked == ["", "first", "first"]
