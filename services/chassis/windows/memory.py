"""The memory of window rules in a dictionary: for tests, and for whoever computes alerts without a database."""

from services.chassis.windows.windows import Windows


class MemoryWindows(Windows):
    """Keeps what it is told in the dictionary that it was given."""

    def __init__(self, kept: dict[bytes, bytes]) -> None:
        super().__init__()
        self._kept = kept

    async def _fetch(self, keys: list[bytes]) -> dict[bytes, bytes]:
        return {key: self._kept[key] for key in keys if key in self._kept}

    async def _write(self, changes: dict[bytes, bytes | None]) -> None:
        for key, value in changes.items():
            if value is None:
                self._kept.pop(key, None)
            else:
                self._kept[key] = value
