"""A relay is ready while it publishes or another one does; where something is in its way, it says what."""

from types import SimpleNamespace

import pytest

from services.chassis.http.health import NotReady
from services.chassis.relay.relay import RelayState
from services.runtime.processes.relay import goes_on


def check(**state):
    return goes_on(SimpleNamespace(line="events", state=RelayState(**state)))


@pytest.mark.parametrize("reason", ["", "another relay publishes this log"])
async def test_it_is_ready_while_somebody_publishes(reason):
    await check(reason=reason).run()


@pytest.mark.parametrize("why", ["stopped", "away"])
async def test_it_says_what_is_in_its_way(why):
    with pytest.raises(NotReady, match="does not answer"):
        await check(reason="Kafka does not answer", **{why: True}).run()
