"""One's own account: profile, password, factors, devices, sessions. What is somebody else's is not found."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from accounts import factors
from accounts.models import AuthenticatorApp, BackupCodeSheet, EmailFactor, User, UserSession
from accounts.trusted_devices import trust_device
from tests.accounts.rows import (
    FIREFOX,
    LAPTOP,
    OTHER_PASSWORD,
    PASSWORD,
    SECOND,
    add_app,
    add_device,
    add_email_factor,
    add_session,
    app_code,
    attempts,
    audited,
    mailed_code,
    mails,
)
from tests.admin_pages import messages_of, sign_in
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db

SECURITY = "/account/security/"
LATER = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    return lambda at: time_machine.move_to(at, tick=False)


@pytest.fixture
def ben():
    return make_user("editor", email="ben@label.example")


@pytest.fixture
def cem():
    """Somebody else, with one of everything."""
    cem = make_user("viewer", email="cem@label.example")
    add_app(cem)
    add_session(cem)
    add_device(cem)
    return cem


@pytest.fixture
def page(client, ben):
    """Ben's browser, his proof fresh."""
    sign_in(client, ben)
    return client


def stale(user, *, seconds=301):
    """A browser whose owner proved so long ago that it is she."""
    client = Client()
    sign_in(client, user)
    session = client.session
    session["confirmed_at"] -= seconds
    session.save()
    return client


def here(client):
    return UserSession.objects.get(pk=client.session._find(NOW).pk)


# --- Profile -----------------------------------------------------------------------------------


def test_profile_is_changed(page, ben):
    data = {"first_name": "Ben", "last_name": "Øst", "language": "fr", "time_format": "24"}

    response = page.post("/account/", data)

    assert (response.status_code, response["Location"]) == (302, "/account/")
    assert User.objects.values(*data).get(pk=ben.pk) == data
    assert audited()[-1] == ("user.updated", "Ben Øst")


@pytest.mark.parametrize("field", ["role", "email", "is_active", "is_scoped", "require_2fa", "password", "id"])
def test_profile_refuses_fields_that_it_does_not_have(page, ben, field):
    before = User.objects.values().get(pk=ben.pk)

    response = page.post("/account/", {"first_name": "Ben", field: "admin"})

    assert response.context["form"].non_field_errors() == ["This form was sent with fields that it does not have."]
    assert User.objects.values().get(pk=ben.pk) == before


def test_profile_says_what_is_wrong_beside_the_field(page):
    response = page.post("/account/", {"first_name": "x" * 61, "language": "de"})

    assert response.context["form"].errors == {
        "first_name": ["Ensure this value has at most 60 characters (it has 61)."],
        "language": ["Select a valid choice. de is not one of the available choices."],
    }


# --- Security ----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_security_page_takes_the_same_queries_for_one_and_for_three(page, ben, django_assert_num_queries, count):
    for _ in range(count):
        add_app(ben)
    for _ in range(count):
        add_session(ben)
        add_device(ben)
    factors.make_backup_codes(ben, now=NOW)
    page.get(SECURITY)

    # session, person, active; four kinds of factors; sheet and codes; begun e-mail factor; devices; sessions
    with django_assert_num_queries(10):
        response = page.get(SECURITY)

    assert (len(response.context["factors"]), len(response.context["sessions"])) == (count + 1, count + 1)


def test_security_page_lists_her_own_and_nobody_elses(page, ben, cem):
    app = add_app(ben, name="My phone")
    device = add_device(ben)
    add_session(ben, device="Safari on iPhone")
    add_session(ben, device="too long ago", now=NOW - timedelta(minutes=30))
    add_session(ben, device="just in time", now=NOW - timedelta(minutes=30) + SECOND)
    UserSession.objects.filter(pk=here(page).pk).update(device="here", address="127.0.0.1")

    context = page.get(SECURITY).context

    assert context["factors"] == [("app", app)]
    assert context["devices"] == [device]
    assert [(session.device, is_this, place) for session, is_this, place in context["sessions"]] == [
        ("Safari on iPhone", False, "another network (203.0.113.7)"),
        ("here", True, "the network you are on now"),
        ("just in time", False, "another network (203.0.113.7)"),
    ]


@pytest.mark.parametrize(("used", "is_warned"), [(6, False), (7, True), (10, True)])
def test_security_page_warns_from_three_backup_codes_left_on(page, ben, used, is_warned):
    add_app(ben)
    for code in factors.make_backup_codes(ben, now=NOW)[:used]:
        assert factors.match_code(ben, code, now=LATER)

    text = page.get(SECURITY).content.decode()

    assert ("Make new ones before they run out." in text) is is_warned
    assert f"{10 - used} codes left" in text


# --- Password ----------------------------------------------------------------------------------


def test_password_is_changed_and_other_sessions_end(page, ben):
    add_session(ben)
    device = add_device(ben)
    before = page.cookies[settings.SESSION_COOKIE_NAME].value

    response = page.post(f"{SECURITY}password/", {"current_password": PASSWORD, "password": OTHER_PASSWORD})

    assert (response.status_code, response["Location"]) == (302, SECURITY)
    assert page.cookies[settings.SESSION_COOKIE_NAME].value != before
    assert page.get(SECURITY).status_code == 200  # she stays
    device.refresh_from_db()
    assert (ben.sessions.count(), device.revoked_at) == (1, NOW)
    assert User.objects.get(pk=ben.pk).check_password(OTHER_PASSWORD)
    assert mails() == [("password_changed", "ben@label.example")]


@pytest.mark.parametrize(
    ("now", "new", "errors"),
    [
        ("wrong", OTHER_PASSWORD, {"current_password": ["This is not your password."]}),
        (PASSWORD, PASSWORD, {"password": ["This is the password you have now. Choose another one."]}),
        (PASSWORD, "short", {"password": ["This password is too short. It must contain at least 12 characters."]}),
    ],
)
def test_password_that_will_not_do_is_refused_beside_the_field(page, ben, now, new, errors):
    add_session(ben)

    response = page.post(f"{SECURITY}password/", {"current_password": now, "password": new})

    assert response.context["form"].errors == errors
    assert User.objects.get(pk=ben.pk).check_password(PASSWORD)
    assert ben.sessions.count() == 2


def test_password_guessed_at_her_own_page_locks_the_account(page):
    data = {"current_password": "wrong", "password": OTHER_PASSWORD}

    statuses = [page.post(f"{SECURITY}password/", data).status_code for _ in range(6)]

    assert statuses == [200] * 5 + [429]


# --- The fresh proof ---------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (300, 200), (301, 403)])
def test_proof_is_fresh_for_five_minutes(ben, seconds, status):
    assert stale(ben, seconds=seconds).get(f"{SECURITY}factor/app/").status_code == status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "factor/app/"),
        ("post", "factor/app/"),
        ("get", "factor/email/"),
        ("post", "factor/email/"),
        ("post", "factor/passkey/begin/"),
        ("post", "factor/passkey/finish/"),
        ("get", "factor/app/{}/name/"),
        ("post", "factor/app/{}/name/"),
        ("get", "factor/app/{}/remove/"),
        ("post", "factor/app/{}/remove/"),
        ("post", "codes/"),
    ],
)
def test_changing_factors_needs_a_fresh_proof(ben, method, path):
    app = add_app(ben)
    add_app(ben)
    client, before = stale(ben), (audited(), mails())

    response = getattr(client, method)(SECURITY + path.format(app.pk), {"name": "x", "code": "123456"})

    assert response.status_code == 403
    assert (audited(), mails()) == before
    assert BackupCodeSheet.objects.count() == 0


@pytest.mark.parametrize("proof", ["password", "code"])
def test_confirming_makes_the_proof_fresh(ben, clock, proof):
    app = add_app(ben)
    clock(LATER)
    client = stale(ben)
    value = PASSWORD if proof == "password" else app_code(app, LATER)

    response = client.post("/account/confirm/", {proof: value, "next": f"{SECURITY}factor/app/"})

    assert (response.status_code, response["Location"]) == (302, f"{SECURITY}factor/app/")
    assert client.get(response["Location"]).status_code == 200
    assert attempts()[-1] == ("step_up", True, proof)


@pytest.mark.parametrize("data", [{"password": "wrong"}, {"code": "000000"}, {}, {"password": PASSWORD, "role": "x"}])
def test_confirming_with_what_is_not_right_changes_nothing(ben, data):
    add_app(ben)
    client = stale(ben)

    response = client.post("/account/confirm/", {**data, "next": SECURITY})

    assert (response.status_code, response.context["error"]) == (200, "That was not right. Try again.")
    assert client.get(f"{SECURITY}factor/app/").status_code == 403


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example", ""]
)
def test_confirming_leads_nowhere_else(ben, wanted):
    response = stale(ben).post("/account/confirm/", {"password": PASSWORD, "next": wanted})

    assert response["Location"] == "/admin/"


# --- Factors -----------------------------------------------------------------------------------


def test_app_is_added_and_backup_codes_are_shown_once(page, ben):
    first = page.get(f"{SECURITY}factor/app/")
    secret = first.context["secret"].replace(" ", "") if "secret" in first.context else ""
    sealed = page.session["app_secret"]
    app = factors.app_with(sealed, ben, now=NOW)
    assert factors.app_secret(app).replace(" ", "").startswith(secret)

    response = page.post(f"{SECURITY}factor/app/", {"code": app_code(app, NOW), "name": "My phone"})

    assert (response.status_code, response["Location"]) == (302, f"{SECURITY}codes/show/")
    assert [device.name for device in factors.factors_of(ben)] == ["My phone", "Backup codes"]
    codes = page.get(f"{SECURITY}codes/show/").context["codes"]
    assert len(codes) == 10
    assert factors.match_code(ben, codes[0], now=LATER).name == "Backup codes"
    assert page.get(f"{SECURITY}codes/show/").context["codes"] == codes  # she closed the browser, and comes back
    assert page.post(f"{SECURITY}codes/show/")["Location"] == SECURITY
    assert page.get(f"{SECURITY}codes/show/")["Location"] == SECURITY
    assert codes[1] not in str(list(UserSession.objects.values()))


def test_app_is_not_added_by_a_wrong_code(page, ben):
    page.get(f"{SECURITY}factor/app/")

    response = page.post(f"{SECURITY}factor/app/", {"code": "000000x", "name": ""})

    assert (response.status_code, list(response.context["form"].errors)) == (200, ["code"])
    assert AuthenticatorApp.objects.count() == 0


def test_email_codes_are_added(page, ben):
    page.post(f"{SECURITY}factor/email/")

    response = page.post(f"{SECURITY}factor/email/", {"code": mailed_code(ben)})

    assert response["Location"] == f"{SECURITY}codes/show/"
    assert EmailFactor.objects.get().confirmed


def test_email_codes_are_added_once(page, ben):
    add_email_factor(ben)

    response = page.post(f"{SECURITY}factor/email/", follow=True)

    assert messages_of(response) == ["E-mail codes are switched on already."]


def test_factor_is_renamed_and_removed(page, ben):
    app = add_app(ben)
    add_session(ben)

    assert page.post(f"{SECURITY}factor/app/{app.pk}/name/", {"name": "My phone"})["Location"] == SECURITY
    assert "My phone" in page.get(f"{SECURITY}factor/app/{app.pk}/remove/").content.decode()
    response = page.post(f"{SECURITY}factor/app/{app.pk}/remove/", follow=True)

    assert messages_of(response) == ["Removed. You are signed out everywhere else."]
    assert (AuthenticatorApp.objects.count(), ben.sessions.count()) == (0, 1)


def test_last_factor_of_an_admin_is_not_removed(client):
    ana = make_user("admin")
    app = add_app(ana)
    sign_in(client, ana)

    response = client.post(f"{SECURITY}factor/app/{app.pk}/remove/", follow=True)

    assert messages_of(response) == ["Your account needs a second factor. Add another one before you remove the last."]
    assert factors.has_factor(ana)


@pytest.mark.parametrize("kind", ["app", "email", "codes", "passkey", "nonsense"])
def test_factor_of_somebody_else_is_not_found(page, cem, kind):
    add_email_factor(cem)
    factors.make_backup_codes(cem, now=NOW)
    numbers = {
        "app": AuthenticatorApp.objects.get().pk,
        "email": EmailFactor.objects.get().pk,
        "codes": BackupCodeSheet.objects.get().pk,
    }
    path = f"{SECURITY}factor/{kind}/{numbers.get(kind, 1)}"

    for act in ("name", "remove"):
        assert [page.get(f"{path}/{act}/").status_code, page.post(f"{path}/{act}/", {"name": "x"}).status_code] == [
            404,
            404,
        ]
    assert [device.name for device in factors.factors_of(cem)] == ["Phone", "E-mail codes", "Backup codes"]


def test_new_backup_codes_take_the_place_of_the_old(page, ben):
    old = factors.make_backup_codes(ben, now=NOW)

    assert page.post(f"{SECURITY}codes/")["Location"] == f"{SECURITY}codes/show/"
    new = page.get(f"{SECURITY}codes/show/").context["codes"]

    assert [bool(factors.match_code(ben, code, now=LATER)) for code in (old[0], new[0])] == [False, True]


# --- Devices and sessions ----------------------------------------------------------------------


def test_device_and_all_devices_are_revoked(page, ben, cem):
    first, _second = add_device(ben), add_device(ben)

    assert page.post(f"{SECURITY}devices/{first.pk}/revoke/")["Location"] == SECURITY
    assert ben.trusted_devices.filter(revoked_at=None).count() == 1
    page.post(f"{SECURITY}devices/revoke/")
    assert ben.trusted_devices.filter(revoked_at=None).count() == 0
    assert cem.trusted_devices.filter(revoked_at=None).count() == 1


def test_session_and_all_others_are_ended(page, ben, cem):
    first, *_ = [add_session(ben) for _ in range(3)]

    assert page.post(f"{SECURITY}sessions/{first.pk}/end/")["Location"] == SECURITY
    assert ben.sessions.count() == 3
    page.post(f"{SECURITY}sessions/end/")
    assert list(ben.sessions.all()) == [here(page)]
    assert page.get(SECURITY).status_code == 200
    assert cem.sessions.count() == 1


def test_device_and_session_of_somebody_else_are_not_found(page, cem):
    device, session = cem.trusted_devices.get(), cem.sessions.get()

    assert page.post(f"{SECURITY}devices/{device.pk}/revoke/").status_code == 404
    assert page.post(f"{SECURITY}sessions/{session.pk}/end/").status_code == 404

    assert (cem.trusted_devices.filter(revoked_at=None).count(), cem.sessions.count()) == (1, 1)


@pytest.mark.parametrize("path", ["devices/1/revoke/", "devices/revoke/", "sessions/1/end/", "sessions/end/", "codes/"])
def test_nothing_is_ended_by_a_link(page, path):
    assert page.get(SECURITY + path).status_code == 405


def test_trusted_device_is_not_asked_for_thirty_days_and_then_is(client, ben, clock):
    add_app(ben)
    _device, token = trust_device(ben, LAPTOP, now=NOW)
    data = {"email": ben.email, "password": PASSWORD}
    led_to = []
    for after in (timedelta(days=30) - SECOND, timedelta(days=30)):
        clock(NOW + after)
        browser = Client(headers={"User-Agent": FIREFOX})
        browser.cookies[settings.DEVICE_COOKIE_NAME] = token
        led_to.append(browser.post("/account/sign-in/", data)["Location"])

    assert led_to == ["/admin/", "/account/sign-in/factor/"]


def test_device_is_trusted_by_ticking_a_box_at_the_second_factor(client, ben, clock):
    app = add_app(ben)
    clock(LATER)
    client.post("/account/sign-in/", {"email": ben.email, "password": PASSWORD})

    client.post("/account/sign-in/factor/", {"code": app_code(app, LATER), "remember": "on"})

    cookie = client.cookies[settings.DEVICE_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 30 * 24 * 60 * 60)
    assert ben.trusted_devices.get().expires_at == LATER + timedelta(days=30)
    client.post("/account/sign-out/")
    response = client.post("/account/sign-in/", {"email": ben.email, "password": PASSWORD})
    assert response["Location"] == "/admin/"
