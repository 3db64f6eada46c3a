"""Whatever goes wrong on the way, there is a way on: no blank 405, nothing half done."""

import json

import pytest
from django.test import Client
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential

from accounts import factors, inviting
from accounts.mailing import link_address
from accounts.models import AuditEntry, UserSession
from tests.accounts.people import FIREFOX, HOME, NOW, enter, mails_to, make_person, make_person_with_app, sign_in

pytestmark = pytest.mark.django_db

SECURITY = "/account/security/"
HERE = {"REMOTE_ADDR": HOME, "HTTP_USER_AGENT": FIREFOX}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def grow_old(client):
    """Her last proof lies further back than counts."""
    session = client.session
    session["confirmed_at"] = NOW.timestamp() - 301
    session.save()


def test_new_codes_after_a_while_ask_first_and_lead_back_to_the_page(client):
    user = make_person_with_app("editor")
    enter(client, user)
    grow_old(client)

    asked = client.post(f"{SECURITY}codes/", **HERE)

    assert (asked.status_code, asked.context["next"]) == (403, SECURITY)


def test_codes_by_mail_are_offered_again_to_who_closed_the_browser(client):
    user = make_person("admin")
    sign_in(client, user.email)
    client.post(f"{SECURITY}factor/email/", **HERE)

    choices = client.get(f"{SECURITY}factor/", **HERE)

    assert f'href="{SECURITY}factor/email/"' in choices.content.decode()


def test_password_alone_is_no_proof_once_there_is_a_factor(client):
    user = make_person("editor")
    sign_in(client, user.email)
    app = factors.new_app(user, now=NOW)
    app.name = "Phone"
    app.save()  # enrolled elsewhere, by a version that let this session live

    answer = client.post("/account/confirm/", {"password": "correct horse battery", "next": SECURITY}, **HERE)

    assert (answer.status_code, answer.context["error"]) == (200, "Your account has a second factor: use it here.")


def test_somebody_with_the_other_clock_may_use_an_invite(client):
    user = make_person("editor", language="en", time_format="24")
    sign_in(client, user.email)
    invite = inviting.invite_user("viewer", by=None, now=NOW)
    client.get(link_address(invite).removeprefix("http://testserver"), **HERE, follow=True)
    form = {"email": "cem@label.example", "first_name": "Cem", "last_name": "Aydin", "password": "eleven tin horses"}

    done = client.post("/account/sign-up/", form, **HERE)

    assert (done.status_code, done["Location"]) == (302, "/account/mailbox/")


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ({}, "/admin/"),
        ({"HTTP_REFERER": "http://testserver/account/security/?x=1"}, "/account/security/"),
        ({"HTTP_REFERER": "http://evil.example/account/"}, "/admin/"),
    ],
)
def test_page_that_is_too_old_leads_back_to_where_its_form_stood(referer, back):
    browser = Client(enforce_csrf_checks=True)

    refused = browser.post("/account/sign-in/factor/mail/", **HERE, **referer)

    assert (refused.status_code, refused.context["back"]) == (403, back)


def test_button_of_a_session_that_ended_leads_to_the_door_alone(client):
    user = make_person("editor")
    sign_in(client, user.email)
    UserSession.objects.all().delete()

    answers = [client.post(path, **HERE)["Location"] for path in ("/account/sign-out/", "/admin/bands/genre/add/")]

    assert answers == ["/account/sign-in/?", "/account/sign-in/?next=%2Fadmin%2Fbands%2Fgenre%2Fadd%2F"]


# --- Making a passkey, all or nothing ----------------------------------------------------------


@pytest.fixture
def registering(monkeypatch):
    """A key that lets itself be registered."""

    def complete(helper, user, state, data):
        return WebAuthnCredential.objects.create(user=user, credential_id=b"x", public_key=b"y", discoverable=True)

    monkeypatch.setattr(WebAuthnHelper, "register_complete", complete)


def register(client, name):
    state = client.post(f"{SECURITY}factor/passkey/begin/", **HERE).json()["state"]
    body = json.dumps({"name": name, "state": state})
    return client.post(f"{SECURITY}factor/passkey/finish/", body, content_type="application/json", **HERE)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("My stick", "My stick"), ("\ud800\x00", "Firefox on Linux"), ("x" * 70, "x" * 64), ("", "Firefox on Linux")],
)
def test_passkey_gets_a_name_that_can_be_kept(client, registering, typed, kept):
    user = make_person("editor")
    sign_in(client, user.email)

    answer = register(client, typed)

    assert (answer.status_code, answer.json()) == (200, {"next": f"{SECURITY}codes/show/"})
    assert WebAuthnCredential.objects.get().name == kept
    assert mails_to(user) == ["factor_added", "factor_added"]  # the passkey, the backup codes


def test_passkey_that_cannot_be_recorded_is_not_there(client, registering, monkeypatch):
    user = make_person("editor")
    sign_in(client, user.email)

    def fail(*args, **kwargs):
        raise ValueError("the trail is full")

    monkeypatch.setattr("accounts.factors.audit", fail)
    answer = register(client, "My stick")

    assert answer.status_code == 400
    assert (WebAuthnCredential.objects.count(), AuditEntry.objects.filter(action="factor.enrolled").count()) == (0, 0)
    assert UserSession.objects.filter(user=user).count() == 1
