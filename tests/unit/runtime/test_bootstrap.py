"""What makes .venv on a machine with nothing but Python and make."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from services.runtime import bootstrap

ROOT = Path(__file__).parents[3]
LOCKS = ("requirements.lock", "requirements-dev.lock")


@pytest.fixture
def empty_place(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    return tmp_path


def test_a_python_without_pip_gets_one_sentence_that_says_what_to_install(empty_place, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert bootstrap.main([]) == 1
    said = capsys.readouterr().err.strip()
    assert said.endswith("apt install python3-venv")
    assert len(said.splitlines()) == 1


def test_nothing_is_done_when_nothing_changed(empty_place, capsys):
    (empty_place / ".venv").mkdir()
    for lock in LOCKS:
        (empty_place / ".venv" / f"{lock}.stamp").write_text(bootstrap._fingerprint(ROOT / lock))
    assert bootstrap.main(["--dev"]) == 0
    assert capsys.readouterr().err == ""


def test_it_needs_the_standard_library_alone():
    script = ROOT / "services" / "runtime" / "bootstrap.py"
    subprocess.run([sys.executable, "-I", "-S", script, "--help"], check=True, capture_output=True)


def test_without_python_make_says_what_to_install(tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("make", "sh"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    made = subprocess.run(
        ["make", "venv"], cwd=ROOT, env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )
    assert made.returncode != 0
    assert made.stderr.startswith("Maple Bridge needs Python 3.11 or later")


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_has_a_hash_for_every_package_and_no_address(lock):
    text = (ROOT / lock).read_text()
    assert not re.search(r"https?://|--find-links|--index-url|--extra-index-url| @ ", text)
    packages = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)[1:]
    assert packages
    assert all("--hash=sha256:" in package for package in packages)
