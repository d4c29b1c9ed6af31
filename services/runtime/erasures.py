"""The ledger of erasures where services start: found, and applied before anybody is served."""

import structlog

from services.chassis.service import ServiceContext
from services.chassis.settings import Settings
from services.runtime.folder import DataFolder

logger = structlog.get_logger(__name__)


def with_ledger(settings: Settings, folder: DataFolder) -> Settings:
    """The settings, with the ledger in the data folder where they name no other place.

    Raises:
        FolderRefused: it cannot be made.
    """
    if settings.erasure_folder is not None:
        return settings
    return settings.model_copy(update={"erasure_folder": folder.erasure_folder()})


async def apply_ledger(context: ServiceContext) -> int:
    """Destroys again what the ledger of a service says was erased; says how many keys the database had brought back.

    Raises:
        LedgerRefused: the ledger is not to be relied on, and so the service must not be used.
    """
    applied = await context.vault.apply_ledger()
    service = context.database.name
    if applied.destroyed:
        await logger.awarning(
            "erased_keys_destroyed_again",
            service=service,
            destroyed=applied.destroyed,
            erasures=applied.erasures,
        )
    else:
        await logger.ainfo("erasure_ledger_applied", service=service, erasures=applied.erasures)
    return applied.destroyed
