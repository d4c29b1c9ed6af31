"""Make `.venv` with the locked dependencies and the project itself.

Run by `make` with any Python >= 3.11 and nothing installed, so it imports the standard library alone. pip installs
uv, which installs the rest several times faster; where uv cannot, pip does that too. What is installed is recorded in a
stamp; as long as the locks and the place of the checkout are the same, a second run does nothing.
"""

import argparse
import ast
import functools
import hashlib
import os
import re
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
UV = VENV / "bin" / "uv"
UV_LOCK = ROOT / "requirements-uv.lock"
PIP_INSTALL = ("-Ium", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar=off")
PIP_OPTIONS_OF_UV = ("index-url", "extra-index-url", "find-links", "trusted-host", "cert")
"""What `uv pip` takes by the same name as pip, but does not read from pip's configuration."""
PIP_OPTIONS_AS_VARIABLES = {"proxy": "ALL_PROXY", "client-cert": "SSL_CLIENT_CERT"}
"""What uv takes from the environment alone."""


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
    missing = [lock for lock in locks if not _stamp(lock).exists() or _stamp(lock).read_text() != _fingerprint(lock)]
    if not missing:
        return
    started = time.monotonic()
    _ensure_venv()
    _ensure_uv()
    names = " and ".join(lock.name for lock in missing)
    _install(f"the packages of {names}", "--require-hashes", *(f"--requirement={lock}" for lock in missing))
    # hatchling came from the lock: without build isolation nothing unlocked is fetched
    _install("Maple Bridge itself", "--no-deps", "--no-build-isolation", f"--editable={ROOT}")
    for lock in missing:
        _stamp(lock).write_text(_fingerprint(lock))
    _say(f"The environment in .venv is ready ({time.monotonic() - started:.0f} s).")


def _stamp(lock: Path) -> Path:
    return VENV / f"{lock.name}.stamp"


def _fingerprint(lock: Path) -> str:
    """What an installation depends on: the lock, the project's metadata, the place (an editable install names it)."""
    parts = (lock.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), bytes(ROOT))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _ensure_venv() -> None:
    if PYTHON.exists() and _run(PYTHON, "-Im", "pip", "--version").returncode == 0:
        return
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Stopped(
            f"{sys.executable} lacks venv or pip; on Debian or Ubuntu install them with: apt install python3-venv"
        ) from None
    _say(f"Making .venv with Python {sys.version.split()[0]} ...")
    made = _run(sys.executable, "-m", "venv", "--clear", VENV)
    if made.returncode:
        raise Stopped(
            f"{sys.executable} could not make {VENV}; on Debian or Ubuntu try: apt install python3-venv\n"
            f"{(made.stdout + made.stderr).strip()}"
        )


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def _ensure_uv() -> None:
    got = _run(PYTHON, *PIP_INSTALL, "--quiet", "--only-binary=:all:", "--require-hashes", "-r", UV_LOCK)
    if got.returncode and not UV.exists():
        why = got.stderr.strip().splitlines()[-1:] or ["no reason given"]
        _say(f"pip installs everything, which takes longer, because it cannot install uv: {why[0]}")


def _install(title: str, *arguments: str) -> None:
    _say(f"Installing {title} ...")
    if UV.exists():
        options, variables = _as_pip_is_configured()
        if _passed([UV, "pip", "install", "--python", PYTHON, *options, *arguments], variables):
            return
        _say("uv could not; pip tries, which takes longer ...")
    if not _passed([PYTHON, *PIP_INSTALL, *arguments], {}):
        raise Stopped(f"Installing {title} failed; pip's last lines are above. Is the network there?")


@functools.cache
def _as_pip_is_configured() -> tuple[list[str], dict[str, str]]:
    """Return the options and environment variables with which uv uses the index, proxy and certificates of pip."""
    listed = _run(PYTHON, "-Im", "pip", "config", "list").stdout
    found: dict[str, str] = {}
    for section in ("global", "install", ":env:"):  # the later one counts
        found |= re.findall(rf"^{section}\.([\w-]+)=(.+)$", listed, re.MULTILINE)
    told = {name: str(ast.literal_eval(value)) for name, value in found.items()}
    options = [f"--{name}={value}" for name in PIP_OPTIONS_OF_UV for value in told.get(name, "").split()]
    if told.get("no-index", "").lower() in {"1", "true", "yes", "on"}:
        options.append("--no-index")
    # like pip, take a package from any index that has it: its hash says that it is the right one
    options.append("--index-strategy=unsafe-best-match")
    return options, {variable: told[name] for name, variable in PIP_OPTIONS_AS_VARIABLES.items() if name in told}


def _passed(command: list[str | Path], variables: dict[str, str]) -> bool:
    """Run an installer, show what it downloads and, where it fails, its last lines."""
    environment = {**os.environ, **variables, "PYTHONPATH": ""}  # what builds the project sees .venv alone
    process = subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=ROOT
    )
    assert process.stdout is not None  # noqa: S101 - asked for above
    seen: list[str] = []
    for line in map(str.strip, process.stdout):
        seen.append(line)
        if line.startswith("Downloading "):
            _say(f"  {line}")
    if process.wait():
        _say("\n".join(["", *seen[-12:], ""]))
    return process.returncode == 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
