"""Who a worker is, from life to life."""

import shutil
import socket

import pytest

from services.chassis.kafka.identity import FolderTaken, identity


def test_a_worker_is_the_same_in_its_next_life(tmp_path):
    with identity(tmp_path / "worker") as first:
        pass
    with identity(tmp_path / "worker") as second:
        assert second == first


def test_another_folder_is_another_worker(tmp_path):
    with identity(tmp_path / "first") as first, identity(tmp_path / "second") as second:
        assert first != second


def test_a_copy_on_another_machine_is_another_worker(tmp_path, monkeypatch):
    with identity(tmp_path / "first") as first:
        shutil.copytree(tmp_path / "first", tmp_path / "copy")
    monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
    with identity(tmp_path / "copy") as copied:
        assert copied != first


def test_nobody_else_has_the_folder_meanwhile(tmp_path):
    with identity(tmp_path), pytest.raises(FolderTaken, match="give each a folder of its own"), identity(tmp_path):
        pytest.fail("it is taken")
    with identity(tmp_path):
        pass


def test_a_name_that_was_not_written_whole_is_given_anew(tmp_path):
    (tmp_path / "worker").write_text("a0b1")
    with identity(tmp_path) as first:
        pass
    with identity(tmp_path) as second:
        assert second == first
