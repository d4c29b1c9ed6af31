"""Ends of logs, signed to be kept elsewhere: a log that was rewritten as a whole has a whole chain, and another end."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from services.chassis.eventstore.chain import GENESIS
from services.chassis.eventstore.lineage import kept
from services.chassis.eventstore.store import EventStore

DOMAIN = b"maplebridge log heads 1\n"
"""Begins what is signed, so that a signature made for something else never fits."""


class HeadsRefused(Exception):
    """A file of signed heads says nothing that can be relied on."""


class HeadLost(Exception):
    """The log does not hold what it held when its head was signed. position: of that head."""

    def __init__(self, head: "LogHead", what: str) -> None:
        super().__init__(f"The log of {head.service} {what}")
        self.position = head.position


class LogHead(BaseModel):
    """Where a log ended.

    Attributes:
        service: whose log. lineage: which of its histories. position: of the last event, 0 when empty.
        hash: the chain there, 64 hexadecimal digits. recorded_at: when the last event was recorded.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    service: str
    lineage: UUID
    position: Annotated[int, Field(ge=0)]
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    recorded_at: AwareDatetime


class SignedHeads(BaseModel):
    """Heads of several logs under one signature.

    Attributes:
        heads: the heads. signed_at: when. public_key: of who signed, base64. signature: Ed25519, base64.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    heads: tuple[LogHead, ...]
    signed_at: AwareDatetime
    public_key: str
    signature: str

    @classmethod
    def sign(cls, heads: Sequence[LogHead], key: Ed25519PrivateKey, at: datetime) -> Self:
        """Signs what stands there."""
        unsigned = cls(heads=tuple(heads), signed_at=at, public_key=public_text(key.public_key()), signature="")
        return unsigned.model_copy(update={"signature": base64.b64encode(key.sign(unsigned.content())).decode()})

    @classmethod
    def read(cls, data: bytes, signer: str) -> Self:
        """The heads of a file, where the signer whose public key is given has signed them.

        Raises:
            HeadsRefused: it is no such file, somebody else signed it, or it was altered since.
        """
        try:
            found = cls.model_validate_json(data)
        except ValidationError:
            raise HeadsRefused("The file holds no signed heads: make one with 'maplebridge log head --sign'.") from None
        found.must_be_of(signer)
        return found

    def must_be_of(self, signer: str) -> None:
        """Checks who signed.

        Raises:
            HeadsRefused: somebody else did, or the content was altered since. KeyMalformed: ``signer`` is no key.
        """
        if self.public_key != signer:
            raise HeadsRefused(
                f"It was signed with the key {self.public_key}, not with {signer}: name the signer's public key, as "
                "you know it from elsewhere, with --signer."
            )
        try:
            public_key(signer).verify(base64.b64decode(self.signature), self.content())
        except (InvalidSignature, ValueError):
            raise HeadsRefused("The signature does not fit: the file was altered after it was signed.") from None

    def content(self) -> bytes:
        """What is signed."""
        return DOMAIN + orjson.dumps(self.model_dump(mode="json", exclude={"signature"}), option=orjson.OPT_SORT_KEYS)


class KeyMalformed(Exception):
    """What should be a public key is none."""

    def __init__(self) -> None:
        super().__init__("A signer is named by 32 bytes in base64: 'maplebridge log head --sign' says them.")


def public_text(key: Ed25519PublicKey) -> str:
    """A public key as text: its 32 bytes in base64."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def public_key(text: str) -> Ed25519PublicKey:
    """The key that a text names.

    Raises:
        KeyMalformed: it is not 32 bytes in base64.
    """
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except ValueError:
        raise KeyMalformed from None


async def head_of(store: EventStore) -> LogHead:
    """Where a log ends now."""
    end = await store.head()
    return LogHead(
        service=store.source,
        lineage=end.lineage,
        position=end.position,
        hash=end.hash.hex(),
        recorded_at=end.recorded_at,
    )


async def must_hold(store: EventStore, head: LogHead) -> None:
    """Compares a log with a head of its own that was signed before.

    Raises:
        HeadLost: the log went back behind it, or holds something else there.
    """
    lineages = await store.lineages()
    if head.lineage not in {each.id for each in lineages}:
        raise HeadLost(head, f"never had the history {head.lineage}: it is another log, or was made anew.")
    still = kept(lineages, head.lineage)
    if still is not None and still < head.position:
        gone = f"events {still + 1} to {head.position} of its history {head.lineage} are gone."
        raise HeadLost(head, f"was restored to position {still}: {gone}")
    end = await store.head()
    if end.position < head.position:
        raise HeadLost(head, f"ends at position {end.position}, before {head.position}: events were removed.")
    rows = await store.span(head.position, head.position)
    if (rows[0].hash if rows else GENESIS).hex() != head.hash:
        raise HeadLost(head, f"has another past at position {head.position} than when its head was signed.")
