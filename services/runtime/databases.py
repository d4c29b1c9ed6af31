"""The databases on one PostgreSQL: made, owned and migrated."""

from collections.abc import Callable, Iterable
from pathlib import Path

import asyncpg

from services.chassis.migrations.migrate import migrate
from services.chassis.postgres import APPLICATION_ROLE

OWNER_ROLE = "maplebridge_owner"
SERVICES = ("registry", "incidents", "mediation", "analytics")
OUTLETS = {"analytics": ("city",)}
"""The logs that a service writes for outsiders."""

LOGS = (*SERVICES, *(outlet for outlets in OUTLETS.values() for outlet in outlets))
"""Every log; each has a database, a topic and a relay of its own."""

Address = Callable[[str, str], str]
"""Gives the address of a database for a role."""

ROOMS = Path(__file__).parent.parent


class ServiceUnknown(LookupError):
    """There is no such service."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no service {name!r}; there are {', '.join(SERVICES)}.")


class LogUnknown(LookupError):
    """There is no such log."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no log {name!r}; there are {', '.join(LOGS)}.")


def known(name: str) -> None:
    """Lets the name of a service pass. Raises ServiceUnknown."""
    if name not in SERVICES:
        raise ServiceUnknown(name)


def known_log(name: str) -> None:
    """Lets the name of a log pass. Raises LogUnknown."""
    if name not in LOGS:
        raise LogUnknown(name)


async def make_databases(address: Address, superuser: str) -> None:
    """Makes the roles and the databases that are missing, and applies the migrations that each lacks.

    Args:
        address: of a database and a role. superuser: who may make roles and databases.

    Raises:
        DatabaseNewer: a newer release has migrated one of them.
    """
    await make_missing(address("postgres", superuser))
    await migrate_databases(address)


async def make_missing(admin: str) -> None:
    """Makes the roles and the databases that are missing; ``admin`` is the address of who may."""
    connection = await asyncpg.connect(admin)
    try:
        roles = {row["rolname"] for row in await connection.fetch("select rolname from pg_roles")}
        for role in (OWNER_ROLE, APPLICATION_ROLE):
            if role not in roles:
                await connection.execute(f"create role {role} login")
        databases = {row["datname"] for row in await connection.fetch("select datname from pg_database")}
        for name in LOGS:
            if name not in databases:
                await connection.execute(f"create database {name} owner {OWNER_ROLE}")
    finally:
        await connection.close()


async def migrate_databases(address: Address, names: Iterable[str] = LOGS, *, before: bool = False) -> None:
    """Applies the migrations that each database lacks.

    Args:
        before: leaves out what the release before this one still needs.

    Raises:
        DatabaseNewer: a newer release has migrated one of them. ReleaseLeftOut: an older one has not ended its roll.
    """
    for name in names:
        await migrate(address(name, OWNER_ROLE), *migrations_of(name), before=before)


def migrations_of(service: str) -> tuple[Path, ...]:
    """The folder of a service's own migrations, where it has one."""
    folder = ROOMS / service / "migrations"
    return (folder,) if folder.is_dir() else ()


def for_any(address: Address, role: str) -> str:
    """The address of every service's database, with {service} for the name."""
    return address("a-service", role).replace("a-service", "{service}")
