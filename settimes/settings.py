"""All settings of SetTimes, read from the environment here and nowhere else.

.env.example lists every variable with its default and effect; a missing or malformed one stops
the start with a sentence that names it.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.urls import reverse

from settimes.environment import LARGEST_PORT, Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment.with_env_file(os.environ.get("ENV_FILE", ""), default=BASE_DIR / ".env")

# --- Where it runs -----------------------------------------------------------------------------

DEBUG = env.boolean("DEBUG", default=False)
PORT = env.whole_number("PORT", default=8000, at_least=1, at_most=LARGEST_PORT)
SITE_URL = env.address("SITE_URL", f"http://localhost:{PORT}")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS") or [str(urlsplit(SITE_URL).hostname), "localhost", "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS") or [SITE_URL]
DATA_DIR = env.folder("DATA_DIR", default=BASE_DIR / "data")

# --- Secrets -----------------------------------------------------------------------------------

SECRET_KEY = env.secret(
    "SECRET_KEY",
    "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))' "
    f"(for instance {secrets.token_urlsafe(50)})",
)
SECRET_KEY_FALLBACKS = env.listing("SECRET_KEY_FALLBACKS")

# --- The house ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # its templates stand above Django's
    "accounts",  # before Django's own: its createsuperuser stands above theirs
    "accounts.admin_config.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_otp",
    "django_otp_webauthn",
    "simple_history",
    "bands",
    "schedule",
    "notifications",
    "analytics",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "settimes.middleware.response_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "settimes.urls"
WSGI_APPLICATION = "settimes.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
# The page of a band shows its sets and so lives in schedule, of which bands knows nothing.
ABSOLUTE_URL_OVERRIDES = {"bands.bandprofile": lambda band: reverse("schedule:band_detail", args=[band.slug])}

# What the admin's first page shows; the theme asks for it by this name.
UNFOLD = {"DASHBOARD_CALLBACK": "schedule.admin.dashboard.dashboard"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database ----------------------------------------------------------------------------------

DATABASES = {"default": env.database("DATABASE_URL", default_file=DATA_DIR / "settimes.sqlite3")}
DATABASE_POOL_SIZE = env.whole_number("DATABASE_POOL_SIZE", default=0)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a deferred transaction fails with "database is locked" as soon as two writers meet.
    # FULL: an acknowledged write survives a power cut. recursive_triggers: REPLACE fires delete triggers.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
            "PRAGMA recursive_triggers=ON;PRAGMA mmap_size=134217728;PRAGMA cache_size=-20000;"
        ),
    }
else:
    # A pool and persistent connections exclude each other; workers, which fork, run without a pool.
    DATABASES["default"].update(
        CONN_MAX_AGE=0 if DATABASE_POOL_SIZE else 60,
        CONN_HEALTH_CHECKS=True,
        OPTIONS={
            **DATABASES["default"].get("OPTIONS", {}),
            "pool": {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 10} if DATABASE_POOL_SIZE else False,
            "options": "-c statement_timeout=15s -c lock_timeout=2s -c idle_in_transaction_session_timeout=30s",
        },
    )

# --- Redis, cache, tasks -----------------------------------------------------------------------

REDIS_URL = env.redis("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

CELERY_BROKER_URL = REDIS_URL or "filesystem://"
if REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, int | str] = {"visibility_timeout": 300}
else:
    # Without Redis the queue is a folder: real worker and beat on one machine, nothing to install.
    for folder in ("queue", "queue/control"):
        (DATA_DIR / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA_DIR / "queue"),
        "data_folder_out": str(DATA_DIR / "queue"),
        "control_folder": str(DATA_DIR / "queue" / "control"),
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "send-account-mails": {"task": "accounts.tasks.send_account_mails_task", "schedule": 60},
    "watch-sign-ins": {"task": "accounts.tasks.watch_sign_ins_task", "schedule": 60},
    "clear-expired-sessions": {"task": "accounts.tasks.clear_expired_sessions_task", "schedule": 24 * 60 * 60},
    "expire-merges": {"task": "bands.tasks.expire_merges_task", "schedule": 24 * 60 * 60},
    "anchor-trails": {"task": "accounts.tasks.anchor_trails_task", "schedule": 24 * 60 * 60},
    "announce-due-sets": {"task": "schedule.tasks.announce_due_sets_task", "schedule": 60},
}

# --- People ------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.RoleBackend"]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "admin:index"
SESSION_ENGINE = "accounts.session_store"
PASSWORD_HASHERS = [
    "accounts.hashers.SizedArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "accounts.passwords.MaximumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.ContextWordValidator"},
]
# Passkeys belong to this name for ever: another one makes all of them worthless.
OTP_WEBAUTHN_RP_ID = str(urlsplit(SITE_URL).hostname)
OTP_WEBAUTHN_RP_NAME = "SetTimes"
OTP_WEBAUTHN_ALLOWED_ORIGINS = [SITE_URL]
if not SITE_URL.startswith("https://"):
    # Browsers make no passkeys there, but for localhost; everything else works, and settimes.W002 says what is amiss.
    SILENCED_SYSTEM_CHECKS = ["otp_webauthn.E031"]
# How the address of a client is found. Without these, a header that anybody can send is never believed.
TRUSTED_PROXY_COUNT = env.whole_number("TRUSTED_PROXY_COUNT", default=0, at_most=10)
TRUSTED_PROXY_NETWORKS = env.networks("TRUSTED_PROXY_NETWORKS")
TRUST_CF_CONNECTING_IP = env.boolean("TRUST_CF_CONNECTING_IP", default=False)

# --- Mail --------------------------------------------------------------------------------------

EMAIL_URL = env.mail_server("EMAIL_URL")
if EMAIL_URL:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = EMAIL_URL.host, EMAIL_URL.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = EMAIL_URL.user, EMAIL_URL.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_URL.uses_starttls, EMAIL_URL.uses_tls
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"SetTimes <settimes@{urlsplit(SITE_URL).hostname}>")
SECURITY_CONTACT = env.text("SECURITY_CONTACT", "")

# --- Time and language -------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = env.time_zone("TIME_ZONE", default="America/Toronto")  # of the admin, and proposed for new events
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["settimes.formats"]

# --- Files -------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000  # a pasted running order of 500 rows, looked over in a form

# --- Security ----------------------------------------------------------------------------------

IS_HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = IS_HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
# Lax, not Strict: a link in a mail must find the session that it is moved into.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# __Host- binds a cookie to this very host over https: no subdomain can set one in its place.
COOKIE_PREFIX = "__Host-" if IS_HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}settimes-session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}settimes-csrf"
DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}settimes-device"
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = IS_HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "accounts.views.failures.csrf_failure"
SESSION_COOKIE_AGE = 60 * 60  # on the way in; who is in has a longer one (accounts.session_store)
HSTS_SECONDS = env.whole_number("HSTS_SECONDS", default=2 * 365 * 24 * 60 * 60)
SECURE_HSTS_SECONDS = HSTS_SECONDS if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
if env.boolean("TRUST_PROXY_HTTPS", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Logs --------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "settimes.logs.UtcFormatter",
            "format": "{asctime}Z {levelname} {name}: {message}",
            "style": "{",
            "datefmt": "%Y-%m-%dT%H:%M:%S",
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "refused host": {"class": "settimes.logs.RefusedHostHandler"},
    },
    "loggers": {"django.security.DisallowedHost": {"handlers": ["refused host"], "propagate": False}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
