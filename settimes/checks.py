"""What a bad deployment looks like: `manage.py check --deploy` names it and says what to do."""

import os
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import connections

LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
SQLITE_PRAGMAS = {"journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"}


@register(Tags.database)
def check_sqlite_is_safe(**kwargs: Any) -> list[CheckMessage]:
    """SQLite loses writes or refuses them under load unless it runs as settings.py sets it up."""
    connection = connections["default"]
    if connection.vendor != "sqlite":
        return []
    options = connection.settings_dict["OPTIONS"]
    missing = {each for each in SQLITE_PRAGMAS if each not in options.get("init_command", "")}
    if options.get("transaction_mode") == "IMMEDIATE" and not missing:
        return []
    return [
        checks.Error(
            "SQLite does not run with immediate transactions and " + ", ".join(sorted(SQLITE_PRAGMAS)) + ".",
            hint="Leave DATABASES['default']['OPTIONS'] as settings.py makes them.",
            id="settimes.E001",
        )
    ]


@register(deploy=True)
def check_site_url_is_public(**kwargs: Any) -> list[CheckMessage]:
    """Calendars and printed addresses are made from SITE_URL, wherever a request came from."""
    address = urlsplit(settings.SITE_URL)
    if address.hostname in LOCAL_HOSTS:
        return [
            checks.Warning(
                f"SITE_URL={settings.SITE_URL} leads to the reader's own machine.",
                hint="Set SITE_URL to the address that people use, for example https://settimes.example.",
                id="settimes.W001",
            )
        ]
    if address.scheme != "https":
        return [
            checks.Warning(
                f"SITE_URL={settings.SITE_URL} is not encrypted: passwords and sessions can be read on the way.",
                hint="Put a proxy with TLS in front and write https:// into SITE_URL.",
                id="settimes.W002",
            )
        ]
    return []


@register()
def check_cloudflare_is_trusted_by_network(**kwargs: Any) -> list[CheckMessage]:
    """CF-Connecting-IP is a header that anybody can send, unless it comes from a network that is trusted."""
    if not settings.TRUST_CF_CONNECTING_IP or settings.TRUSTED_PROXY_NETWORKS:
        return []
    return [
        checks.Error(
            "TRUST_CF_CONNECTING_IP is set, but no network is named from which that header may come.",
            hint="List the networks of Cloudflare, or of your own proxy behind it, in TRUSTED_PROXY_NETWORKS.",
            id="settimes.E003",
        )
    ]


@register(deploy=True)
def check_mail_goes_out(**kwargs: Any) -> list[CheckMessage]:
    """Invites, activation and password resets are mailed."""
    if settings.EMAIL_URL:
        return []
    return [
        checks.Warning(
            f"EMAIL_URL is not set: mails are written into {settings.EMAIL_FILE_PATH} and reach nobody.",
            hint="Set EMAIL_URL to your mail server, for example smtp+tls://user:password@mail.example:587.",
            id="settimes.W003",
        )
    ]


@register(deploy=True)
def check_data_dir_is_writable(**kwargs: Any) -> list[CheckMessage]:
    if os.access(settings.DATA_DIR, os.W_OK):
        return []
    return [
        checks.Error(
            f"DATA_DIR={settings.DATA_DIR} cannot be written to: uploads and the queue would fail.",
            hint="Give the folder to the user that runs SetTimes, or set DATA_DIR to another one.",
            id="settimes.E002",
        )
    ]
