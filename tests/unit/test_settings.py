"""Settings from the environment: each is read, and what cannot be used is refused by name."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from mockint.settings import Settings, SettingsError, from_environment, reference, secret_key


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
            "MOCKINT_IMAP_URL": "imaps://user:secret@mail.example.org/INBOX/answers",
            "MOCKINT_PIPES_REPLIES": "yes",
            "MOCKINT_AUTHSERV_ID": "mail.example.org",
            "MOCKINT_MAIL_FROM": "interviews@example.org",
            "MOCKINT_DATA_DIR": "data",
            "MOCKINT_SECRET_KEY": "k" * 32,
            "MOCKINT_JITSI_URL": "https://meet.example.org",
            "MOCKINT_LOG_JSON": "yes",
            "MOCKINT_CALENDAR_NETWORKS": "10.1.0.0/16, fd12::/32,",
        }
    )
    assert [str(each) for each in settings.calendar_allowed] == ["10.1.0.0/16", "fd12::/32"]
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
        ("MOCKINT_BASE_URL", "mock.example.org", "it does not start with https:// or http://"),
        ("MOCKINT_BASE_URL", "ftp://mock.example.org", "MOCKINT_BASE_URL cannot be used"),
        ("MOCKINT_BASE_URL", "https://", "it names no host"),
        ("MOCKINT_BASE_URL", "", "MOCKINT_BASE_URL is empty"),
        ("MOCKINT_BASE_URL", "https://example.org/mock", "more than a scheme, a host and a port"),
        ("MOCKINT_BASE_URL", "https://example.org:https", "its port is not a number"),
        ("MOCKINT_LOG_JSON", "maybe", "MOCKINT_LOG_JSON is 'maybe'. Write true or false"),
        ("MOCKINT_DATABASE_URL", "mysql://u:hush@h/d", "MOCKINT_DATABASE_URL cannot be used"),
        ("MOCKINT_DATABASE_URL", "hush.db", "MOCKINT_DATABASE_URL cannot be used"),
        ("MOCKINT_DATABASE_URL", "postgresql://u:hush@h:p/d", "its port is not a number"),
        ("MOCKINT_DATABASE_URL", "postgresql://u:hush@h:70000/d", "its port is not a number"),
        ("MOCKINT_DATABASE_URL", "postgresql://u:hush@h:0/d", "its port is not a number"),
        ("MOCKINT_DATABASE_URL", "postgresql://u:hush@h", "it names no database"),
        ("MOCKINT_DATABASE_URL", "postgresql://u:hu#sh@h/d", "its port is not a number"),
        ("MOCKINT_DATABASE_URL", "postgresql://u@h/d#hush", "which is written as %23"),
        ("MOCKINT_DATABASE_URL", "sqlite://", "it names no file"),
        ("MOCKINT_DATABASE_URL", "sqlite:///:memory:", "it names no file"),
        ("MOCKINT_DATABASE_URL", "sqlite://mockint.db", "it names no file"),
        ("MOCKINT_REDIS_URL", "localhost:6379", "MOCKINT_REDIS_URL cannot be used"),
        ("MOCKINT_REDIS_URL", "redis://:hush@/0", "it names no host"),
        ("MOCKINT_REDIS_URL", "redis://:hush@h/first", "its database is not a number"),
        ("MOCKINT_SMTP_URL", "smtp://u:hush@[h:25", "MOCKINT_SMTP_URL cannot be used"),
        ("MOCKINT_SMTP_URL", "mail.example.org:hush", "MOCKINT_SMTP_URL cannot be used"),
        ("MOCKINT_IMAP_URL", "mail.example.org", "it does not start with imaps:// or imap://"),
        ("MOCKINT_IMAP_URL", "imaps://u:hush@", "it names no host"),
        ("MOCKINT_IMAP_URL", "imaps://u:hush@h:imap/INBOX", "its port is not a number"),
        ("MOCKINT_IMAP_URL", "imaps://mail.example.org", "it names no user and password"),
        ("MOCKINT_IMAP_URL", "imaps://u@mail.example.org", "Write it like imaps://mockint%40"),
        ("MOCKINT_IMAP_URL", "imaps://u:p@h/INBOX#hush", "which is written as %23"),
        ("MOCKINT_IMAP_URL", "imaps://u:p@h/INBOX?hush", "which is written as %3F"),
        ("MOCKINT_JITSI_URL", "meet.example.org", "MOCKINT_JITSI_URL cannot be used"),
        ("MOCKINT_SECRET_KEY_FILE", "no/such/file", "MOCKINT_SECRET_KEY_FILE names a file"),
        ("MOCKINT_SECRET_KEY_FILE", "", "cannot be read"),
        ("MOCKINT_MODE_FILE", "no/such/file", "MOCKINT_MODE_FILE is not a setting"),
        ("MOCKINT_MAIL_FROM", "Mockint <m@example.org>", "Write it like mockint@example.org"),
        ("MOCKINT_MAIL_FROM", "mockint", "MOCKINT_MAIL_FROM is not an address alone"),
        ("MOCKINT_AUTHSERV_ID", "mx.example.org; dmarc=pass", "MOCKINT_AUTHSERV_ID is not a name"),
        ("MOCKINT_DATA_DIR", " ", "MOCKINT_DATA_DIR is empty"),
        ("MOCKINT_CALENDAR_NETWORKS", "10.1.0.0/16,intranet", "something else than networks"),
        ("MOCKINT_CALENDAR_NETWORKS", "10.1.0.1/16", "Write them like 10.1.0.0/16, fd12::/32"),
        ("MOCKINT_TRUSTED_PROXIES", "one", "is 'one'. Write a number from 0 to 8"),
        ("MOCKINT_TRUSTED_PROXIES", "-1", "Write a number from 0 to 8"),
        ("MOCKINT_TRUSTED_PROXIES", "1.5", "Write a number from 0 to 8"),
        ("MOCKINT_RETRY_SCALE", "nan", "Write a number from 0.001 to 10"),
        ("MOCKINT_RETRY_SCALE", "0.1", "MOCKINT_RETRY_SCALE is for tests"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(variable, text, sentence):
    with pytest.raises(SettingsError) as refused:
        from_environment({variable: text})
    assert sentence in str(refused.value)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("database_url", "postgresql://mockint:secret@db/mockint"),
        ("redis_url", "redis://:secret@redis:6379/0"),
        ("smtp_url", "smtps://user:secret@mail.example.org"),
        ("imap_url", "imaps://user:secret@mail.example.org/INBOX"),
        ("secret_key", "s" * 40),
        ("metrics_token", "t" * 20),
    ],
)
def test_each_secret_may_come_from_a_file(tmp_path, name, text):
    file = tmp_path / "secret"
    file.write_text(f"{text}\n", encoding="utf-8")
    variable = f"MOCKINT_{name.upper()}"
    assert getattr(from_environment({f"{variable}_FILE": str(file)}), name) == text
    assert getattr(from_environment({f"{variable}_FILE": str(file), variable: ""}), name) == text
    with pytest.raises(SettingsError, match=f"{variable}_FILE and {variable} are both set"):
        from_environment({f"{variable}_FILE": str(file), variable: text})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"\xff\xfe", "it is not UTF-8 text"), (b" \n", "names an empty file")],
)
def test_a_file_without_a_secret_is_refused(tmp_path, content, sentence):
    file = tmp_path / "secret"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=sentence):
        from_environment({"MOCKINT_SECRET_KEY_FILE": str(file)})


def test_numbers_are_read():
    settings = from_environment(
        {
            "MOCKINT_MODE": "test",
            "MOCKINT_TRUSTED_PROXIES": "2",
            "MOCKINT_RETRY_SCALE": "0.01",
        }
    )
    assert (settings.trusted_proxies, settings.retry_scale) == (2, 0.01)


def test_the_table_in_the_docs_is_that_of_the_settings():
    docs = Path(__file__).resolve().parents[2] / "docs" / "operating.md"
    text = docs.read_text(encoding="utf-8")
    before, start, rest = text.partition("<!-- settings -->\n")
    _, end, after = rest.partition("<!-- end of settings -->\n")
    assert start, "the docs have lost their table"
    assert end, "the docs have lost their table"
    wanted = before + start + "\n".join(reference()) + "\n" + end + after
    if os.environ.get("UPDATE_GOLDEN"):
        docs.write_text(wanted, encoding="utf-8")
        return
    assert text == wanted, "run UPDATE_GOLDEN=1 bin/test tests/unit/test_settings.py"


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
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
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
