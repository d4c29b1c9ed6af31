"""``maplebridge doctor``: is everything there that is needed, and is it well."""

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from services.runtime.cli.common import AsJson, Data, print_json, wait_for

if TYPE_CHECKING:
    from services.chassis.settings import Settings

LOW_SPACE = 1_000_000_000
SHOWN_PLACES = 3


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        what: it was. well: whether. sentence: what was found, and what to do where it is not well.
    """

    what: str
    well: bool
    sentence: str


def doctor(
    data: Data = None,
    port: Annotated[int, typer.Option("--port", help="Port to look at.")] = 8080,
    as_json: AsJson = False,
) -> None:
    """Looks at the machine, the data folder, the databases, Kafka and what runs; changes nothing that is there.

    The status is 1 where something is not well.

    Examples:

      maplebridge doctor

      maplebridge doctor --data /some/folder --port 8090 --json
    """
    findings = [*_machine(), *_port(port), *_folder(data), *wait_for(_databases(data)), *wait_for(_running(data))]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            typer.echo(f"{'✓' if finding.well else '✗'} {finding.what}: {finding.sentence}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


def _machine() -> Iterator[Finding]:
    version = sys.version.split()[0]
    yield Finding("Python", sys.version_info >= (3, 11), f"{version}; 3.11 or later is needed")
    browser = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    yield Finding("browser for tests", True, browser or "none on PATH; only `make test` needs one")


def _port(port: int) -> Iterator[Finding]:
    import socket

    with socket.socket() as probe:
        probe.settimeout(0.5)
        taken = probe.connect_ex(("127.0.0.1", port)) == 0
    yield Finding(f"port {port}", True, "somebody listens there" if taken else "free")


def _folder(data: Path | None) -> Iterator[Finding]:
    from services.runtime.folder import DataFolder, FolderRefused

    try:
        folder = DataFolder.open(data)
    except FolderRefused as error:
        yield Finding("data folder", False, str(error))
        return
    free = shutil.disk_usage(folder.path).free
    yield Finding("data folder", True, str(folder.path))
    yield Finding("free space", free > LOW_SPACE, f"{free / 1e9:.1f} GB; below 1 GB PostgreSQL may stop")
    running = folder.running()
    where = f"process {running.pid} at {running.url}" if running else "nothing runs in this folder"
    yield Finding("instance", True, where)


async def _databases(data: Path | None) -> list[Finding]:
    from services.analytics.delivery.ledger import PLACES_OF_NOBODY
    from services.chassis.projections import deadletters
    from services.chassis.reading import rows
    from services.runtime.cli.common import logs_of

    findings = []
    try:
        async with logs_of(data) as logs:
            for name, log in logs.items():
                position = (await log.store.head()).position
                held = await deadletters.held(log.database.pool)
                aside = " ".join(each.sentence for each in held) or "no dead letters"
                findings.append(Finding(f"{name}'s database", not held, f"{position:,} events, {aside}"))
                if name == "analytics":
                    findings.append(_recipients(await rows(log.database.engine, PLACES_OF_NOBODY)))
    except Exception as error:  # noqa: BLE001 - what is wrong is what is asked for
        from services.runtime.sentences import sentence

        findings.append(Finding("databases", False, sentence(error)))
    return findings


def _recipients(places: Sequence[Mapping[str, Any]]) -> Finding:
    """Whether each message of the last week had a person to go to."""
    if not places:
        return Finding("who is told", True, "each message of the last week went to a person")
    where = ", ".join(place["place"] for place in places[:SHOWN_PLACES])
    sentence = (
        f"messages about {where} went to nobody: no officer was on duty there and none is named; let officers come on "
        "duty, or name persons in recipients.yaml (docs/running.md)"
    )
    return Finding("who is told", False, sentence)


async def _running(data: Path | None) -> list[Finding]:
    """What the folder's Kafka and each process of its instance say of themselves."""
    from services.chassis.settings import Settings
    from services.runtime.cli.common import with_kafka
    from services.runtime.folder import DataFolder, FolderRefused
    from services.runtime.keyed import is_loopback

    try:
        settings, folder = with_kafka(Settings(), data), DataFolder.open(data)
        running = folder.running()
    except FolderRefused:
        return []  # said above
    findings = await _kafka(settings) if settings.kafka else []
    if not running or not running.url:
        return findings
    key = "" if is_loopback(urlsplit(running.url).hostname or "") else folder.pages_key()
    return findings + await _processes(running.url, key)


async def _kafka(settings: "Settings") -> list[Finding]:
    from services.chassis.kafka.connection import KafkaRefused
    from services.chassis.kafka.topics import PARTITIONS, differences, find
    from services.runtime.principals import seen
    from services.runtime.topics import plan_beside, reached

    try:
        async with reached(settings, seen(settings)) as admin:
            plan = await plan_beside(admin, settings)
            left = differences(plan, await find(admin, [topic.name for topic in plan]))
    except (KafkaRefused, OSError) as error:
        return [Finding("Kafka", False, str(error) or type(error).__name__)]
    cures = {PARTITIONS: "maplebridge topics grow", "topic": "maplebridge topics apply"}
    return [
        Finding("Kafka", True, f"answers at {settings.kafka}; {len(plan)} topics are planned"),
        *(
            Finding(
                f"topic {one.topic}",
                False,
                f"{one.what} is {one.found}, planned is {one.planned}; see "
                f"`{cures.get(one.what, 'maplebridge topics apply' if one.applies else 'maplebridge topics plan')}`",
            )
            for one in left
        ),
    ]


async def _processes(url: str, key: str = "") -> list[Finding]:
    """Of an instance over Kafka its processes, else its services."""
    import httpx

    from services.runtime.databases import SERVICES
    from services.runtime.trust import trust

    async with httpx.AsyncClient(base_url=url, timeout=10, verify=trust()) as client:
        try:
            opened = {"key": key} if key else None  # leads on to the same without it, with a cookie
            told = await client.get("/operations/processes", params=opened, follow_redirects=True)
            if told.is_success:
                return [_process(each) for each in told.json()["items"]]
            ready = [(name, (await client.get(f"/{name}/health/ready")).json()["checks"]) for name in SERVICES]
        except (httpx.HTTPError, ValueError, KeyError) as error:
            return [Finding("instance answers", False, f"{url} does not ({type(error).__name__}); see its terminal")]
    return [
        Finding(
            name,
            all(check["ok"] and not check["detail"] for check in checks),
            "; ".join(filter(None, map(_said, checks))) or "ready",
        )
        for name, checks in ready
    ]


def _process(told: dict[str, Any]) -> Finding:
    trouble = "; ".join(told["trouble"])
    again = f", started again {told['restarts']} times" if told["restarts"] else ""
    return Finding(told["name"], told["state"] == "running" and not trouble, trouble or f"{told['state']}{again}")


def _said(check: dict[str, Any]) -> str:
    return check["detail"] or ("" if check["ok"] else check["name"])
