"""The user's data folder."""

import errno
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from services.runtime.folder import (
    DataFolder,
    FolderForeign,
    FolderInUse,
    FolderNewer,
    FolderUnusable,
    KeyMissing,
    Running,
    default_folder,
)


def test_the_default_folder_is_where_the_desktop_keeps_data(monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "/data of mine")
    assert default_folder() == Path("/data of mine/maplebridge")


def test_without_a_desktop_it_is_under_home(monkeypatch):
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/lin")
    assert default_folder() == Path("/home/lin/.local/share/maplebridge")


def test_a_new_folder_is_closed_to_others(tmp_path):
    folder = DataFolder.open(tmp_path / "new" / "folder")
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_a_folder_of_a_newer_release_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "version").write_text("99\n")
    with pytest.raises(FolderNewer, match="has layout 99, made by a newer Maple Bridge"):
        DataFolder.open(tmp_path)


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path):
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(FolderForeign, match="choose an empty one"):
        DataFolder.open(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FolderUnusable, match="cannot be used as data folder: there is a file of that name; mend that"):
        DataFolder.open(tmp_path / "file")


def test_a_full_disk_leaves_no_half_file_and_a_later_start_is_not_in_its_way(tmp_path, monkeypatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    folder = DataFolder.open(tmp_path / "data")
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        for made in (folder.master_key, folder.issuer_key, lambda: DataFolder.open(tmp_path / "other")):
            with pytest.raises(FolderUnusable, match="No space left on device; mend that"):
                made()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["version"]
    DataFolder.open(tmp_path / "other")


def test_a_second_instance_learns_who_is_there(tmp_path):
    with DataFolder.open(tmp_path / "data").held():
        second = DataFolder.open(tmp_path / "data")
        with pytest.raises(FolderInUse, match=f"process {os.getpid()}"), second.held():
            pass


def test_after_the_first_is_gone_the_second_may_come(tmp_path):
    folder = DataFolder.open(tmp_path / "data")
    with folder.held():
        pass
    with folder.held():
        pass


def test_a_running_instance_is_found_while_it_runs(tmp_path):
    folder = DataFolder.open(tmp_path / "data")
    running = Running(pid=os.getpid(), url="http://127.0.0.1:8080", socket="/run/x")
    with folder.held():
        assert folder.running() is None
        folder.announce(running)
        assert folder.running() == running
    assert folder.running() is None


def test_what_a_killed_instance_said_is_not_believed(tmp_path):
    folder = DataFolder.open(tmp_path / "data")
    with folder.held():
        pass
    folder.announce(Running(pid=1, url=None, socket="/run/x"))
    assert folder.running() is None


@pytest.mark.parametrize("key", ["master_key", "issuer_key"])
def test_keys_are_made_once_and_readable_by_their_owner_alone(tmp_path, key):
    folder = DataFolder.open(tmp_path / "data")
    made = getattr(folder, key)()
    assert getattr(DataFolder.open(tmp_path / "data"), key)() == made
    file = folder.path / key.replace("_", ".")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_master_key_has_256_bits_and_the_issuer_key_is_ed25519(tmp_path):
    folder = DataFolder.open(tmp_path / "data")
    assert len(folder.master_key()) == 32
    assert type(load_pem_private_key(folder.issuer_key(), None)).__name__ == "Ed25519PrivateKey"


def test_a_lost_master_key_is_never_replaced(tmp_path):
    folder = DataFolder.open(tmp_path / "data")
    (folder.path / "postgres").mkdir()
    with pytest.raises(KeyMissing, match="restore it from your backup"):
        folder.master_key()
