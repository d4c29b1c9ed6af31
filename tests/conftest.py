"""One PostgreSQL for all tests, a fresh database for each.

Which PostgreSQL, in this order: the one that MAPLEBRIDGE_TEST_POSTGRES names (the address of a superuser), a
container where Docker answers, else the wheel's in a temporary folder under our own supervisor. The header of the
test run says which.

Fixtures:
    database          a fresh database with the chassis' migrations: `.owner` and `.app` are addresses
    databases         makes more of them: `await databases.fresh(*folders_with_more_migrations)`
    private_postgres  a PostgreSQL of the test's own, which it may kill: `.pid`, `.server`, `.databases`
    chromium          the path of the browser

Those of Kafka are in tests/brokers.py.
"""

import contextlib
import hashlib
import importlib.util
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import asyncpg
import pytest

from services.chassis.migrations.migrate import migrate
from services.chassis.postgres import APPLICATION_ROLE
from services.runtime.postgres import PostgresServer, running_postgres, start_postgres
from tests.apart import docker_answers, in_own_loop
from tests.brokers import kafka_header, private_kafka, running_test_kafka, topic_prefix
from tests.servers import Servers, ServersNextDoor
from tests.workers import scheduler, turn

__all__ = ["private_kafka", "topic_prefix"]  # pytest finds them here

# The tests start hundreds of processes, and each would compile all that it imports where bytecode is not kept.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

RUN = pytest.StashKey[str]()
SERVERS = pytest.StashKey[Servers | ServersNextDoor]()
OWNER_ROLE = "maplebridge_owner"
IMAGE = "postgres:18"


@dataclass(frozen=True)
class FreshDatabase:
    """A database of one test. `owner` may migrate, `app` is what a service has."""

    name: str
    owner: str
    app: str


@dataclass
class Databases:
    """Makes fresh databases on one server by cloning migrated templates.

    Attributes:
        superuser: the server's address as its superuser.
        run: begins the names of the templates; the workers of a run have it, and so each template, in common.
        templates: of each set of migrations, once known. made: the databases that are there now.
    """

    superuser: str
    run: str = field(default_factory=lambda: secrets.token_hex(6))
    templates: dict[tuple[Path, ...], str] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)

    def address(self, database: str, user: str) -> str:
        """The superuser's address with another database and role."""
        return readdressed(self.superuser, database, user)

    async def fresh(self, *locations: Path) -> FreshDatabase:
        """A new database with the chassis' migrations and those of the folders named."""
        template = self.templates.get(locations) or await self._template(locations)
        name = f"test_{secrets.token_hex(6)}"
        await self._execute(f'create database "{name}" template "{template}" owner {OWNER_ROLE}')
        self.made.append(name)
        return FreshDatabase(name, self.address(name, OWNER_ROLE), self.address(name, APPLICATION_ROLE))

    async def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        await self._execute(f'drop database if exists "{name}" with (force)')
        self.made.remove(name)

    async def _template(self, locations: tuple[Path, ...]) -> str:
        digest = hashlib.sha256(repr(locations).encode()).hexdigest()[:12]
        name = f"template_{self.run}_{digest}"
        async with self._alone(name) as connection:
            if not await connection.fetchval("select exists (select from pg_database where datname = $1)", name):
                await self._make_template(name, locations)
        self.templates[locations] = name
        return name

    @contextlib.asynccontextmanager
    async def _alone(self, name: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        """Keeps other workers from making the same template for the length of a block."""
        connection = await asyncpg.connect(self.superuser)
        try:
            await connection.execute("select pg_advisory_lock(hashtext($1))", name)
            yield connection
        finally:
            await connection.close()

    async def _make_template(self, name: str, locations: tuple[Path, ...]) -> None:
        for role in (f"{OWNER_ROLE} login createdb createrole", f"{APPLICATION_ROLE} login"):
            await self._make_role(role)
        growing = f"{name}_new"
        await self._execute(f'drop database if exists "{growing}" with (force)')
        await self._execute(f'create database "{growing}" owner {OWNER_ROLE}')
        await migrate(self.address(growing, OWNER_ROLE), *locations)
        await self._execute(f'alter database "{growing}" rename to "{name}"')

    async def _make_role(self, role: str) -> None:
        password = (urlsplit(self.superuser).password or "").replace("'", "''")
        try:
            await self._execute(f"create role {role}" + (f" password '{password}'" if password else ""))
        except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            return

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.superuser)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@dataclass
class PrivatePostgres:
    """A PostgreSQL that one test may kill; what it committed is on the disk."""

    server: PostgresServer
    databases: Databases

    @property
    def pid(self) -> int:
        """PostgreSQL's first process."""
        return self.server.pid


def readdressed(dsn: str, database: str, user: str) -> str:
    """The same server, another database and role."""
    parts = urlsplit(dsn)
    login, at, place = parts.netloc.rpartition("@")
    _, colon, password = login.partition(":")
    query = urlencode({key: values[0] for key, values in parse_qs(parts.query).items()})
    return urlunsplit((parts.scheme, f"{user}{colon}{password}{at or '@'}{place}", f"/{database}", query, ""))


def pytest_configure(config: pytest.Config) -> None:
    workerinput = getattr(config, "workerinput", None)
    if workerinput is None:
        config.stash[RUN] = secrets.token_hex(6)
        config.stash[SERVERS] = Servers({"postgres": running_test_postgres, "kafka": running_test_kafka})
    else:
        config.stash[RUN], door = workerinput["maplebridge"]
        config.stash[SERVERS] = ServersNextDoor(door)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    stash = node.config.stash
    node.workerinput["maplebridge"] = (stash[RUN], stash[SERVERS].door())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return scheduler(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: turn(item.nodeid))


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[SERVERS].end()


def pytest_report_header() -> list[str]:
    return [postgres_header(), kafka_header()]


def postgres_header() -> str:
    """For the header of the test run."""
    return {
        "named": "postgres: the one that MAPLEBRIDGE_TEST_POSTGRES names",
        "container": f"postgres: a container of {IMAGE}",
        "wheel": "postgres: the wheel's, under our own supervisor",
    }[postgres_choice()]


def postgres_choice() -> str:
    """Which PostgreSQL the tests use."""
    if os.environ.get("MAPLEBRIDGE_TEST_POSTGRES"):
        return "named"
    return "container" if docker_answers() else "wheel"


@contextlib.contextmanager
def running_test_postgres() -> Iterator[str]:
    """The address of the tests' PostgreSQL, as its superuser, for the length of a block."""
    choice = postgres_choice()
    if choice == "named":
        yield os.environ["MAPLEBRIDGE_TEST_POSTGRES"]
    elif choice == "container":
        from testcontainers.postgres import PostgresContainer

        with PostgresContainer(IMAGE, driver=None).with_command(
            "postgres -c fsync=off -c max_connections=200"
        ) as container:
            yield container.get_connection_url()
    else:
        folder = Path(tempfile.mkdtemp(prefix="maplebridge-tests-"))
        server = in_own_loop(lambda: start_postgres(folder, durable=False))
        try:
            yield server.dsn()
        finally:
            in_own_loop(server.stop)
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> str:
    """The address of the tests' PostgreSQL, as its superuser."""
    return pytestconfig.stash[SERVERS].address("postgres")


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> str:
    """The address of the tests' Kafka, host:port."""
    return pytestconfig.stash[SERVERS].address("kafka")


@pytest.fixture(scope="session")
def session_databases(pytestconfig: pytest.Config, postgres: str) -> Databases:
    """One set of templates for the whole run."""
    return Databases(postgres, pytestconfig.stash[RUN])


@pytest.fixture
async def databases(session_databases: Databases) -> AsyncIterator[Databases]:
    """Makes fresh databases; they are dropped after the test."""
    before = len(session_databases.made)
    yield session_databases
    for name in session_databases.made[before:]:
        await session_databases.drop(name)


@pytest.fixture
async def database(databases: Databases) -> FreshDatabase:
    """A fresh database with the chassis' migrations, dropped after the test."""
    return await databases.fresh()


@pytest.fixture
async def private_postgres(tmp_path: Path) -> AsyncIterator[PrivatePostgres]:
    """A PostgreSQL of the test's own; commits are durable, killing it is allowed."""
    async with running_postgres(tmp_path / "private") as server:
        yield PrivatePostgres(server, Databases(server.dsn()))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser for the tests; `make test` installs it where it may."""
    specification = importlib.util.spec_from_file_location("needs", Path(__file__).parent / "needs.py")
    assert specification is not None
    assert specification.loader is not None
    needs = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(needs)
    path: str | None = needs.chromium()
    if path is None:
        pytest.fail("The browser tests need Chromium on PATH: apt install chromium (or set MAPLEBRIDGE_CHROMIUM)")
    return path
