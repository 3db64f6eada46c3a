"""manage.py lockouts and reset_lockout: what is locked, and letting in again who is meant and nobody else."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.clients import Client
from accounts.lockouts import TooManyAttempts, fail_attempt, open_attempt
from accounts.models import AuditEntry, FailedAttempt, Lockout, TrustedDevice, User
from accounts.trails import account_key
from accounts.trusted_devices import trust_device

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
ANA, BO = "ana@label.example", "bo@label.example"
HOME, CAFE, MOBILE = "203.0.113.5", "203.0.113.9", "2001:db8:0:7::/64"


@pytest.fixture(autouse=True)
def _still_clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ana():
    return User.objects.create_user(ANA, PASSWORD)


@pytest.fixture
def bo():
    return User.objects.create_user(BO, PASSWORD)


def run(command, *arguments):
    out = io.StringIO()
    call_command(command, *arguments, "--no-color", stdout=out)
    return out.getvalue()


def failure_of(command, *arguments):
    with pytest.raises(CommandError) as failure:
        run(command, *arguments)
    return str(failure.value), failure.value.returncode


def fail(email, network, *, times=1, device=None, at=NOW):
    """Wrong passwords for an address on a network."""
    user = User.objects.filter(email=email).first()
    client = Client(network.removesuffix("/64"), network)
    for _each in range(times):
        attempt = open_attempt(FailedAttempt.Kind.PASSWORD, client=client, email=email, device=device, now=at)
        fail_attempt(attempt, user=user, now=at)


def locked():
    return sorted(Lockout.objects.values_list("scope", "key"))


def is_let_in(email, network):
    try:
        open_attempt(FailedAttempt.Kind.PASSWORD, client=Client(network, network), email=email, now=NOW).delete()
    except TooManyAttempts:
        return False
    return True


def audited():
    rows = AuditEntry.objects.order_by("pk").values_list("action", "object_label", "before", "origin__agent")
    return list(rows)


# --- lockouts ----------------------------------------------------------------------------------


def test_lockouts_says_when_nothing_is_locked():
    assert run("lockouts") == "Nothing is locked.\n"
    assert json.loads(run("lockouts", "--json")) == []


def test_lockouts_lists_what_is_locked_until_when_and_whose_account(ana):
    fail("nobody@label.example", MOBILE, times=5, at=NOW - timedelta(minutes=20))
    device, _token = trust_device(ana, Client(HOME, HOME, "Firefox Linux"), now=NOW)
    fail(ANA, HOME, times=5, device=device)

    assert run("lockouts").splitlines() == [
        "account ana@label.example: until 2026-10-01T13:00:00Z, 60 minutes left (password)",
        "network 203.0.113.5: until 2026-10-01T13:00:00Z, 60 minutes left (password, tried ana@label.example)",
        "device Firefox on Linux: until 2026-10-01T13:00:00Z, 60 minutes left (password, tried ana@label.example)",
        "account that does not exist: until 2026-10-01T12:40:00Z, 40 minutes left (password)",
        "network 2001:db8:0:7::/64: until 2026-10-01T12:40:00Z, 40 minutes left "
        "(password, tried an address without an account)",
    ]


def test_lockouts_answers_in_json(ana):
    fail(ANA, HOME, times=5)

    common = {"account": ANA, "because": "password", "until": "2026-10-01T13:00:00Z", "minutes_left": 60}
    assert json.loads(run("lockouts", "--json")) == [
        {"locked": "account", "which": ANA, **common},
        {"locked": "network", "which": HOME, **common},
    ]


@pytest.mark.parametrize(
    ("later", "listed"),
    [
        (timedelta(minutes=59, seconds=59), "account ana@label.example: until 2026-10-01T13:00:00Z, 1 minute left"),
        (timedelta(minutes=60), "Nothing is locked."),
    ],
)
def test_lockouts_leaves_out_what_has_ended(ana, later, listed):
    fail(ANA, HOME, times=5)

    with time_machine.travel(NOW + later, tick=False):
        assert run("lockouts").startswith(listed)


# --- reset_lockout -----------------------------------------------------------------------------


def test_reset_lockout_by_address_lifts_the_lock_of_that_network_alone(ana):
    fail(ANA, HOME, times=4)
    fail("nobody@label.example", HOME)
    fail("someone@label.example", CAFE, times=5)
    before = locked()

    assert run("reset_lockout", "--ip", HOME) == "Lifted 1 lock-out, forgot 5 failures.\n"

    assert set(before) - set(locked()) == {("network", HOME)}
    assert is_let_in(ANA, HOME)
    assert not is_let_in(BO, CAFE)


def test_reset_lockout_by_address_forgets_failures_before_anything_is_locked():
    for number in range(4):
        fail(f"nobody{number}@label.example", HOME)

    assert run("reset_lockout", "--ip", HOME) == "Lifted 0 lock-outs, forgot 4 failures.\n"

    fail("one@label.example", HOME)
    assert locked() == []


@pytest.mark.parametrize("address", ["2001:db8:0:7::1", "2001:db8:0:7:ffff::9", "2001:db8:0:7::/64"])
def test_reset_lockout_takes_any_address_of_an_ipv6_network(address):
    fail("nobody@label.example", MOBILE, times=5)

    assert run("reset_lockout", "--ip", address) == "Lifted 2 lock-outs, forgot 5 failures.\n"
    assert locked() == []  # the account was tried from there alone


def test_reset_lockout_by_address_leaves_the_neighbouring_network_locked():
    fail("nobody@label.example", MOBILE, times=5)

    assert run("reset_lockout", "--ip", "2001:db8:0:8::1") == "Lifted 0 lock-outs, forgot 0 failures.\n"
    assert ("network", MOBILE) in locked()


def test_reset_lockout_by_user_lifts_her_account_and_the_network_that_only_she_locked(ana):
    fail(ANA, HOME, times=5)

    assert run("reset_lockout", "--user", "ANA@label.example") == "Lifted 2 lock-outs, forgot 5 failures.\n"

    assert locked() == []
    assert is_let_in(ANA, HOME)


def test_reset_lockout_by_user_leaves_a_network_that_others_failed_on_too(ana, bo):
    fail(BO, HOME, times=2)
    fail(ANA, HOME, times=3)
    fail(ANA, CAFE, times=2)
    assert ("network", HOME) in locked()

    assert run("reset_lockout", "--user", ANA) == "Lifted 1 lock-out, forgot 5 failures.\n"

    assert locked() == [("network", HOME)]
    assert list(FailedAttempt.objects.values_list("account_key", flat=True)) == [account_key(BO)] * 2


def test_reset_lockout_by_user_lifts_a_hold_that_a_hundred_failures_of_the_day_made(ana):
    FailedAttempt.objects.bulk_create(
        FailedAttempt(kind="password", network=HOME, account_key=account_key(ANA), at=NOW - timedelta(hours=2))
        for _each in range(100)
    )
    assert not is_let_in(ANA, CAFE)

    assert run("reset_lockout", "--user", ANA) == "Lifted 0 lock-outs, forgot 100 failures.\n"

    assert is_let_in(ANA, CAFE)


def test_reset_lockout_by_user_lifts_the_lock_of_her_trusted_device(ana):
    device, _token = trust_device(ana, Client(HOME, HOME), now=NOW)
    fail(ANA, HOME, times=5, device=device)

    assert run("reset_lockout", "--user", ANA) == "Lifted 3 lock-outs, forgot 5 failures.\n"

    assert locked() == []
    assert TrustedDevice.objects.get().revoked_at is None


def test_reset_lockout_of_everybody_answers_in_json_and_changes_nothing_when_run_again(ana):
    fail(ANA, HOME, times=5)
    fail("nobody@label.example", CAFE)

    assert json.loads(run("reset_lockout", "--all", "--json")) == {"lifted": 2, "failures_forgotten": 6}
    after = audited()
    assert json.loads(run("reset_lockout", "--all", "--json")) == {"lifted": 0, "failures_forgotten": 0}

    assert (locked(), FailedAttempt.objects.count(), audited()) == ([], 0, after)


def test_reset_lockout_counts_no_lock_that_has_ended(ana):
    fail(ANA, HOME, times=5)

    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert run("reset_lockout", "--user", ANA) == "Lifted 0 lock-outs, forgot 5 failures.\n"


def test_reset_lockout_names_itself_in_the_audit_trail(ana):
    fail(ANA, HOME, times=5)

    run("reset_lockout", "--user", ANA)

    command = "manage.py reset_lockout"
    assert audited() == [
        ("lockout.lifted", "account ana@label.example", {}, command),
        ("lockout.lifted", "network ana@label.example", {}, command),
        ("failures.forgotten", "ana@label.example", {"failures": 5}, command),
    ]


def test_reset_lockout_keeps_the_whole_address_of_a_network_out_of_the_audit_trail():
    fail("nobody@label.example", HOME)
    fail("nobody@label.example", MOBILE)

    run("reset_lockout", "--ip", HOME)
    run("reset_lockout", "--ip", "2001:db8:0:7::1")

    assert [label for _action, label, _before, _command in audited()] == [
        "network 203.0.113.0/24",
        "network 2001:db8::/48",
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--user", "cy@label.example"],
            "--user 'cy@label.example': no account has this address. Check how it is spelled; "
            "People in the admin lists all accounts.",
        ),
        (
            ["--ip", "203.0.113"],
            "--ip '203.0.113': this is no network address. Give one such as 203.0.113.5 or 2001:db8::1.",
        ),
        (["--ip", ""], "--ip '': this is no network address. Give one such as 203.0.113.5 or 2001:db8::1."),
        ([], "Error: one of the arguments --ip --user --all is required"),
        (["--all", "--user", ANA], "Error: argument --user: not allowed with argument --all"),
        (["--ip", HOME, "--all"], "Error: argument --all: not allowed with argument --ip"),
    ],
)
def test_reset_lockout_refuses_in_a_sentence_and_lifts_nothing(ana, arguments, sentence):
    fail(ANA, HOME, times=5)
    before = locked()

    assert failure_of("reset_lockout", *arguments) == (sentence, 1)

    assert (locked(), FailedAttempt.objects.count()) == (before, 5)
