"""What every store of keys does; the one in memory and the one in PostgreSQL are held to it."""

from datetime import UTC, datetime

from services.chassis.vault import KeyStore, StoredKey

NOON = datetime(2024, 5, 6, 4, tzinfo=UTC)
LATER = datetime(2024, 5, 7, 4, tzinfo=UTC)


class KeyStoreContract:
    """Inherited by a test class that has a fixture ``keys``."""

    async def test_it_gives_back_what_was_added(self, keys: KeyStore):
        await keys.add({"subject:a": b"1", "case:b": b"2"}, NOON)
        assert await keys.fetch({"subject:a", "case:b", "case:c"}) == {
            "subject:a": StoredKey(b"1"),
            "case:b": StoredKey(b"2"),
        }

    async def test_it_has_nothing_to_begin_with(self, keys: KeyStore):
        assert await keys.fetch(["subject:a"]) == {}
        assert await keys.fetch([]) == {}

    async def test_a_name_keeps_its_first_key(self, keys: KeyStore):
        await keys.add({"subject:a": b"1"}, NOON)
        await keys.add({"subject:a": b"2", "subject:b": b"3"}, LATER)
        assert await keys.fetch(["subject:a", "subject:b"]) == {
            "subject:a": StoredKey(b"1"),
            "subject:b": StoredKey(b"3"),
        }

    async def test_an_erased_key_is_gone_and_known_to_be(self, keys: KeyStore):
        await keys.add({"subject:a": b"1", "subject:b": b"2"}, NOON)
        await keys.erase({"subject:a": LATER})
        assert await keys.fetch(["subject:a", "subject:b"]) == {
            "subject:a": StoredKey(None),
            "subject:b": StoredKey(b"2"),
        }

    async def test_an_erased_key_is_not_made_anew(self, keys: KeyStore):
        await keys.add({"subject:a": b"1"}, NOON)
        await keys.erase({"subject:a": LATER})
        await keys.add({"subject:a": b"2"}, LATER)
        assert await keys.fetch(["subject:a"]) == {"subject:a": StoredKey(None)}

    async def test_a_name_without_a_key_can_be_erased_beforehand(self, keys: KeyStore):
        await keys.erase({"subject:a": NOON})
        await keys.add({"subject:a": b"1"}, LATER)
        assert await keys.fetch(["subject:a"]) == {"subject:a": StoredKey(None)}

    async def test_many_are_erased_at_once_and_only_those_that_lived_are_counted(self, keys: KeyStore):
        await keys.add({"subject:a": b"1", "subject:b": b"2", "subject:c": b"3"}, NOON)
        await keys.erase({"subject:a": NOON})
        gone = {"subject:a": LATER, "subject:b": LATER, "subject:never": NOON}
        assert await keys.erase(gone) == 1
        assert await keys.erase(gone) == 0
        assert await keys.erase({}) == 0
        assert await keys.erased() == {"subject:a": NOON, "subject:b": LATER, "subject:never": NOON}
        assert await keys.fetch(["subject:c"]) == {"subject:c": StoredKey(b"3")}

    async def test_erasing_twice_changes_nothing(self, keys: KeyStore):
        await keys.add({"subject:a": b"1"}, NOON)
        await keys.erase({"subject:a": NOON})
        await keys.erase({"subject:a": LATER})
        assert await keys.fetch(["subject:a"]) == {"subject:a": StoredKey(None)}
