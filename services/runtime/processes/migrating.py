"""Brings the databases of the services up to date."""

from collections.abc import Sequence

from services.chassis.settings import Settings
from services.runtime.databases import LOGS, make_missing, migrate_databases


async def bring_up_to_date(settings: Settings, names: Sequence[str], *, before: bool) -> None:
    """Makes what is missing, where the settings say who may, and migrates; all databases where none is named.

    Args:
        before: leaves out what the release before this one still needs.

    Raises:
        SettingMissing: ``owner_dsn`` is not set. DatabaseNewer: a newer release has migrated one of them.
        ReleaseLeftOut: an older one has not ended its roll.
    """
    if settings.admin_dsn is not None:
        await make_missing(settings.admin_dsn.get_secret_value())
    await migrate_databases(lambda name, _: settings.owner_database(name), names or LOGS, before=before)
