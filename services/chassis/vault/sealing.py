"""AES-256-GCM, twice: a text under its key, and the key under the master key; each bound to the key's name."""

import base64
import binascii
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.chassis.vault.refusals import MasterKeyUnlike, SealBroken

NONCE = 12
MARK = 4


class MasterKey:
    """Wraps keys. A wrapped key is the mark of the master key (4 bytes), a nonce (12), ciphertext and tag (48)."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._mark = hashlib.sha256(b"maplebridge master key" + key).digest()[:MARK]
        self._fingerprint_key = hmac.digest(key, b"maplebridge fingerprints", "sha256")

    def new_key(self, name: str) -> tuple[bytes, bytes]:
        """A fresh key of 256 bits, and the same wrapped."""
        key, nonce = os.urandom(32), os.urandom(NONCE)
        return key, self._mark + nonce + self._cipher.encrypt(nonce, key, _bound("key", name))

    def fingerprint(self, content: bytes) -> bytes:
        """32 bytes that tell two contents apart and tell nothing about either."""
        return hashlib.blake2b(content, digest_size=32, key=self._fingerprint_key).digest()

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """The key.

        Raises:
            MasterKeyUnlike: it was wrapped with another master key. SealBroken: it was changed, or is another name's.
        """
        if wrapped[:MARK] != self._mark:
            raise MasterKeyUnlike(name)
        nonce, sealed = wrapped[MARK : MARK + NONCE], wrapped[MARK + NONCE :]
        try:
            return self._cipher.decrypt(nonce, sealed, _bound("key", name))
        except (InvalidTag, ValueError):
            raise SealBroken(name) from None


def seal(key: bytes, name: str, text: str) -> str:
    """A text under a key: base64 of a fresh nonce, ciphertext and tag."""
    nonce = os.urandom(NONCE)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), _bound("text", name))
    return base64.b64encode(nonce + sealed).decode("ascii")


def open_sealed(key: bytes, name: str, text: str) -> str:
    """What was sealed.

    Raises:
        SealBroken: a byte differs, or it was sealed under another name.
    """
    try:
        raw = base64.b64decode(text, validate=True)
        # b64decode ignores stray bits in the last character; one text has one form
        if base64.b64encode(raw).decode("ascii") != text:
            raise SealBroken(name)
        return AESGCM(key).decrypt(raw[:NONCE], raw[NONCE:], _bound("text", name)).decode()
    except (InvalidTag, ValueError, binascii.Error):
        raise SealBroken(name) from None


def _bound(kind: str, name: str) -> bytes:
    return f"maplebridge {kind} {name}".encode()
