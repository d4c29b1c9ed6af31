"""Why something sealed cannot be read. No message holds a text or a key."""


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
