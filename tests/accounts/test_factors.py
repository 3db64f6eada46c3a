"""Second factors: which code is right and when, and what ends when a factor comes or goes.

Passkeys are walked through in a browser: tests/e2e.
"""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django_otp_webauthn.models import WebAuthnCredential

from accounts import factors
from accounts.models import AuditEntry, AuthenticatorApp, AuthEvent, BackupCode, EmailFactor
from accounts.signing_in import check_code
from tests.accounts.rows import (
    LAPTOP,
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
from tests.factories import NOW, make_admin, make_user

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)  # a code of the enrolment is not the one of now any more
MINUTE = timedelta(minutes=1)
NOT_RIGHT = ["This code is not right. Wait for the next one and check that the phone's clock is right."]
NOT_RIGHT_MAILED = ["This code is not right, or older than 10 minutes. Ask for a new one."]


@pytest.fixture
def ben():
    return make_user("editor", email="ben@label.example")


def add_passkey(user, name="Key"):
    return WebAuthnCredential.objects.create(
        user=user, name=name, confirmed=True, credential_id=name.encode(), public_key=b"key", sign_count=0
    )


def refusal_of(act, *args, **kwargs):
    with pytest.raises(ValidationError) as refusal:
        act(*args, **{"now": NOW, **kwargs})
    return refusal.value.messages


def names(user):
    return [str(device.name) for device in factors.factors_of(user)]


def match(user, typed, *, now=LATER):
    device = factors.match_code(user, typed, now=now)
    return device.name if device else None


# --- Authenticator apps ------------------------------------------------------------------------


def test_app_becomes_a_factor_by_a_right_code(ben):
    app = factors.new_app(ben, now=NOW)
    assert (names(ben), factors.has_factor(ben)) == ([], False)

    factors.add_app(app, app_code(app, NOW), name="Phone", now=NOW)

    assert (names(ben), factors.has_factor(ben)) == (["Phone"], True)
    assert mails() == [("factor_added", "ben@label.example")]
    assert attempts() == [("enrolment", True, "enrolled")]
    assert AuditEntry.objects.values("action", "user_id", "object_id", "after").get() == {
        "action": "factor.enrolled",
        "user_id": ben.pk,
        "object_id": str(ben.pk),
        "after": {"factor": "Phone"},
    }


@pytest.mark.parametrize("typed", ["", "000000x", "12345", "１２３４５６"])
def test_app_does_not_become_a_factor_by_a_wrong_code(ben, typed):
    app = factors.new_app(ben, now=NOW)

    assert refusal_of(factors.add_app, app, typed, name="Phone") == NOT_RIGHT

    assert (names(ben), mails()) == ([], [])


def test_app_without_a_name_gets_one(ben):
    add_app(ben, name="")

    assert names(ben) == ["Authenticator app"]


@pytest.mark.parametrize(("steps", "name"), [(-2, None), (-1, "Phone"), (0, "Phone"), (1, None)])
def test_app_code_is_right_for_its_half_minute_and_the_next(ben, steps, name):
    app = add_app(ben)

    assert match(ben, app_code(app, LATER, steps=steps)) == name


def test_app_code_is_right_once_and_none_before_it_is_after_it(ben):
    app = add_app(ben)
    code, before = app_code(app, LATER), app_code(app, LATER, steps=-1)

    assert [match(ben, typed) for typed in (code, code, before)] == ["Phone", None, None]
    assert factors.was_used(ben, code, now=LATER)
    app.refresh_from_db()
    assert app.last_used_at == LATER


def test_app_code_of_the_enrolment_is_used_up(ben):
    app = add_app(ben)

    assert match(ben, app_code(app, NOW), now=NOW) is None


def test_app_code_may_be_typed_with_blanks(ben):
    code = app_code(add_app(ben), LATER)

    assert match(ben, f" {code[:3]} {code[3:]} ") == "Phone"


def test_app_code_of_somebody_else_is_wrong(ben):
    app = add_app(make_user("viewer"))
    add_app(ben)

    assert match(ben, app_code(app, LATER)) is None


def test_app_secret_is_kept_encrypted_and_read_for_the_picture(ben):
    app = add_app(ben)

    secret = factors.app_secret(app)
    assert len(secret.replace(" ", "")) == 32  # 160 bits
    assert secret.replace(" ", "") not in str(AuthenticatorApp.objects.values().get())
    assert factors.app_address(app) == (
        f"otpauth://totp/SetTimes:ben%40label.example?secret={secret.replace(' ', '')}"
        "&issuer=SetTimes&digits=6&period=30"
    )
    assert factors.app_picture(app).startswith("<svg")


def test_app_whose_key_was_lost_opens_nothing(ben, settings):
    app = add_app(ben)
    code = app_code(app, LATER)

    settings.SECRET_KEY = "another key"

    assert match(ben, code) is None


def test_apps_are_ten_at_most(ben):
    for number in range(factors.MOST_OF_A_KIND):
        add_app(ben, name=str(number))
    app = factors.new_app(ben, now=NOW)

    assert refusal_of(factors.add_app, app, app_code(app, NOW), name="one more") == [
        "You have 10 of these already. Remove one you do not use."
    ]

    assert len(names(ben)) == 10


# --- Backup codes ------------------------------------------------------------------------------


def test_backup_codes_are_ten_and_each_is_good_once(ben):
    codes = factors.make_backup_codes(ben, now=NOW)

    assert (len(codes), len(set(codes)), factors.backup_codes_left(ben)) == (10, 10, 10)
    assert [match(ben, code) for code in codes] == ["Backup codes"] * 10
    assert [match(ben, code) for code in codes] == [None] * 10
    assert all(factors.was_used(ben, code, now=LATER) for code in codes)
    assert factors.backup_codes_left(ben) == 0


def test_backup_codes_are_kept_as_hashes(ben):
    codes = factors.make_backup_codes(ben, now=NOW)

    kept = str(list(BackupCode.objects.values()))
    assert [code for code in codes if code in kept or code.replace("-", "") in kept] == []
    assert len(codes[0].replace("-", "")) == 16  # 80 bits


def test_backup_codes_may_be_typed_in_small_letters_and_without_hyphens(ben):
    first, second, *_ = factors.make_backup_codes(ben, now=NOW)

    assert [match(ben, typed) for typed in (first.replace("-", ""), second.lower())] == ["Backup codes"] * 2


def test_backup_codes_of_a_new_sheet_take_the_place_of_the_old(ben):
    old = factors.make_backup_codes(ben, now=NOW)
    match(ben, old[0])

    new = factors.make_backup_codes(ben, now=NOW)

    assert factors.backup_codes_left(ben) == 10
    assert [match(ben, code) for code in (old[1], new[0])] == [None, "Backup codes"]


def test_backup_codes_of_somebody_else_are_wrong(ben):
    codes = factors.make_backup_codes(make_user("viewer"), now=NOW)
    factors.make_backup_codes(ben, now=NOW)

    assert match(ben, codes[0]) is None


def test_backup_codes_alone_are_no_second_factor(ben):
    assert factors.backup_codes_left(ben) is None

    factors.make_backup_codes(ben, now=NOW)

    assert (names(ben), factors.has_factor(ben)) == (["Backup codes"], False)


def test_backup_codes_that_run_out_are_told_of_from_three_left_on(ben):
    codes = factors.make_backup_codes(ben, now=NOW)
    told = []

    for code in codes:
        assert check_code(ben, code, client=LAPTOP, kind=AuthEvent.Kind.FACTOR, now=LATER)
        told.append([mail.facts["left"] for mail in ben.mails.filter(kind="few_codes").order_by("pk")])

    assert told == [*[[]] * 6, ["3"], ["3", "2"], ["3", "2", "1"], ["3", "2", "1", "0"]]


# --- Codes by mail -----------------------------------------------------------------------------


def test_email_codes_become_a_factor_by_the_first_one(ben):
    factors.begin_email_factor(ben, now=NOW)
    assert (factors.has_factor(ben), match(ben, mailed_code(ben), now=NOW)) == (False, None)

    factors.add_email_factor(ben, mailed_code(ben), now=NOW)

    assert (names(ben), factors.has_factor(ben)) == (["E-mail codes"], True)
    assert mails() == [("code", "ben@label.example"), ("factor_added", "ben@label.example")]


def test_email_codes_are_switched_on_once(ben):
    add_email_factor(ben)

    assert refusal_of(factors.begin_email_factor, ben, now=LATER) == ["E-mail codes are switched on already."]

    assert EmailFactor.objects.count() == 1


def test_email_factor_begun_again_goes_on_with_a_new_code(ben):
    factors.begin_email_factor(ben, now=NOW)
    first = mailed_code(ben)
    factors.begin_email_factor(ben, now=NOW + MINUTE)

    assert refusal_of(factors.add_email_factor, ben, first, now=NOW + MINUTE) == NOT_RIGHT_MAILED
    factors.add_email_factor(ben, mailed_code(ben), now=NOW + MINUTE)
    assert factors.has_factor(ben)


@pytest.mark.parametrize(
    ("after", "name"), [(10 * MINUTE - SECOND, "E-mail codes"), (10 * MINUTE, None), (10 * MINUTE + SECOND, None)]
)
def test_email_code_works_for_ten_minutes(ben, after, name):
    add_email_factor(ben)
    factors.send_email_code(ben, now=LATER)

    assert match(ben, mailed_code(ben), now=LATER + after) == name


@pytest.mark.parametrize(("after", "is_added"), [(10 * MINUTE - SECOND, True), (10 * MINUTE, False)])
def test_first_email_code_works_for_ten_minutes(ben, after, is_added):
    factors.begin_email_factor(ben, now=NOW)

    if is_added:
        factors.add_email_factor(ben, mailed_code(ben), now=NOW + after)
    else:
        assert refusal_of(factors.add_email_factor, ben, mailed_code(ben), now=NOW + after) == NOT_RIGHT_MAILED

    assert factors.has_factor(ben) is is_added


@pytest.mark.parametrize(("after", "is_sent"), [(MINUTE - SECOND, False), (MINUTE, True)])
def test_email_code_is_sent_at_most_once_a_minute(ben, after, is_sent):
    add_email_factor(ben)
    assert factors.send_email_code(ben, now=LATER)
    first = mailed_code(ben)

    assert factors.send_email_code(ben, now=LATER + after) is is_sent

    assert (mailed_code(ben) != first) is is_sent
    assert match(ben, first, now=LATER + after) == (None if is_sent else "E-mail codes")


def test_email_code_works_once(ben):
    add_email_factor(ben)
    factors.send_email_code(ben, now=LATER)
    code = mailed_code(ben)

    assert [match(ben, code), match(ben, code)] == ["E-mail codes", None]


def test_email_code_is_not_sent_to_who_has_not_asked_for_them(ben):
    assert factors.send_email_code(ben, now=NOW) is False

    assert mails() == []


def test_email_code_is_in_no_table(ben):
    add_email_factor(ben)
    factors.send_email_code(ben, now=LATER)

    rows = [*EmailFactor.objects.values_list("salt"), *ben.mails.values_list("facts")]
    assert mailed_code(ben) not in [str(cell) for row in rows for cell in row]


# --- Names and order ---------------------------------------------------------------------------


def test_factors_are_listed_passkeys_first(ben):
    factors.make_backup_codes(ben, now=NOW)
    add_email_factor(ben)
    add_app(ben)
    add_passkey(ben)

    assert names(ben) == ["Key", "Phone", "E-mail codes", "Backup codes"]


def test_rename_factor_is_written_down(ben):
    app = add_app(ben)

    factors.rename_factor(app, " My phone ", now=NOW)

    assert names(ben) == ["My phone"]
    assert AuditEntry.objects.values("action", "before", "after").first() == {
        "action": "factor.renamed",
        "before": {"name": "Phone"},
        "after": {"name": "My phone"},
    }


@pytest.mark.parametrize("name", ["", "  ", "x" * 65])
def test_rename_factor_refuses_a_name_that_will_not_do(ben, name):
    app = add_app(ben)

    refusal_of(factors.rename_factor, app, name)

    assert names(ben) == ["Phone"]


# --- Coming and going --------------------------------------------------------------------------


def test_new_factor_ends_other_sessions_and_trusted_devices(ben):
    device = add_device(ben)
    session, _other = add_session(ben), add_session(ben)

    add_app(ben)

    device.refresh_from_db()
    assert device.revoked_at == NOW
    assert list(ben.sessions.all()) == [session]


def test_remove_factor_ends_other_sessions_and_all_devices(ben):
    app = add_app(ben)
    add_app(ben, name="Tablet")
    here, _there = add_session(ben), add_session(ben)
    device = add_device(ben)

    factors.remove_factor(app, keep_session=here.pk, now=LATER)

    device.refresh_from_db()
    assert (names(ben), list(ben.sessions.all()), device.revoked_at) == (["Tablet"], [here], LATER)
    assert mails()[-1] == ("factor_removed", "ben@label.example")
    assert audited()[-1] == ("factor.removed", "ben@label.example")


def test_remove_factor_takes_backup_codes_along_with_the_last(ben):
    first, last = add_app(ben), add_app(ben, name="Tablet")
    factors.make_backup_codes(ben, now=NOW)

    factors.remove_factor(first, keep_session=None, now=NOW)
    assert names(ben) == ["Tablet", "Backup codes"]
    factors.remove_factor(last, keep_session=None, now=NOW)

    assert names(ben) == []


@pytest.mark.parametrize("fields", [{"role": "admin"}, {"role": "viewer", "require_2fa": True}])
def test_remove_factor_keeps_the_last_of_somebody_who_needs_one(fields):
    person = make_user(**fields)
    first, last = add_app(person), add_app(person, name="Tablet")
    factors.make_backup_codes(person, now=NOW)
    factors.remove_factor(first, keep_session=None, now=NOW)
    session = add_session(person)

    assert refusal_of(factors.remove_factor, last, keep_session=None) == [
        "Your account needs a second factor. Add another one before you remove the last."
    ]

    assert (names(person), list(person.sessions.all())) == (["Tablet", "Backup codes"], [session])


def test_remove_factor_may_take_backup_codes_of_somebody_who_needs_a_factor():
    ana = make_admin()
    add_app(ana)
    factors.make_backup_codes(ana, now=NOW)

    factors.remove_factor(factors.factors_of(ana)[-1], keep_session=None, now=NOW)

    assert names(ana) == ["Phone"]


def test_reset_factors_takes_everything_away_and_tells_her(ben):
    ana = make_admin()
    add_app(ben)
    add_passkey(ben)
    add_email_factor(ben)
    factors.make_backup_codes(ben, now=NOW)
    add_session(ben)
    device = add_device(ben)

    assert factors.reset_factors(ben, by=ana, reason="lost her phone", now=LATER) == 4

    device.refresh_from_db()
    assert (names(ben), ben.sessions.count(), device.revoked_at) == ([], 0, LATER)
    assert mails()[-1] == ("factors_reset", "ben@label.example")
    assert AuditEntry.objects.values("action", "user_id", "object_id", "before", "reason").first() == {
        "action": "factors.reset",
        "user_id": ana.pk,
        "object_id": str(ben.pk),
        "before": {"factors": "Key, Phone, E-mail codes, Backup codes"},
        "reason": "lost her phone",
    }


def test_reset_factors_takes_a_factor_that_was_only_begun_along(ben):
    factors.begin_email_factor(ben, now=NOW)
    begun = mailed_code(ben)

    factors.reset_factors(ben, by=make_admin(), now=NOW)

    assert refusal_of(factors.add_email_factor, ben, begun) == NOT_RIGHT_MAILED


def test_reset_factors_leaves_oneself_alone():
    ana = make_admin()
    add_app(ana)

    assert refusal_of(factors.reset_factors, ana, by=ana) == ["Remove your own factors on your own page."]

    assert names(ana) == ["Phone"]


@pytest.mark.parametrize("other", ["without", "with codes alone", "editor with", "deactivated with"])
def test_reset_factors_leaves_the_last_admin_who_has_one(other):
    ana = make_admin()
    add_app(ana)
    bea = make_user(
        "editor" if other == "editor with" else "admin",
        email="bea@label.example",
        deactivated_at=NOW if other == "deactivated with" else None,
    )
    if other == "with codes alone":
        factors.make_backup_codes(bea, now=NOW)
    elif other != "without":
        add_app(bea)

    assert refusal_of(factors.reset_factors, ana, by=bea) == [
        "ana@label.example is the last admin with a second factor. Enrol one for another admin first."
    ]

    assert names(ana) == ["Phone"]


def test_reset_factors_of_the_last_admin_is_an_operators_to_do_and_anothers_when_there_is_one():
    ana, bea = make_admin(), make_user("admin", email="bea@label.example")
    add_app(ana)
    add_app(bea)

    assert factors.reset_factors(ana, by=bea, now=NOW) == 1
    assert factors.reset_factors(bea, by=None, now=NOW) == 1
