"""What every ledger of erasures does; the one in memory and the one in a file are held to it."""

from datetime import UTC, datetime

from services.chassis.vault import Ledger

NOON = datetime(2024, 5, 6, 4, tzinfo=UTC)
LATER = datetime(2024, 5, 7, 4, 0, 0, 7, tzinfo=UTC)


class LedgerContract:
    """Inherited by a test class that has a fixture ``ledger``."""

    async def test_it_says_what_was_put_down_oldest_first(self, ledger: Ledger):
        await ledger.record({"subject:b": LATER})
        put_down = await ledger.record({"subject:a": NOON, "case:枫": NOON})
        assert list(put_down.items()) == [("subject:b", LATER), ("subject:a", NOON), ("case:枫", NOON)]
        assert await ledger.read() == put_down

    async def test_it_has_nothing_to_begin_with(self, ledger: Ledger):
        assert await ledger.record({}) == {}
        assert await ledger.read() == {}

    async def test_what_is_put_down_again_keeps_its_first_moment(self, ledger: Ledger):
        await ledger.record({"subject:a": NOON})
        await ledger.record({"subject:a": LATER, "subject:b": LATER})
        assert await ledger.read() == {"subject:a": NOON, "subject:b": LATER}
