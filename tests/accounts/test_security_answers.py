"""S02, S03, S08, S09: nobody learns from an answer who has an account, and no input breaks the door."""
# ruff: noqa: N802 (tests bear the numbers of the security programme)

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts import inviting, mailing
from accounts.clients import Client as Origin
from accounts.models import AccountLink, AccountMail, AuthEvent, FailedAttempt, Invite, Lockout, User
from accounts.people import deactivate_user
from accounts.signing_in import Answer, check_password
from accounts.trails import account_key
from tests.accounts.people import (
    CAFE,
    FIREFOX,
    HOME,
    NOW,
    PASSWORD,
    REFUSED,
    WRONG,
    alerts_in,
    enter,
    history,
    is_in,
    last_mail,
    link_in,
    logged,
    mails_to,
    make_person,
    make_person_with_app,
    security_lines,
    sign_in,
)

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def hashes(monkeypatch):
    """Every password that the hasher works on, in order."""
    seen = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda hasher, raw, salt: seen.append(raw) or encode(hasher, raw, salt)
    )
    return seen


def whole_answer(response, *typed):
    """Everything that goes over the wire, without what is another one each time or was typed."""
    body = re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1", response.content.decode())
    for word in typed:
        body = body.replace(word, "")
    headers = {name: value for name, value in response.headers.items() if name != "X-Request-ID"}
    cookies = {
        name: sorted((key, value) for key, value in morsel.items() if key != "expires")
        for name, morsel in response.cookies.items()
    }
    return response.status_code, body, headers, cookies


# --- S02: five kinds of accounts, one answer ---------------------------------------------------

ACCOUNTS = {
    "wrong password": "a",
    "unknown": "b",
    "deactivated": "c",
    "not activated": "d",
    "unusable password": "e",
    "locked": "f",
    "locked and unknown": "g",
    "held for a day": "h",
    "with a second factor": "i",
    "checked a hundred times": "j",
}


def address(kind):
    return f"{ACCOUNTS[kind]}@label.example"


@pytest.fixture
def accounts():
    for kind in ("wrong password", "deactivated", "locked", "held for a day", "checked a hundred times"):
        make_person(email=address(kind))
    make_person(email=address("not activated"), activated_at=None)
    make_person(email=address("unusable password"), password=None)
    make_person_with_app(email=address("with a second factor"))
    deactivate_user(User.objects.get(email=address("deactivated")), by=None, now=NOW)
    for kind, days in (("locked", 0), ("locked and unknown", 0), ("held for a day", 1)):
        until = NOW + timedelta(days=days, hours=1)
        Lockout.objects.create(scope="account", key=account_key(address(kind)), locked_at=NOW, locked_until=until)
    key = account_key(address("checked a hundred times"))
    FailedAttempt.objects.bulk_create(
        FailedAttempt(kind="password", network=f"n{each}", account_key=key, at=NOW - timedelta(hours=2))
        for each in range(100)
    )


def test_S02_the_answer_to_a_wrong_password_is_the_same_bytes_for_every_account(accounts, hashes, caplog):
    answers, hashed = {}, {}
    for number, kind in enumerate(ACCOUNTS):
        hashes.clear()
        password = PASSWORD if kind.startswith(("locked", "held", "checked")) else WRONG
        response = sign_in(Client(), address(kind), password, at=f"198.51.100.{number}")
        answers[kind], hashed[kind] = whole_answer(response, address(kind)), len(hashes)

    first = answers["wrong password"]
    assert first[0] == 200
    assert REFUSED in first[1]
    assert [kind for kind, answer in answers.items() if answer != first] == []
    assert hashed == dict.fromkeys(ACCOUNTS, 1)
    assert logged(caplog) == ["authn_login_fail"] * len(ACCOUNTS)
    assert [reason for _kind, _success, reason in history("sign_in")] == [
        "wrong password",
        "unknown account",
        "wrong password",
        "wrong password",
        "wrong password",
        *["account locked"] * 3,
        "wrong password",
        "account locked",
    ]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("deactivated", "Your account is deactivated. Ask an admin to switch it on again."),
        ("not activated", "Your account is not activated yet. Open the link in the mail we sent you."),
    ],
)
def test_S02_what_is_the_matter_is_told_to_who_knows_the_password(accounts, hashes, client, caplog, kind, words):
    hashes.clear()

    response = sign_in(client, address(kind), PASSWORD)

    assert (response.status_code, alerts_in(response)) == (403, words)
    assert (is_in(client), len(hashes)) == (False, 1)
    assert logged(caplog) == ["authn_login_fail"]
    assert history("sign_in") == [("sign_in", False, kind)]
    assert FailedAttempt.objects.filter(account_key=account_key(address(kind))).count() == 0


@pytest.mark.parametrize("page", ["recover", "resend"])
def test_S02_asking_for_a_link_is_answered_the_same_for_every_account(accounts, page, caplog):
    answers, pages = {}, {}
    for number, kind in enumerate(ACCOUNTS):
        client, network = Client(), f"198.51.100.{number}"
        asked = client.post(reverse(f"accounts:{page}"), {"email": address(kind)}, REMOTE_ADDR=network)
        answers[kind] = whole_answer(asked)
        pages[kind] = whole_answer(client.get(asked["Location"], REMOTE_ADDR=network))

    assert set(map(str, answers.values())) == {str(answers["unknown"])}
    assert set(map(str, pages.values())) == {str(pages["unknown"])}
    assert answers["unknown"][0] == 302
    assert "If that address has an account, a message is on its way." in pages["unknown"][1]
    expected = {
        "recover": {"a", "e", "f", "h", "i", "j"},  # all that are active
        "resend": {"d"},
    }
    assert {mail.to[0] for mail in AccountMail.objects.all()} == expected[page]
    event = {"recover": "authn_reset_requested", "resend": "activation_requested"}[page]
    assert logged(caplog) == [event] * len(ACCOUNTS)


def test_S02_one_reset_in_five_minutes_whoever_asks(clock):
    user = make_person()
    minutes = [0, 1, 4.99, 5]
    for number, minute in enumerate(minutes):
        clock.move_to(NOW + timedelta(minutes=minute), tick=False)
        Client().post(reverse("accounts:recover"), {"email": user.email}, REMOTE_ADDR=f"198.51.100.{number}")

    assert [mail.created_at for mail in AccountMail.objects.order_by("pk")] == [NOW, NOW + timedelta(minutes=5)]


def test_S02_a_broken_queue_changes_no_answer(client, monkeypatch, django_capture_on_commit_callbacks):
    """CVE-2024-45231: a mail that fails must not tell that there was somebody to write to."""
    user = make_person()
    monkeypatch.setattr("accounts.tasks.send_account_mail_task.delay", lambda _pk: 1 / 0)
    answers = []
    for email in (user.email, "nobody@label.example"):
        with django_capture_on_commit_callbacks(execute=True):
            answers.append(whole_answer(Client().post(reverse("accounts:recover"), {"email": email})))

    assert answers[0] == answers[1]
    assert mails_to(user) == ["reset"]  # the sweep sends it later


# --- S03: sign-up ------------------------------------------------------------------------------

BEN = {"first_name": "Ben", "last_name": "Okafor", "password": "a sentence of my own"}


def invite(**fields):
    return inviting.invite_user(**{"role": "editor", "by": None, "now": NOW, **fields})


def sign_up(made, *, email, at=HOME):
    client = Client(REMOTE_ADDR=at)
    client.get(urlsplit(mailing.link_address(made)).path)
    return client, client.post(reverse("accounts:sign_up"), {**BEN, "email": email})


def test_S03_sign_up_is_answered_the_same_for_a_known_address(hashes, caplog):
    known = make_person(email="ana@label.example")
    made, other = invite(), invite()
    hashes.clear()

    answers, counts = [], []
    for each, email, at in ((made, known.email, HOME), (other, "ben@label.example", CAFE)):
        client, response = sign_up(each, email=email, at=at)
        counts.append(len(hashes))
        hashes.clear()
        answers.append((whole_answer(response), whole_answer(client.get(response["Location"]))))

    assert answers[0] == answers[1]
    assert answers[0][0][0] == 302
    assert "A message is on its way. Open the link in it to activate your account." in answers[0][1][1]
    assert counts == [1, 1]
    assert (mails_to(known), mails_to(User.objects.get(email="ben@label.example"))) == (["tried"], ["activate"])
    assert (Invite.objects.get(pk=made.pk).used_at, Invite.objects.get(pk=other.pk).used_at) == (None, NOW)
    assert history("sign_up") == [("sign_up", False, "address known"), ("sign_up", True, "editor")]
    assert logged(caplog) == ["user_invited"] * 2 + ["user_created"] * 2
    assert known.check_password(PASSWORD)


@pytest.mark.parametrize(("later", "mails"), [(timedelta(days=1) - SECOND, 1), (timedelta(days=1), 2)])
def test_S03_the_owner_hears_of_it_once_a_day(clock, later, mails):
    known = make_person(email="ana@label.example")
    made = invite()
    sign_up(made, email=known.email)
    clock.move_to(NOW + later, tick=False)

    sign_up(made, email="ANA@label.example")

    assert mails_to(known) == ["tried"] * mails


def test_S03_inviting_a_known_address_tells_nobody():
    known = make_person(email="ana@label.example")

    assert invite(email=known.email).email == known.email
    assert mails_to(known) == ["invite"]


def test_S03_an_invite_for_one_address_is_for_no_other(caplog):
    made = invite(email="ben@label.example")

    _client, response = sign_up(made, email="mallory@label.example")

    assert response.status_code == 200
    assert "This invite is for another address. Use the one that it was sent to." in response.content.decode()
    assert User.objects.count() == 0
    security_lines(caplog)


@pytest.mark.parametrize(("later", "status"), [(timedelta(days=7) - SECOND, 200), (timedelta(days=7), 410)])
def test_S03_an_invite_works_for_its_days(clock, later, status):
    made = invite(days=7)
    clock.move_to(NOW + later, tick=False)

    assert Client().get(urlsplit(mailing.link_address(made)).path, follow=True).status_code == status


@pytest.mark.parametrize(("later", "is_active"), [(timedelta(hours=24) - SECOND, True), (timedelta(hours=24), False)])
def test_S03_an_account_waits_a_day_for_its_activation(clock, caplog, later, is_active):
    client, _response = sign_up(invite(), email="ben@label.example")
    ben = User.objects.get()
    assert (ben.is_active, ben.role) == (False, "editor")
    clock.move_to(NOW + later, tick=False)
    client.get(link_in(last_mail(ben, "activate")))
    assert not User.objects.get().is_active  # opening the link does nothing

    client.post(reverse("accounts:activate"))

    assert User.objects.get().is_active is is_active
    assert logged(caplog)[-1] == ("user_activated" if is_active else "authn_token_reuse")


# --- S08: what is typed into the door ----------------------------------------------------------

PASSWORDS = {
    "empty": "",
    "a list": ["one", "two"],
    "a number": 12345678901234,
    "an object": '{"$ne": null}',
    "a megabyte": "x" * 1_000_000,
    "NUL": PASSWORD + "\x00",
    "NUL before": "\x00" + PASSWORD,
    "4,096 emoji": "😀" * 4096,
    "a blank behind": PASSWORD + " ",
    "a blank before": " " + PASSWORD,
    "capitals": PASSWORD.upper(),
    "129 characters": "x" * 129,
    "line break": PASSWORD + "\r\n",
    "right to left": "\u202e" + PASSWORD,
    "zero width": PASSWORD + "\u200b",
    "quotes": "' OR 1=1 --",
    "template": "{{7*7}}{0.__class__}%s",
}


@pytest.mark.parametrize("password", PASSWORDS.values(), ids=list(PASSWORDS))
@pytest.mark.parametrize("email", ["mike@label.example", "nobody@label.example"])
def test_S08_odd_passwords_are_refused(client, hashes, caplog, email, password):
    make_person(email="mike@label.example")
    hashes.clear()

    response = sign_in(client, email, password)

    assert (response.status_code, alerts_in(response)) == (200, REFUSED)
    assert not is_in(client)
    assert len(hashes) == 1
    assert [len(each) for each in hashes if len(each) > 128] == []
    assert set(logged(caplog)) <= {"authn_login_fail", "input_validation_fail"}


ADDRESSES = {
    "empty": "",
    "dotless i": "m\u0131ke@label.example",
    "dotted capital I": "m\u0130ke@label.example",
    "Kelvin sign": "mi\u212ae@label.example",
    "full width": "\uff4dike@label.example",
    "full width at": "mike\uff20label.example",
    "full width dot": "mike@label\uff0eexample",
    "ideographic dot": "mike@label\u3002example",
    "trailing dot": "mike@label.example.",
    "combining mark": "mi\u0307ke@label.example",
    "zero width space": "mike\u200b@label.example",
    "zero width joiner": "mike\u200d@label.example",
    "soft hyphen": "mi\u00adke@label.example",
    "Cyrillic": "m\u0456ke@label.example",
    "NUL": "mike@label.example\x00",
    "line break within": "mike@label\n.example",
    "two": "mike@label.example,mallory@label.example",
    "a name": "Mike <mike@label.example>",
    "plus": "mike+x@label.example",
    "pattern": "%@label.example",
    "underscore": "mik_@label.example",
    "without domain": "mike",
    "255 characters": "m" * 241 + "@label.example",
    "a megabyte": "m" * 900_000 + "@label.example",
    "quotes": "' OR 1=1 --",
    "number": 17,
    "list": ["mallory@label.example", "nobody@label.example"],
    "right to left": "\u202emike@label.example",
}


@pytest.mark.parametrize("email", ADDRESSES.values(), ids=list(ADDRESSES))
def test_S08_no_address_opens_an_account_that_is_not_its_own(client, hashes, caplog, email):
    make_person(email="mike@label.example")
    hashes.clear()

    response = sign_in(client, email, PASSWORD)

    assert (response.status_code, alerts_in(response)) == (200, REFUSED)
    assert (is_in(client), len(hashes)) == (False, 1)
    assert set(logged(caplog)) <= {"authn_login_fail", "input_validation_fail"}
    assert AuthEvent.objects.filter(user_id__isnull=False).count() == 0


@pytest.mark.parametrize("email", ["mike@label.example", "MIKE@LABEL.EXAMPLE", "  mike@label.example\t"])
def test_S08_capitals_and_blanks_around_are_forgiven(client, email):
    make_person(email="mike@label.example")

    sign_in(client, email, PASSWORD)

    assert is_in(client)


@pytest.mark.parametrize("page", ["recover", "resend"])
@pytest.mark.parametrize("email", ["m\u0131ke@label.example", "mi\u212ae@label.example", "mike@label.example."])
def test_S08_no_address_has_a_link_sent_that_is_not_its_own(client, page, email):
    make_person(email="mike@label.example")

    client.post(reverse(f"accounts:{page}"), {"email": email})

    assert (AccountLink.objects.count(), AccountMail.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"email": "mike@label.example", "password": "correct horse battery"}', b"\xff\xfe", b"=&=&=", b"%"],
)
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_S08_bodies_that_are_no_form_are_refused(client, caplog, body, kind):
    make_person(email="mike@label.example")

    response = client.post(reverse("accounts:sign_in"), body, content_type=kind)

    assert (response.status_code, is_in(client)) == (200, False)
    assert not is_in(client)
    security_lines(caplog)


@pytest.mark.parametrize("extra", [{"password[]": "x"}, {"is_admin": "1"}, {"user": "1"}, {"__proto__": "x"}])
def test_S08_fields_that_the_form_does_not_have_are_refused(client, caplog, extra):
    make_person(email="mike@label.example")

    response = sign_in(client, "mike@label.example", PASSWORD, data=extra)

    assert (alerts_in(response), is_in(client)) == (REFUSED, False)
    assert logged(caplog) == ["input_validation_fail"]
    assert FailedAttempt.objects.count() == 0  # nothing was guessed: nobody's network is locked for it


@pytest.mark.parametrize("email", ["mike@label.example", "nobody@label.example"])
def test_S08_half_a_character_is_no_password(hashes, email):
    """No form can send one, but a caller of the function could; it takes its time like any other."""
    make_person(email="mike@label.example")
    hashes.clear()

    result = check_password(email, "\ud800", client=Origin(network="n"), device_token="", now=NOW)

    assert (result.answer, len(hashes)) == (Answer.REFUSED, 1)


# --- S09: new passwords ------------------------------------------------------------------------

ACCEPTED = [
    "correct horse",
    "qwertzuiopas",
    "twelve chars",
    "no digits or capitals",
    "123 456 789 012 345",
    "ALL CAPITALS HERE",
    "müßige Übungen",
    "пароль из слов",
    "これはとても長いパスワード",
    "😀😃😄😁😆😅😂🤣🥲☺️😊😇",
    "  blanks around  ",
    "tab\tin the middle",
    "x" * 11 + "y",
    "abc " * 32,
    "a" * 127 + "b",
    "the set times of the crawl",
    "settimesxyzabcde",
    "my running order is odd",
    "bandcrawl on a rainy night",
    "silva likes to walk",
    "; DROP TABLE users; --",
    "<script>alert(1)</script>",
    "{{ settings.SECRET_KEY }}",
]
REFUSED_ONES = {
    "": "at least 12",
    "short": "at least 12",
    "eleven char": "at least 12",
    "x" * 129: "Use at most 128",
    "é" * 129: "Use at most 128",
    "settimes": "at least 12",
    "settimes2026": "the name of this place",
    "SetTimes 2026!": "the name of this place",
    "settimessettimes": "the name of this place",
    "settimes-settimes-1": "the name of this place",
    "set times 12345": "the name of this place",
    "bandcrawl2026!!": "the name of this place",
    "Band Crawl 2026": "the name of this place",
    "running order 1": "the name of this place",
    "settimesxyzabcd": "the name of this place",
    "administrator": "too common",
    "1QAZ2wsx3edc4rfv": "too common",
    "ana.silva@label.example": "too similar",
    "ana.silva@label": "too similar",
    "anastasiadou": "too similar",
    "Anastasiadou1": "too similar",
    "anasilva2026": "your own name",
    "Silva, Ana 2026!": "your own name",
    "silvasilvasilva": "your own name",
}


@pytest.mark.parametrize("password", ACCEPTED)
def test_S09_twelve_characters_of_any_kind_are_a_password(password):
    ana = User(email="ana.silva@label.example", first_name="Ana", last_name="Anastasiadou")

    validate_password(password, ana)


@pytest.mark.parametrize(("password", "words"), REFUSED_ONES.items(), ids=[key[:30] for key in REFUSED_ONES])
def test_S09_short_long_common_and_own_words_are_no_password(password, words):
    ana = User(email="ana.silva@label.example", first_name="Ana", last_name="Anastasiadou")

    with pytest.raises(ValidationError) as refusal:
        validate_password(password, ana)

    assert words in " ".join(refusal.value.messages)


def test_S09_every_long_enough_common_password_is_refused():
    common = [each for each in CommonPasswordValidator().passwords if len(each) >= 12]
    assert len(common) > 50

    accepted = []
    for password in common:
        try:
            validate_password(password)
            accepted.append(password)
        except ValidationError:
            continue

    assert accepted == []


def test_S09_a_password_of_128_characters_is_kept_whole(client):
    long = "a long one " * 11 + "1234567"
    assert len(long) == 128
    make_person(email="mike@label.example", password=long)

    tries = [sign_in(Client(), "mike@label.example", each).status_code for each in (long[:127], long + "x")]
    sign_in(client, "mike@label.example", long)

    assert (tries, is_in(client)) == ([200, 200], True)


def test_S09_the_page_says_what_is_wrong_and_then_changes_it(client, caplog):
    user = make_person_with_app("editor")
    enter(client, user)
    form = {"current_password": PASSWORD, "password": "settimes2026"}
    here = {"REMOTE_ADDR": HOME, "HTTP_USER_AGENT": FIREFOX}

    refused = client.post(reverse("accounts:password"), form, **here)
    same = client.post(reverse("accounts:password"), {**form, "password": PASSWORD}, **here)
    unknown = client.post(reverse("accounts:password"), {**form, "current_password": WRONG}, **here)
    assert "This password is little more than the name of this place." in refused.content.decode()
    assert "This is the password you have now. Choose another one." in same.content.decode()
    assert "This is not your password." in unknown.content.decode()
    assert history("password") == []

    changed = client.post(reverse("accounts:password"), {**form, "password": "another one of mine"}, **here)

    assert changed.status_code == 302
    assert User.objects.get().check_password("another one of mine")
    assert history("password") == [("password", True, "changed")]
    assert mails_to(user) == ["password_changed"]
    assert "authn_password_change" in logged(caplog)
    assert client.get(reverse("accounts:security"), **here).status_code == 200  # this session goes on
