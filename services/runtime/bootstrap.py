"""Make `.venv` with the locked dependencies and the project itself.

Run by `make` with any Python >= 3.11 and nothing installed, so it imports the standard library alone.
What is installed is recorded in a stamp; as long as the locks, the interpreter and the place of the checkout
are the same, a second run does nothing.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
KAFKA_LOCK = ROOT / "requirements-kafka.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
PIP_INSTALL = ("-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar=off")


class Stopped(Exception):
    """The environment cannot be made; the message says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Return 0 when the environment stands, 1 after one sentence about why it does not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kafka", action="store_true", help="also install what running over Kafka needs")
    parser.add_argument("--dev", action="store_true", help="also install what the tests and checks need")
    wanted = parser.parse_args(arguments)
    more = [KAFKA_LOCK] if wanted.kafka else []
    try:
        _ensure([LOCK, *more, *([DEV_LOCK] if wanted.dev else [])])
    except Stopped as stopped:
        _say(str(stopped))
        return 1
    except KeyboardInterrupt:
        _say("Stopped; the next run goes on from here.")
        return 130
    return 0


def _ensure(locks: list[Path]) -> None:
    stamps = [VENV / f"{lock.name}.stamp" for lock in locks]
    missing = [(lock, stamp) for lock, stamp in zip(locks, stamps, strict=True) if _read(stamp) != _fingerprint(lock)]
    if not missing:
        return
    started = time.monotonic()
    _ensure_venv()
    for lock, stamp in missing:
        _install_locked(lock)
        if lock == LOCK:
            _install_project()
        stamp.write_text(_fingerprint(lock))
    _say(f"The environment in .venv is ready ({time.monotonic() - started:.0f} s).")


def _fingerprint(lock: Path) -> str:
    """What an installation depends on: the lock, the project's metadata, the place (an editable install names it)."""
    digest = hashlib.sha256()
    for part in (lock.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), str(ROOT).encode()):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _ensure_venv() -> None:
    works = PYTHON.exists() and _run(PYTHON, "-I", "-m", "pip", "--version").returncode == 0
    if works:
        return
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Stopped(
            f"{sys.executable} lacks venv or pip; on Debian or Ubuntu install them with: apt install python3-venv"
        ) from None
    _say(f"Making .venv with Python {sys.version.split()[0]} ...")
    shutil.rmtree(VENV, ignore_errors=True)
    made = _run(sys.executable, "-m", "venv", VENV)
    if made.returncode:
        raise Stopped(
            f"{sys.executable} could not make {VENV}; on Debian or Ubuntu try: apt install python3-venv\n"
            f"{(made.stdout + made.stderr).strip()}"
        )


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def _install_locked(lock: Path) -> None:
    total = sum(1 for line in lock.read_text().splitlines() if "==" in line and not line.startswith((" ", "#")))
    _pip(["--require-hashes", "-r", str(lock)], f"Installing the packages of {lock.name}", total)


def _install_project() -> None:
    """Hatchling came from the lock: without build isolation nothing unlocked is fetched."""
    _pip(["--no-deps", "--no-build-isolation", "-e", str(ROOT)], "Installing Maple Bridge itself", 1)


def _pip(arguments: list[str], title: str, total: int) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PIP_REQUIRE_VIRTUALENV": "0"}
    environment.pop("PYTHONPATH", None)
    process = subprocess.Popen(  # noqa: S603
        [PYTHON, *PIP_INSTALL, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        cwd=ROOT,
    )
    assert process.stdout is not None  # noqa: S101 - asked for above
    seen: list[str] = []
    count = 0
    for line in process.stdout:
        seen.append(line)
        if line.startswith(("Collecting ", "Requirement already satisfied", "Obtaining ")):
            count += 1
            _show(title, count, total, line.split()[1] if line.startswith("Collecting") else "")
        elif line.startswith("Installing collected packages"):
            _show(title, count, total, "unpacking, the longest step")
    if process.wait():
        raise Stopped(f"\n{''.join(seen[-12:])}\n{title} failed; pip's last lines are above. Is the network there?")
    _finish()


def _show(title: str, count: int, total: int, what: str) -> None:
    text = f"{title}: {min(count, total)} of {total}  {what.partition('==')[0]}"
    if sys.stdout.isatty():
        _write(f"\r\033[K{text[: shutil.get_terminal_size().columns - 1]}")
    elif count % 10 == 0 or what.startswith("unpacking"):
        _write(f"{text}\n")


def _finish() -> None:
    if sys.stdout.isatty():
        _write("\r\033[K")


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None


if __name__ == "__main__":
    sys.exit(main())
