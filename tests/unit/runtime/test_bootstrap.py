"""What makes .venv on a machine with nothing but Python and make."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from services.runtime import bootstrap

ROOT = Path(__file__).parents[3]
LOCKS = ("requirements.lock", "requirements-dev.lock")
UV = Path(sys.executable).with_name("uv")


@pytest.fixture
def empty_place(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(bootstrap, "UV", tmp_path / ".venv" / "bin" / "uv")
    return tmp_path


@pytest.fixture
def pip_configured(tmp_path, monkeypatch):
    """Writes pip's configuration; the machine's own variables are gone."""
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
    bootstrap._as_pip_is_configured.cache_clear()
    yield (tmp_path / "pip.conf").write_text
    bootstrap._as_pip_is_configured.cache_clear()


@pytest.fixture
def own_index(tmp_path):
    """A folder with the wheel of one package, and the lock that has its hash."""
    wheel = tmp_path / "wheels" / "teahouse-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("teahouse.py", "")
        archive.writestr("teahouse-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: teahouse\nVersion: 1.0\n")
        archive.writestr("teahouse-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("teahouse-1.0.dist-info/RECORD", "")
    lock = tmp_path / "teahouse.lock"
    lock.write_text(f"teahouse==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    return wheel.parent, lock


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


def test_uv_is_told_what_pip_is_configured_with(pip_configured, monkeypatch):
    pip_configured(
        "[global]\nindex-url = https://one.example/simple\ncert = /etc/ca's.pem\nproxy = http://proxy.example:3128\n"
        "no-index = true\n[install]\nextra-index-url =\n    https://two.example/simple\n    https://three.example/simple\n"
    )
    monkeypatch.setenv("PIP_INDEX_URL", "https://nearer.example/simple")
    options, variables = bootstrap._as_pip_is_configured()
    assert options == [
        "--index-url=https://nearer.example/simple",
        "--extra-index-url=https://two.example/simple",
        "--extra-index-url=https://three.example/simple",
        "--cert=/etc/ca's.pem",
        "--no-index",
        "--index-strategy=unsafe-best-match",
    ]
    assert variables == {"ALL_PROXY": "http://proxy.example:3128"}


def test_uv_installs_from_where_pip_would(pip_configured, own_index, tmp_path, monkeypatch, capsys):
    wheels, lock = own_index
    pip_configured(f"[global]\nno-index = true\nfind-links = {wheels}\n")
    monkeypatch.setattr(bootstrap, "UV", UV)
    bootstrap._install("the teahouse", "--require-hashes", f"--requirement={lock}", f"--target={tmp_path / 'to'}")
    assert (tmp_path / "to" / "teahouse.py").exists()
    assert capsys.readouterr().err.splitlines() == ["Installing the teahouse ..."]


def test_where_uv_cannot_install_pip_does(pip_configured, own_index, tmp_path, monkeypatch, capsys):
    wheels, lock = own_index
    pip_configured(f"[global]\nno-index = true\nfind-links = {wheels}\n")
    monkeypatch.setattr(bootstrap, "UV", Path(str(shutil.which("false"))))
    bootstrap._install("the teahouse", "--require-hashes", f"--requirement={lock}", f"--target={tmp_path / 'to'}")
    assert (tmp_path / "to" / "teahouse.py").exists()
    assert "uv could not; pip tries, which takes longer ..." in capsys.readouterr().err


def test_a_package_that_is_not_the_locked_one_is_installed_by_nobody(pip_configured, own_index, tmp_path, monkeypatch):
    wheels, lock = own_index
    lock.write_text(f"teahouse==1.0 --hash=sha256:{'0' * 64}\n")
    pip_configured(f"[global]\nno-index = true\nfind-links = {wheels}\n")
    monkeypatch.setattr(bootstrap, "UV", UV)
    with pytest.raises(bootstrap.Stopped, match="Installing the teahouse failed"):
        bootstrap._install("the teahouse", "--require-hashes", f"--requirement={lock}", f"--target={tmp_path / 'to'}")
    assert not (tmp_path / "to" / "teahouse.py").exists()


def test_an_index_without_uv_is_said_and_pip_goes_on(pip_configured, own_index, empty_place, monkeypatch, capsys):
    wheels, _ = own_index
    pip_configured(f"[global]\nno-index = true\nfind-links = {wheels}\n")
    monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(bootstrap, "UV_LOCK", empty_place / "uv.lock")
    (empty_place / "uv.lock").write_text(f"no-such-installer==1.0 --hash=sha256:{'0' * 64}\n")
    bootstrap._ensure_uv()
    said = capsys.readouterr().err.strip()
    assert said.startswith(
        "pip installs everything, which takes longer, because it cannot install uv: ERROR: No matching"
    )
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("lock", [*LOCKS, "requirements-kafka.lock", "requirements-uv.lock"])
def test_the_lock_has_a_hash_for_every_package_and_no_address(lock):
    text = (ROOT / lock).read_text()
    assert not re.search(r"https?://|--find-links|--index-url|--extra-index-url| @ ", text)
    packages = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)[1:]
    assert packages
    assert all("--hash=sha256:" in package for package in packages)
