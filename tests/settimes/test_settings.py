"""Starting with an environment of its own: what stops the start, with which sentence, and what then holds.

Each start is a process of its own, because settings are read once in a process.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import need, postgres_url

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = "not-a-real-key-but-of-fifty-characters-0123456789-abcdefgh"


def start(command, variables, tmp_path):
    """Run a Python command with these variables, and of ours no others."""
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(tmp_path / "data"), **variables}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def check(variables, tmp_path, *options):
    return start(["manage.py", "check", *options], variables, tmp_path)


def ask(expression, variables, tmp_path):
    """What an expression is in a process that has read the settings."""
    code = f"import json; from django.conf import settings; print(json.dumps({expression}))"
    environment = {"SECRET_KEY": KEY, "DJANGO_SETTINGS_MODULE": "settimes.settings", **variables}
    answer = start(["-c", code], environment, tmp_path)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def refusal_of(result):
    """The sentence that a start ended with."""
    assert result.returncode != 0
    (sentence,) = re.findall(r"^django\.core\.exceptions\.ImproperlyConfigured: (.+)$", result.stderr, re.MULTILINE)
    assert result.stderr.strip().endswith(sentence)
    return sentence


# --- What stops the start ----------------------------------------------------------------------


def test_start_without_a_secret_key_says_how_to_make_one(tmp_path):
    sentence = refusal_of(check({}, tmp_path))

    assert re.fullmatch(
        r"SECRET_KEY is not set\. Make one with: python -c 'import secrets; print\(secrets\.token_urlsafe\(50\)\)' "
        r"\(for instance [\w-]{60,}\)",
        sentence,
    )


@pytest.mark.parametrize(
    ("name", "value", "beginning"),
    [
        ("SECRET_KEY_FILE", "/nowhere/key", "SECRET_KEY_FILE='/nowhere/key' cannot be read: "),
        ("ENV_FILE", "/nowhere/.env", "ENV_FILE='/nowhere/.env' does not exist."),
        ("DEBUG", "ture", "DEBUG='ture' is neither true nor false."),
        ("PORT", "http", "PORT='http' is not a whole number from 1 to 65535."),
        ("SITE_URL", "settimes.example", "SITE_URL='settimes.example' is not an address such as "),
        ("ALLOWED_HOSTS", "https://a.example", "ALLOWED_HOSTS='https://a.example' is not a host name."),
        ("CSRF_TRUSTED_ORIGINS", "a.example", "CSRF_TRUSTED_ORIGINS='a.example' is not an address such as "),
        ("DATA_DIR", "/dev/null/data", "DATA_DIR='/dev/null/data' is no folder that can be written to: "),
        ("DATABASE_URL", "mysql://ana:s3cret@db/settimes", "DATABASE_URL is not a database address."),
        ("DATABASE_POOL_SIZE", "-1", "DATABASE_POOL_SIZE='-1' is not a whole number of at least 0."),
        ("REDIS_URL", "unix:///run/s3cret.sock", "REDIS_URL is not a Redis address."),
        ("TIME_ZONE", "Toronto", "TIME_ZONE='Toronto' is not a time zone."),
        ("HSTS_SECONDS", "a year", "HSTS_SECONDS='a year' is not a whole number of at least 0."),
        ("TRUST_PROXY_HTTPS", "nginx", "TRUST_PROXY_HTTPS='nginx' is neither true nor false."),
        ("TRUSTED_PROXY_COUNT", "11", "TRUSTED_PROXY_COUNT='11' is not a whole number from 0 to 10."),
        ("TRUSTED_PROXY_NETWORKS", "10.0.0.1/8", "TRUSTED_PROXY_NETWORKS='10.0.0.1/8' is not a network."),
        ("TRUST_CF_CONNECTING_IP", "cloud", "TRUST_CF_CONNECTING_IP='cloud' is neither true nor false."),
        ("EMAIL_URL", "mail.example", "EMAIL_URL is not a mail server."),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL='LOUD' is not one of DEBUG, INFO, WARNING, ERROR."),
    ],
)
def test_start_with_a_malformed_variable_names_it_in_a_sentence(tmp_path, name, value, beginning):
    sentence = refusal_of(check({"SECRET_KEY": KEY, name: value}, tmp_path))

    assert sentence.startswith(beginning)


@pytest.mark.parametrize(
    "variables",
    [
        {"DATABASE_URL": "postgres://ana:s3cret/with-a-slash@db.example:5432/settimes"},
        {"DATABASE_URL": "postgres://ana:s3cret@db.example:port/settimes"},
        {"REDIS_URL": "redis://:s3cret@db.example:port/0"},
        {"EMAIL_URL": "smtp://ana:s3cret@mail.example:port"},
        {"LOG_LEVEL": "LOUD", "EMAIL_URL": "smtp://ana:s3cret@mail.example"},
        {"LOG_LEVEL": "LOUD", "DATABASE_URL": "postgres://ana:s3cret@db.example:5432/settimes"},
    ],
)
def test_start_that_fails_tells_no_secret(tmp_path, variables):
    result = check({"SECRET_KEY": KEY, "SECRET_KEY_FALLBACKS": "an-0lder-key", **variables}, tmp_path)

    refusal_of(result)
    assert [secret for secret in ("s3cret", KEY, "an-0lder-key") if secret in result.stdout + result.stderr] == []


# --- What then holds ---------------------------------------------------------------------------


def test_start_with_a_secret_key_alone_is_enough(tmp_path):
    result = check({"SECRET_KEY": KEY}, tmp_path)

    assert (result.returncode, result.stdout) == (0, "System check identified no issues (0 silenced).\n")


def test_settings_are_safe_when_nothing_is_said(tmp_path):
    names = ["DEBUG", "SITE_URL", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "TIME_ZONE", "USE_TZ", "CELERY_BROKER_URL"]
    names += ["TRUSTED_PROXY_COUNT", "TRUSTED_PROXY_NETWORKS", "TRUST_CF_CONNECTING_IP"]
    names += ["EMAIL_BACKEND", "DEFAULT_FROM_EMAIL", "SECURITY_CONTACT"]

    found = ask(f"[getattr(settings, name) for name in {names}]", {}, tmp_path)

    assert dict(zip(names, found, strict=True)) == {
        "DEBUG": False,
        "SITE_URL": "http://localhost:8000",
        "ALLOWED_HOSTS": ["localhost", "localhost", "127.0.0.1"],
        "CSRF_TRUSTED_ORIGINS": ["http://localhost:8000"],
        "TIME_ZONE": "America/Toronto",
        "USE_TZ": True,
        "CELERY_BROKER_URL": "filesystem://",
        "TRUSTED_PROXY_COUNT": 0,
        "TRUSTED_PROXY_NETWORKS": [],
        "TRUST_CF_CONNECTING_IP": False,
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "DEFAULT_FROM_EMAIL": "SetTimes <settimes@localhost>",
        "SECURITY_CONTACT": "",
    }


def test_settings_are_the_same_with_the_values_that_the_example_file_shows(tmp_path):
    names = ["DEBUG", "SITE_URL", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "TIME_ZONE", "LOG_LEVEL", "DATABASES"]
    names += ["SECRET_KEY_FALLBACKS", "HSTS_SECONDS", "REDIS_URL", "SECURE_SSL_REDIRECT", "DATABASE_POOL_SIZE"]
    names += ["TRUSTED_PROXY_COUNT", "TRUSTED_PROXY_NETWORKS", "TRUST_CF_CONNECTING_IP"]
    names += ["EMAIL_URL", "EMAIL_BACKEND", "DEFAULT_FROM_EMAIL", "SECURITY_CONTACT"]
    question = f"{{name: getattr(settings, name) for name in {names}}} | {{'proxy': settings.SECURE_PROXY_SSL_HEADER}}"

    assert ask(question, {"ENV_FILE": ".env.example"}, tmp_path) == ask(question, {}, tmp_path)


def test_settings_take_the_site_to_be_at_the_port_when_no_address_is_said(tmp_path):
    assert ask("settings.SITE_URL", {"PORT": "9000"}, tmp_path) == "http://localhost:9000"


def test_settings_are_read_from_an_env_file_behind_the_process(tmp_path):
    file = tmp_path / "other.env"
    file.write_text("SITE_URL=https://file.example\nTIME_ZONE=Europe/London\n")

    found = ask("[settings.SITE_URL, settings.TIME_ZONE]", {"ENV_FILE": str(file), "TIME_ZONE": "UTC"}, tmp_path)

    assert found == ["https://file.example", "UTC"]


@pytest.mark.parametrize(
    ("site", "is_https", "hsts_seconds"),
    [
        ("http://settimes.example", False, 0),
        ("https://settimes.example", True, 63072000),
        ("HTTPS://A.example", True, 63072000),
    ],
)
def test_https_address_switches_on_what_https_needs(tmp_path, site, is_https, hsts_seconds):
    names = ["SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS"]

    found = ask(f"[getattr(settings, name) for name in {names}]", {"SITE_URL": site}, tmp_path)

    assert found == [is_https, is_https, is_https, hsts_seconds]


@pytest.mark.parametrize(("site", "prefix"), [("http://settimes.example", ""), ("https://settimes.example", "__Host-")])
def test_https_address_binds_the_cookies_to_the_host(tmp_path, site, prefix):
    names = ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "DEVICE_COOKIE_NAME"]

    found = ask(f"[getattr(settings, name) for name in {names}]", {"SITE_URL": site}, tmp_path)

    assert found == [f"{prefix}settimes-session", f"{prefix}settimes-csrf", f"{prefix}settimes-device"]


@pytest.mark.parametrize("site", ["http://localhost:9000", "https://settimes.example"])
def test_passkeys_belong_to_the_host_of_the_site(tmp_path, site):
    names = ["OTP_WEBAUTHN_RP_ID", "OTP_WEBAUTHN_ALLOWED_ORIGINS"]

    found = ask(f"[getattr(settings, name) for name in {names}]", {"SITE_URL": site}, tmp_path)

    assert found == [re.split(r"[/:]+", site)[1], [site]]


def test_mail_server_is_taken_from_its_address(tmp_path):
    names = ["EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD"]
    names += ["EMAIL_USE_TLS", "EMAIL_USE_SSL", "DEFAULT_FROM_EMAIL"]
    variables = {"EMAIL_URL": "smtp+tls://ana:s3%40cret@mail.example", "SITE_URL": "https://settimes.example"}

    found = ask(f"[getattr(settings, name) for name in {names}]", variables, tmp_path)

    assert dict(zip(names, found, strict=True)) == {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.example",
        "EMAIL_PORT": 587,
        "EMAIL_HOST_USER": "ana",
        "EMAIL_HOST_PASSWORD": "s3@cret",
        "EMAIL_USE_TLS": True,
        "EMAIL_USE_SSL": False,
        "DEFAULT_FROM_EMAIL": "SetTimes <settimes@settimes.example>",
    }


def test_production_like_values_pass_the_deployment_check(tmp_path):
    result = check(
        {
            "SECRET_KEY": KEY,
            "SITE_URL": "https://settimes.example",
            "ALLOWED_HOSTS": "settimes.example",
            "DATABASE_URL": "postgres://settimes:x@127.0.0.1/settimes",
            "DATABASE_POOL_SIZE": "4",
            "REDIS_URL": "redis://127.0.0.1:6379/0",
            "TRUST_PROXY_HTTPS": "true",
            "TRUSTED_PROXY_COUNT": "1",
            "EMAIL_URL": "smtp+tls://ana:x@mail.example",
        },
        tmp_path,
        "--deploy",
        "--fail-level",
        "WARNING",
    )

    assert (result.returncode, result.stdout) == (0, "System check identified no issues (0 silenced).\n"), result.stderr


def test_deployment_check_fails_for_an_address_without_https(tmp_path):
    result = check(
        {"SECRET_KEY": KEY, "SITE_URL": "http://settimes.example"}, tmp_path, "--deploy", "--fail-level", "WARNING"
    )

    assert result.returncode == 1
    assert "security.W008" in result.stderr  # SECURE_SSL_REDIRECT


# --- Databases ---------------------------------------------------------------------------------

PRAGMAS = """
from django.db import connection, transaction
import sqlite3

names = ["journal_mode", "synchronous", "foreign_keys", "recursive_triggers"]
with connection.cursor() as cursor:
    found = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in names}
    cursor.execute("CREATE TABLE set_times (id integer)")

other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0)
with transaction.atomic():
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        found["a second writer during a transaction that only began"] = str(error)
found["transaction_mode"] = connection.transaction_mode
found["timeout"] = connection.settings_dict["OPTIONS"]["timeout"]
found["file"] = connection.settings_dict["NAME"]
"""


@pytest.mark.parametrize("folder", ["data", "a #1 ?%41"])
def test_sqlite_connections_keep_what_they_acknowledge(tmp_path, folder):
    code = f"exec({PRAGMAS!r}) or found"

    assert ask(code, {"DATA_DIR": str(tmp_path / folder)}, tmp_path) == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "a second writer during a transaction that only began": "database is locked",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "file": str(tmp_path / folder / "settimes.sqlite3"),
    }
    assert (tmp_path / folder / "settimes.sqlite3").is_file()


LIMITS = """
from django.db import connection

names = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]
with connection.cursor() as cursor:
    found = {name: cursor.execute(f"SHOW {name}").fetchone()[0] for name in names}
found["pooled"] = bool(connection.pool)
found["CONN_MAX_AGE"] = connection.settings_dict["CONN_MAX_AGE"]
connection.close_pool()
"""


@pytest.mark.parametrize(("pool_size", "is_pooled", "max_age_seconds"), [("0", False, 60), ("2", True, 0)])
def test_postgresql_connections_give_up_in_time(tmp_path, pool_size, is_pooled, max_age_seconds):
    url = need("PostgreSQL", postgres_url())

    found = ask(f"exec({LIMITS!r}) or found", {"DATABASE_URL": url, "DATABASE_POOL_SIZE": pool_size}, tmp_path)

    assert found == {
        "statement_timeout": "15s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "30s",
        "pooled": is_pooled,
        "CONN_MAX_AGE": max_age_seconds,
    }
