"""Settings: all that is wrong, in one list."""

import os
import stat
from pathlib import Path

import pytest

from matricula.foundation.environment import EnvironmentInvalid, read_environment, secret_key

WRONG = {
    "DATABASE_URL": "mysql://x",
    "MATRICULA_OWNER_DATABASE_URL": "mysql://x",
    "EMAIL_URL": "smtp:",
    "FROM_EMAIL": "a\nb",
    "PUBLIC_URL": "ftp://x",
    "SECRET_KEY": "short",
    "MATRICULA_LANGUAGE": "xx",
    "MATRICULA_TIME_ZONE": "Mars/Olympus",
    "MATRICULA_RESULT_LINK_SECONDS": "0",
    "MATRICULA_IDENTIFIER_LIMIT": "many",
    "MATRICULA_RATE_LIMIT": "a lot",
    "MATRICULA_TRUSTED_PROXIES": "everybody",
    "MATRICULA_TRUSTED_ORIGINS": "*",
    "MATRICULA_COOKIE_DOMAIN": "https://example.org",
    "MATRICULA_COOKIE_SAMESITE": "none",
    "MATRICULA_REASON_IN_MAIL": "perhaps",
    "MATRICULA_DASHBOARD_URL": "//apps.example.org",
    "MATRICULA_PLAN_DAYS": "0",
    "MATRICULA_PLAN_LIMITS": "removals_percent=101",
    "MATRICULA_LOG_FORMAT": "xml",
}


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in WRONG:
        monkeypatch.delenv(name, raising=False)


def test_everything_that_is_wrong_stands_in_one_list(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WRONG.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(EnvironmentInvalid) as refused:
        read_environment()
    lines = str(refused.value).splitlines()[1:]
    assert [line.split(":")[0].strip() for line in lines] == sorted(WRONG)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EMAIL_URL", "console:"),
        ("EMAIL_URL", "file:///var/mail"),
        ("EMAIL_URL", "smtps://me:secret@mail.example.org:465"),
        ("MATRICULA_RATE_LIMIT", ""),
        ("MATRICULA_DASHBOARD_URL", "https://apps.example.org/instructor-dashboard"),
        ("MATRICULA_TIME_ZONE", "Europe/Madrid"),
        ("MATRICULA_PLAN_LIMITS", " removals_percent=30, approvals = 0"),
        ("MATRICULA_PLAN_LIMITS", ""),
        ("DATABASE_URL", "postgresql://me@db.example.org/matricula?sslmode=require"),
    ],
)
def test_good_values_are_taken(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    read_environment()


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("removals=20", 'must be pairs like "removals_percent=20", separated by commas, of removals_percent'),
        ("removals_percent", "must be pairs"),
        ("removals_percent=-1", "must be pairs"),
        ("approvals=11", "approvals=11, which must be a whole number from 0 to 10"),
        ("refused_percent=101", "from 0 to 100"),
        ("changes_rows=2147483648", "from 0 to 2147483647"),
    ],
)
def test_limits_of_plans_are_known_and_in_range(monkeypatch: pytest.MonkeyPatch, value: str, problem: str) -> None:
    monkeypatch.setenv("MATRICULA_PLAN_LIMITS", value)
    with pytest.raises(EnvironmentInvalid, match=problem):
        read_environment()


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("*", "without"),
        ("https://*.example.org", "without"),
        ("console.example.org", "an origin is"),
        ("https://console.example.org/", "an origin is"),
        ("https://console.example.org/app", "an origin is"),
        ("https://user@console.example.org", "an origin is"),
        ("https://user:secret@console.example.org", "an origin is"),
        ("https://console.example.org?x=1", "an origin is"),
        ("https://console.example.org#x", "an origin is"),
        (r"https://console.example.org\@evil.org", "an origin is"),
        ("https://consolé.example.org", "an origin is"),
        ("https://console.example.org:0", "an origin is"),
        ("https://console.example.org:65536", "an origin is"),
        ("https://", "an origin is"),
        ("ftp://console.example.org", "an origin is"),
        ("javascript:alert(1)", "an origin is"),
        ("null", "an origin is"),
        ("https://console.example.org,,http://localhost:2000", "an origin is"),
    ],
)
def test_only_origins_are_trusted(monkeypatch: pytest.MonkeyPatch, value: str, problem: str) -> None:
    monkeypatch.setenv("MATRICULA_TRUSTED_ORIGINS", value)
    with pytest.raises(EnvironmentInvalid, match=f"MATRICULA_TRUSTED_ORIGINS: can't contain .*{problem}"):
        read_environment()


def test_origins_are_spelled_as_browsers_spell_them(monkeypatch: pytest.MonkeyPatch) -> None:
    given = "HTTPS://Console.Example.org:443, http://localhost:2000,http://[::1]:1999,https://console.example.org"
    monkeypatch.setenv("MATRICULA_TRUSTED_ORIGINS", given)
    wanted = ("https://console.example.org", "http://localhost:2000", "http://[::1]:1999")
    assert read_environment().trusted_origins == wanted
    monkeypatch.setenv("MATRICULA_TRUSTED_ORIGINS", "")
    assert read_environment().trusted_origins == ()


@pytest.mark.parametrize(
    ("public", "domain", "samesite", "problem"),
    [
        ("https://matricula.example.org", "example.org", "None", None),
        ("https://matricula.example.org", "matricula.example.org", "Strict", None),
        ("https://matricula.example.org:8443", "", "Lax", None),
        ("http://matricula.example.org", "example.org", "None", "SAMESITE: None requires"),
        ("", "", "None", "SAMESITE: None requires"),
        ("https://matricula.example.org", "ample.org", "Lax", "DOMAIN: must be matricula.example.org"),
        ("https://matricula.example.org", "other.org", "Lax", "DOMAIN: must be matricula.example.org"),
        ("https://matricula.example.org", ".example.org", "Lax", "DOMAIN: must be a domain"),
        ("https://matricula.example.org", "org", "Lax", "DOMAIN: must be a domain"),
    ],
)
def test_cookies_that_browsers_would_ignore_are_rejected(
    monkeypatch: pytest.MonkeyPatch, public: str, domain: str, samesite: str, problem: str | None
) -> None:
    given = {"PUBLIC_URL": public, "MATRICULA_COOKIE_DOMAIN": domain, "MATRICULA_COOKIE_SAMESITE": samesite}
    for name, value in given.items():
        if value:
            monkeypatch.setenv(name, value)
    if problem is None:
        read_environment()
    else:
        with pytest.raises(EnvironmentInvalid, match=problem):
            read_environment()


@pytest.mark.parametrize("value", ["file:mail", "file://mail", "smtp://", "imap://x", "nonsense"])
def test_mail_addresses_that_lead_nowhere_are_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("EMAIL_URL", value)
    with pytest.raises(EnvironmentInvalid, match="EMAIL_URL"):
        read_environment()


def test_the_secret_key_is_made_once_and_for_the_owner_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MATRICULA_DATA", str(tmp_path / "new"))
    environment = read_environment()
    key = secret_key(environment)
    assert len(key) >= 50
    assert secret_key(environment) == key
    assert os.listdir(tmp_path / "new") == ["secret_key"]
    assert stat.S_IMODE((tmp_path / "new" / "secret_key").stat().st_mode) == 0o600


def test_an_owner_without_a_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the embedded database would be migrated instead of the one that is meant."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("MATRICULA_OWNER_DATABASE_URL", "postgresql://owner@db.example.org/matricula")
    with pytest.raises(EnvironmentInvalid, match="which isn't set"):
        read_environment()


def test_a_value_may_be_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = tmp_path / "secret_key"
    key.write_text("a-secret-of-more-than-thirty-two-characters\n")
    monkeypatch.setenv("SECRET_KEY", "another-secret-of-more-than-thirty-two-characters")
    monkeypatch.setenv("SECRET_KEY_FILE", str(key))
    assert read_environment().secret_key == "a-secret-of-more-than-thirty-two-characters"


def test_what_is_wrong_with_files_is_in_the_list_and_shows_no_content(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    short = tmp_path / "secret_key"
    short.write_text("short")
    monkeypatch.setenv("SECRET_KEY_FILE", str(short))
    monkeypatch.setenv("EMAIL_URL_FILE", str(tmp_path / "missing"))
    with pytest.raises(EnvironmentInvalid) as raised:
        read_environment()
    lines = str(raised.value).splitlines()[1:]
    assert [line.split(":")[0].strip() for line in lines] == ["EMAIL_URL_FILE", "SECRET_KEY"]
    assert "short" not in str(raised.value)


def test_a_replica_without_a_database_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_REPLICA_URL", "postgresql://app@replica.example.org/matricula")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(EnvironmentInvalid, match="DATABASE_REPLICA_URL"):
        read_environment()
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db.example.org/matricula")
    assert read_environment().replica_lag_seconds == 10


def test_the_token_of_metrics_is_a_value_or_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert read_environment().metrics_token is None
    monkeypatch.setenv("MATRICULA_METRICS_TOKEN", "a-value-of-some-length")
    assert read_environment().metrics_token == "a-value-of-some-length"
    file = tmp_path / "token"
    file.write_text("from-a-file-of-some-length\n")
    monkeypatch.setenv("MATRICULA_METRICS_TOKEN_FILE", str(file))
    assert read_environment().metrics_token == "from-a-file-of-some-length"


@pytest.mark.parametrize("value", ["short", "with a space in between", "mañana-mañana-mañana", "x" * 20 + "\ny"])
def test_tokens_that_are_weak_or_that_no_header_takes_are_rejected(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MATRICULA_METRICS_TOKEN", value)
    with pytest.raises(EnvironmentInvalid, match="MATRICULA_METRICS_TOKEN: must have at least 16"):
        read_environment()
