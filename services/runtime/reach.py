"""Reach the databases of a data folder: those of the running instance, else by starting PostgreSQL for a while."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from services.runtime.folder import DataFolder, FolderInUse, FolderRefused, Running
from services.runtime.postgres import running_postgres


@dataclass(frozen=True)
class Reached:
    """PostgreSQL of a data folder. `dsn(database, user)` addresses a database; `running` is who else works there."""

    dsn: Callable[[str, str], str]
    running: Running | None


class StillStarting(FolderRefused):
    """An instance is on its way up or down."""

    def __init__(self, folder: DataFolder) -> None:
        super().__init__(f"The instance in {folder.path} is still starting or ending; try again in a moment.")


@contextlib.asynccontextmanager
async def reach_postgres(folder: DataFolder) -> AsyncIterator[Reached]:
    """The folder's PostgreSQL for the length of a block. Raises FolderRefused and PostgresUnavailable."""
    running = folder.running()
    if running is not None:
        yield Reached(running.dsn, running)
        return
    with contextlib.ExitStack() as hold:
        try:
            hold.enter_context(folder.held())
        except FolderInUse:
            raise StillStarting(folder) from None
        async with running_postgres(folder.path) as server:
            yield Reached(server.dsn, None)
