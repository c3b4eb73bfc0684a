"""Django's settings, made from the environment (docs/settings.md)."""

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from matricula.foundation import environment
from matricula.foundation.environment import EnvironmentInvalid, read_environment, secret_key
from matricula.foundation.logs import with_trace, without_addresses
from matricula.foundation.tracing import is_installed

try:
    ENVIRONMENT = read_environment()
except EnvironmentInvalid as invalid:
    raise ImproperlyConfigured(str(invalid)) from None

if ENVIRONMENT.traces_url and not is_installed():
    raise ImproperlyConfigured("MATRICULA_TRACES_URL is set; for traces, install Matricula with its extra tracing.")

SECRET_KEY = secret_key(ENVIRONMENT)
DEBUG = False
PUBLIC_URL = (ENVIRONMENT.public_url or "").rstrip("/")
# the port counts too, see foundation/addresses.py
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
CSRF_TRUSTED_ORIGINS: list[str] = []
if PUBLIC_URL:
    _public = urlsplit(PUBLIC_URL)
    ALLOWED_HOSTS = [f"[{_public.hostname}]" if ":" in (_public.hostname or "") else _public.hostname or ""]
    CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{name}" for name in (_public.netloc, *ENVIRONMENT.hosts)]
CSRF_TRUSTED_ORIGINS += ENVIRONMENT.trusted_origins
# these alone may call from a browser with the cookies of people who are logged in here (docs/front-ends.md)
CORS_ALLOWED_ORIGINS = list(ENVIRONMENT.trusted_origins)
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
CORS_ALLOW_HEADERS = (
    "content-type",
    "x-csrftoken",
    "use-jwt-cookie",
    "authorization",
    "idempotency-key",
    "if-match",
    *(("x-matricula-reason",) if ENVIRONMENT.export_reason_required else ()),
)
CORS_EXPOSE_HEADERS = ("x-request-id", "retry-after", "etag", "location")

INSTALLED_APPS = [
    "matricula.apps.MatriculaConfig",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    # what they would store about people's logins at providers is stored in our own table (0042)
    "allauth.socialaccount",
    *(["allauth.socialaccount.providers.saml"] if find_spec("onelogin") else []),
    "allauth.mfa",
    "oauth2_provider",
    "procrastinate.contrib.django",
    "corsheaders",
    "csp",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "matricula.console.requests.RequestMiddleware",
    # around the APIs and the pages: what front ends elsewhere may read
    "matricula.rest.origins.TrustedOriginsMiddleware",
    # requests to the APIs are answered here and never reach the rest of the list
    "matricula.rest.dispatch.ApiMiddleware",
    "matricula.console.arrival.ArrivalMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "matricula.console.packing.PackingMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "matricula.console.leaving.EndedSessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "matricula.console.leaving.LeavingMiddleware",
    "matricula.console.reader.ReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "matricula.console.unavailable.UnavailableMiddleware",
]
ROOT_URLCONF = "matricula.urls"
WSGI_APPLICATION = "matricula.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "console" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "matricula.console.look",
                "matricula.console.words",
                "matricula.console.terms",
                "matricula.console.downloading",
                "matricula.console.plans.words",
                "matricula.console.webhooks.words",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "matricula.console.account.passwords.ways_in",
                "matricula.console.tour.tour",
            ],
        },
    }
]


# a server, or a network, that is gone is noticed within a minute and a half, also by who only waits for an answer
_LIVELINESS = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


def database_of(url: str) -> dict[str, Any]:
    """Return the entry of ``DATABASES`` for a libpq URL."""
    parts = conninfo_to_dict(url)
    options = {key: value for key, value in parts.items() if key not in {"dbname", "user", "password", "host", "port"}}
    return {
        "ENGINE": "matricula.foundation.postgresql",
        "NAME": parts.get("dbname"),
        "USER": parts.get("user"),
        "PASSWORD": parts.get("password"),
        "HOST": parts.get("host"),
        "PORT": parts.get("port"),
        # a connection for each thread, kept: a fresh one for each request costs four fifths of the speed
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**_LIVELINESS, **options, "server_side_binding": True, "prepare_threshold": 1},
    }


# Without DATABASE_URL only commands that need no database run; the command line sets it from the embedded server.
DATABASES = {"default": database_of(ENVIRONMENT.database_url or "postgresql://matricula@127.0.0.1:1/matricula")}
if ENVIRONMENT.database_replica_url:
    # it is only asked by foundation/postgresql/replicas.py; one that is gone must not be waited for
    _replica = database_of(ENVIRONMENT.database_replica_url)
    _quick = {"connect_timeout": 3, "keepalives_idle": 5, "keepalives_interval": 2, "tcp_user_timeout": 5_000}
    DATABASES["replica"] = {**_replica, "OPTIONS": {**_replica["OPTIONS"], **_quick}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = ["auth.E003"]  # usernames are unique by a named constraint that ignores the case of A to Z

AUTH_USER_MODEL = "matricula.Account"
AUTHENTICATION_BACKENDS = ["matricula.console.authentication.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "matricula.access.clients.oauth.ClientSecretHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_DOMAIN = CSRF_COOKIE_DOMAIN = ENVIRONMENT.cookie_domain
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = ENVIRONMENT.cookie_samesite


def content_security_policy(origins: Iterable[str]) -> dict[str, Any]:
    """Every script and style is a file of this service: nothing inline, nothing from elsewhere."""
    return {
        "DIRECTIVES": {
            "default-src": ["'self'"],
            "img-src": ["'self'", "data:"],
            "object-src": ["'none'"],
            "base-uri": ["'none'"],
            # browsers apply it to where a form leads in the end, too: after the login that can be a front end
            "form-action": ["'self'", *origins],
            "frame-ancestors": ["'none'"],
        }
    }


CONTENT_SECURITY_POLICY = content_security_policy(ENVIRONMENT.trusted_origins)

ACCOUNT_ADAPTER = "matricula.console.authentication.AccountAdapter"
# they count in each process, and lock out the right password with the wrong ones: matricula.guessing limits guessing
ACCOUNT_RATE_LIMITS = False
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
# an account is active once its address is confirmed: allauth's own list of addresses decides nothing (0024)
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = True
SOCIALACCOUNT_ADAPTER = "matricula.console.sign_on.adapter.SignOnAdapter"
# providers are in the file that MATRICULA_SIGN_ON names
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
# a link, as browsers apply "form-action" to where a form leads in the end; requests from other sites get the login page
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_STORE_TOKENS = False
# seconds: a provider that doesn't answer holds a thread for as long
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
MFA_ADAPTER = "matricula.console.second_factor.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "matricula.console.second_factor.forms.CodeForm",
    "reauthenticate": "matricula.console.second_factor.forms.CodeAgainForm",
    "activate_totp": "matricula.console.second_factor.forms.ActivateForm",
    "add_webauthn": "matricula.console.second_factor.forms.KeyForm",
}
# a clock may be off by half a minute
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "Matricula"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600

OAUTH2_PROVIDER_APPLICATION_MODEL = "matricula.Client"
OAUTH2_PROVIDER = {
    "OAUTH2_SERVER_CLASS": "matricula.access.clients.server.Server",
    "OAUTH2_BACKEND_CLASS": "matricula.console.tokens.TokenRequests",
    "OAUTH2_VALIDATOR_CLASS": "matricula.access.clients.tokens.TokenValidator",
    "SCOPES": {"read": "Read enrollments", "write": "Change enrollments"},
    "SCOPES_BACKEND_CLASS": "matricula.access.clients.oauth.ClientScopes",
    "ACCESS_TOKEN_EXPIRE_SECONDS": ENVIRONMENT.token_seconds,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    # each is good once; who uses one again ends all that came from it (access/clients/tokens.py)
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
    "REFRESH_TOKEN_EXPIRE_SECONDS": ENVIRONMENT.refresh_seconds,
    "PKCE_REQUIRED": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "CLIENT_SECRET_HASHER": "client_secret_sha256",
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
}


def _files(storage: str) -> dict[str, Any]:
    """The storage of result and report files, which all web processes and workers share."""
    if not storage.startswith("s3://"):
        location = Path(storage) if storage else ENVIRONMENT.data / "files"
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": location.absolute()}}
    if find_spec("storages") is None:
        raise ImproperlyConfigured("MATRICULA_FILES names an S3 bucket; for that, install Matricula with its extra s3.")
    bucket = urlsplit(storage)
    options = {
        "bucket_name": bucket.netloc,
        "location": bucket.path.strip("/"),
        "querystring_expire": ENVIRONMENT.result_link_seconds,
        # its own patience would hold a worker, or a thread of the web server, for minutes where nothing answers
        "client_config": import_module("botocore.config").Config(
            signature_version="s3v4", connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 2}
        ),
        "file_overwrite": True,
        "default_acl": None,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


STORAGES = {
    "default": _files(ENVIRONMENT.files),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

LANGUAGE_CODE = ENVIRONMENT.language
LANGUAGES = [(code, {"en": "English", "es": "Español"}[code]) for code in environment.LANGUAGES]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
# the one form of dates and times of each language: locale/<language>/formats.py
FORMAT_MODULE_PATH = "matricula.locale"
TIME_ZONE = ENVIRONMENT.time_zone
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [Path(__file__).parent / "console" / "static"]
# static files are read from the installed packages: nothing has to be collected before the first start
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

DEFAULT_FROM_EMAIL = ENVIRONMENT.from_email
EMAIL_BACKEND = "matricula.notices.backends.EmailUrlBackend"

PROCRASTINATE_IMPORT_PATHS = ["matricula.worker.tasks", "matricula.worker.lms"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_addresses,
                structlog.processors.JSONRenderer()
                if ENVIRONMENT.log_format == "json"
                # never with local variables: they hold passwords
                else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
            ],
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                with_trace,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso"),
                structlog.processors.format_exc_info,
            ],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # their lines hold addresses with emails in them; Matricula's lines name the route instead
        "django.request": {"level": "CRITICAL"},
        "django.security": {"level": "CRITICAL"},
        "procrastinate": {"level": "WARNING"},
        # anonymous clients decide how many requests can't be read
        "uvicorn": {"level": "ERROR"},
        "botocore": {"level": "WARNING"},
        # what providers answer has people's names in it
        "allauth": {"level": "CRITICAL"},
        "urllib3": {"level": "ERROR"},
        # addresses of receivers can have secrets in them
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[
        # the request
        structlog.contextvars.merge_contextvars,
        with_trace,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
