"""What is sealed is read by who has the key, while there is one, and under the name that it was sealed under."""

import asyncio
import base64
import itertools
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.common import Sealed
from services.chassis.clock import FixedClock
from services.chassis.vault import (
    Applied,
    Erased,
    ErasureUnrecorded,
    KeyUnknown,
    LedgerBehind,
    MasterKeyUnlike,
    MemoryKeys,
    MemoryLedger,
    NoLedger,
    SealBroken,
    StoredKey,
    Vault,
    VaultRefused,
    case_key,
    subject_key,
)
from tests.unit.chassis.vault.key_store_contract import KeyStoreContract

MASTER = bytes(range(32))
CLOCK = FixedClock(datetime(2024, 5, 6, 4, tzinfo=UTC))
WANG = subject_key("wang")
CASE = case_key("c1")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def a_vault(keys=None, master=MASTER, **more) -> Vault:
    return Vault(keys or MemoryKeys(), master_key=master, clock=CLOCK, **{"ledger": MemoryLedger()} | more)


def run(coroutine):
    return asyncio.run(coroutine)


class TestKeysInMemory(KeyStoreContract):
    """The test double."""

    @pytest.fixture
    def keys(self) -> MemoryKeys:
        return MemoryKeys()


class CountingKeys(MemoryKeys):
    """Counts round trips."""

    def __init__(self) -> None:
        super().__init__()
        self.trips = 0

    async def fetch(self, names: Collection[str]) -> dict[str, StoredKey]:
        self.trips += 1
        return await super().fetch(names)

    async def add(self, wrapped, at) -> None:
        self.trips += 1
        await super().add(wrapped, at)


@given(TEXTS)
def test_what_was_sealed_is_opened(text):
    async def there_and_back():
        vault = a_vault()
        return await vault.open(await vault.seal(WANG, text))

    assert run(there_and_back()) == text


@given(TEXTS, st.data())
def test_a_changed_byte_is_noticed(text, data):
    async def tampered():
        vault = a_vault()
        sealed = await vault.seal(WANG, text)
        raw = bytearray(base64.b64decode(sealed.text))
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
        return await vault.open(Sealed(key=WANG, text=base64.b64encode(raw).decode()))

    with pytest.raises(SealBroken):
        run(tampered())


@given(TEXTS, st.integers(0, 200))
def test_a_shortened_text_is_noticed(text, cut):
    async def shortened():
        vault = a_vault()
        raw = base64.b64decode((await vault.seal(WANG, text)).text)
        return await vault.open(Sealed(key=WANG, text=base64.b64encode(raw[: max(1, min(cut, len(raw) - 1))]).decode()))

    with pytest.raises(SealBroken):
        run(shortened())


@pytest.mark.parametrize(
    "text", ["x", "no base64 at all!", "====", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB="]
)
async def test_what_nobody_sealed_is_noticed(text):
    vault = a_vault()
    await vault.create(WANG)
    with pytest.raises(SealBroken):
        await vault.open(Sealed(key=WANG, text=text))


async def test_a_text_has_one_form_only():
    vault = a_vault()
    sealed = await vault.seal(WANG, "王")
    stray = next(c for c in "BCDEFGH" if c != sealed.text[-3])
    for other in (sealed.text + "\n", sealed.text[:-3] + stray + sealed.text[-2:]):
        with pytest.raises(SealBroken):
            await vault.open(Sealed(key=WANG, text=other))


async def test_a_text_cannot_be_moved_to_another_name():
    vault = a_vault()
    sealed = await vault.seal(WANG, "王小明")
    await vault.create(CASE)
    with pytest.raises(SealBroken):
        await vault.open(Sealed(key=CASE, text=sealed.text))


async def test_nor_can_a_wrapped_key_in_the_table():
    keys = MemoryKeys()
    sealed = await a_vault(keys).seal(WANG, "王小明")
    keys.kept[CASE] = keys.kept[WANG]
    with pytest.raises(SealBroken):
        await a_vault(keys).open(Sealed(key=CASE, text=sealed.text))


async def test_the_same_text_is_sealed_differently_each_time():
    vault = a_vault()
    sealed = await vault.seal_many([(WANG, "王小明")] * 50)
    assert len({each.text for each in sealed}) == 50
    assert len({base64.b64decode(each.text)[:12] for each in sealed}) == 50


async def test_after_erasure_nobody_opens_it():
    keys = MemoryKeys()
    vault, elsewhere = a_vault(keys), a_vault(keys)
    sealed = await vault.seal(WANG, "王小明")
    await vault.erase(WANG)
    for each in (vault, elsewhere):
        with pytest.raises(Erased):
            await each.open(sealed)
        assert await each.open_many([sealed]) == [None]


async def test_after_erasure_nothing_is_sealed_under_the_name_again():
    vault = a_vault()
    await vault.seal(WANG, "王小明")
    await vault.erase(WANG)
    with pytest.raises(Erased):
        await vault.seal(WANG, "王小明")
    with pytest.raises(Erased):
        await vault.create(WANG)
    with pytest.raises(Erased):
        await vault.seal_many([(CASE, "x"), (WANG, "y")])


async def test_another_process_reads_on_only_until_it_is_told_or_a_minute_is_over():
    keys, seconds = MemoryKeys(), [0.0]
    told, untold = a_vault(keys), a_vault(keys, now=lambda: seconds[0])
    sealed = await told.seal(WANG, "王小明")
    await told.open(sealed)
    await untold.open(sealed)
    await a_vault(keys).erase(WANG)
    told.forget(WANG)
    with pytest.raises(Erased):
        await told.open(sealed)
    seconds[0] = 60
    with pytest.raises(Erased):
        await untold.open(sealed)


async def test_a_key_read_before_an_erasure_is_not_remembered_after_it():
    class SlowKeys(MemoryKeys):
        async def fetch(self, names):
            found = await super().fetch(names)
            reading.set()
            await go_on.wait()
            return found

    reading, go_on = asyncio.Event(), asyncio.Event()
    keys = MemoryKeys()
    sealed = await a_vault(keys).seal(WANG, "王小明")
    slow = SlowKeys()
    slow.kept = keys.kept
    vault = a_vault(slow)
    opening = asyncio.create_task(vault.open(sealed))
    await reading.wait()
    await vault.erase(WANG)
    go_on.set()
    await opening  # it was asked before
    with pytest.raises(Erased):
        await vault.open(sealed)


async def test_a_key_of_another_vault_is_unknown():
    sealed = await a_vault().seal(WANG, "王小明")
    with pytest.raises(KeyUnknown):
        await a_vault().open(sealed)
    with pytest.raises(KeyUnknown):
        await a_vault().open_many([sealed])


async def test_another_master_key_is_told_apart_from_damage():
    keys = MemoryKeys()
    sealed = await a_vault(keys).seal(WANG, "王小明")
    with pytest.raises(MasterKeyUnlike, match="MAPLEBRIDGE_MASTER_KEY"):
        await a_vault(keys, master=bytes(32)).open(sealed)


async def test_the_table_holds_no_key_as_it_is():
    keys = MemoryKeys()
    vault = a_vault(keys)
    await vault.create(WANG)
    wrapped = keys.kept[WANG].wrapped
    assert wrapped is not None
    assert vault._unwrapped[WANG][1] not in wrapped
    assert MASTER not in wrapped


async def test_many_are_sealed_and_opened_in_order_with_few_round_trips():
    keys = CountingKeys()
    vault = a_vault(keys)
    texts = [(subject_key(f"s{number % 300}"), f"text {number}") for number in range(1000)]
    sealed = await vault.seal_many(texts)
    assert [each.key for each in sealed] == [name for name, _ in texts]
    assert keys.trips == 3
    fresh = a_vault(keys)
    assert await fresh.open_many(sealed) == [text for _, text in texts]
    assert keys.trips == 4
    assert await vault.open_many([]) == []


async def test_few_keys_stay_in_memory():
    vault = a_vault(capacity=3)
    sealed = await vault.seal_many([(subject_key(f"s{number}"), "x") for number in range(10)])
    assert len(vault._unwrapped) == 3
    assert await vault.open_many(sealed) == ["x"] * 10
    assert len(vault._unwrapped) == 3


async def test_two_who_make_the_same_key_get_the_same():
    class RacingKeys(MemoryKeys):
        """Somebody else is always a little faster."""

        async def add(self, wrapped, at):
            await super().add({name: rival._master.new_key(name)[1] for name in wrapped}, at)
            await super().add(wrapped, at)

    rival = a_vault()
    keys = RacingKeys()
    sealed = await a_vault(keys).seal(WANG, "王小明")
    assert await a_vault(keys).open(sealed) == "王小明"


async def test_no_refusal_holds_what_was_sealed():
    vault = a_vault()
    sealed = await vault.seal(WANG, "王小明")
    await vault.erase(WANG)
    for refusal in (Erased(WANG), KeyUnknown(WANG), SealBroken(WANG), MasterKeyUnlike(WANG)):
        assert isinstance(refusal, VaultRefused)
        assert sealed.text not in str(refusal)
        assert str(refusal).endswith(".")


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_fingerprint_tells_contents_apart_and_depends_on_the_master_key(one, other):
    assert (a_vault().fingerprint(one) == a_vault().fingerprint(other)) == (one == other)
    assert a_vault().fingerprint(one) != a_vault(master=bytes(32)).fingerprint(one)


def test_the_words_for_keys_are_those_of_the_contract():
    for (make, kind), of in itertools.product(((subject_key, "subject"), (case_key, "case")), ("a", "0191-x.y_z")):
        assert Sealed(key=make(of), text="x").key == f"{kind}:{of}"


class DyingKeys(MemoryKeys):
    """The process dies before the database has destroyed a key."""

    async def erase(self, erasures: Mapping[str, datetime]) -> int:
        raise ConnectionError


async def test_an_erasure_that_the_ledger_does_not_take_is_not_done():
    keys = MemoryKeys()
    vault = a_vault(keys, ledger=NoLedger())
    sealed = await vault.seal(WANG, "王小明")
    with pytest.raises(ErasureUnrecorded, match="not done yet"):
        await vault.erase(WANG)
    assert await a_vault(keys).open(sealed) == "王小明"


async def test_a_process_that_dies_between_the_ledger_and_the_key_leaves_an_erasure_to_be_applied():
    keys, ledger = DyingKeys(), MemoryLedger()
    vault = a_vault(keys, ledger=ledger)
    sealed = await vault.seal(WANG, "王小明")
    with pytest.raises(ConnectionError):
        await vault.erase(WANG)
    alive = MemoryKeys()
    alive.kept = keys.kept
    again = a_vault(alive, ledger=ledger)
    assert await again.apply_ledger() == Applied(erasures=1, destroyed=1)
    with pytest.raises(Erased):
        await again.open(sealed)
    assert await again.apply_ledger() == Applied(erasures=1, destroyed=0)


async def test_applying_the_ledger_takes_keys_out_of_memory_too():
    keys, ledger = MemoryKeys(), MemoryLedger()
    vault = a_vault(keys, ledger=ledger)
    sealed = await vault.seal(WANG, "王小明")
    await vault.open(sealed)
    await ledger.record({WANG: CLOCK.now()})
    await vault.apply_ledger()
    with pytest.raises(Erased):
        await vault.open(sealed)


async def test_a_ledger_that_lacks_what_the_database_knows_is_refused_until_it_is_mended():
    keys, ledger = MemoryKeys(), MemoryLedger()
    await a_vault(keys).erase(WANG)
    lacking = a_vault(keys, ledger=ledger)
    await lacking.seal(CASE, "text")
    await ledger.record({CASE: CLOCK.now()})
    with pytest.raises(LedgerBehind, match="1 erasures that are not on the ledger memory: put back the copy"):
        await lacking.apply_ledger()
    assert (await keys.fetch([CASE]))[CASE] == StoredKey(None), "what is on it is destroyed all the same"
    assert await lacking.mend_ledger() == 1
    assert await lacking.mend_ledger() == 0
    assert (await lacking.apply_ledger()).erasures == 2
