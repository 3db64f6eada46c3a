"""What `manage.py check --deploy` says of a bad deployment."""

import pytest
from django.db import connection

from settimes import checks


@pytest.mark.parametrize(
    ("site_url", "ids"),
    [
        ("http://localhost:8000", ["settimes.W001"]),
        ("https://127.0.0.1", ["settimes.W001"]),
        ("http://settimes.example", ["settimes.W002"]),
        ("https://settimes.example", []),
    ],
)
def test_site_url_is_checked(settings, site_url, ids):
    settings.SITE_URL = site_url

    assert [message.id for message in checks.check_site_url_is_public()] == ids


def test_data_dir_is_checked(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert checks.check_data_dir_is_writable() == []

    settings.DATA_DIR = tmp_path / "missing"
    assert [message.id for message in checks.check_data_dir_is_writable()] == ["settimes.E002"]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="about SQLite's own settings")
@pytest.mark.parametrize(
    "change",
    [{"transaction_mode": "DEFERRED"}, {"init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"}],
)
def test_sqlite_options_are_checked(monkeypatch, change):
    assert checks.check_sqlite_is_safe() == []

    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {**connection.settings_dict["OPTIONS"], **change})

    assert [message.id for message in checks.check_sqlite_is_safe()] == ["settimes.E001"]


@pytest.mark.parametrize(
    ("is_trusted", "networks", "ids"),
    [(False, [], []), (True, [], ["settimes.E003"]), (True, ["192.0.2.0/24"], []), (False, ["192.0.2.0/24"], [])],
)
def test_header_of_cloudflare_is_checked(settings, is_trusted, networks, ids):
    settings.TRUST_CF_CONNECTING_IP, settings.TRUSTED_PROXY_NETWORKS = is_trusted, networks

    assert [message.id for message in checks.check_cloudflare_is_trusted_by_network()] == ids


def test_mail_server_is_checked(settings):
    settings.EMAIL_URL = None
    assert [message.id for message in checks.check_mail_goes_out()] == ["settimes.W003"]

    settings.EMAIL_URL = object()
    assert checks.check_mail_goes_out() == []
