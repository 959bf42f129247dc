"""Settings from the environment: each is read, and what cannot be used is refused by name."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from mockint.settings import Settings, SettingsError, from_environment, secret_key


def test_nothing_set_is_an_embedded_installation_in_production():
    settings = from_environment({"PATH": "/bin", "HOME": "/nowhere"})
    assert settings == Settings()
    assert settings.mode == "production"
    assert settings.embedded
    assert not settings.moves_clock
    assert not settings.shows_mailbox
    assert settings.database == f"sqlite:///{Path('instance').resolve() / 'mockint.db'}"


def test_every_variable_is_read():
    settings = from_environment(
        {
            "MOCKINT_MODE": "development",
            "MOCKINT_BASE_URL": "https://mock.example.org/",
            "MOCKINT_DATABASE_URL": "postgres://mockint:secret@db/mockint",
            "MOCKINT_REDIS_URL": "redis://redis:6379/0",
            "MOCKINT_SMTP_URL": "smtps://user:secret@mail.example.org",
            "MOCKINT_MAIL_FROM": "interviews@example.org",
            "MOCKINT_DATA_DIR": "data",
            "MOCKINT_SECRET_KEY": "k" * 32,
            "MOCKINT_JITSI_URL": "https://meet.example.org",
            "MOCKINT_LOG_JSON": "yes",
        }
    )
    assert settings.base_url == "https://mock.example.org"
    assert settings.host == "mock.example.org"
    assert settings.database == "postgresql+psycopg://mockint:secret@db/mockint"
    assert settings.sender == "interviews@example.org"
    assert settings.log_json is True
    assert not settings.embedded
    assert settings.moves_clock
    assert settings.shows_mailbox


def test_the_sender_is_made_from_the_address():
    assert from_environment({"MOCKINT_BASE_URL": "https://m.example"}).sender == "mockint@m.example"


@pytest.mark.parametrize(
    ("variable", "text", "sentence"),
    [
        ("MOCKINT_SMPT_URL", "smtp://x", "MOCKINT_SMPT_URL is not a setting of mockint"),
        ("MOCKINT_", "1", "MOCKINT_ is not a setting"),
        ("MOCKINT_mode", "demo", "MOCKINT_mode is not a setting"),
        ("MOCKINT_MODE", "prod", "MOCKINT_MODE is 'prod'. Use one of: production, demo"),
        ("MOCKINT_MODE", "", "MOCKINT_MODE is ''"),
        ("MOCKINT_BASE_URL", "mock.example.org", "MOCKINT_BASE_URL is 'mock.example.org'"),
        ("MOCKINT_BASE_URL", "ftp://mock.example.org", "MOCKINT_BASE_URL is 'ftp"),
        ("MOCKINT_BASE_URL", "https://", "MOCKINT_BASE_URL is"),
        ("MOCKINT_LOG_JSON", "maybe", "MOCKINT_LOG_JSON is 'maybe'. Write true or false"),
        ("MOCKINT_DATABASE_URL", "mysql://u:hush@h/d", "MOCKINT_DATABASE_URL cannot be used"),
        ("MOCKINT_DATABASE_URL", "hush.db", "MOCKINT_DATABASE_URL cannot be used"),
        ("MOCKINT_REDIS_URL", "localhost:6379", "MOCKINT_REDIS_URL cannot be used"),
        ("MOCKINT_SMTP_URL", "mail.example.org:hush", "MOCKINT_SMTP_URL cannot be used"),
        ("MOCKINT_JITSI_URL", "meet.example.org", "MOCKINT_JITSI_URL cannot be used"),
        ("MOCKINT_SECRET_KEY_FILE", "no/such/file", "MOCKINT_SECRET_KEY_FILE names a file"),
        ("MOCKINT_MODE_FILE", "no/such/file", "MOCKINT_MODE_FILE is not a setting"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(variable, text, sentence):
    with pytest.raises(SettingsError) as refused:
        from_environment({variable: text})
    assert sentence in str(refused.value)
    assert "hush" not in str(refused.value)


def test_a_secret_may_come_from_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text("s" * 40 + "\n", encoding="ascii")
    settings = from_environment({"MOCKINT_SECRET_KEY_FILE": str(file)})
    assert secret_key(settings) == "s" * 40


def test_a_short_secret_is_refused():
    with pytest.raises(SettingsError, match="at least 32"):
        secret_key(Settings(secret_key="short"))


def test_a_missing_secret_is_made_once_and_kept_private(tmp_path):
    settings = Settings(data_dir=str(tmp_path / "new" / "folder"))
    made = secret_key(settings)
    assert len(made) >= 43, "256 bits in base64"
    assert secret_key(settings) == made
    kept = tmp_path / "new" / "folder" / "secret_key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert secret_key(Settings(data_dir=str(tmp_path / "other"))) != made


def test_an_empty_secret_file_is_refused(tmp_path):
    (tmp_path / "secret_key").touch()
    with pytest.raises(SettingsError, match="holds no secret"):
        secret_key(Settings(data_dir=str(tmp_path)))


def test_a_data_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="MOCKINT_DATA_DIR"):
        secret_key(Settings(data_dir=str(tmp_path / "file")))


def test_only_production_keeps_the_clock_and_hides_the_mailbox():
    modes = {mode: from_environment({"MOCKINT_MODE": mode}) for mode in ("demo", "test")}
    assert all(settings.moves_clock and settings.shows_mailbox for settings in modes.values())
