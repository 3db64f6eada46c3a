"""What somebody does by a link in her mailbox, page by page; and every mail as it goes out."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client

from accounts import factors, inviting, mailing, people, recovering
from accounts.mailing import link_address, render_mail
from accounts.models import AccountLink, AuthEvent, FailedAttempt, Invite, User
from tests.accounts.rows import (
    OTHER_PASSWORD,
    PASSWORD,
    SECOND,
    add_app,
    add_email_factor,
    add_session,
    attempts,
    mailed_code,
    mails,
)
from tests.factories import NOW, make_admin, make_user

pytestmark = pytest.mark.django_db

SIGN_UP = {"email": "ben@label.example", "first_name": "Ben", "last_name": "Øst", "password": PASSWORD}
FOLDERS = Path(django_settings.BASE_DIR, "templates", "accounts", "email")


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    return lambda after: time_machine.move_to(NOW + after, tick=False)


@pytest.fixture
def ben():
    return make_user("editor", email="ben@label.example")


@pytest.fixture
def invite():
    return inviting.invite_user("editor", by=None, now=NOW)


def open_link(client, link):
    """Follow a mailed link to its page."""
    return client.get(link_address(link).removeprefix("http://testserver"), follow=True)


def answer_of(response):
    """What a browser sees of an answer, without the numbers that are other each time."""
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return response.status_code, response.get("Location"), body, sorted(response.cookies)


def reset_link(email="ben@label.example"):
    recovering.request_reset(email, now=NOW)
    return AccountLink.objects.first()


# --- Opening a link ----------------------------------------------------------------------------


def test_link_takes_its_token_out_of_the_address(client, ben):
    link = reset_link()
    token = mailing.token_of(link)

    first = client.get(link_address(link).removeprefix("http://testserver"))
    page = client.get(first["Location"])

    assert (first.status_code, first["Location"], page.status_code) == (302, "/account/reset/", 200)
    assert token not in page.content.decode()
    assert "no-store" in first["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"


def test_link_that_is_only_opened_does_nothing(client, ben):
    link = reset_link()

    for _ in range(3):
        assert open_link(client, link).status_code == 200
        client.head(link_address(link).removeprefix("http://testserver"))

    link.refresh_from_db()
    assert (link.used_at, FailedAttempt.objects.count()) == (None, 0)


@pytest.mark.parametrize("path", ["sign-up", "activate", "reset", "unlock"])
def test_page_without_a_link_says_that_it_works_no_more(client, path):
    responses = [client.get(f"/account/{path}/"), client.post(f"/account/{path}/", SIGN_UP)]

    assert [response.status_code for response in responses] == [410, 410]
    assert "This link no longer works. Ask for a new one." in responses[0].content.decode()
    assert (User.objects.count(), attempts()) == (0, [])


def test_dead_links_all_look_the_same(client, ben):
    answers = []
    for end in ("unknown", "used", "revoked", "expired", "for something else"):
        ben.mails.all().delete()
        link = reset_link()
        address = link_address(link).removeprefix("http://testserver")
        if end == "unknown":
            address = "/account/link/reset/nothing/"
        elif end == "for something else":
            address = address.replace("/reset/", "/unlock/")
        else:
            changes = {"used": {"used_at": NOW}, "revoked": {"revoked_at": NOW}}
            earlier = {"created_at": NOW - timedelta(hours=2), "expires_at": NOW}
            AccountLink.objects.filter(pk=link.pk).update(**changes.get(end, earlier))
        answers.append(answer_of(Client().get(address, follow=True)))

    pages = {(status, body.replace("/account/unlock/", "/account/reset/")) for status, _, body, _ in answers}
    assert pages == {(410, answers[0][2])}


def test_guessing_tokens_locks_the_network(client):
    for number in range(5):
        assert client.get(f"/account/link/reset/guess{number}/", follow=True).status_code == 410

    response = client.get("/account/link/reset/guess5/", follow=True)

    assert (response.status_code, response["Retry-After"]) == (429, "3600")


# --- Signing up --------------------------------------------------------------------------------


def test_somebody_signs_up_activates_and_comes_in(client, invite):
    assert open_link(client, invite).status_code == 200
    response = client.post("/account/sign-up/", SIGN_UP)
    assert (response.status_code, response["Location"]) == (302, "/account/mailbox/")
    refused = client.post("/account/sign-in/", {"email": SIGN_UP["email"], "password": PASSWORD})
    assert (refused.status_code, refused.context["answer"]) == (403, "not activated")

    link = AccountLink.objects.get()
    assert "Activate" in open_link(client, link).content.decode()
    assert not User.objects.get().is_active
    assert client.post("/account/activate/")["Location"] == "/account/sign-in/"

    response = client.post("/account/sign-in/", {"email": "BEN@label.example", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


def test_sign_up_with_a_known_address_cannot_be_told_from_one_with_another(client, ben, settings):
    answers, pages = [], []
    for email in ("ben@label.example", "new@label.example"):
        visitor = Client()
        open_link(visitor, inviting.invite_user("editor", by=None, now=NOW))
        answers.append(answer_of(visitor.post("/account/sign-up/", {**SIGN_UP, "email": email})))
        pages.append(answer_of(visitor.get("/account/mailbox/")))

    assert answers[0] == answers[1]
    assert pages[0] == pages[1]
    assert mails() == [("tried", "ben@label.example"), ("activate", "new@label.example")]
    assert User.objects.get(pk=ben.pk).check_password(PASSWORD)


def test_sign_up_shows_the_address_that_the_invite_is_for(client):
    bound = inviting.invite_user("editor", email="ben@label.example", by=None, now=NOW)
    page = open_link(client, bound)
    assert page.context["form"]["email"].value() == "ben@label.example"

    response = client.post("/account/sign-up/", {**SIGN_UP, "email": "cem@label.example"})

    assert response.context["form"].errors == {
        "email": ["This invite is for another address. Use the one that it was sent to."]
    }
    assert User.objects.count() == 0


@pytest.mark.parametrize("field", ["role", "is_active", "is_superuser", "activated_at", "language", "invite"])
def test_sign_up_refuses_fields_that_the_form_does_not_have(client, invite, field):
    open_link(client, invite)

    response = client.post("/account/sign-up/", {**SIGN_UP, field: "admin"})

    assert response.context["form"].non_field_errors() == ["This form was sent with fields that it does not have."]
    assert (User.objects.count(), Invite.objects.get().used_at) == (0, None)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"password": "short"}, {"password": ["This password is too short. It must contain at least 12 characters."]}),
        ({"first_name": ""}, {"first_name": ["This field is required."]}),
        ({"email": "ben"}, {"email": ["Enter a valid email address."]}),
    ],
)
def test_sign_up_says_what_is_wrong_beside_the_field(client, invite, changes, errors):
    open_link(client, invite)

    response = client.post("/account/sign-up/", {**SIGN_UP, **changes})

    assert response.context["form"].errors == errors
    assert client.post("/account/sign-up/", SIGN_UP).status_code == 302  # the invite is still good


def test_link_is_used_up_by_its_page(client, invite):
    open_link(client, invite)
    client.post("/account/sign-up/", SIGN_UP)

    assert client.post("/account/sign-up/", {**SIGN_UP, "email": "two@label.example"}).status_code == 410
    assert open_link(client, invite).status_code == 410


# --- Recovering --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["recover", "resend"])
def test_asking_for_a_mail_does_not_tell_who_has_an_account(ben, path):
    make_user("viewer", email="waiting@label.example", activated_at=None)
    answers = [
        answer_of(Client(REMOTE_ADDR=f"198.51.100.{number}").post(f"/account/{path}/", {"email": email}))
        for number, email in enumerate(("ben@label.example", "nobody@label.example", "waiting@label.example"))
    ]

    assert answers == [(302, "/account/mailbox/?asked=1", "", [])] * 3
    assert mails() == [("reset", "ben@label.example") if path == "recover" else ("activate", "waiting@label.example")]


@pytest.mark.parametrize("path", ["recover", "resend"])
def test_asking_for_a_mail_is_limited_by_network(path):
    client = Client()

    statuses = [client.post(f"/account/{path}/", {"email": "x@label.example"}).status_code for _ in range(4)]

    assert statuses == [302, 302, 302, 429]


def test_somebody_sets_a_new_password_and_is_signed_out_everywhere(client, ben):
    add_session(ben)
    open_link(client, reset_link())

    response = client.post("/account/reset/", {"password": OTHER_PASSWORD})

    assert (response.status_code, response["Location"]) == (302, "/account/sign-in/")
    assert User.objects.get().check_password(OTHER_PASSWORD)
    assert ben.sessions.count() == 0
    assert client.get("/account/")["Location"].startswith("/account/sign-in/")  # not signed in by the link


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"password": PASSWORD}, {"password": ["This is the password you have now. Choose another one."]}),
        ({"password": ""}, {"password": ["This field is required."]}),
        (
            {"password": OTHER_PASSWORD, "user": "1"},
            {"__all__": ["This form was sent with fields that it does not have."]},
        ),
    ],
)
def test_reset_says_what_is_wrong_and_keeps_the_link(client, ben, data, errors):
    open_link(client, reset_link())

    assert client.post("/account/reset/", data).context["form"].errors == errors

    assert client.post("/account/reset/", {"password": OTHER_PASSWORD}).status_code == 302


def test_reset_link_opened_in_time_ends_in_between(client, ben, clock):
    open_link(client, reset_link())

    clock(timedelta(minutes=59))
    assert client.get("/account/reset/").status_code == 200
    AccountLink.objects.update(expires_at=NOW + timedelta(hours=1) - SECOND)
    clock(timedelta(hours=1) - SECOND)
    assert client.post("/account/reset/", {"password": OTHER_PASSWORD}).status_code == 410
    assert User.objects.get().check_password(PASSWORD)


def test_somebody_lifts_her_lock_by_a_button(client, ben):
    elsewhere = Client(REMOTE_ADDR="198.51.100.1")
    for _ in range(5):
        elsewhere.post("/account/sign-in/", {"email": ben.email, "password": "wrong"})
    data = {"email": ben.email, "password": PASSWORD}
    assert client.post("/account/sign-in/", data).status_code == 200  # refused like a wrong password

    assert open_link(client, AccountLink.objects.get()).status_code == 200
    assert client.post("/account/sign-in/", data).status_code == 200  # looking lifts nothing
    assert client.post("/account/unlock/").status_code == 302

    assert client.post("/account/sign-in/", data).status_code == 302
    assert AuthEvent.objects.filter(kind="unlock", success=True).count() == 1


# --- Every mail --------------------------------------------------------------------------------


def queue(kind, ben):
    """Have a mail of a kind written by what causes it; the mail."""
    if kind == "invite":
        inviting.invite_user("editor", email=ben.email, by=None, now=NOW)
    elif kind == "activate":
        new = inviting.invite_user("editor", by=None, now=NOW)
        inviting.sign_up(new, email="new@label.example", password=PASSWORD, first_name="N", last_name="", now=NOW)
    elif kind == "reset":
        reset_link()
    elif kind == "unlock":
        mailing.queue_unlock_mail(ben, now=NOW)
    elif kind == "code":
        factors.begin_email_factor(ben, now=NOW)
    elif kind == "factor_added":
        add_app(ben, name="Ben's <b>phone</b>")
    elif kind == "factor_removed":
        factors.remove_factor(add_app(ben, name="Ben's <b>phone</b>"), keep_session=None, now=NOW)
    elif kind == "factors_reset":
        factors.reset_factors(ben, by=None, now=NOW)
    elif kind == "password_changed":
        people.set_password(ben, OTHER_PASSWORD, by=ben, keep_session=None, now=NOW, reason="changed")
    elif kind == "role_changed":
        people.change_role(ben, "viewer", by=None, now=NOW)
    elif kind == "few_codes":
        mailing.queue_notice(ben, "few_codes", now=NOW, left="3")
    elif kind == "tried":
        mailing.queue_tried_notice(ben, now=NOW)
    return mailing.AccountMail.objects.get(kind=kind)


ACCOUNT = "https://settimes.example/account/"
PLAIN_ADDRESS = re.compile(r"https?://[^\s\"<]+")
# Subject, a sentence of the body, the addresses in it ("link": that of the mailed link).
MAILS = {
    "invite": ("You are invited to settimes.example", "Your role: Editor.", ["link"]),
    "activate": ("Activate your account", "The link works once, for 24 hours.", ["link"]),
    "reset": ("Set a new password", "Your old one works until you set another.", ["link"]),
    "unlock": ("Your sign-in is paused", "it works once, for an hour.", ["link"]),
    "code": ("{code} is your code", "It works once, for 10 minutes.", []),
    "factor_added": ("A second factor was added", "can be entered with: Ben's <b>phone</b>.", [ACCOUNT]),
    "factor_removed": ("A second factor was removed", "enter your account: Ben's <b>phone</b>.", [ACCOUNT]),
    "factors_reset": ("Your second factors were reset", "because they were lost.", [ACCOUNT]),
    "password_changed": ("Your password was changed", "you are signed out everywhere else.", [ACCOUNT]),
    "role_changed": ("Your role was changed", "Your role is now: ", []),
    "few_codes": ("Your backup codes run out", "3 are left.", [ACCOUNT]),
    "tried": ("You have an account already", "tried to make an account with your address", []),
}


def test_mails_of_every_kind_are_rendered_below():
    assert sorted(MAILS) == sorted(folder.name for folder in FOLDERS.iterdir() if folder.is_dir())
    for kind in MAILS:
        assert sorted(file.name for file in (FOLDERS / kind).iterdir()) == ["body.html", "body.txt", "subject.txt"]


@pytest.mark.parametrize("kind", MAILS)
def test_mail_says_what_happened_and_leads_to_our_site_alone(settings, ben, kind):
    settings.SITE_URL = "https://settimes.example"
    mail = queue(kind, ben)
    subject, sentence, addresses = MAILS[kind]

    message = render_mail(mail)

    text, (html, html_type) = message.body, message.alternatives[0]
    link = mail.link or mail.invite
    expected = [link_address(link) if address == "link" else address for address in addresses]
    assert message.subject == subject.format(code=mailed_code(ben) if kind == "code" else "")
    assert (message.to, html_type) == ([mail.to], "text/html")
    assert sentence in text
    assert sentence.replace("'", "&#x27;").replace("<", "&lt;").replace(">", "&gt;") in html
    assert PLAIN_ADDRESS.findall(text) == expected
    assert set(PLAIN_ADDRESS.findall(html)) == set(expected)
    assert "settimes.example" in text
    assert '<html lang="en">' in html
    assert message.extra_headers["Message-ID"] == f"<account-{mail.pk}.20261001120000000000@settimes.example>"
    assert [each for each in (text, html, subject) if "{{" in each or "{%" in each or "testserver" in each] == []


def test_mail_with_a_link_is_whole(settings, ben):
    settings.SITE_URL = "https://settimes.example"
    mail = queue("reset", ben)

    assert render_mail(mail).body == (
        "Somebody, perhaps you, asked for a new password for your account. "
        "Your old one works until you set another.\n"
        "\n"
        "The link works once, for two hours. Your second factor is still asked.\n"
        "\n"
        "Set a new password:\n"
        f"{link_address(mail.link)}\n"
        "\n"
        "If it was not you, do nothing.\n"
        "\n"
        "-- \n"
        "You get this mail because of your account on settimes.example.\n"
    )


def test_mail_about_a_reset_by_an_admin_says_so(ben):
    recovering.start_reset(ben, by=make_admin(), reason="secret reason", now=NOW)

    body = render_mail(ben.mails.get()).body

    assert body.startswith("An admin asked that you set a new password. Your old one works until you do.")
    assert "secret reason" not in body


def test_mails_hold_no_token_until_they_go_out(ben):
    mail = queue("reset", ben)

    assert mailing.token_of(mail.link) not in str(mailing.AccountMail.objects.values().get())


def test_mail_is_in_the_language_of_its_reader(ben):
    User.objects.filter(pk=ben.pk).update(language="fr")
    add_email_factor(User.objects.get(pk=ben.pk))

    assert {mail.language for mail in ben.mails.all()} == {"fr"}
    assert '<html lang="fr">' in render_mail(ben.mails.first()).alternatives[0][0]
