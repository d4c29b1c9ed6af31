"""A signed head tells a log that was rewritten from one that was not."""

import json
from datetime import timedelta

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.chassis.eventstore.signed import (
    HeadLost,
    HeadsRefused,
    KeyMalformed,
    SignedHeads,
    head_of,
    must_hold,
    public_key,
    public_text,
)
from tests.integration.chassis.conftest import NOON

KEY = Ed25519PrivateKey.generate()
SIGNER = public_text(KEY.public_key())


async def signed(log):
    await log.put("s-1", "1", "2", "3")
    return SignedHeads.sign([await head_of(log.store)], KEY, NOON)


async def done(log, *statements):
    connection = await asyncpg.connect(log.owner)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_log_holds_its_signed_head_however_long_it_goes_on(log):
    found = SignedHeads.read((await signed(log)).model_dump_json(indent=2).encode(), SIGNER)
    await log.put("s-1", "4")
    await log.store.begin_lineage()
    await log.put("s-1", "5")
    (head,) = found.heads
    assert (head.service, head.position) == ("registry", 3)
    await must_hold(log.store, head)


async def test_the_head_of_an_empty_log_is_held_too(log):
    await must_hold(log.store, await head_of(log.store))
    head = await head_of(log.store)
    await log.put("s-1", "1")
    await must_hold(log.store, head)


@pytest.mark.parametrize(
    ("field", "value"),
    [("position", 2), ("hash", "0" * 64), ("service", "incidents"), ("lineage", "0" * 32), ("recorded_at", None)],
)
async def test_what_was_altered_after_signing_is_refused(log, field, value):
    found = json.loads((await signed(log)).model_dump_json())
    found["heads"][0][field] = value or (NOON + timedelta(seconds=1)).isoformat()
    with pytest.raises(HeadsRefused, match="does not fit"):
        SignedHeads.read(json.dumps(found).encode(), SIGNER)


async def test_heads_that_somebody_else_signed_are_refused(log):
    other = SignedHeads.sign([await head_of(log.store)], Ed25519PrivateKey.generate(), NOON)
    with pytest.raises(HeadsRefused, match="--signer"):
        SignedHeads.read(other.model_dump_json().encode(), SIGNER)
    # the signer's name alone is not enough
    forged = other.model_copy(update={"public_key": SIGNER})
    with pytest.raises(HeadsRefused, match="does not fit"):
        SignedHeads.read(forged.model_dump_json().encode(), SIGNER)


@pytest.mark.parametrize("text", ["", "枫", "AAAA", "not base64!"])
def test_a_signer_is_a_public_key(text):
    with pytest.raises(KeyMalformed, match="32 bytes"):
        public_key(text)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"heads": 1}'])
def test_a_file_of_something_else_is_refused(data):
    with pytest.raises(HeadsRefused, match="holds no signed heads"):
        SignedHeads.read(data, SIGNER)


async def test_a_log_rewritten_as_a_whole_is_found(log):
    (head,) = (await signed(log)).heads
    rewritten = "update log.head set hash = decode(repeat('ab', 32), 'hex')"
    row = "update log.events set hash = decode(repeat('ab', 32), 'hex') where position = 3"
    await done(log, "alter table log.events disable trigger all", row, rewritten)
    with pytest.raises(HeadLost, match="another past at position 3"):
        await must_hold(log.store, head)


async def test_a_log_cut_short_is_found(log):
    (head,) = (await signed(log)).heads
    cut = "delete from log.events where position > 1"
    await done(log, "alter table log.events disable trigger all", cut, "update log.head set position = 1")
    with pytest.raises(HeadLost, match="ends at position 1, before 3"):
        await must_hold(log.store, head)


async def test_a_restored_log_says_what_is_gone(log):
    (head,) = (await signed(log)).heads
    await log.store.begin_lineage(2)
    with pytest.raises(HeadLost, match="restored to position 2: events 3 to 3"):
        await must_hold(log.store, head)


async def test_a_log_of_another_history_is_found(log):
    (head,) = (await signed(log)).heads
    stranger = head.model_copy(update={"lineage": "00000000-0000-0000-0000-000000000000"})
    with pytest.raises(HeadLost, match="another log"):
        await must_hold(log.store, stranger)
