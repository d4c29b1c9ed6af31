"""Keys of a subject or a case: what is sealed under one is readable while the key lives."""

from services.chassis.vault.keys import KeyStore, MemoryKeys, PostgresKeys, StoredKey
from services.chassis.vault.refusals import Erased, KeyUnknown, MasterKeyUnlike, SealBroken, VaultRefused
from services.chassis.vault.vault import Vault, case_key, subject_key

__all__ = [
    "Erased",
    "KeyStore",
    "KeyUnknown",
    "MasterKeyUnlike",
    "MemoryKeys",
    "PostgresKeys",
    "SealBroken",
    "StoredKey",
    "Vault",
    "VaultRefused",
    "case_key",
    "subject_key",
]
