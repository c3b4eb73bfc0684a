"""Settings from the environment: read once, checked all together, rejected with one clear list.

Every variable is described in docs/settings.md; a test holds the two lists together.

See institution-and-commands: Commands.
"""

import contextlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from environs import FileAwareEnv
from marshmallow import ValidationError

from matricula.foundation.bearer import check_bearer
from matricula.foundation.client_address import TrustedProxies, read_trusted_proxies
from matricula.foundation.folding import fold
from matricula.foundation.origins import read_origins

LANGUAGES = ("en", "es")
# each limit of plans → the largest number that it may be
PLAN_LIMITS = {
    "removals_percent": 100,
    "removals_rows": 2**31 - 1,
    "changes_percent": 100,
    "changes_rows": 2**31 - 1,
    "refused_percent": 100,
    "approvals": 10,
}
# of whom a second factor may be required
SECOND_FACTOR_FOR = ("everyone", "superusers", "global_staff", "organization_roles", "course_roles")
OWNER_DATABASE_URL = "MATRICULA_OWNER_DATABASE_URL"


class EnvironmentInvalid(Exception):
    """Some variables are wrong; the message lists each with what it takes."""


@dataclass(frozen=True)
class Environment:
    """What the operator set, parsed."""

    database_url: str | None
    # the role that owns the tables; only for migrations
    owner_database_url: str | None
    # a streaming replica that serves lists, exports and history; not used while it is further behind
    database_replica_url: str | None
    replica_lag_seconds: int
    data: Path
    email_url: str
    from_email: str
    public_url: str | None
    secret_key: str | None
    hosts: list[str]
    language: str
    time_zone: str
    result_link_seconds: int
    token_seconds: int
    refresh_seconds: int
    identifier_limit: int
    rate_limit: str | None
    # whose X-Forwarded-For says where a request comes from
    trusted_proxies: TrustedProxies
    # of front ends elsewhere that act for the people who are logged in here
    trusted_origins: tuple[str, ...]
    # None: cookies are for the host alone
    cookie_domain: str | None
    cookie_samesite: str
    # program statuses that may not follow one another: (from, to)
    forbidden_moves: frozenset[tuple[str, str]]
    # the file of the issuers whose tokens are accepted; None: no one's but our own
    issuers: Path | None
    # the file of the identity providers at which people log in; None: only with passwords
    sign_on: Path | None
    # False: no one logs in with a password of Matricula, except these superusers, by their usernames
    passwords: bool
    password_superusers: frozenset[str]
    # who can't log in without a second factor (SECOND_FACTOR_FOR)
    second_factor: frozenset[str]
    # students in one request of the Registrar API
    student_limit: int
    upload_limit: int
    # unfinished jobs of one caller
    job_limit: int
    # a folder, or s3://bucket/prefix: where files of results and reports are kept
    files: str
    # bytes that result files may take up together; 0: no limit
    files_quota: int
    # after so many days they are deleted; 0: never
    keep_files_days: int
    keep_jobs_days: int
    keep_waiting_days: int
    # unconfirmed sign-ups
    keep_sign_ups_days: int
    # what holds a plan, as far as it differs from the defaults (``batches.plans.limits``)
    plan_limits: Mapping[str, int]
    # after so long a plan can't be applied any more
    plan_days: int
    # the Registrar API's word for a job that waits
    queued_word: str
    # where the instructor dashboard is: an address or a path
    dashboard_url: str
    reason_in_mail: bool
    # each export and download of data about people says why
    export_reason_required: bool
    # after so long a transaction that does nothing is ended, and a wait for a lock given up
    idle_transaction_seconds: int
    lock_seconds: int
    # of each statement of a migration that doesn't say otherwise; 0: no limit
    migration_lock_seconds: int
    migration_statement_seconds: int
    # at once, of one large job: the worker and each command that imports have so many beside their own
    batch_connections: int
    web_workers: int
    web_threads: int
    # of each web process: connections at once, and bytes held for all of them
    web_connections: int
    web_buffer: int
    # a client gets so many seconds for 64 KiB, and then for each second so many bytes have to go
    slow_seconds: int
    slow_rate: int
    # webhooks may lead to addresses that aren't public
    webhook_private_addresses: bool
    log_format: str
    # the secret with which /metrics is asked for; None: there is no such address
    metrics_token: str | None
    # where traces go (OTLP over HTTP); None: nowhere, and none are made
    traces_url: str | None


def default_data_folder() -> Path:
    """The folder for data where neither ``--data`` nor ``MATRICULA_DATA`` names one: ``data`` where one is."""
    return Path("data")


def read_environment() -> Environment:
    """The settings of this process. Errors: ``EnvironmentInvalid`` with every wrong variable in one list."""
    env = _ListingEnv(eager=False, strip_whitespace=True)
    environment = Environment(
        database_url=env.str("DATABASE_URL", None, validate=_one_of_schemes("postgresql", "postgres")),
        owner_database_url=env.str(
            "MATRICULA_OWNER_DATABASE_URL", None, validate=_one_of_schemes("postgresql", "postgres")
        ),
        database_replica_url=env.str("DATABASE_REPLICA_URL", None, validate=_one_of_schemes("postgresql", "postgres")),
        replica_lag_seconds=env.int("MATRICULA_REPLICA_LAG_SECONDS", 10, validate=_positive),
        data=Path(env.str("MATRICULA_DATA", str(default_data_folder()))),
        email_url=env.str("EMAIL_URL", "console:", validate=_mail_url),
        from_email=env.str("FROM_EMAIL", "Matricula <no-reply@localhost>", validate=_one_line),
        public_url=env.str("PUBLIC_URL", None, validate=_one_of_schemes("http", "https")),
        secret_key=env.str("SECRET_KEY", None, validate=_long_enough),
        hosts=env.list("MATRICULA_HOSTS", []),
        language=env.str("MATRICULA_LANGUAGE", "en", validate=_one_of(*LANGUAGES)),
        time_zone=env.str("MATRICULA_TIME_ZONE", "UTC", validate=_time_zone),
        result_link_seconds=env.int("MATRICULA_RESULT_LINK_SECONDS", 3600, validate=_positive),
        token_seconds=env.int("MATRICULA_TOKEN_SECONDS", 36000, validate=_positive),
        refresh_seconds=env.int("MATRICULA_REFRESH_SECONDS", 30 * 24 * 3600, validate=_positive),
        identifier_limit=env.int("MATRICULA_IDENTIFIER_LIMIT", 50_000, validate=_positive),
        rate_limit=env.str("MATRICULA_RATE_LIMIT", "60000/minute", validate=_rate_limit) or None,
        trusted_proxies=_trusted_proxies(env.list("MATRICULA_TRUSTED_PROXIES", [], validate=_proxies)),
        trusted_origins=_trusted_origins(env.list("MATRICULA_TRUSTED_ORIGINS", [], validate=_origins)),
        cookie_domain=env.str("MATRICULA_COOKIE_DOMAIN", None, validate=_domain) or None,
        cookie_samesite=env.str("MATRICULA_COOKIE_SAMESITE", "Lax", validate=_one_of("Lax", "Strict", "None")),
        forbidden_moves=_moves(env.list("MATRICULA_FORBIDDEN_MOVES", [], validate=_all_moves)),
        issuers=Path(issuers) if (issuers := env.str("MATRICULA_ISSUERS", "")) else None,
        sign_on=Path(sign_on) if (sign_on := env.str("MATRICULA_SIGN_ON", "")) else None,
        passwords=env.bool("MATRICULA_PASSWORDS", True),
        password_superusers=_names(env.list("MATRICULA_PASSWORD_SUPERUSERS", [])),
        second_factor=frozenset(env.list("MATRICULA_SECOND_FACTOR", [], validate=_second_factor) or ()),
        student_limit=env.int("MATRICULA_STUDENT_LIMIT", 25, validate=_positive),
        upload_limit=env.int("MATRICULA_UPLOAD_LIMIT", 5 * 1024 * 1024, validate=_positive),
        job_limit=env.int("MATRICULA_JOB_LIMIT", 50, validate=_positive),
        files_quota=env.int("MATRICULA_FILES_QUOTA", 20 * 1024**3, validate=_not_negative),
        files=env.str("MATRICULA_FILES", None, validate=_files) or "",
        keep_files_days=env.int("MATRICULA_KEEP_FILES_DAYS", 30, validate=_not_negative),
        keep_jobs_days=env.int("MATRICULA_KEEP_JOBS_DAYS", 30, validate=_not_negative),
        keep_waiting_days=env.int("MATRICULA_KEEP_WAITING_DAYS", 60, validate=_not_negative),
        keep_sign_ups_days=env.int("MATRICULA_KEEP_SIGN_UPS_DAYS", 7, validate=_not_negative),
        plan_limits=_limits(env.list("MATRICULA_PLAN_LIMITS", [], validate=_all_limits)),
        plan_days=env.int("MATRICULA_PLAN_DAYS", 7, validate=_positive),
        queued_word=env.str("MATRICULA_QUEUED_WORD", "Queued", validate=_one_of("Queued", "Pending")),
        dashboard_url=env.str("MATRICULA_DASHBOARD_URL", "/instructor-dashboard", validate=_dashboard),
        reason_in_mail=env.bool("MATRICULA_REASON_IN_MAIL", True),
        export_reason_required=env.bool("MATRICULA_EXPORT_REASON_REQUIRED", False),
        idle_transaction_seconds=env.int("MATRICULA_IDLE_TRANSACTION_SECONDS", 60, validate=_positive),
        lock_seconds=env.int("MATRICULA_LOCK_SECONDS", 90, validate=_positive),
        migration_lock_seconds=env.int("MATRICULA_MIGRATION_LOCK_SECONDS", 10, validate=_not_negative),
        migration_statement_seconds=env.int("MATRICULA_MIGRATION_STATEMENT_SECONDS", 60, validate=_not_negative),
        batch_connections=env.int("MATRICULA_BATCH_CONNECTIONS", max(2, (os.cpu_count() or 1) - 1), validate=_positive),
        web_workers=env.int("MATRICULA_WEB_WORKERS", 2, validate=_positive),
        web_threads=env.int("MATRICULA_WEB_THREADS", 4, validate=_positive),
        web_connections=env.int("MATRICULA_WEB_CONNECTIONS", 2000, validate=_positive),
        web_buffer=env.int("MATRICULA_WEB_BUFFER", 1024**3, validate=_positive),
        slow_seconds=env.int("MATRICULA_SLOW_SECONDS", 30, validate=_positive),
        slow_rate=env.int("MATRICULA_SLOW_RATE", 16 * 1024, validate=_positive),
        webhook_private_addresses=env.bool("MATRICULA_WEBHOOK_PRIVATE_ADDRESSES", False),
        log_format=env.str("MATRICULA_LOG_FORMAT", "text", validate=_one_of("text", "json")),
        metrics_token=env.str("MATRICULA_METRICS_TOKEN", None, validate=check_bearer) or None,
        traces_url=env.str("MATRICULA_TRACES_URL", None, validate=_one_of_schemes("http", "https")),
    )
    problems = env.problems()
    if environment.owner_database_url and not environment.database_url:
        problems.append(f"  {OWNER_DATABASE_URL}: is for the database of DATABASE_URL, which isn't set")
    if environment.database_replica_url and not environment.database_url:
        problems.append("  DATABASE_REPLICA_URL: is for a replica of the database of DATABASE_URL, which isn't set")
    problems += _cookie_problems(environment)
    if not environment.passwords and not environment.sign_on and not environment.password_superusers:
        problems.append("  MATRICULA_PASSWORDS: without passwords, set MATRICULA_SIGN_ON: no one could log in")
    if problems:
        raise EnvironmentInvalid(
            "These settings are invalid (for all settings, see docs/settings.md):\n" + "\n".join(problems)
        )
    return environment


class _ListingEnv(FileAwareEnv):
    """Reads ``NAME``, or the file that ``NAME_FILE`` names; hands its collected errors over as lines."""

    def _get_value(self, env_key: str, default: Any) -> Any:
        try:
            return super()._get_value(env_key, default)
        except ValueError:
            self._errors[f"{env_key}_FILE"].append("must name a file that can be read")
            return default

    def problems(self) -> list[str]:
        return [f"  {name}: {'; '.join(str(m) for m in messages)}" for name, messages in sorted(self._errors.items())]


def secret_key(environment: Environment) -> str:
    """The key that signs sessions and links: ``SECRET_KEY``, else one made once and kept in the data folder."""
    if environment.secret_key:
        return environment.secret_key
    path = environment.data / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        own = path.with_name(f"secret_key.{secrets.token_hex(8)}")
        own.touch(mode=0o600)
        own.write_text(secrets.token_urlsafe(50))
        # of two processes that start at once one wins, and neither reads a half-written key
        with contextlib.suppress(FileExistsError):
            os.link(own, path)
        own.unlink()
    return path.read_text().strip()


def _one_of_schemes(*schemes: str):  # type: ignore[no-untyped-def]
    def check(value: str | None) -> None:
        if value is not None and urlsplit(value).scheme not in schemes:
            raise ValidationError(f"must start with one of {', '.join(s + ':' for s in schemes)}")

    return check


def _one_of(*words: str):  # type: ignore[no-untyped-def]
    def check(value: str) -> None:
        if value not in words:
            raise ValidationError(f"must be one of {', '.join(words)}")

    return check


def _time_zone(value: str) -> None:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError('must be a time zone such as "Europe/Madrid"') from None


def _mail_url(value: str) -> None:
    _one_of_schemes("console", "file", "smtp", "smtps")(value)
    parts = urlsplit(value)
    if parts.scheme.startswith("smtp") and not parts.hostname:
        raise ValidationError("must name the mail server: smtp://user:password@host:port")
    if parts.scheme == "file" and (parts.netloc or not parts.path.startswith("/")):
        raise ValidationError("must name a folder from the root: file:///var/mail")


def _positive(value: int) -> None:
    if value < 1:
        raise ValidationError("must be a whole number from 1")


def _not_negative(value: int) -> None:
    if value < 0:
        raise ValidationError("must be a whole number from 0")


def _files(value: str | None) -> None:
    if value and "://" in value and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+(/.*)?", value):
        raise ValidationError("must be a folder, or look like s3://bucket/prefix")


def _dashboard(value: str) -> None:
    if not re.fullmatch(r"/[^\s/]\S*|https?://[^\s/]\S*", value):
        raise ValidationError("must be a path such as /instructor-dashboard, or an address")


def _one_line(value: str) -> None:
    if "\n" in value or "\r" in value:
        raise ValidationError("must be one line")


def _long_enough(value: str | None) -> None:
    if value is not None and len(value) < 32:
        raise ValidationError("must have at least 32 characters")


def _rate_limit(value: str) -> None:
    if value:
        # it loads its storages, too, and the default needs no check
        from limits import parse

        try:
            parse(value)
        except ValueError:
            raise ValidationError('must look like "600/minute", or be empty for no limit') from None


def _proxies(words: list[str]) -> None:
    try:
        read_trusted_proxies([word.strip() for word in words])
    except ValueError:
        raise ValidationError(
            'must be the number of proxies in front of the service, such as "1", or their addresses and networks, '
            'such as "10.0.0.5,192.168.0.0/24"'
        ) from None


def _trusted_proxies(words: list[str] | None) -> TrustedProxies:
    try:
        return read_trusted_proxies([word.strip() for word in words or ()])
    except ValueError:
        # already reported by the validation
        return TrustedProxies()


def _origins(words: list[str]) -> None:
    try:
        read_origins(words)
    except ValueError as problem:
        raise ValidationError(str(problem)) from None


def _trusted_origins(words: list[str] | None) -> tuple[str, ...]:
    try:
        return read_origins(words or ())
    except ValueError:
        # already reported by the validation
        return ()


def _domain(value: str | None) -> None:
    if value and not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", value):
        raise ValidationError('must be a domain in lower case, such as "example.org"')


def _cookie_problems(environment: Environment) -> list[str]:
    """What browsers would silently ignore: no one could log in."""
    problems = []
    public = urlsplit(environment.public_url or "")
    if environment.cookie_samesite == "None" and public.scheme != "https":
        problems.append("  MATRICULA_COOKIE_SAMESITE: None requires a PUBLIC_URL that starts with https:")
    domain, host = environment.cookie_domain, public.hostname or ""
    if domain and host and not f".{host}".endswith(f".{domain}"):
        problems.append(f"  MATRICULA_COOKIE_DOMAIN: must be {host}, the host of PUBLIC_URL, or a domain above it")
    return problems


def _names(words: list[str] | None) -> frozenset[str]:
    return frozenset(fold(word.strip()) for word in words or ())


def _second_factor(words: list[str]) -> None:
    if unknown := sorted(set(words) - set(SECOND_FACTOR_FOR)):
        raise ValidationError(f"has {', '.join(unknown)}; allowed: {', '.join(SECOND_FACTOR_FOR)}")


def _all_moves(moves: list[str]) -> None:
    for move in moves:
        if not re.fullmatch(r"[a-z]+>[a-z]+", move):
            raise ValidationError('must be pairs like "ended>enrolled", separated by commas')


def _all_limits(limits: list[str]) -> None:
    for limit in limits:
        name, _, number = limit.partition("=")
        largest = PLAN_LIMITS.get(name.strip())
        if largest is None or not number.strip().isdecimal():
            known = ", ".join(PLAN_LIMITS)
            raise ValidationError(f'must be pairs like "removals_percent=20", separated by commas, of {known}')
        if int(number) > largest:
            raise ValidationError(f"has {limit.strip()}, which must be a whole number from 0 to {largest}")


def _limits(limits: list[str] | None) -> Mapping[str, int]:
    pairs = (limit.partition("=") for limit in limits or ())
    return {name.strip(): int(number) for name, _, number in pairs if number.strip().isdecimal()}


def _moves(moves: list[str] | None) -> frozenset[tuple[str, str]]:
    pairs = (move.split(">") for move in moves or () if ">" in move)
    return frozenset((before, after) for before, after in pairs)
