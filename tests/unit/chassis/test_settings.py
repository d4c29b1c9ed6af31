"""Settings come from the environment; what is missing or wrong is said without its value."""

import base64

import pytest
from pydantic import ValidationError

from services.chassis.settings import SettingMalformed, SettingMissing, Settings

KEY = base64.b64encode(bytes(range(32))).decode()


def test_they_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("MAPLEBRIDGE_DSN", "postgresql://app@db/{service}")
    monkeypatch.setenv("MAPLEBRIDGE_MASTER_KEY", KEY)
    monkeypatch.setenv("MAPLEBRIDGE_LOG_FORMAT", "pretty")
    settings = Settings()
    assert settings.database("registry") == "postgresql://app@db/registry"
    assert settings.master_key_bytes() == bytes(range(32))
    assert settings.log_format == "pretty"


def test_secrets_are_not_shown():
    settings = Settings(dsn="postgresql://app:hunter2@db/x", master_key=KEY)
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "hunter2" not in shown
        assert KEY not in shown


def test_what_is_missing_is_named():
    with pytest.raises(SettingMissing, match="MAPLEBRIDGE_DSN"):
        Settings().database("registry")
    with pytest.raises(SettingMissing, match="MAPLEBRIDGE_OWNER_DSN"):
        Settings().owner_database("registry")
    with pytest.raises(SettingMissing, match="MAPLEBRIDGE_MASTER_KEY"):
        Settings().master_key_bytes()


@pytest.mark.parametrize("key", ["short", "", "!" * 44, base64.b64encode(bytes(31)).decode()])
def test_a_master_key_of_another_form_is_refused_and_not_repeated(key):
    with pytest.raises(SettingMalformed) as refused:
        Settings(master_key=key).master_key_bytes()
    assert not key or key not in str(refused.value)


def test_a_value_of_another_form_is_not_repeated():
    with pytest.raises(ValidationError) as refused:
        Settings(port="secret-port")
    assert "secret-port" not in str(refused.value)


def test_each_setting_says_what_it_is():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
