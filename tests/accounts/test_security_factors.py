"""S10 to S16: nobody is in with half of what her account asks for."""
# ruff: noqa: N802 (tests bear the numbers of the security programme)

import ast
import base64
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django_otp.oath import hotp
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential

from accounts import factors, mailing, recovering
from accounts.links import make_link, token_of
from accounts.models import (
    AccountLink,
    AccountMail,
    AuthenticatorApp,
    BackupCode,
    EmailFactor,
    FailedAttempt,
    Lockout,
    SignInChallenge,
    TrustedDevice,
    User,
    UserSession,
)
from accounts.models.factor import STEP_SECONDS, PresentedCode, code_from
from accounts.people import deactivate_user
from tests.accounts.people import (
    CAFE,
    CODE_REFUSED,
    FIREFOX,
    HOME,
    NOW,
    PASSWORD,
    WRONG,
    alerts_in,
    code_for,
    enter,
    fail,
    give_app,
    give_backup_codes,
    history,
    is_in,
    last_mail,
    link_in,
    logged,
    mails_to,
    make_person,
    make_person_with_app,
    security_lines,
    send_code,
    sign_in,
    trust,
)

pytestmark = pytest.mark.django_db

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
HERE = {"REMOTE_ADDR": HOME, "HTTP_USER_AGENT": FIREFOX}


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


# --- S10: with the password alone --------------------------------------------------------------

SAMPLES = {"int": "1", "slug": "app", "path": "1", "str": "x", "purpose": "reset", "token": "abc", "uuid": "x"}


def routes(resolver, before=""):
    """Every address of the site as a path that leads to it, with its name."""
    for each in resolver.url_patterns:
        text = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, text)
        else:
            text = re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found[1] or "str"], text.replace("?P<", "?P("))
            text = re.sub(r"\(\?P\(\w+>([^)|]*)[^)]*\)", lambda found: found[1].replace(".*", "nothing"), text)
            yield "/" + text.replace("^", "").replace("$", "").replace("\\Z", ""), each.name


CLOSED = sorted({path for path, _name in routes(get_resolver()) if path.startswith(("/admin/", "/account/"))})
OPEN_TO_ALL = {
    "/account/sign-in/",
    "/account/sign-in/factor/",
    "/account/sign-in/factor/mail/",
    "/account/sign-in/passkey/begin/",
    "/account/sign-in/passkey/finish/",
    "/account/language/",
    "/account/link/reset/abc/",
    "/account/sign-up/",
    "/account/activate/",
    "/account/reset/",
    "/account/unlock/",
    "/account/recover/",
    "/account/resend/",
    "/account/mailbox/",
}
TO_ENROL = {
    "/account/sign-out/",
    "/account/confirm/",
    "/account/confirm/passkey/begin/",
    "/account/confirm/passkey/finish/",
    "/account/session/",
    "/account/session/stay/",
    "/account/security/factor/",
    "/account/security/factor/app/",
    "/account/security/factor/email/",
    "/account/security/factor/passkey/begin/",
    "/account/security/factor/passkey/finish/",
}


def test_S10_the_walk_finds_the_addresses_of_the_site():
    assert len(CLOSED) > 60
    assert [path for path in CLOSED if re.search(r"[<>()?*\\]", path)] == []
    assert {"/admin/", "/admin/accounts/user/1/change/", "/account/security/factor/app/1/remove/"} <= set(CLOSED)
    assert set(CLOSED) >= OPEN_TO_ALL | TO_ENROL


@pytest.mark.parametrize("method", ["get", "post"])
def test_S10_the_password_alone_opens_no_page(client, caplog, method):
    user = make_person_with_app()
    sign_in(client, user.email)

    answers = {path: getattr(client, method)(path, **HERE) for path in CLOSED if path not in OPEN_TO_ALL}

    elsewhere = {
        path: (each.status_code, each.get("Location"))
        for path, each in answers.items()
        if (each.status_code, each.get("Location"), each.content) != (302, "/account/sign-in/factor/", b"")
    }
    assert elsewhere == {}
    assert logged(caplog) == ["sequence_fail"] * len(answers)
    assert not is_in(client)


def test_S10_the_password_alone_gets_401_as_json(client):
    user = make_person_with_app()
    sign_in(client, user.email)

    for path in ("/admin/", "/account/security/", "/account/session/"):
        answer = client.get(path, HTTP_ACCEPT="application/json", **HERE)
        assert (answer.status_code, answer.json()) == (
            401,
            {"error": "Second factor required", "message": "Sign in first."},
        )


@pytest.mark.parametrize("method", ["get", "post"])
def test_S10_who_must_enrol_a_factor_first_reaches_only_that(client, caplog, method):
    admin = make_person("admin")
    assert sign_in(client, admin.email)["Location"] == "/account/security/factor/"

    answers = {path: getattr(client, method)(path, **HERE) for path in CLOSED if path not in OPEN_TO_ALL | TO_ENROL}

    elsewhere = {
        path: (each.status_code, each.get("Location"))
        for path, each in answers.items()
        if (each.status_code, each.get("Location"), each.content) != (302, "/account/security/factor/", b"")
    }
    assert elsewhere == {}
    assert set(logged(caplog)[1:]) == {"sequence_fail"}


def test_S10_strangers_are_sent_to_the_door_and_back_to_where_they_were(client):
    for path in CLOSED:
        if path not in OPEN_TO_ALL:
            answer = client.get(path)
            assert (answer.status_code, answer.content) == (302, b""), path
            assert answer["Location"].startswith("/account/sign-in/?next="), path


def test_S10_the_factor_gives_a_new_session_key_and_the_old_one_is_dead(client):
    user = make_person_with_app()
    cookie = django_settings.SESSION_COOKIE_NAME
    sign_in(client, user.email)
    before = client.cookies[cookie].value

    send_code(client, code_for(user))

    assert client.cookies[cookie].value != before
    thief = Client()
    thief.cookies[cookie] = before
    assert thief.get("/account/", **HERE)["Location"] == "/account/sign-in/?next=%2Faccount%2F"


def test_S10_next_is_kept_through_both_steps_and_leads_nowhere_else(client):
    user = make_person_with_app()
    sign_in(client, user.email, data={"next": "/admin/bands/"})
    assert send_code(client, code_for(user))["Location"] == "/admin/bands/"

    for wanted in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "admin", ""):
        other = Client()
        other_user = make_person(email=f"v{abs(hash(wanted))}@label.example")
        assert sign_in(other, other_user.email, data={"next": wanted})["Location"] == "/admin/"


# --- S11: the challenge ------------------------------------------------------------------------


def test_S11_another_persons_code_is_wrong(client, caplog):
    ana = make_person_with_app(email="ana@label.example")
    ben = make_person(email="ben@label.example")
    give_app(ben, secret="42" * 20)
    sign_in(client, ana.email)

    answer = send_code(client, code_for(ben))

    assert (answer.status_code, alerts_in(answer), is_in(client)) == (200, CODE_REFUSED, False)
    assert logged(caplog) == ["authn_login_fail"]
    assert AuthenticatorApp.objects.get(user=ben).last_step == -1


@pytest.mark.parametrize(("later", "is_open"), [(timedelta(minutes=5) - SECOND, True), (timedelta(minutes=5), False)])
def test_S11_the_challenge_waits_five_minutes(client, clock, caplog, later, is_open):
    user = make_person_with_app()
    sign_in(client, user.email)
    clock.move_to(NOW + later, tick=False)

    answer = send_code(client, code_for(user))

    assert is_in(client) is is_open
    if not is_open:
        assert answer["Location"] == "/account/sign-in/?ended=challenge"
        assert logged(caplog) == ["sequence_fail"]
        assert history("factor") == [("factor", False, "challenge over")]


def test_S11_a_second_challenge_ends_the_first(caplog):
    user = make_person_with_app()
    first, second = Client(), Client()
    sign_in(first, user.email)
    sign_in(second, user.email)

    assert send_code(first, code_for(user))["Location"] == "/account/sign-in/?ended=challenge"
    send_code(second, code_for(user))

    assert (is_in(first), is_in(second)) == (False, True)
    assert SignInChallenge.objects.filter(closed_at=None).count() == 0
    assert logged(caplog) == ["sequence_fail", "session_created"]


@pytest.mark.parametrize(
    ("change", "is_open"),
    [
        ({"at": CAFE}, False),
        ({"agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/137.0 Safari/537"}, False),
        ({"agent": ""}, False),
        ({"agent": FIREFOX.replace("140", "141")}, True),
    ],
)
def test_S11_the_challenge_belongs_to_one_browser_on_one_network(client, caplog, change, is_open):
    user = make_person_with_app()
    sign_in(client, user.email)

    send_code(client, code_for(user), **change)

    assert is_in(client) is is_open
    assert logged(caplog) == (["session_created"] if is_open else ["sequence_fail"])


def test_S11_a_deactivated_person_does_not_get_past_the_factor(client):
    user = make_person_with_app("editor")
    sign_in(client, user.email)
    deactivate_user(user, by=None, now=NOW)

    assert send_code(client, code_for(user))["Location"] == "/account/sign-in/?ended=challenge"


def test_S11_without_a_challenge_there_is_nothing_to_answer(client):
    make_person_with_app()

    assert send_code(client, "123456")["Location"] == "/account/sign-in/?ended=challenge"
    assert client.post(reverse("accounts:email_code"))["Location"] == "/account/sign-in/?ended=challenge"


# --- S12: one door -----------------------------------------------------------------------------

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("accounts", "analytics", "bands", "notifications", "schedule", "settimes")


def callers_of(*names):
    """Where a function of one of these names is called: file, function around, name."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            yield from _calls(ast.parse(path.read_text(encoding="utf-8")), str(path.relative_to(ROOT)), "", names)


def _calls(node, path, around, names):
    for child in ast.iter_child_nodes(node):
        inside = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else around
        if isinstance(child, ast.Call):
            called = getattr(child.func, "id", getattr(child.func, "attr", ""))
            if called in names:
                yield path, around, called
        yield from _calls(child, path, inside, names)


def test_S12_four_places_sign_somebody_in():
    assert sorted(
        {*callers_of("login", "alogin", "force_login", "authenticate", "aauthenticate", "start_session")}
    ) == [
        ("accounts/signing_in.py", "start_session", "login"),
        ("accounts/views/doors.py", "_after_password", "start_session"),
        ("accounts/views/doors.py", "enter", "start_session"),
        ("accounts/views/passkeys.py", "sign_in_finish", "start_session"),
    ]


def test_S12_one_place_asks_a_factor_whether_a_code_is_right():
    assert list(callers_of("match_token", "verify_token", "verify_is_allowed")) == [
        ("accounts/factors.py", "match_code", "match_token")
    ]


def test_S12_one_place_reads_where_a_request_came_from():
    found = [
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"REMOTE_ADDR|FORWARDED_FOR|CONNECTING_IP\"", path.read_text(encoding="utf-8"))
    ]
    assert [path for path in found if path != "settimes/settings.py"] == ["accounts/clients.py"]


def test_S12_a_factor_called_directly_says_no():
    user = make_person_with_app()
    codes = give_backup_codes(user)
    app, sheet = factors.factors_of(user)

    assert (app.verify_token(code_for(user)), sheet.verify_token(codes[0])) == (False, False)


@pytest.mark.parametrize(
    "path", ["/admin/login/", "/admin/logout/", "/admin/password_change/", "/admin/doc/", "/admin/r/1/1/"]
)
def test_S12_the_admin_has_no_door_of_its_own(client, path):
    user = make_person_with_app()

    stranger = client.post(path, {"username": user.email, "password": PASSWORD})

    assert (stranger.status_code, stranger["Location"].split("?")[0]) == (302, "/account/sign-in/")
    assert not is_in(client)


def test_S12_the_admins_sign_in_address_leads_to_our_door_and_on_into_the_admin(client):
    user = make_person_with_app()
    door = client.get("/admin/login/")["Location"]
    sign_in(client, user.email, data={"next": door.partition("next=")[2].replace("%2F", "/")})

    arrived = client.get(send_code(client, code_for(user))["Location"], follow=True, **HERE)

    assert (arrived.status_code, arrived.redirect_chain[-1]) == (200, ("/admin/", 302))


@pytest.mark.parametrize("path", ["/admin/", "/account/", "/account/session/"])
@pytest.mark.parametrize("scheme", ["Basic", "basic", "Bearer", "Token"])
def test_S12_an_authorization_header_does_nothing(client, path, scheme):
    user = make_person()
    proof = base64.b64encode(f"{user.email}:{PASSWORD}".encode()).decode()

    answer = client.get(path, HTTP_AUTHORIZATION=f"{scheme} {proof}")

    assert (answer.status_code, answer["Location"].split("?")[0], is_in(client)) == (302, "/account/sign-in/", False)


def test_S12_no_backend_knows_passwords():
    from django.contrib.auth import authenticate

    user = make_person()

    assert authenticate(username=user.email, password=PASSWORD) is None
    assert Client().login(username=user.email, password=PASSWORD) is False


PASSKEY = "/account/sign-in/passkey"


def answer_with_passkey(client, **answer):
    """Begin a ceremony and answer it with something."""
    state = client.post(f"{PASSKEY}/begin/", **HERE).json()["state"]
    return finish_with_passkey(client, state=state, **answer)


def finish_with_passkey(client, **answer):
    return client.post(f"{PASSKEY}/finish/", answer, content_type="application/json", **HERE)


@pytest.mark.parametrize("given", [{}, {"id": "x"}, {"id": 1}, {"rawId": "\x00", "response": []}])
def test_S12_an_answer_that_no_passkey_gave_opens_nothing(client, caplog, given):
    answer = answer_with_passkey(client, **given)

    assert (answer.status_code, is_in(client)) == (401, False)
    assert logged(caplog) == ["authn_login_fail"]
    assert history("factor") == [("factor", False, "passkey refused")]


NO_ANSWERS = [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"state": "gAAAAA"}', '{"state": "é"}'.encode()]


@pytest.mark.parametrize("body", NO_ANSWERS)
def test_S12_an_answer_that_nobody_asked_for_is_not_looked_at(client, body):
    answer = client.post(f"{PASSKEY}/finish/", body, content_type="application/json", **HERE)

    assert (answer.status_code, answer.json()["message"]) == (400, "That was not right. Try again.")
    assert FailedAttempt.objects.count() == 0  # a page that lay open too long is no attack


def test_S12_refused_passkeys_lock_the_network():
    assert [answer_with_passkey(Client()).status_code for _each in range(6)] == [401] * 5 + [429]


@pytest.fixture
def any_passkey(monkeypatch):
    """A key that answers every ceremony right, of whoever is named; what it was asked for."""
    asked = []

    def complete(helper, user, state, data):
        asked.append((user, state["require_user_verification"]))
        return WebAuthnCredential.objects.get(user__email=data["of"])

    monkeypatch.setattr(WebAuthnHelper, "authenticate_complete", complete)
    return asked


def give_passkey(user):
    return WebAuthnCredential.objects.create(
        user=user, name="Stick", credential_id=b"x" * user.pk, public_key=b"y", discoverable=True
    )


def test_S11_a_ceremony_for_one_challenge_opens_nothing_when_that_is_over(client, clock, any_passkey):
    """Begun for her own second factor, without the key checking its owner; finished by another's key."""
    eve, admin = make_person_with_app("editor", email="eve@label.example"), make_person("admin")
    give_passkey(eve)
    give_passkey(admin)
    sign_in(client, eve.email)
    state = client.post(f"{PASSKEY}/begin/", **HERE).json()["state"]
    sign_in(Client(), eve.email)  # another challenge of hers: the first one is closed

    answer = finish_with_passkey(client, state=state, of=admin.email)

    assert (answer.status_code, is_in(client), any_passkey) == (400, False, [])


def test_S12_a_passkey_without_a_password_must_have_checked_its_owner(client, any_passkey):
    user = make_person("editor")
    give_passkey(user)

    answer = answer_with_passkey(client, of=user.email)

    assert (answer.status_code, is_in(client), any_passkey) == (200, True, [(None, True)])


def test_S12_one_ceremony_lets_in_once(client, any_passkey):
    user = make_person("editor")
    give_passkey(user)
    state = client.post(f"{PASSKEY}/begin/", **HERE).json()["state"]

    answers = [finish_with_passkey(each, state=state, of=user.email).status_code for each in (client, Client())]

    assert answers == [200, 400]


@pytest.mark.parametrize(("seconds", "status"), [(300, 200), (301, 400)])
def test_S11_a_ceremony_lasts_five_minutes(client, clock, any_passkey, seconds, status):
    user = make_person("editor")
    give_passkey(user)
    state = client.post(f"{PASSKEY}/begin/", **HERE).json()["state"]

    clock.move_to(NOW + seconds * SECOND, tick=False)

    assert finish_with_passkey(client, state=state, of=user.email).status_code == status


def test_S17_an_offer_of_passkeys_that_answers_late_takes_nobodys_session(client):
    """The sign-in page asks for it when it opens; a cookie in that answer would overwrite the one of signing in."""
    assert client.post(f"{PASSKEY}/begin/", **HERE).cookies == {}


def test_S01_who_was_mailed_the_unlock_link_may_use_a_passkey_on_a_locked_network(client, any_passkey):
    user = make_person_with_app("editor")
    give_passkey(user)
    for number in range(5):
        sign_in(Client(), f"nobody{number}@label.example", WRONG)
    link = make_link(AccountLink.Purpose.UNLOCK, user, now=NOW)
    client.get(f"/account/link/unlock/{token_of(link)}/", **HERE)
    client.post("/account/unlock/", **HERE)

    sign_in(client, user.email)
    answer = answer_with_passkey(client, of=user.email)

    assert (answer.status_code, is_in(client)) == (200, True)


# --- S13: what asks again ----------------------------------------------------------------------


def sensitive(user):
    app = AuthenticatorApp.objects.get(user=user).pk
    return {
        "look at a new app": ("get", "/account/security/factor/app/"),
        "add an app": ("post", "/account/security/factor/app/"),
        "add codes by mail": ("post", "/account/security/factor/email/"),
        "begin a passkey": ("post", "/account/security/factor/passkey/begin/"),
        "finish a passkey": ("post", "/account/security/factor/passkey/finish/"),
        "make backup codes": ("post", "/account/security/codes/"),
        "rename a factor": ("post", f"/account/security/factor/app/{app}/name/"),
        "remove a factor": ("post", f"/account/security/factor/app/{app}/remove/"),
    }


def test_S13_five_minutes_after_the_proof_eight_actions_ask_again(client, clock, caplog):
    user = make_person_with_app("editor")
    enter(client, user)
    clock.move_to(NOW + timedelta(minutes=5) + SECOND, tick=False)
    mails, caplog_before = mails_to(user), len(logged(caplog))

    answers = {what: getattr(client, method)(path, **HERE) for what, (method, path) in sensitive(user).items()}

    assert {what: each.status_code for what, each in answers.items()} == dict.fromkeys(answers, 403)
    assert [what for what, each in answers.items() if 'name="password"' not in each.content.decode()] == []
    assert logged(caplog)[caplog_before:] == ["authz_fail"] * 8
    assert mails_to(user) == mails
    assert (len(factors.factors_of(user)), EmailFactor.objects.count()) == (1, 0)


def test_S13_until_then_they_do_not(client, clock):
    user = make_person_with_app("editor")
    enter(client, user)
    clock.move_to(NOW + timedelta(minutes=5), tick=False)

    assert client.get("/account/security/factor/app/", **HERE).status_code == 200
    assert client.post("/account/security/codes/", **HERE).status_code == 302


@pytest.mark.parametrize("proof", ["password", "code"])
def test_S13_proving_it_again_is_good_for_five_minutes(client, clock, caplog, proof):
    user = make_person_with_app("editor")
    enter(client, user)
    later = NOW + timedelta(minutes=20)
    clock.move_to(later, tick=False)
    before = client.cookies["settimes-session"].value
    given = {"password": PASSWORD} if proof == "password" else {"code": code_for(user)}

    done = client.post("/account/confirm/", {**given, "next": "/account/security/factor/app/"}, **HERE)

    assert (done.status_code, done["Location"]) == (302, "/account/security/factor/app/")
    assert client.cookies["settimes-session"].value != before
    assert history("step_up") == [("step_up", True, proof)]
    clock.move_to(later + timedelta(minutes=5), tick=False)
    assert client.get("/account/security/factor/app/", **HERE).status_code == 200
    clock.move_to(later + timedelta(minutes=5) + SECOND, tick=False)
    assert client.get("/account/security/factor/app/", **HERE).status_code == 403
    assert logged(caplog)[-2:] == ["session_confirmed", "authz_fail"]


def test_S13_wrong_proofs_are_counted_within_her_sessions(client, caplog):
    user = make_person_with_app("editor")
    enter(client, user)

    statuses = [client.post("/account/confirm/", {"password": WRONG}, **HERE).status_code for _each in range(6)]

    assert statuses == [200] * 5 + [429]
    assert history("step_up") == [("step_up", False, "wrong password")] * 5 + [("step_up", False, "device locked")]
    assert logged(caplog)[-1] == "excess_rate_limit_exceeded"
    assert [each.scope for each in Lockout.objects.all()] == ["device"]  # the door stays as it was


def test_S13_strangers_who_guess_at_the_door_keep_nobody_from_confirming(client):
    user = make_person("editor")
    sign_in(client, user.email)
    for number in range(5):
        sign_in(Client(), user.email, WRONG, at=f"198.51.100.{number}")
    assert Lockout.objects.filter(scope="account").exists()

    done = client.post("/account/confirm/", {"password": PASSWORD, "next": "/account/"}, **HERE)

    assert (done.status_code, done["Location"]) == (302, "/account/")


def test_S13_each_change_of_factors_is_mailed_to_the_owner(client, clock):
    user = make_person_with_app("editor")
    enter(client, user)
    client.get("/account/security/factor/app/", **HERE)
    app = factors.app_with(client.session["app_secret"], user, now=NOW)
    secret = base64.b32decode(factors.app_secret(app).replace(" ", ""))
    code = f"{hotp(secret, int(NOW.timestamp()) // STEP_SECONDS):06}"
    added = client.post("/account/security/factor/app/", {"code": code, "name": "Tablet"}, **HERE)
    assert added["Location"] == "/account/security/codes/show/"
    first = AuthenticatorApp.objects.filter(user=user).earliest("pk")
    removed = client.post(f"/account/security/factor/app/{first.pk}/remove/", **HERE)

    assert removed["Location"] == "/account/security/"
    assert mails_to(user) == ["factor_added", "factor_added", "factor_removed"]  # the app, the backup codes
    assert history("enrolment") == [("enrolment", True, reason) for reason in ("enrolled", "enrolled", "removed")]


def test_S13_a_session_of_the_password_alone_enrols_nothing_once_there_is_a_factor(caplog):
    """Somebody who knew the first password waits in a session until its owner enrols, and adds her own."""
    admin = make_person("admin")
    thief, owner = Client(), Client()
    sign_in(thief, admin.email)
    sign_in(owner, admin.email)
    give_app(admin)

    page = thief.get("/account/security/factor/app/", **HERE)
    thief.post("/account/confirm/", {"password": PASSWORD, "next": "/account/security/factor/app/"}, **HERE)
    again = thief.get("/account/security/factor/app/", **HERE)

    assert (page.status_code, again.status_code) == (403, 403)
    assert "authz_fail" in logged(caplog)
    owner.post("/account/confirm/", {"code": code_for(admin)}, **HERE)
    assert owner.get("/account/security/factor/app/", **HERE).status_code == 200


def test_S13_backup_codes_are_shown_once(client):
    user = make_person_with_app("editor")
    enter(client, user)
    client.post("/account/security/codes/", **HERE)

    shown = client.get("/account/security/codes/show/", **HERE).context["codes"]
    client.post("/account/security/codes/show/", **HERE)  # "I have kept them"
    again = client.get("/account/security/codes/show/", **HERE)

    assert (len(shown), again.status_code, again["Location"]) == (10, 302, "/account/security/")


# --- S14: codes of an app ----------------------------------------------------------------------


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, False)])
def test_S14_the_code_of_now_and_the_one_before_are_accepted(client, steps, is_right):
    user = make_person_with_app()
    sign_in(client, user.email)

    send_code(client, code_for(user, steps=steps))

    assert is_in(client) is is_right


@pytest.mark.parametrize(("seconds", "is_right"), [(59, True), (60, False)])
def test_S14_a_code_lives_for_sixty_seconds_at_most(client, clock, seconds, is_right):
    user = make_person_with_app()
    code = code_for(user)  # NOW begins a half minute
    clock.move_to(NOW + timedelta(seconds=seconds), tick=False)
    sign_in(client, user.email)

    send_code(client, code)

    assert is_in(client) is is_right


def test_S14_a_code_is_good_once(caplog):
    user = make_person_with_app()
    code = code_for(user)
    first, second = Client(), Client()
    sign_in(first, user.email)
    send_code(first, code)
    sign_in(second, user.email)

    answer = send_code(second, code)

    assert (is_in(first), is_in(second), alerts_in(answer)) == (True, False, CODE_REFUSED)
    assert logged(caplog) == ["session_created", "authn_token_reuse"]
    assert history("factor") == [("factor", False, "code used before")]


def test_S14_after_a_code_the_one_before_it_is_refused():
    user = make_person_with_app()
    now = PresentedCode(code_for(user), NOW)

    assert factors.match_code(user, now, now=NOW) is not None
    assert factors.match_code(user, code_for(user, steps=-1), now=NOW) is None


def test_S14_a_code_that_opened_the_door_confirms_nothing(client):
    user = make_person_with_app()
    enter(client, user)

    client.post("/account/confirm/", {"code": code_for(user)}, **HERE)

    assert history("step_up") == [("step_up", False, "code used before")]


@pytest.mark.parametrize("typed", ["{0} {1}", " {0}-{1} ", "{0}{1}"])
def test_S14_blanks_and_hyphens_in_a_code_do_not_matter(client, typed):
    user = make_person_with_app()
    code = code_for(user)
    sign_in(client, user.email)

    send_code(client, typed.format(code[:3], code[3:]))

    assert is_in(client)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "١٢٣٤٥٦", "x" * 40, "x" * 41, "\x00", "None", "😀"])
def test_S14_what_is_no_code_is_refused(client, caplog, typed):
    user = make_person_with_app()
    sign_in(client, user.email)

    assert send_code(client, typed).status_code == 200
    assert not is_in(client)
    security_lines(caplog)


# --- S15: backup codes -------------------------------------------------------------------------


def test_S15_a_backup_code_is_good_once_and_the_others_stay(caplog):
    user = make_person_with_app()
    codes = give_backup_codes(user)
    first, second, third = Client(), Client(), Client()
    for client, code in ((first, codes[0]), (second, codes[0]), (third, codes[1])):
        sign_in(client, user.email)
        send_code(client, code)

    assert [is_in(each) for each in (first, second, third)] == [True, False, True]
    assert factors.backup_codes_left(user) == 8
    assert logged(caplog)[-3:] == ["session_created", "authn_token_reuse", "authn_login_successafterfail"]


def test_S15_a_backup_code_has_80_bits_and_is_kept_as_a_keyed_hash():
    user = make_person_with_app()
    codes = give_backup_codes(user)

    bare = [code.replace("-", "").replace(" ", "") for code in codes]
    assert [len(base64.b32decode(code)) for code in bare] == [10] * 10
    assert len(set(bare)) == 10
    stored = " ".join(BackupCode.objects.values_list("digest", flat=True)).upper()
    assert [code for code in bare if code in stored] == []


def test_S15_a_backup_code_may_be_typed_small_and_in_groups(client):
    user = make_person_with_app()
    code = give_backup_codes(user)[0].replace("-", "").lower()
    sign_in(client, user.email)

    send_code(client, " ".join(code[at : at + 4] for at in range(0, 16, 4)))

    assert is_in(client)


def test_S15_new_backup_codes_end_the_old_ones():
    user = make_person_with_app()
    old, new = give_backup_codes(user)[0], give_backup_codes(user)[0]

    assert factors.match_code(user, old, now=NOW) is None
    assert factors.match_code(user, new, now=NOW) is not None


def test_S15_backup_codes_of_another_person_are_wrong():
    ana, ben = make_person_with_app(email="ana@label.example"), make_person_with_app(email="ben@label.example")
    codes = give_backup_codes(ben)

    assert factors.match_code(ana, codes[0], now=NOW) is None


def test_S15_when_three_are_left_the_owner_is_told(clock):
    user = make_person_with_app()
    codes = give_backup_codes(user)
    told = []
    for number, code in enumerate(codes):
        client = Client()
        sign_in(client, user.email, at=f"198.51.100.{number}")
        send_code(client, code, at=f"198.51.100.{number}")
        told.append(mails_to(user).count("few_codes"))

    assert told == [0, 0, 0, 0, 0, 0, 1, 2, 3, 4]
    body = mailing.render_mail(AccountMail.objects.filter(kind="few_codes").earliest("pk")).body
    assert "3 are left" in body


def test_S15_backup_codes_alone_are_no_factor():
    user = make_person()
    give_backup_codes(user)

    assert not factors.has_factor(user)


# --- Codes by mail -----------------------------------------------------------------------------


def person_with_mail_codes():
    user = make_person("editor")
    EmailFactor.objects.create(user=user, name="E-mail codes", created_at=NOW)
    return user


def ask_for_code(client, user):
    sign_in(client, user.email)
    client.post(reverse("accounts:email_code"), **HERE)
    return code_from(last_mail(user, "code").facts["salt"])


@pytest.mark.parametrize(
    ("later", "is_right"), [(timedelta(minutes=10) - SECOND, True), (timedelta(minutes=10), False)]
)
def test_S14_a_mailed_code_lives_for_ten_minutes(client, clock, later, is_right):
    user = person_with_mail_codes()
    code = ask_for_code(client, user)
    clock.move_to(NOW + later, tick=False)
    sign_in(client, user.email)

    send_code(client, code)

    assert is_in(client) is is_right


def test_S14_a_mailed_code_is_good_once_and_a_new_one_ends_it(client, clock):
    user = person_with_mail_codes()
    old = ask_for_code(client, user)
    clock.move_to(NOW + timedelta(seconds=60), tick=False)
    new = ask_for_code(client, user)

    assert factors.match_code(user, old, now=NOW) is None
    assert factors.match_code(user, new, now=NOW) is not None
    assert factors.match_code(user, new, now=NOW) is None


@pytest.mark.parametrize(("seconds", "mails"), [(59, 1), (60, 2)])
def test_S14_codes_are_mailed_once_a_minute(client, clock, seconds, mails):
    user = person_with_mail_codes()
    ask_for_code(client, user)
    clock.move_to(NOW + timedelta(seconds=seconds), tick=False)

    ask_for_code(client, user)

    assert mails_to(user) == ["code"] * mails


def test_S14_a_mailed_code_stands_in_no_row():
    user = person_with_mail_codes()
    code = ask_for_code(Client(), user)
    rows = [*EmailFactor.objects.values_list("salt", flat=True), *AccountMail.objects.values_list("facts", flat=True)]

    assert code not in str(rows)
    assert code in mailing.render_mail(last_mail(user, "code")).body


# --- S16: no way round -------------------------------------------------------------------------


def test_S16_a_reset_password_still_asks_the_factor(client, caplog):
    user = make_person_with_app()
    elsewhere = Client()
    enter(elsewhere, user)
    trust(elsewhere, user)
    client.post(reverse("accounts:recover"), {"email": user.email})
    client.get(link_in(last_mail(user, "reset")))

    done = client.post(reverse("accounts:reset"), {"password": "another one of mine"})

    assert (done["Location"], is_in(client)) == ("/account/sign-in/", False)
    assert elsewhere.get("/account/", **HERE).status_code == 302
    assert TrustedDevice.objects.filter(revoked_at=None).count() == 0
    assert UserSession.objects.filter(user=user).count() == 0
    answer = sign_in(client, user.email, "another one of mine")
    assert (answer["Location"], is_in(client)) == ("/account/sign-in/factor/", False)
    assert mails_to(user) == ["reset", "password_changed"]
    assert "authn_password_change" in logged(caplog)


def test_S16_a_reset_lifts_the_lock_and_works_once(client):
    user = make_person()
    fail(5, user.email)
    client.post(reverse("accounts:recover"), {"email": user.email}, REMOTE_ADDR=CAFE)
    address = link_in(last_mail(user, "reset"))
    client.get(address)
    client.post(reverse("accounts:reset"), {"password": "another one of mine"}, REMOTE_ADDR=CAFE)

    again = client.get(address, follow=True)

    assert again.status_code == 410
    assert sign_in(client, user.email, "another one of mine", at=HOME).status_code == 302


@pytest.mark.parametrize(("later", "status"), [(timedelta(hours=2) - SECOND, 200), (timedelta(hours=2), 410)])
def test_S16_a_reset_link_works_for_two_hours(client, clock, later, status):
    user = make_person()
    client.post(reverse("accounts:recover"), {"email": user.email})
    address = link_in(last_mail(user, "reset"))
    clock.move_to(NOW + later, tick=False)

    assert client.get(address, follow=True).status_code == status


def test_S16_a_newer_link_ends_the_older(client, clock):
    user = make_person()
    client.post(reverse("accounts:recover"), {"email": user.email}, REMOTE_ADDR=HOME)
    old = link_in(last_mail(user, "reset"))
    clock.move_to(NOW + timedelta(minutes=5), tick=False)
    client.post(reverse("accounts:recover"), {"email": user.email}, REMOTE_ADDR=HOME)
    new = link_in(last_mail(user, "reset"))

    assert [Client().get(each, follow=True).status_code for each in (old, new)] == [410, 200]


@pytest.mark.parametrize("purpose", ["invite", "activate", "unlock"])
def test_S16_a_link_for_one_purpose_is_dead_for_every_other(client, purpose, caplog):
    user = make_person()
    client.post(reverse("accounts:recover"), {"email": user.email})
    token = link_in(last_mail(user, "reset")).split("/")[-2]

    answer = client.get(f"/account/link/{purpose}/{token}/", follow=True)

    assert answer.status_code == 410
    assert logged(caplog)[-1] == "authn_token_reuse"


def test_S16_who_guesses_links_is_locked_out(caplog):
    statuses = [Client().get(f"/account/link/reset/guess{each}/", follow=True).status_code for each in range(6)]

    assert statuses == [410] * 5 + [429]
    assert "authn_login_lock" in logged(caplog)


def test_S16_a_second_admin_takes_lost_factors_away_and_the_owner_hears_of_it(caplog):
    ana, ben = make_person_with_app(email="ana@label.example"), make_person_with_app(email="ben@label.example")
    browser = Client()
    enter(browser, ben)

    factors.reset_factors(ben, by=ana, now=NOW)

    assert not factors.has_factor(ben)
    assert browser.get("/account/", **HERE)["Location"].startswith("/account/sign-in/")
    assert mails_to(ben) == ["factors_reset"]
    assert "authz_admin" in logged(caplog)
    assert sign_in(Client(), ben.email)["Location"] == "/account/security/factor/"


def test_S16_nobody_takes_the_last_factor_of_the_admins_away():
    ana, ben = make_person_with_app(email="ana@label.example"), make_person("admin", email="ben@label.example")

    with pytest.raises(ValidationError) as refusal:
        factors.reset_factors(ana, by=ben, now=NOW)
    with pytest.raises(ValidationError) as own:
        factors.reset_factors(ana, by=ana, now=NOW)
    with pytest.raises(ValidationError) as last:
        factors.remove_factor(AuthenticatorApp.objects.get(), keep_session=None, now=NOW)

    assert (refusal.value.code, own.value.code, last.value.code) == (
        "last_admin_with_factor",
        "own_factors",
        "last_factor",
    )
    assert factors.has_factor(ana)


def test_S16_an_admin_starts_a_reset_that_changes_nothing_by_itself(client, caplog):
    ana, ben = make_person_with_app(email="ana@label.example"), make_person("editor", email="ben@label.example")

    recovering.start_reset(ben, by=ana, reason="lost her phone", now=NOW)

    assert (mails_to(ben), AccountLink.objects.get().requested_by) == (["reset"], ana)
    assert User.objects.get(pk=ben.pk).check_password(PASSWORD)
    assert logged(caplog) == ["authz_admin"]
