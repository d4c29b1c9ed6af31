"""Keys of a subject or a case: what is sealed under one is readable while the key lives."""

from services.chassis.vault.keys import KeyStore, MemoryKeys, PostgresKeys, StoredKey
from services.chassis.vault.ledger import Erasures, FileLedger, Ledger, MemoryLedger, NoLedger
from services.chassis.vault.refusals import (
    Erased,
    ErasureUnrecorded,
    KeyUnknown,
    LedgerAltered,
    LedgerBehind,
    LedgerRefused,
    LedgerUnset,
    LedgerUnusable,
    MasterKeyUnlike,
    SealBroken,
    VaultRefused,
)
from services.chassis.vault.vault import Applied, Vault, case_key, subject_key

__all__ = [
    "Applied",
    "Erased",
    "ErasureUnrecorded",
    "Erasures",
    "FileLedger",
    "KeyStore",
    "KeyUnknown",
    "Ledger",
    "LedgerAltered",
    "LedgerBehind",
    "LedgerRefused",
    "LedgerUnset",
    "LedgerUnusable",
    "MasterKeyUnlike",
    "MemoryKeys",
    "MemoryLedger",
    "NoLedger",
    "PostgresKeys",
    "SealBroken",
    "StoredKey",
    "Vault",
    "VaultRefused",
    "case_key",
    "subject_key",
]
