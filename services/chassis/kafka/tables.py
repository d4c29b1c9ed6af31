"""Faust's tables, all of which are there when its application starts."""

from faust.tables import TableManager


class Tables(TableManager):
    """Faust's, which waits a second in case that more tables are declared."""

    async def on_start(self) -> None:
        """They start; then they come back from their changelogs."""
        await self._update_channels()
        await self.recovery.start()
