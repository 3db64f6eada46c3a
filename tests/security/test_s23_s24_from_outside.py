"""S23 and S24: what the request's own headers and address may not decide, and switches that are not there."""

# ruff: noqa: N802 (tests bear the numbers of the security programme)

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts import mailing
from accounts.models import AccountMail, Invite
from tests.accounts.people import HOME, make_person, make_person_with_app
from tests.admin_pages import sign_in as put_in

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent
EVIL = "evil.example"
REFUSED_HOSTS = [EVIL, f"testserver.{EVIL}", f"testserver@{EVIL}", f"{EVIL}:80", f"testserver:80@{EVIL}", "a b", ""]
BELIEVED_BY_NOBODY = {
    "x-forwarded-host": EVIL,
    "x-forwarded-server": EVIL,
    "x-host": EVIL,
    "forwarded": f"host={EVIL}",
    "x-original-url": f"http://{EVIL}/",
    "x-rewrite-url": f"http://{EVIL}/",
}


def ask(client, what, **headers):
    """Ask for a mail: of a reset, of an invite, of an activation."""
    if what == "reset":
        return client.post(reverse("accounts:recover"), {"email": "viewer@label.example"}, headers=headers)
    if what == "activation":
        return client.post(reverse("accounts:resend"), {"email": "waiting@label.example"}, headers=headers)
    invite = {"email": "new@label.example", "role": "viewer", "days": "7"}
    return client.post(reverse("admin:accounts_invite_add"), invite, headers=headers)


@pytest.fixture
def admin_browser():
    """Of an admin, in a house with somebody who may forget her password and somebody who waits."""
    make_person("viewer")
    make_person("viewer", email="waiting@label.example", is_active=False, activated_at=None)
    client = Client(REMOTE_ADDR=HOME)
    put_in(client, make_person("admin"))
    return client


@pytest.mark.parametrize("host", REFUSED_HOSTS)
@pytest.mark.parametrize("what", ["reset", "activation", "invite"])
def test_S23_foreign_host_is_refused(admin_browser, what, host):
    response = ask(admin_browser, what, host=host)

    assert response.status_code == 400
    assert EVIL not in response.content.decode()
    assert (AccountMail.objects.count(), Invite.objects.count()) == (0, 0)


@pytest.mark.parametrize("header", [*BELIEVED_BY_NOBODY, "host with a port", "host with a dot"])
@pytest.mark.parametrize("what", ["reset", "activation", "invite"])
def test_S23_mails_lead_to_our_own_site_whatever_a_header_says(admin_browser, what, header):
    more = {"host with a port": {"host": "testserver:8443"}, "host with a dot": {"host": "testserver."}}

    response = ask(admin_browser, what, **more.get(header, {header: BELIEVED_BY_NOBODY.get(header, "")}))

    assert response.status_code == 302
    message = mailing.render_mail(AccountMail.objects.get())
    said = f"{message.body} {message.alternatives[0][0]} {message.extra_headers} {message.subject}"
    assert EVIL not in said
    assert ":8443" not in said
    assert f"{settings.SITE_URL}/account/link/" in message.body
    assert response["Location"].startswith("/")
    if what == "invite":
        page = admin_browser.get(response["Location"], headers=more.get(header, {header: EVIL}))
        assert f'value="{settings.SITE_URL}/account/link/invite/' in page.content.decode()


# --- S24 ---------------------------------------------------------------------------------------

PRODUCTION = {
    "SECRET_KEY": "not-a-real-key-but-of-fifty-characters-0123456789-abcdefgh",
    "SITE_URL": "https://settimes.example",
    "ENV_FILE": os.devnull,
    "PATH": os.environ["PATH"],
}


def run(command, tmp_path, **variables):
    environment = {**PRODUCTION, "DATA_DIR": str(tmp_path), **variables}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_S24_start_without_secrets_of_its_own_is_refused(tmp_path):
    refused = run(["manage.py", "check"], tmp_path, SECRET_KEY="")

    assert refused.returncode != 0
    assert "SECRET_KEY is not set" in refused.stderr


def test_S24_production_is_checked_without_a_warning_and_its_switches_are_off(tmp_path):
    names = ["DEBUG", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "ALLOWED_HOSTS"]
    names += ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "DEVICE_COOKIE_NAME", "SESSION_COOKIE_SAMESITE"]
    names += ["CSRF_TRUSTED_ORIGINS", "AUTHENTICATION_BACKENDS"]
    code = (
        "import json, django; django.setup(); from django.conf import settings;"
        "from django.core.checks import run_checks, WARNING;"
        "found = [str(each) for each in run_checks(include_deployment_checks=True) if each.level >= WARNING];"
        f"print(json.dumps([found, {{name: getattr(settings, name) for name in {names}}}]))"
    )

    services = {"REDIS_URL": "redis://localhost:6379/9", "EMAIL_URL": "smtp+tls://user:password@mail.example:587"}
    answer = run(["-c", code], tmp_path, DJANGO_SETTINGS_MODULE="settimes.settings", **services)

    assert answer.returncode == 0, answer.stderr
    warnings, switches = json.loads(answer.stdout)
    assert warnings == []
    assert switches == {
        "DEBUG": False,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "ALLOWED_HOSTS": ["settimes.example", "localhost", "127.0.0.1"],
        "SESSION_COOKIE_NAME": "__Host-settimes-session",
        "CSRF_COOKIE_NAME": "__Host-settimes-csrf",
        "DEVICE_COOKIE_NAME": "__Host-settimes-device",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_TRUSTED_ORIGINS": ["https://settimes.example"],
        "AUTHENTICATION_BACKENDS": ["accounts.backends.RoleBackend"],
    }


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "localhost"},
        {"origin": "http://localhost:8000"},
        {"authorization": "Basic YWRtaW5AbGFiZWwuZXhhbXBsZTpjb3JyZWN0IGhvcnNlIGJhdHRlcnk="},
        {"authorization": "Bearer admin"},
        {"remote-user": "admin@label.example"},
        {"x-remote-user": "admin@label.example"},
        {"x-forwarded-user": "admin@label.example"},
        {"x-forwarded-for": "127.0.0.1"},
        {"x-debug": "1"},
    ],
)
def test_S24_no_header_opens_a_door(client, headers):
    make_person_with_app("admin")

    pages = [client.get(path, headers=headers) for path in ("/admin/", "/account/", "/admin/accounts/user/?debug=1")]

    assert {(page.status_code, page["Location"].partition("?")[0]) for page in pages} == {(302, "/account/sign-in/")}


@pytest.mark.parametrize("switch", ["debug=1", "debug=true", "test=1", "admin=1", "impersonate=1", "_user=1"])
def test_S24_no_query_changes_a_public_answer(client, switch):
    plain, switched = client.get("/"), client.get(f"/?{switch}")

    assert (switched.status_code, switched.content) == (plain.status_code, plain.content)


@pytest.mark.parametrize(
    "path",
    ["/__debug__/", "/test-login/", "/dev/", "/debug/", "/admin/doc/", "/api/test/", "/silk/", "/.env", "/.git/config"],
)
def test_S24_routes_of_developers_are_not_there(client, path):
    assert Client().get(path).status_code in ({302} if path.startswith("/admin/") else {404})
