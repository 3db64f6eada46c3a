"""Getting in again: a forgotten password, a lock-out, and the admin who helps."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from accounts import lockouts, people, recovering
from accounts.clients import Client
from accounts.links import DeadLink, find_link, token_of
from accounts.lockouts import TooManyAttempts
from accounts.models import AccountLink, AuditEntry, FailedAttempt, Lockout, User
from accounts.signing_in import Answer, check_password
from tests.accounts.rows import (
    LAPTOP,
    OTHER_PASSWORD,
    PASSWORD,
    SECOND,
    add_app,
    add_device,
    add_session,
    attempts,
    audited,
    mails,
)
from tests.factories import NOW, make_admin, make_user

pytestmark = pytest.mark.django_db

RESET, UNLOCK = AccountLink.Purpose.RESET, AccountLink.Purpose.UNLOCK
FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
def ben():
    return make_user("editor", email="ben@label.example")


def request_reset(email="ben@label.example", now=NOW):
    recovering.request_reset(email, now=now)
    return AccountLink.objects.first()


def state_of(purpose, link, *, now):
    try:
        find_link(purpose, token_of(link), now=now)
    except DeadLink as dead:
        return dead.reason
    return "open"


def refusal_of(act, *args, **kwargs):
    with pytest.raises(ValidationError) as refusal:
        act(*args, **{"now": NOW, **kwargs})
    return refusal.value.messages


def sign_in(password, *, now=NOW, client=LAPTOP):
    return check_password("ben@label.example", password, client=client, device_token="", now=now).answer


def lock_out(*networks):
    """Five wrong passwords for Ben, by default each from another network."""
    networks = networks or [f"198.51.100.{number}" for number in range(5)]
    for number in range(5):
        network = networks[number % len(networks)]
        assert sign_in("wrong", client=Client(address=network, network=network)) is Answer.REFUSED


# --- Asking for a link -------------------------------------------------------------------------


def test_request_reset_mails_a_link_to_an_active_account(ben):
    link = request_reset("BEN@label.example")

    assert (link.purpose, link.user, link.requested_by, link.reason) == ("reset", ben, None, "")
    assert mails() == [("reset", "ben@label.example")]
    assert attempts() == [("reset", True, "asked")]
    assert sign_in(PASSWORD) is Answer.RIGHT


@pytest.mark.parametrize("email", ["nobody@label.example", "waiting@label.example", "deactivated@label.example", "ben"])
def test_request_reset_mails_nobody_else(ben, email):
    make_user("viewer", email="waiting@label.example", activated_at=None)
    make_user("viewer", email="deactivated@label.example", deactivated_at=NOW)

    assert request_reset(email) is None

    assert (mails(), attempts()) == ([], [("reset", False, "no active account")])


@pytest.mark.parametrize(("after", "count"), [(FIVE_MINUTES - SECOND, 1), (FIVE_MINUTES, 2)])
def test_request_reset_mails_at_most_every_five_minutes(ben, after, count):
    request_reset()
    request_reset(now=NOW + after)

    assert mails() == [("reset", "ben@label.example")] * count


def test_request_reset_makes_the_link_before_worthless(ben):
    first = request_reset()
    second = request_reset(now=NOW + FIVE_MINUTES)

    assert [state_of(RESET, link, now=NOW + FIVE_MINUTES) for link in (first, second)] == ["revoked", "open"]


# --- Using it ----------------------------------------------------------------------------------


def test_complete_reset_sets_the_password_and_ends_what_was_open(ben):
    add_session(ben)
    add_device(ben)
    lock_out()
    link = request_reset()
    assert sign_in(PASSWORD) is Answer.REFUSED

    recovering.complete_reset(link, OTHER_PASSWORD, now=NOW)

    ben.refresh_from_db()
    assert ben.check_password(OTHER_PASSWORD)
    assert (ben.sessions.count(), ben.trusted_devices.filter(revoked_at=None).count()) == (0, 0)
    assert (Lockout.objects.count(), FailedAttempt.objects.count()) == (0, 0)
    assert [sign_in(password) for password in (OTHER_PASSWORD, PASSWORD)] == [Answer.RIGHT, Answer.REFUSED]
    assert mails() == [(kind, "ben@label.example") for kind in ("unlock", "reset", "password_changed")]


def test_complete_reset_leaves_second_factors(ben):
    app = add_app(ben)

    recovering.complete_reset(request_reset(), OTHER_PASSWORD, now=NOW)

    assert list(ben.authenticatorapp_set.all()) == [app]


def test_complete_reset_works_once(ben):
    link = request_reset()
    recovering.complete_reset(link, OTHER_PASSWORD, now=NOW)

    with pytest.raises(DeadLink):
        recovering.complete_reset(link, "a third horse, or a fourth", now=NOW)

    assert User.objects.get().check_password(OTHER_PASSWORD)


@pytest.mark.parametrize(
    ("after", "state"),
    [(timedelta(hours=2) - SECOND, "open"), (timedelta(hours=2), "expired"), (timedelta(hours=2) + SECOND, "expired")],
)
def test_reset_link_works_for_two_hours(ben, after, state):
    link = request_reset()

    assert state_of(RESET, link, now=NOW + after) == state
    if state == "open":
        recovering.complete_reset(link, OTHER_PASSWORD, now=NOW + after)
    else:
        with pytest.raises(DeadLink):
            recovering.complete_reset(link, OTHER_PASSWORD, now=NOW + after)
    assert User.objects.get().check_password(OTHER_PASSWORD) is (state == "open")


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        (PASSWORD, "This is the password you have now. Choose another one."),
        ("short", "This password is too short. It must contain at least 12 characters."),
    ],
)
def test_complete_reset_refuses_a_password_that_will_not_do_and_keeps_the_link(ben, password, sentence):
    add_session(ben)
    link = request_reset()

    assert refusal_of(recovering.complete_reset, link, password) == [sentence]

    assert (state_of(RESET, link, now=NOW), ben.sessions.count()) == ("open", 1)


def test_reset_link_ends_with_a_deactivation(ben):
    link = request_reset()

    people.deactivate_user(ben, by=make_admin(), now=NOW)

    assert state_of(RESET, link, now=NOW) == "revoked"
    with pytest.raises(DeadLink):
        recovering.complete_reset(link, OTHER_PASSWORD, now=NOW)


# --- An admin helps ----------------------------------------------------------------------------


def test_start_reset_mails_a_link_and_keeps_the_reason(ben):
    ana = make_admin()
    add_session(ben)

    link = recovering.start_reset(ben, by=ana, reason=" she rang ", now=NOW)

    assert (link.requested_by, link.reason, link.expires_at) == (ana, "she rang", NOW + timedelta(hours=2))
    assert mails() == [("reset", "ben@label.example")]
    assert AuditEntry.objects.values("action", "user_id", "object_id", "reason").get() == {
        "action": "user.password_reset",
        "user_id": ana.pk,
        "object_id": str(ben.pk),
        "reason": "she rang",
    }
    assert (sign_in(PASSWORD), ben.sessions.count()) == (Answer.RIGHT, 1)  # until she uses it


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("", "Say why, for the audit trail."),
        ("  \n", "Say why, for the audit trail."),
        ("x" * 501, "Ensure this value has at most 500 characters (it has 501)."),
    ],
)
def test_start_reset_needs_a_reason_that_fits(ben, reason, sentence):
    assert refusal_of(recovering.start_reset, ben, by=make_admin(), reason=reason) == [sentence]

    assert (mails(), audited()) == ([], [])


def test_start_reset_takes_a_reason_that_just_fits(ben):
    recovering.start_reset(ben, by=make_admin(), reason="x" * 500, now=NOW)

    assert AuditEntry.objects.get().reason == "x" * 500


def test_start_reset_refuses_an_account_that_is_not_active(ben):
    people.deactivate_user(ben, by=None, now=NOW)
    ben.refresh_from_db()

    assert refusal_of(recovering.start_reset, ben, by=make_admin(), reason="she rang") == [
        "ben@label.example is not active: reactivate the account first."
    ]


# --- Lock-outs ---------------------------------------------------------------------------------


def test_unlock_lifts_the_lock_of_its_owner_alone(ben):
    cem = make_user("viewer")
    lock_out()
    Lockout.objects.create(
        scope="account",
        key="hers",
        account_key="hers",
        user=cem,
        reason="",
        locked_at=NOW,
        locked_until=NOW + timedelta(hours=1),
    )

    recovering.unlock(AccountLink.objects.get(), now=NOW)

    assert list(Lockout.objects.values_list("key", flat=True)) == ["hers"]
    assert sign_in(PASSWORD) is Answer.RIGHT
    assert attempts()[-1] == ("unlock", True, "")


@pytest.mark.parametrize(("after", "state"), [(timedelta(hours=1) - SECOND, "open"), (timedelta(hours=1), "expired")])
def test_unlock_link_works_for_an_hour(ben, after, state):
    lock_out()

    assert state_of(UNLOCK, AccountLink.objects.get(), now=NOW + after) == state


def test_unlock_works_once(ben):
    lock_out()
    link = AccountLink.objects.get()
    recovering.unlock(link, now=NOW)
    lock_out()

    with pytest.raises(DeadLink):
        recovering.unlock(link, now=NOW)

    assert sign_in(PASSWORD) is Answer.REFUSED


def test_lift_lockout_lets_in_and_is_written_down_for_each(ben):
    ana = make_admin()
    lock_out(LAPTOP.network)
    locks = list(Lockout.objects.order_by("scope"))
    before = len(audited())
    with pytest.raises(TooManyAttempts):
        sign_in(PASSWORD)

    assert [recovering.lift_lockout(locks, by=ana, now=NOW) for _ in range(2)] == [2, 0]

    assert sign_in(PASSWORD) is Answer.RIGHT
    assert sorted(audited()[before:]) == [
        ("lockout.lifted", "account ben@label.example"),
        ("lockout.lifted", "network ben@label.example"),
    ]


def test_locks_that_are_standing_are_those_not_over(ben):
    lock_out()
    hour = timedelta(hours=1)

    assert lockouts.standing(NOW + hour - SECOND).count() == Lockout.objects.count() > 0
    assert lockouts.standing(NOW + hour).count() == 0


@pytest.mark.parametrize(
    ("network", "label"),
    [
        ("203.0.113.5", "network 203.0.113.0/24"),
        ("2001:db8:0:7::/64", "network 2001:db8::/48"),
        ("unknown", "network unknown"),
    ],
)
def test_lifted_network_stands_in_the_trail_no_more_exactly_than_in_logs(network, label):
    lock = Lockout.objects.create(
        scope="network", key=network, reason="password", locked_at=NOW, locked_until=NOW + timedelta(hours=1)
    )

    recovering.lift_lockout([lock], by=None, now=NOW)

    assert audited() == [("lockout.lifted", label)]
