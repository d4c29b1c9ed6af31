"""Passwords of the local Kafka: made once, for their owner alone, one for each process that goes there."""

import json
import stat

import pytest

from services.chassis.settings import Settings
from services.runtime.kafka import KafkaUnavailable
from services.runtime.kafka.users import PREFIX, Users, as_user, known_users, users_of


def test_they_are_made_once_and_only_their_owner_can_read_them(tmp_path):
    folder = tmp_path / "data"
    made = users_of(folder, ["stream", "project"])
    path = folder / "kafka.users"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(made.passwords) == {"maplebridge-operator", "maplebridge-stream", "maplebridge-project"}
    assert len(set(made.passwords.values())) == 3
    assert json.loads(path.read_text()) == made.passwords
    assert users_of(folder, ["stream", "project"]) == made == known_users(folder)


def test_a_process_that_a_newer_release_adds_gets_one_and_the_others_keep_theirs(tmp_path):
    before = users_of(tmp_path, ["stream"])
    after = users_of(tmp_path, ["stream", "project"])
    assert after.passwords == before.passwords | {PREFIX + "project": after.passwords[PREFIX + "project"]}
    assert stat.S_IMODE((tmp_path / "kafka.users").stat().st_mode) == 0o600


def test_who_does_not_go_there_has_none(tmp_path):
    assert known_users(tmp_path) is None
    assert users_of(tmp_path, ["stream"]).login("pages") is None


def test_a_damaged_file_is_named_with_what_to_do(tmp_path):
    (tmp_path / "kafka.users").write_text("{")
    with pytest.raises(KafkaUnavailable, match=r"kafka\.users cannot be read.*remove that file"):
        users_of(tmp_path, ["stream"])


def test_settings_lead_there_and_do_not_show_the_password():
    login = Users.of(["stream"]).login("stream")
    settings = as_user(Settings(), "127.0.0.1:9092", login)
    assert (settings.kafka, settings.kafka_user) == ("127.0.0.1:9092", "maplebridge-stream")
    assert settings.kafka_password.get_secret_value() == login.password
    assert login.password not in repr(settings)
    assert as_user(Settings(), "127.0.0.1:9092", None).kafka_security == "PLAINTEXT"


def test_no_word_of_a_login_is_shown():
    users = Users.of(["stream"])
    assert users.operator.password not in f"{users!r} {users.operator!r}"
