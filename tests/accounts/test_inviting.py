"""Invites: how long they last, whom they are for, and how somebody becomes a user by one."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from accounts import inviting, people
from accounts.links import DeadLink, find_invite, find_link, token_of
from accounts.mailing import link_address
from accounts.models import AccountLink, AuditEntry, Invite, User
from tests.accounts.rows import PASSWORD, SECOND, attempts, audited, mails
from tests.factories import NOW, make_admin, make_user

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def ana():
    return make_admin()


def invite(role="editor", email="ben@label.example", **fields):
    return inviting.invite_user(role, **{"email": email, "by": None, "now": NOW, **fields})


def sign_up(made, email="ben@label.example", **fields):
    """Sign up an hour after the invite."""
    fields = {"password": PASSWORD, "first_name": "Ben", "last_name": "Øst", "now": NOW + timedelta(hours=1), **fields}
    inviting.sign_up(made, email=email, **fields)


def refusal_of(act, *args, **kwargs):
    with pytest.raises(ValidationError) as refusal:
        act(*args, **kwargs)
    return refusal.value.message_dict if hasattr(refusal.value, "error_dict") else refusal.value.messages


def state_of(found, token, *, now):
    try:
        found(token, now=now)
    except DeadLink as dead:
        return dead.reason
    return "open"


def find_activation(token, *, now):
    return find_link(AccountLink.Purpose.ACTIVATE, token, now=now)


# --- Inviting ----------------------------------------------------------------------------------


def test_invite_user_mails_and_writes_down_an_invite_for_an_address(ana):
    made = invite(by=ana)

    assert Invite.objects.values("role", "email", "created_by", "created_at", "expires_at", "account").get() == {
        "role": "editor",
        "email": "ben@label.example",
        "created_by": ana.pk,
        "created_at": NOW,
        "expires_at": NOW + 7 * DAY,
        "account": None,
    }
    assert mails() == [("invite", "ben@label.example")]
    assert attempts() == [("invite", True, "made")]
    assert AuditEntry.objects.values("action", "user_id", "object_id", "after").get() == {
        "action": "invite.created",
        "user_id": ana.pk,
        "object_id": str(made.pk),
        "after": {"role": "editor", "e-mail": "ben@label.example", "days": 7},
    }


def test_invite_user_mails_nobody_when_it_names_nobody():
    made = invite(email="")

    assert (mails(), str(made)) == ([], "anybody (Editor)")
    assert link_address(made) == f"http://testserver/account/link/invite/{token_of(made)}/"


@pytest.mark.parametrize("days", [1, 365])
def test_invite_works_until_its_last_second(days):
    token = token_of(invite(days=days))

    ends = NOW + days * DAY
    assert [state_of(find_invite, token, now=now) for now in (NOW, ends - SECOND, ends)] == ["open", "open", "expired"]


@pytest.mark.parametrize("days", [-1, 0, 366])
def test_invite_lasts_1_to_365_days(days):
    assert refusal_of(invite, days=days) == {"days": [f"An invite lasts 1 to 365 days, not {days}."]}


@pytest.mark.parametrize(
    ("role", "email", "errors"),
    [
        ("owner", "", {"role": ["Value 'owner' is not a valid choice."]}),
        ("", "", {"role": ["This field cannot be blank."]}),
        ("editor", "ben", {"email": ["Enter a valid email address."]}),
    ],
)
def test_invite_user_refuses_in_a_sentence(role, email, errors):
    assert refusal_of(invite, role, email) == errors

    assert (Invite.objects.count(), mails(), audited()) == (0, [], [])


def test_invite_keeps_no_token():
    made = invite()

    assert token_of(made) not in str(Invite.objects.values().get())
    assert len(token_of(made)) == 43  # 256 bits


def test_invite_is_not_opened_by_another_kind_of_token():
    made = invite()
    sign_up(made)
    activation = token_of(AccountLink.objects.get())

    assert state_of(find_invite, activation, now=NOW) == "unknown"
    assert state_of(find_activation, token_of(made), now=NOW) == "unknown"
    assert state_of(find_invite, "", now=NOW) == "unknown"


# --- Revoking and mailing again ----------------------------------------------------------------


def test_revoke_invite_makes_it_worthless_once(ana):
    made = invite()

    assert [inviting.revoke_invite(made, by=ana, now=NOW) for _ in range(2)] == [True, False]

    assert state_of(find_invite, token_of(made), now=NOW) == "revoked"
    assert [action for action, _ in audited()] == ["invite.created", "invite.revoked"]
    with pytest.raises(DeadLink):
        sign_up(made)


def test_revoke_invite_leaves_a_used_one(ana):
    made = invite()
    sign_up(made)

    assert inviting.revoke_invite(made, by=ana, now=NOW) is False

    assert Invite.objects.get().revoked_at is None


def test_mail_invite_again_sends_the_same_link(ana):
    made = invite()
    before = link_address(made)

    inviting.mail_invite_again(made, by=ana, now=NOW + DAY)

    assert mails() == [("invite", "ben@label.example")] * 2
    assert link_address(Invite.objects.get()) == before
    assert audited()[-1] == ("invite.mailed", "ben@label.example (Editor)")


@pytest.mark.parametrize("which", ["no address", "revoked", "used", "expired"])
def test_mail_invite_again_refuses_what_works_no_more(ana, which):
    made = invite(email="" if which == "no address" else "ben@label.example")
    if which == "revoked":
        inviting.revoke_invite(made, by=ana, now=NOW)
    elif which == "used":
        sign_up(made)
    before = mails()

    refusal = refusal_of(
        inviting.mail_invite_again, made, by=ana, now=NOW + 7 * DAY if which == "expired" else NOW + 7 * DAY - SECOND
    )

    assert refusal == [f"{made} cannot be mailed: it names no address or works no more."]
    assert mails() == before


# --- Signing up --------------------------------------------------------------------------------


def test_sign_up_makes_an_account_that_waits_for_its_owner():
    made = invite("viewer", email="")

    sign_up(made, "Ben@Label.example", language="fr")

    ben = User.objects.get()
    fields = ["email", "first_name", "last_name", "role", "language", "is_active", "activated_at"]
    assert [getattr(ben, name) for name in fields] == ["Ben@label.example", "Ben", "Øst", "viewer", "fr", False, None]
    assert ben.check_password(PASSWORD)
    made.refresh_from_db()
    assert (made.used_at, made.account) == (NOW + timedelta(hours=1), ben)
    assert mails() == [("activate", "Ben@label.example")]
    assert attempts()[1:] == [("sign_up", True, "viewer")]
    assert audited()[-1] == ("user.created", "Ben Øst")


@pytest.mark.parametrize("email", ["ben@label.example", "BEN@Label.example", " ben@label.example "])
def test_sign_up_takes_the_address_that_the_invite_is_for_in_any_capitals(email):
    sign_up(invite(), email.strip())

    assert User.objects.get().email_key == "ben@label.example"


@pytest.mark.parametrize(
    "email", ["cem@label.example", "ben+x@label.example", "be\N{LATIN SMALL LETTER N WITH ACUTE}@label.example"]
)
def test_sign_up_refuses_an_address_that_the_invite_is_not_for(email):
    made = invite()

    assert refusal_of(sign_up, made, email) == {
        "email": ["This invite is for another address. Use the one that it was sent to."]
    }

    assert (User.objects.count(), state_of(find_invite, token_of(made), now=NOW)) == (0, "open")


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"password": "short"}, {"password": ["This password is too short. It must contain at least 12 characters."]}),
        ({"email": "ben"}, {"email": ["Enter a valid email address."]}),
        ({"first_name": "x" * 61}, {"first_name": ["Ensure this value has at most 60 characters (it has 61)."]}),
    ],
)
def test_sign_up_refuses_what_can_be_corrected_and_leaves_the_invite(fields, errors):
    made = invite(email="")

    assert refusal_of(sign_up, made, **fields) == errors

    assert (User.objects.count(), state_of(find_invite, token_of(made), now=NOW)) == (0, "open")


def test_sign_up_works_once():
    made = invite(email="")
    sign_up(made)

    with pytest.raises(DeadLink):
        sign_up(made, "cem@label.example")

    assert list(User.objects.values_list("email", flat=True)) == ["ben@label.example"]


def test_sign_up_after_the_invite_has_ended_makes_nobody():
    with pytest.raises(DeadLink):
        sign_up(invite(), now=NOW + 7 * DAY)

    assert User.objects.count() == 0


@pytest.mark.parametrize("is_active", [True, False])
def test_sign_up_with_a_known_address_tells_its_owner_alone(ana, is_active):
    ben = make_user("viewer", email="ben@label.example", activated_at=NOW if is_active else None)
    made = invite(email="")
    before = User.objects.values().get(pk=ben.pk)

    sign_up(made, "BEN@label.example")

    assert User.objects.values().get(pk=ben.pk) == before
    assert User.objects.count() == 2
    assert state_of(find_invite, token_of(made), now=NOW) == "open"
    assert mails() == [("tried", "ben@label.example")]
    assert attempts()[-1] == ("sign_up", False, "address known")


@pytest.mark.parametrize(("after", "notices"), [(DAY - SECOND, 1), (DAY, 2)])
def test_owner_of_an_address_is_told_once_a_day(after, notices):
    make_user("viewer", email="ben@label.example")
    made = invite(email="")

    sign_up(made, now=NOW)
    sign_up(made, now=NOW + after)

    assert mails() == [("tried", "ben@label.example")] * notices


# --- Activating --------------------------------------------------------------------------------


def test_activate_switches_the_account_on_once():
    sign_up(invite(), now=NOW)
    link = AccountLink.objects.get()

    inviting.activate(link, now=NOW + SECOND)

    ben = User.objects.get()
    assert (ben.is_active, ben.activated_at) == (True, NOW + SECOND)
    assert audited()[-1] == ("user.activated", "Ben Øst")
    with pytest.raises(DeadLink):
        inviting.activate(link, now=NOW + 2 * SECOND)
    assert User.objects.get().activated_at == NOW + SECOND


@pytest.mark.parametrize(("after", "state"), [(DAY - SECOND, "open"), (DAY, "expired"), (DAY + SECOND, "expired")])
def test_activation_link_works_for_24_hours(after, state):
    sign_up(invite(), now=NOW)
    link = AccountLink.objects.get()

    assert state_of(find_activation, token_of(link), now=NOW + after) == state
    if state == "open":
        assert inviting.activate(link, now=NOW + after).is_active
    else:
        with pytest.raises(DeadLink):
            inviting.activate(link, now=NOW + after)
        assert not User.objects.get().is_active


def test_activate_does_not_let_in_who_was_deactivated_meanwhile(ana):
    sign_up(invite())
    people.deactivate_user(User.objects.get(email="ben@label.example"), by=ana, now=NOW)

    with pytest.raises(DeadLink):
        inviting.activate(AccountLink.objects.get(), now=NOW + timedelta(hours=2))


# --- The activation link again -----------------------------------------------------------------


@pytest.mark.parametrize(("after", "count"), [(timedelta(minutes=5) - SECOND, 1), (timedelta(minutes=5), 2)])
def test_resend_activation_mails_at_most_every_five_minutes(after, count):
    sign_up(invite(), now=NOW)

    inviting.resend_activation("BEN@label.example", now=NOW + after)

    assert mails() == [("invite", "ben@label.example")] + [("activate", "ben@label.example")] * count
    assert AccountLink.objects.open(NOW + after).count() == 1


def test_resend_activation_makes_the_link_before_worthless():
    sign_up(invite(), now=NOW)
    first = token_of(AccountLink.objects.get())

    inviting.resend_activation("ben@label.example", now=NOW + DAY - SECOND)

    assert state_of(find_activation, first, now=NOW + DAY - SECOND) == "revoked"
    second = token_of(AccountLink.objects.first())
    assert state_of(find_activation, second, now=NOW + 2 * DAY - 2 * SECOND) == "open"


@pytest.mark.parametrize(
    "email", ["nobody@label.example", "active@label.example", "deactivated@label.example", "x" * 300]
)
def test_resend_activation_mails_nobody_else(ana, email):
    make_user("viewer", email="active@label.example")
    make_user("viewer", email="deactivated@label.example", activated_at=None, deactivated_at=NOW)

    inviting.resend_activation(email, now=NOW)

    assert (mails(), attempts()) == ([], [("activation", False, "asked again")])
