"""Why something sealed cannot be read, or destroyed for good. No message holds a text or a key."""

from pathlib import Path


class VaultRefused(Exception):
    """The vault does not open it, or does not seal under that name; ``name`` is the key's."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name
        self.sentence = sentence


class Erased(VaultRefused):
    """The key was destroyed, on purpose and for good."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "What was kept here has been erased; nobody can read it any more.")


class KeyUnknown(VaultRefused):
    """There never was such a key in this vault."""

    def __init__(self, name: str) -> None:
        super().__init__(name, f"There is no key {name} in this vault: the text was sealed in another one.")


class SealBroken(VaultRefused):
    """The sealed text is not what was sealed under this name: it was changed, or moved from another."""

    def __init__(self, name: str) -> None:
        super().__init__(
            name, f"A text under {name} is not what was sealed: check the log with 'maplebridge log verify'."
        )


class MasterKeyUnlike(VaultRefused):
    """The key was wrapped with another master key than the one in the settings."""

    def __init__(self, name: str) -> None:
        super().__init__(
            name,
            "The keys of this database are wrapped with another master key: set MAPLEBRIDGE_MASTER_KEY to that one.",
        )


class ErasureUnrecorded(VaultRefused):
    """The ledger did not take an erasure, so it is not done: a backup of the database would undo it."""

    def __init__(self, name: str) -> None:
        super().__init__(
            name,
            "The erasure could not be put on the ledger of erasures, so it is not done yet: an operator has to see to "
            "the ledger; send it again then.",
        )


class LedgerRefused(Exception):
    """The ledger of erasures is not to be relied on; the message is one sentence that says what to do."""


class LedgerUnset(LedgerRefused):
    """Nobody has said where the ledger is."""

    def __init__(self) -> None:
        super().__init__(
            "MAPLEBRIDGE_ERASURE_FOLDER is not set: name a folder apart from the database, where the ledger of "
            "erasures is kept."
        )


class LedgerUnusable(LedgerRefused):
    """The system does not let us read or write it."""

    def __init__(self, path: Path, error: OSError) -> None:
        missing = "it is not there" if path.parent.is_dir() else f"the folder {path.parent} is not there"
        reason = missing if isinstance(error, FileNotFoundError) else error.strerror or error
        super().__init__(
            f"The ledger of erasures {path} cannot be used: {reason}; mend that, or set MAPLEBRIDGE_ERASURE_FOLDER "
            "to where it is."
        )


class LedgerAltered(LedgerRefused):
    """A line is not what was written; ``line`` is its number."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(
            f"The ledger of erasures {path} was altered at line {line}: {reason}. Put back the copy of it that is kept "
            "elsewhere; where there is none, move it away, then: maplebridge erasures mend."
        )
        self.line = line


class LedgerBehind(LedgerRefused):
    """The database knows of erasures that are not on the ledger: it was lost, or cut short."""

    def __init__(self, path: Path, lacking: int) -> None:
        super().__init__(
            f"The database knows of {lacking:,} erasures that are not on the ledger {path}: put back the copy of it "
            "that is kept elsewhere; where there never was one: maplebridge erasures mend."
        )
