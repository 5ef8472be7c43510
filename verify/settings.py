"""All settings of an installation, read from the environment; see docs/reference/settings.md.

Nothing secret has a default here: secrets come from the environment or from the private file that the first
run makes (`verify.stack.secrets`). With VERIFY_PRODUCTION=1 whatever is unsafe refuses to start.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from sources.archive.memento import read_services
from sources.custody.policy import parse as parse_policy
from sources.custody.rfc3161 import Authority
from verify.stack import paths, secrets, services

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = paths.var_dir()
PRODUCTION = env.bool("VERIFY_PRODUCTION", default=False)
DEBUG = False  # error pages never show settings or stack frames; tracebacks are in the log

_secrets = secrets.load()
SECRET_KEY = _secrets["DJANGO_SECRET_KEY"]
LOG_SIGNING_KEY = _secrets["LOG_SIGNING_KEY"]  # base64 of a 32-byte Ed25519 seed
LOG_NEXT_SIGNING_KEY = _secrets.get("LOG_NEXT_SIGNING_KEY", "")  # signs too, while the key is changed
IDENTITY_KEY = _secrets["IDENTITY_KEY"]  # base64 of 32 bytes: encrypts protected identities (AES-256-GCM)

BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)  # trust its X-Forwarded-For and X-Forwarded-Proto
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}").rstrip("/")
SOFTWARE = "Verify/0.1"  # how this version names itself in the packages that it writes
SITE_NAME = env.str("SITE_NAME", default="Verify")

# --- Applications -----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "template_partials",
    "pgtrigger",
    "pghistory",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "verify.accounts",
    "sources",
    "claims",
    "verify",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "verify.api.throttling.RateLimitHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "verify.web.middleware.RequestLogMiddleware",
]

ROOT_URLCONF = "verify.urls"
WSGI_APPLICATION = "verify.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PGHISTORY_APPEND_ONLY = True  # the history of a row is written by triggers, and refuses to be rewritten

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "verify.web.context.workbench",
            ],
        },
    }
]
FORM_RENDERER = "verify.web.renderer.Renderer"

# --- PostgreSQL, Redis or Valkey, Celery ------------------------------------------------------------------------

DATABASE_URL = env.str("DATABASE_URL", default="") or services.database_url()
REDIS_URL = env.str("REDIS_URL", default="") or services.redis_url()

DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if not DATABASES["default"]["ENGINE"].endswith("postgresql"):
    raise ImproperlyConfigured(
        "DATABASE_URL must name a PostgreSQL server (postgresql://…); nothing else is supported."
    )
DATABASES["default"].update(
    {
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # the pool gives out no connection to a server that was restarted meanwhile
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {
            **DATABASES["default"].get("OPTIONS", {}),
            "pool": {"min_size": 0, "max_size": env.int("DATABASE_POOL", default=10), "timeout": 10},
        },
    }
)

CACHES = {"default": {"BACKEND": "verify.accounts.cache.ForgivingCache", "LOCATION": REDIS_URL}}

CELERY_BROKER_URL = services.broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True  # the rows tell what happened
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = env.str("CELERY_QUEUE", default="verify")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "global_keyprefix": env.str("REDIS_PREFIX", default=""),
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    # The broker is only a doorbell: whatever it loses, the sweeper finds in PostgreSQL.
    "sweep-captures": {"task": "sources.archive.tasks.sweep", "schedule": 10.0},
    "sweep-batches": {"task": "sources.catalog.tasks.sweep_batches", "schedule": 30.0},
    "run-watches": {"task": "sources.archive.tasks.run_watches", "schedule": 30.0},
    "compare-missed": {"task": "sources.archive.tasks.compare_missed", "schedule": 60.0},
    "sweep-outside": {"task": "sources.archive.tasks.sweep_outside", "schedule": 30.0},
    "sweep-redactions": {"task": "sources.archive.tasks.sweep_redactions", "schedule": 60.0},
    "raise-rechecks": {"task": "verify.review.tasks.raise_rechecks", "schedule": 60.0},
    "escalate-overdue": {"task": "verify.review.tasks.escalate", "schedule": 60.0},
    "sign-checkpoint": {"task": "sources.custody.tasks.sign_checkpoint", "schedule": 20.0},
    "cosign-checkpoint": {"task": "sources.custody.tasks.cosign_checkpoint", "schedule": 60.0},
    "timestamp-checkpoint": {"task": "sources.custody.tasks.timestamp_checkpoint", "schedule": 60.0},
    "send-mails": {"task": "verify.notify.tasks.send_mails", "schedule": 30.0},
    "sweep-packages": {"task": "verify.evidence.tasks.sweep_packages", "schedule": 60.0},
    "tell-webhooks": {"task": "verify.publish.webhooks.tasks.tell", "schedule": 10.0},
    "prune-webhooks": {"task": "verify.publish.webhooks.tasks.prune", "schedule": 3600.0},
    "sweep-drafts": {"task": "verify.web.tasks.sweep_drafts", "schedule": 3600.0},
    "forget-answers": {"task": "verify.api.tasks.forget_answers", "schedule": 3600.0},
}

# --- People -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "inbox"
LOGOUT_REDIRECT_URL = "front"
AUTHENTICATION_BACKENDS = ["verify.accounts.adapters.SignInBackend"]
PASSWORD_RESET_TIMEOUT = 3600  # seconds that a link to set a new password works
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
INVITATION_DAYS = env.int("INVITATION_DAYS", default=7)  # how long the link of an invitation works
if INVITATION_DAYS < 1:
    raise ImproperlyConfigured("INVITATION_DAYS must be at least 1.")

# django-allauth. People come by invitation; nobody learns from a page or a mail who has an account here.
ACCOUNT_ADAPTER = "verify.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_FORMS = {
    "login": "verify.web.views.account.SignInForm",
    "reauthenticate": "verify.web.views.account.ConfirmPasswordForm",
    "change_password": "verify.web.views.account.ChangePasswordForm",
    "reset_password": "verify.web.forms.account.ResetPasswordForm",
    "reset_password_from_key": "verify.web.forms.account.NewPasswordForm",
    "add_email": "verify.web.forms.account.EmailForm",
}
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = False
ACCOUNT_CHANGE_EMAIL = True  # one address a person; a new one counts once it is confirmed
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds
ACCOUNT_SESSION_REMEMBER = True
# Guesses of passwords are counted by verify.web.views.account, also those for names that do not exist.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "5/5m/key"}
MFA_ADAPTER = "verify.accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "verify.web.forms.account.AuthenticateForm",
    "reauthenticate": "verify.web.forms.account.ReauthenticateForm",
    "activate_totp": "verify.web.forms.account.ActivateTOTPForm",
    "add_webauthn": "verify.web.forms.account.AddPasskeyForm",
    "edit_webauthn": "verify.web.forms.account.RenamePasskeyForm",
    "authenticate_webauthn": "verify.web.forms.account.AuthenticatePasskeyForm",
    "reauthenticate_webauthn": "verify.web.forms.account.ReauthenticatePasskeyForm",
    "login_webauthn": "verify.web.forms.account.SignInPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # accounts without an address must be able to protect themselves too
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1  # clocks may be half a minute apart; RFC 6238, section 5.2
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # http://localhost

# --- Mail ---------------------------------------------------------------------------------------------------------

# Without a server that sends them, mails are files: in the log, links that open accounts would be read by many.
EMAIL_URL = env.str("EMAIL_URL", default="")
_mail = env.email_url("EMAIL_URL") if EMAIL_URL else {}
EMAIL_BACKEND = _mail.get("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = _mail.get("EMAIL_FILE_PATH") or str(VAR_DIR / "mail")
if EMAIL_BACKEND.endswith("filebased.EmailBackend"):
    Path(EMAIL_FILE_PATH).mkdir(mode=0o700, parents=True, exist_ok=True)
EMAIL_HOST, EMAIL_PORT = _mail.get("EMAIL_HOST") or "localhost", _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{SITE_NAME} <verify@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Languages ----------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ar", _("Arabic"))]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600  # seconds
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = PRODUCTION
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files --------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "blobs")))


def s3_options(
    *, bucket: str, endpoint: str = "", region: str = "", access_key: str, secret_key: str, prefix: str = ""
) -> dict[str, Any]:
    """Options of a django-storages S3Storage for blobs: private, bounded in time, digests instead of guesses."""
    from botocore.config import Config  # type: ignore[import-untyped]

    return {
        "bucket_name": bucket,
        "endpoint_url": endpoint or None,
        "region_name": region or "us-east-1",
        "access_key": access_key,
        "secret_key": secret_key,
        "location": prefix,
        "default_acl": None,
        "client_config": Config(
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": 3},
            signature_version="s3v4",
            s3={"addressing_style": "path" if endpoint else "auto"},
            # We send and compare SHA-256 ourselves; older services refuse the checksums that boto3 adds of its own.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    }


_blobs: dict[str, Any] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": MEDIA_ROOT},
}
S3_BUCKET = env.str("S3_BUCKET", default="")  # empty = blobs are files in MEDIA_ROOT
if S3_BUCKET:
    _blobs = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": s3_options(
            bucket=S3_BUCKET,
            endpoint=env.str("S3_ENDPOINT_URL", default=""),
            region=env.str("S3_REGION", default=""),
            access_key=env.str("S3_ACCESS_KEY_ID"),
            secret_key=env.str("S3_SECRET_ACCESS_KEY"),
            prefix=env.str("S3_PREFIX", default=""),
        ),
    }
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "blobs": _blobs,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20  # bytes of a form or JSON body; uploaded files do not count

# --- The archive ----------------------------------------------------------------------------------------------------

ARCHIVE_USER_AGENT = env.str(
    "ARCHIVE_USER_AGENT", default="Mozilla/5.0 (compatible; Verify/0.1; archive of record)"
)
ARCHIVE_PORTS = frozenset(env.list("ARCHIVE_PORTS", cast=int, default=[80, 443, 8080, 8443]))
ARCHIVE_CONNECT_SECONDS = env.float("ARCHIVE_CONNECT_SECONDS", default=10)
ARCHIVE_READ_SECONDS = env.float("ARCHIVE_READ_SECONDS", default=20)
ARCHIVE_TOTAL_SECONDS = env.float("ARCHIVE_TOTAL_SECONDS", default=60)
ARCHIVE_MAX_WIRE_BYTES = env.int("ARCHIVE_MAX_WIRE_BYTES", default=64 * 2**20)
ARCHIVE_MAX_DECODED_BYTES = env.int("ARCHIVE_MAX_DECODED_BYTES", default=128 * 2**20)
ARCHIVE_MAX_DECODE_RATIO = env.int("ARCHIVE_MAX_DECODE_RATIO", default=200)
ARCHIVE_MAX_HEADER_BYTES = env.int("ARCHIVE_MAX_HEADER_BYTES", default=64 * 2**10)
ARCHIVE_MAX_REDIRECTS = env.int("ARCHIVE_MAX_REDIRECTS", default=10)
ARCHIVE_MAX_SUBRESOURCES = env.int("ARCHIVE_MAX_SUBRESOURCES", default=200)
ARCHIVE_MAX_UPLOAD_BYTES = env.int("ARCHIVE_MAX_UPLOAD_BYTES", default=512 * 2**20)
ARCHIVE_BATCH_MAX_ROWS = env.int("ARCHIVE_BATCH_MAX_ROWS", default=2000)
ARCHIVE_BATCH_MAX_BYTES = env.int("ARCHIVE_BATCH_MAX_BYTES", default=2 * 2**20)
ARCHIVE_C2PA_TRUST = env.str(
    "ARCHIVE_C2PA_TRUST", default=""
)  # path of a PEM file; empty = no signer is trusted
ARCHIVE_LEASE_SECONDS = env.int("ARCHIVE_LEASE_SECONDS", default=180)
ARCHIVE_MAX_ATTEMPTS = env.int("ARCHIVE_MAX_ATTEMPTS", default=3)  # workers that one capture may cost
ARCHIVE_WORK_SECONDS = env.int("ARCHIVE_WORK_SECONDS", default=900)
ARCHIVE_RETRY_DELAYS = env.list("ARCHIVE_RETRY_DELAYS", cast=float, default=[30.0, 120.0, 600.0])  # seconds
ARCHIVE_MAX_RETRY_AFTER = env.float("ARCHIVE_MAX_RETRY_AFTER", default=3600)  # seconds
ARCHIVE_HOST_CONCURRENCY = env.int("ARCHIVE_HOST_CONCURRENCY", default=2)  # 0 = as many as there are workers
ARCHIVE_HOST_DELAY = env.float("ARCHIVE_HOST_DELAY", default=1)  # seconds
# A host under an exception to the address guard stands on a machine of one's own.
ARCHIVE_EXCEPTED_HOST_DELAY = env.float("ARCHIVE_EXCEPTED_HOST_DELAY", default=0)  # seconds
ARCHIVE_ROBOTS = env.str("ARCHIVE_ROBOTS", default="watches")
if ARCHIVE_ROBOTS not in ("watches", "obey", "ignore"):
    raise ImproperlyConfigured("ARCHIVE_ROBOTS must be watches, obey or ignore.")
ARCHIVE_ROBOTS_AGENT = env.str("ARCHIVE_ROBOTS_AGENT", default="Verify")  # our name in robots.txt
ARCHIVE_ROBOTS_SECONDS = env.int("ARCHIVE_ROBOTS_SECONDS", default=24 * 3600)
ARCHIVE_BROWSER = env.str(
    "ARCHIVE_BROWSER", default=""
)  # path of a Chromium; empty = look on PATH; "none" = never

# Archives of others that may be asked for mementos and copies; none by default: to ask is to tell them what we look at.
try:
    ARCHIVE_OUTSIDE = env.json("ARCHIVE_OUTSIDE", default=[])
    read_services(ARCHIVE_OUTSIDE)
except ValueError as problem:
    raise ImproperlyConfigured(f"ARCHIVE_OUTSIDE: {problem}") from problem

# The demo's press site runs on this machine, which the address guard refuses for everybody else. The exception is
# explicit (host names of the reserved TLD .example, one loopback address), shown on every page of the workbench and
# written into each capture made under it; production refuses to start with it.
DEMO_PRESS = env.str("VERIFY_DEMO_PRESS", default="")
if DEMO_PRESS and PRODUCTION:
    raise ImproperlyConfigured(
        "VERIFY_DEMO_PRESS opens the address guard for the demo; it must not be set in production."
    )
if DEMO_PRESS:
    from verify.demo.pressroom import exceptions as _demo_exceptions

    ARCHIVE_GUARD_EXCEPTIONS: dict[str, str] = _demo_exceptions(DEMO_PRESS)
else:
    ARCHIVE_GUARD_EXCEPTIONS = {}

# --- The log --------------------------------------------------------------------------------------------------------

LOG_ORIGIN = env.str("LOG_ORIGIN", default="verify.example/log")
# Verifier keys that signed earlier checkpoints.
LOG_RETIRED_KEYS = [key for key in _secrets.get("LOG_RETIRED_KEYS", "").split(",") if key]
LOG_STATE_FILE = VAR_DIR / "log-state.json"
_policy_file = env.str("LOG_POLICY_FILE", default="")  # witnesses and quorum, c2sp.org/tlog-policy
LOG_POLICY = Path(_policy_file).read_text(encoding="utf-8") if _policy_file else "quorum none\n"
# "name URL CA-file" each, RFC 3161; the CA file holds the authority's root certificates in PEM.
LOG_TIMESTAMP_AUTHORITIES = env.list("LOG_TIMESTAMP_AUTHORITIES", default=[])
try:
    parse_policy(LOG_POLICY)
    for _authority in LOG_TIMESTAMP_AUTHORITIES:
        Authority.parse(_authority).roots()
except ValueError as error:
    raise ImproperlyConfigured(f"LOG_POLICY_FILE or LOG_TIMESTAMP_AUTHORITIES: {error}") from error
LOG_TIMESTAMP_MINUTES = env.int("LOG_TIMESTAMP_MINUTES", default=60)  # at most one per authority in this time
LOG_RENEW_DAYS = env.int("LOG_RENEW_DAYS", default=90)  # before a signing certificate expires
LOG_WITHHOLD_ENTRIES = env.bool("LOG_WITHHOLD_ENTRIES", default=False)  # serve hashes, but deny entries

# --- Web and API ----------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    if "LOG_ORIGIN" not in os.environ:
        raise ImproperlyConfigured(
            "LOG_ORIGIN must name this installation's log, e.g. factcheck.example.org/log."
        )

# Requests a minute. A token may have a number of its own, which an administrator gives it, up to the highest.
API_RATE_ANONYMOUS = env.int(
    "API_RATE_ANONYMOUS", default=120
)  # from one address, or one IPv6 network of 64 bits
API_RATE_TOKEN = env.int("API_RATE_TOKEN", default=600)  # of one token, or one person who is signed in
API_RATE_WRITES = env.int("API_RATE_WRITES", default=120)  # of them those that write
API_RATE_MAX = env.int("API_RATE_MAX", default=6000)
if min(API_RATE_ANONYMOUS, API_RATE_TOKEN, API_RATE_WRITES, API_RATE_MAX) < 1:
    raise ImproperlyConfigured("API_RATE_ANONYMOUS, _TOKEN, _WRITES and _MAX must be at least 1.")

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["verify.api.parsers.BoundedJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "verify.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["verify.api.throttling.Limits"],
    "DEFAULT_SCHEMA_CLASS": "verify.api.openapi.Schema",
    "DEFAULT_VERSIONING_CLASS": None,
    "EXCEPTION_HANDLER": "verify.api.problems.handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Verify API",
    "DESCRIPTION": "Verified claims, their attribution, and the proofs by which anybody can check them.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,  # the values stand there already
    "ENUM_NAME_OVERRIDES": {
        "CaptureState": "sources.archive.states.CaptureState",
        "CaptureKind": "sources.archive.models.CaptureKind",
        "VersionKind": "verify.publish.models.VersionKind",
        "Precision": "sources.precision.Precision",
        "RegionKind": "claims.attribution.models.RegionKind",
        "TaskKind": "verify.review.models.TaskKind",
        "TaskState": "verify.review.states.TaskState",
        "PublicationState": "verify.publish.states.PublicationState",
        "SourceKind": "sources.catalog.models.SourceKind",
        "AffiliationKind": "sources.catalog.models.AffiliationKind",
        "DocumentChangeKind": "sources.archive.models.ChangeKind",
        "PlaceKind": "claims.statements.models.PlaceKind",
        "Workflow": "claims.statements.states.Workflow",
        "AnnouncedState": "verify.api.shapes.sync.ANNOUNCED",
        "WebhookState": "verify.api.shapes.webhooks.STATES",
        "DeliveryState": "verify.publish.webhooks.models.DeliveryState",
    },
}

# --- Logs -----------------------------------------------------------------------------------------------------------

LOG_FORMAT = env.str("LOG_FORMAT", default="json" if PRODUCTION else "text")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
        },
        "text": {"format": "%(asctime)s %(levelname)-7s %(name)s %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.security.DisallowedHost": {"level": "ERROR"},
        "trafilatura": {"level": "ERROR"},
        "pypdf": {"level": "ERROR"},
        "botocore": {"level": "WARNING"},  # at DEBUG it prints requests with their signatures
    },
}
