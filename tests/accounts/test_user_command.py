"""manage.py reset_mfa, end_sessions, deactivate_user and reactivate_user."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.clients import Client
from accounts.factors import factors_of, make_backup_codes
from accounts.links import make_link
from accounts.models import AccountLink, AuditEntry, EmailFactor, TrustedDevice, User, UserSession
from accounts.trusted_devices import trust_device

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
ANA, BO = "ana@label.example", "bo@label.example"
LAST_ADMIN = "This is the last active admin. Make somebody else an admin first."


@pytest.fixture(autouse=True)
def _still_clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ana():
    return User.objects.create_superuser(ANA, PASSWORD)


@pytest.fixture
def bo():
    return User.objects.create_user(BO, PASSWORD, role="editor")


def run(command, *arguments):
    out = io.StringIO()
    call_command(command, *arguments, "--no-color", stdout=out)
    return out.getvalue()


def answers(*command):
    """What a command that is run twice answers in JSON."""
    return [json.loads(run(*command, "--json")) for _ in range(2)]


def failure_of(command, *arguments):
    with pytest.raises(CommandError) as failure:
        run(command, *arguments)
    return str(failure.value), failure.value.returncode


def make_session(user, key):
    return UserSession.objects.create(
        session_key=key, session_data="", user=user, last_seen_at=NOW, expire_date=NOW + timedelta(days=1)
    )


def owners_of_sessions():
    return sorted(UserSession.objects.values_list("user__email", flat=True))


def audited(command):
    rows = AuditEntry.objects.filter(origin__agent=f"manage.py {command}").order_by("pk")
    return list(rows.values_list("action", "object_label", "user_id", "before", "reason"))


# --- Whose? ------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["reset_mfa", "end_sessions", "deactivate_user", "reactivate_user"])
def test_commands_refuse_an_unknown_address_in_a_sentence(ana, command):
    assert failure_of(command, "cy@label.example") == (
        "EMAIL 'cy@label.example': no account has this address. Check how it is spelled; "
        "People in the admin lists all accounts.",
        1,
    )


@pytest.mark.parametrize("command", ["reset_mfa", "deactivate_user"])
def test_commands_refuse_a_reason_that_the_trail_cannot_hold(ana, bo, command):
    run(command, BO, "--reason", "x" * 500)
    assert AuditEntry.objects.first().reason == "x" * 500

    assert failure_of(command, BO, "--reason", "x" * 501) == (
        f"--reason '{'x' * 30}…': this has 501 characters. Use at most 500.",
        1,
    )


# --- reset_mfa ---------------------------------------------------------------------------------


def test_reset_mfa_takes_factors_sessions_and_trusted_devices_of_one_person_away(ana, bo):
    for user in (ana, bo):
        EmailFactor.objects.create(user=user, name="E-mail codes", created_at=NOW)
        make_backup_codes(user, now=NOW)
        trust_device(user, Client("203.0.113.5", "203.0.113.5"), now=NOW)
        make_session(user, f"of {user}")

    assert run("reset_mfa", "ANA@label.example", "--reason", "lost her phone") == (
        "Took 2 second factors of ana@label.example away and signed her out everywhere.\n"
        "She will be led through enrolling a new one at her next sign-in.\n"
    )

    assert ([len(factors_of(user)) for user in (ana, bo)], owners_of_sessions()) == ([0, 2], [BO])
    assert [device.user for device in TrustedDevice.objects.filter(revoked_at__isnull=True)] == [bo]
    assert audited("reset_mfa") == [
        ("factors.reset", ANA, None, {"factors": "E-mail codes, Backup codes"}, "lost her phone")
    ]


def test_reset_mfa_may_run_twice_and_promises_no_enrolling_to_who_needs_none(bo):
    EmailFactor.objects.create(user=bo, name="E-mail codes", created_at=NOW)

    assert run("reset_mfa", BO) == "Took 1 second factor of bo@label.example away and signed her out everywhere.\n"
    assert run("reset_mfa", BO) == "Took 0 second factors of bo@label.example away and signed her out everywhere.\n"


def test_reset_mfa_answers_in_json(ana):
    EmailFactor.objects.create(user=ana, name="E-mail codes", created_at=NOW)
    make_backup_codes(ana, now=NOW)

    assert answers("reset_mfa", "ANA@label.example", "--reason", "lost her phone") == [
        {"email": ANA, "factors": 2},
        {"email": ANA, "factors": 0},
    ]


# --- end_sessions ------------------------------------------------------------------------------


def test_end_sessions_ends_those_of_one_person_and_may_run_twice(ana, bo):
    for user, key in ((ana, "one"), (ana, "two"), (bo, "three")):
        make_session(user, key)

    assert run("end_sessions", ANA) == "Ended 2 sessions of ana@label.example.\n"
    assert run("end_sessions", ANA) == "Ended 0 sessions of ana@label.example.\n"

    assert owners_of_sessions() == [BO]
    assert audited("end_sessions") == [
        ("sessions.ended", ANA, None, {"sessions": 2}, ""),
        ("sessions.ended", ANA, None, {"sessions": 0}, ""),
    ]


def test_end_sessions_answers_in_json(ana):
    make_session(ana, "one")

    assert answers("end_sessions", "ANA@label.example") == [
        {"email": ANA, "sessions": 1},
        {"email": ANA, "sessions": 0},
    ]


# --- deactivate_user, reactivate_user ----------------------------------------------------------


def test_deactivate_user_ends_sessions_devices_and_links_of_one_person(ana, bo):
    for user in (ana, bo):
        make_session(user, f"of {user}")
        trust_device(user, Client("203.0.113.5", "203.0.113.5"), now=NOW)
        make_link(AccountLink.Purpose.RESET, user, now=NOW)

    assert run("deactivate_user", "BO@label.example", "--reason", "left the label") == (
        "bo@label.example is deactivated; her sessions, trusted devices and links have ended.\n"
    )

    bo.refresh_from_db()
    assert (bo.is_active, bo.deactivated_at, owners_of_sessions()) == (False, NOW, [ANA])
    assert [device.user for device in TrustedDevice.objects.filter(revoked_at__isnull=True)] == [ana]
    assert [link.user for link in AccountLink.objects.open(NOW)] == [ana]
    assert audited("deactivate_user") == [("user.deactivated", BO, None, {}, "left the label")]


def test_deactivate_user_changes_nothing_when_run_again(ana, bo):
    run("deactivate_user", BO)
    before = User.objects.filter(pk=bo.pk).values().get()

    assert run("deactivate_user", BO) == "bo@label.example was deactivated already; nothing changed.\n"

    assert User.objects.filter(pk=bo.pk).values().get() == before
    assert len(audited("deactivate_user")) == 1


def test_deactivate_user_refuses_the_last_admin_and_not_the_one_before(ana, bo):
    User.objects.create_superuser("cy@label.example", PASSWORD)
    run("deactivate_user", "cy@label.example")
    make_session(ana, "hers")

    assert failure_of("deactivate_user", ANA) == (f"EMAIL 'ana@label.example': {LAST_ADMIN}", 1)

    ana.refresh_from_db()
    assert (ana.is_active, owners_of_sessions()) == (True, [ANA])
    assert [label for _action, label, *_rest in audited("deactivate_user")] == ["cy@label.example"]


def test_reactivate_user_lets_somebody_in_again_and_may_run_twice(ana, bo):
    run("deactivate_user", BO)

    assert run("reactivate_user", BO) == "bo@label.example may sign in again.\n"
    assert run("reactivate_user", BO) == "bo@label.example is not deactivated; nothing changed.\n"

    bo.refresh_from_db()
    assert (bo.is_active, bo.deactivated_at) == (True, None)
    assert audited("reactivate_user") == [("user.reactivated", BO, None, {}, "")]


def test_reactivate_user_says_when_an_account_still_waits_for_its_owner(ana):
    User.objects.create_user(BO, PASSWORD, activated_at=None)
    run("deactivate_user", BO)

    assert run("reactivate_user", BO) == "bo@label.example may sign in once she activated the account by mail.\n"
    assert not User.objects.get(email=BO).is_active


def test_deactivate_user_and_reactivate_user_answer_in_json(ana, bo):
    assert answers("deactivate_user", "BO@label.example", "--reason", "left the label") == [
        {"email": BO, "changed": True, "may_sign_in": False},
        {"email": BO, "changed": False, "may_sign_in": False},
    ]
    assert answers("reactivate_user", "BO@label.example") == [
        {"email": BO, "changed": True, "may_sign_in": True},
        {"email": BO, "changed": False, "may_sign_in": True},
    ]


def test_reactivate_user_says_in_json_when_an_account_still_waits_for_its_owner(ana):
    User.objects.create_user(BO, PASSWORD, activated_at=None)
    run("deactivate_user", BO)

    assert answers("reactivate_user", BO)[0] == {"email": BO, "changed": True, "may_sign_in": False}


def test_refusal_is_a_sentence_also_with_json(ana):
    assert failure_of("deactivate_user", ANA, "--json") == (f"EMAIL 'ana@label.example': {LAST_ADMIN}", 1)
