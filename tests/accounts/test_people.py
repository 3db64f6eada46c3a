"""Changing people: what ends with a change, what is written down, and that an admin always remains."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import Error, transaction

from accounts import people
from accounts.links import DeadLink, find_link, make_link, token_of
from accounts.models import AccountLink, AuditEntry, User
from accounts.people import LastAdmin
from accounts.signing_in import open_challenge
from tests.accounts.rows import (
    LAPTOP,
    OTHER_PASSWORD,
    PASSWORD,
    add_app,
    add_device,
    add_session,
    attempts,
    audited,
    mails,
)
from tests.factories import NOW, make_admin, make_event, make_set, make_user

pytestmark = pytest.mark.django_db

LAST = ["This is the last active admin. Make somebody else an admin first."]


@pytest.fixture
def ana():
    return make_admin()


@pytest.fixture
def ben():
    """An editor with two sessions and a trusted device."""
    ben = make_user("editor", email="ben@label.example")
    add_session(ben)
    add_session(ben, device="Safari on iPhone")
    add_device(ben)
    return ben


def refusal_of(act, *args, **kwargs):
    with pytest.raises(ValidationError) as refusal:
        act(*args, **{"now": NOW, **kwargs})
    return refusal.value.messages


def ways_in(person):
    """How many sessions and trusted devices somebody has, and how many challenges and links are open."""
    return (
        person.sessions.count(),
        person.trusted_devices.filter(revoked_at__isnull=True).count(),
        person.sign_in_challenges.filter(closed_at__isnull=True).count(),
        person.links.open(NOW).count(),
    )


def last_entry():
    return AuditEntry.objects.values("action", "user_id", "object_id", "before", "after", "reason").first()


# --- Profile -----------------------------------------------------------------------------------


def test_update_profile_changes_what_is_different_and_writes_it_down(ana, ben):
    people.update_profile(ben, by=ana, now=NOW, first_name="Ben", last_name="", language="fr", time_format="24")

    assert User.objects.values_list("first_name", "last_name", "language", "time_format").get(pk=ben.pk) == (
        *("Ben", "", "fr", "24"),
    )
    assert last_entry() == {
        "action": "user.updated",
        "user_id": ana.pk,
        "object_id": str(ben.pk),
        "before": {"first_name": "", "language": "", "time_format": ""},
        "after": {"first_name": "Ben", "language": "fr", "time_format": "24"},
        "reason": "",
    }
    assert ways_in(ben) == (2, 1, 0, 0)


def test_update_profile_without_a_change_writes_nothing(ben):
    before = audited()

    people.update_profile(ben, by=ben, now=NOW, first_name="", language="")

    assert audited() == before


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"first_name": "x" * 61}, "Ensure this value has at most 60 characters (it has 61)."),
        ({"language": "de"}, "Value 'de' is not a valid choice."),
        ({"time_format": "36"}, "Value '36' is not a valid choice."),
    ],
)
def test_update_profile_refuses_what_does_not_fit(ben, fields, sentence):
    assert refusal_of(people.update_profile, ben, by=ben, **fields) == [sentence]


def test_update_profile_takes_a_name_of_just_fitting_length(ben):
    people.update_profile(ben, by=ben, now=NOW, first_name="x" * 60)

    assert User.objects.get(pk=ben.pk).first_name == "x" * 60


@pytest.mark.parametrize("name", ["role", "email", "password", "is_active", "require_2fa", "is_scoped", "created_at"])
def test_update_profile_changes_nothing_else(ben, name):
    with pytest.raises(ValueError, match=f"^{name} cannot be edited here$"):
        people.update_profile(ben, by=ben, now=NOW, **{name: "admin"})


# --- Roles -------------------------------------------------------------------------------------


def test_change_role_ends_sessions_and_devices_and_tells_her(ana, ben):
    people.change_role(ben, "viewer", by=ana, now=NOW)

    assert User.objects.get(pk=ben.pk).role == "viewer"
    assert ways_in(ben) == (0, 0, 0, 0)
    assert last_entry() == {
        "action": "user.role_changed",
        "user_id": ana.pk,
        "object_id": str(ben.pk),
        "before": {"role": "editor"},
        "after": {"role": "viewer"},
        "reason": "",
    }
    assert mails() == [("role_changed", "ben@label.example")]


def test_change_role_to_the_one_she_has_changes_nothing(ana, ben):
    before = audited()

    people.change_role(ben, "editor", by=ana, now=NOW)

    assert (ways_in(ben), audited(), mails()) == ((2, 1, 0, 0), before, [])


def test_change_role_refuses_one_that_is_not_known(ana, ben):
    assert refusal_of(people.change_role, ben, "owner", by=ana) == ["Value 'owner' is not a valid choice."]

    assert (User.objects.get(pk=ben.pk).role, ways_in(ben)) == ("editor", (2, 1, 0, 0))


@pytest.mark.parametrize("is_required", [True, False])
def test_require_second_factor_ends_sessions_only_where_it_asks_more(ana, ben, is_required):
    User.objects.filter(pk=ben.pk).update(require_2fa=not is_required)

    people.require_second_factor(ben, is_required=is_required, by=ana, now=NOW)
    entries = audited()
    people.require_second_factor(ben, is_required=is_required, by=ana, now=NOW)

    assert User.objects.get(pk=ben.pk).require_2fa is is_required
    assert ben.sessions.count() == (0 if is_required else 2)
    assert audited() == entries
    assert (last_entry()["before"], last_entry()["after"]) == (
        {"require_2fa": not is_required},
        {"require_2fa": is_required},
    )


@pytest.mark.parametrize("is_limited", [True, False])
def test_limit_to_events_ends_sessions_and_may_be_repeated(ana, ben, is_limited):
    User.objects.filter(pk=ben.pk).update(is_scoped=not is_limited)

    people.limit_to_events(ben, is_limited=is_limited, by=ana, now=NOW)
    entries = audited()
    people.limit_to_events(ben, is_limited=is_limited, by=ana, now=NOW)

    assert (User.objects.get(pk=ben.pk).is_scoped, ben.sessions.count(), audited()) == (is_limited, 0, entries)


# --- Shut out, let in --------------------------------------------------------------------------


def test_deactivate_user_ends_everything_that_lets_her_in(ana, ben):
    open_challenge(ben, LAPTOP, now=NOW)
    link = make_link(AccountLink.Purpose.RESET, ben, now=NOW)
    assert ways_in(ben) == (2, 1, 1, 1)

    people.deactivate_user(ben, by=ana, now=NOW, reason="left the label")
    people.deactivate_user(ben, by=ana, now=NOW + timedelta(days=1), reason="again")

    assert ways_in(ben) == (0, 0, 0, 0)
    assert User.objects.values("is_active", "deactivated_at", "deactivated_by").get(pk=ben.pk) == {
        "is_active": False,
        "deactivated_at": NOW,
        "deactivated_by": ana.pk,
    }
    assert last_entry()["action"] == "user.deactivated"
    assert last_entry()["reason"] == "left the label"
    with pytest.raises(DeadLink):
        find_link(AccountLink.Purpose.RESET, token_of(link), now=NOW)


def test_deactivate_user_leaves_others_alone(ana, ben):
    cem = make_user("editor", email="cem@label.example")
    add_session(cem)
    add_device(cem)
    make_link(AccountLink.Purpose.RESET, cem, now=NOW)

    people.deactivate_user(ben, by=ana, now=NOW)

    assert ways_in(cem) == (1, 1, 0, 1)


def test_reactivate_user_lets_her_in_again_but_brings_nothing_back(ana, ben):
    people.deactivate_user(ben, by=ana, now=NOW)

    people.reactivate_user(ben, by=ana, now=NOW)
    entries = audited()
    people.reactivate_user(ben, by=ana, now=NOW)

    assert User.objects.values("is_active", "deactivated_at", "deactivated_by").get(pk=ben.pk) == {
        "is_active": True,
        "deactivated_at": None,
        "deactivated_by": None,
    }
    assert (ways_in(ben), audited()) == ((0, 0, 0, 0), entries)
    assert last_entry()["action"] == "user.reactivated"


def test_reactivate_user_does_not_stand_in_for_her_activation(ana):
    ben = make_user("editor", is_active=False, activated_at=None)
    people.deactivate_user(ben, by=ana, now=NOW)

    people.reactivate_user(ben, by=ana, now=NOW)

    assert User.objects.values_list("is_active", "activated_at", "deactivated_at").get(pk=ben.pk) == (False, None, None)


def test_delete_user_keeps_what_she_made_and_her_trail(ana, ben):
    event = make_event(by=ben)
    performance = make_set(event, by=ben)
    number = ben.pk

    people.delete_user(ben, by=ana, now=NOW)

    event.refresh_from_db()
    performance.refresh_from_db()
    assert (event.created_by, performance.created_by) == (None, None)
    assert not User.objects.filter(email="ben@label.example").exists()
    assert last_entry() == {
        "action": "user.deleted",
        "user_id": ana.pk,
        "object_id": str(number),
        "before": {"e-mail": "ben@label.example", "role": "editor"},
        "after": {},
        "reason": "",
    }
    assert AuditEntry.objects.filter(user_id=number).exists()


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (people.deactivate_user, "You cannot deactivate yourself. Ask another admin."),
        (people.delete_user, "You cannot delete yourself. Ask another admin."),
    ],
)
def test_nobody_shuts_herself_out(ana, act, sentence):
    make_user("admin", email="bea@label.example")

    assert refusal_of(act, ana, by=ana) == [sentence]

    assert User.objects.get(pk=ana.pk).is_active


# --- The last admin ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        lambda person, by: people.change_role(person, "editor", by=by, now=NOW),
        lambda person, by: people.deactivate_user(person, by=None, now=NOW),
        lambda person, by: people.delete_user(person, by=by, now=NOW),
    ],
    ids=["role", "deactivate", "delete"],
)
@pytest.mark.parametrize("other", ["no other", "deactivated", "not activated", "editor"])
def test_last_admin_stays(ana, act, other):
    if other == "editor":
        make_user("editor")
    elif other == "deactivated":
        make_user("admin", deactivated_at=NOW)
    elif other == "not activated":
        make_user("admin", activated_at=None)
    add_session(ana)
    by = make_user("viewer")

    with pytest.raises(LastAdmin) as refusal:
        act(ana, by)

    assert refusal.value.messages == LAST
    assert User.objects.filter(pk=ana.pk, role="admin", is_active=True).exists()
    assert ana.sessions.count() == 1  # nothing of it was done
    assert audited() == []


@pytest.mark.parametrize(
    "act",
    [
        lambda person, by: people.change_role(person, "editor", by=by, now=NOW),
        lambda person, by: people.deactivate_user(person, by=by, now=NOW),
        lambda person, by: people.delete_user(person, by=by, now=NOW),
    ],
    ids=["role", "deactivate", "delete"],
)
def test_last_but_one_admin_may_go(ana, act):
    bea = make_user("admin", email="bea@label.example")

    act(ana, bea)

    assert list(User.objects.admins()) == [bea]


@pytest.mark.parametrize(
    "write",
    [
        lambda: User.objects.update(role="editor"),
        lambda: User.objects.update(is_active=False, deactivated_at=NOW),
        lambda: User.objects.all().delete(),
    ],
    ids=["role", "deactivate", "delete"],
)
def test_last_admin_is_kept_by_the_database_itself(ana, write):
    make_user("admin", email="bea@label.example")

    with pytest.raises(Error, match="last admin"), transaction.atomic():
        write()

    assert User.objects.admins().count() == 2


# --- Passwords ---------------------------------------------------------------------------------


def test_set_password_ends_other_sessions_and_all_devices(ben):
    keep = add_session(ben, device="this one")

    people.set_password(ben, OTHER_PASSWORD, keep_session=keep.pk, by=ben, now=NOW, reason="changed")

    ben.refresh_from_db()
    assert (ben.check_password(OTHER_PASSWORD), ben.check_password(PASSWORD)) == (True, False)
    assert list(ben.sessions.all()) == [keep]
    assert ways_in(ben)[1] == 0
    assert mails() == [("password_changed", "ben@label.example")]
    assert attempts()[-3:] == [
        ("session", True, "password change"),
        ("device", True, "revoked"),
        ("password", True, "changed"),
    ]
    assert audited()[-1] == ("user.password_changed", "ben@label.example")
    assert OTHER_PASSWORD not in str(list(AuditEntry.objects.values()))


def test_set_password_refuses_the_one_she_has(ben):
    assert refusal_of(people.set_password, ben, PASSWORD, keep_session=None, by=ben, reason="changed") == [
        "This is the password you have now. Choose another one."
    ]

    assert (ways_in(ben), mails()) == ((2, 1, 0, 0), [])


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("Salz!9pfeff", "This password is too short. It must contain at least 12 characters."),
        ("password1234", "This password is too common."),
        ("ben@label.example", "The password is too similar to the e-mail address."),
        ("settimes2026!", "This password is little more than the name of this place. Add words of your own."),
        ("x" * 64 + "y" * 65, "This password has 129 characters. Use at most 128."),
    ],
)
def test_set_password_refuses_a_weak_one_in_a_sentence(ben, password, sentence):
    assert refusal_of(people.set_password, ben, password, keep_session=None, by=ben, reason="changed") == [sentence]

    assert (ways_in(ben), User.objects.get(pk=ben.pk).password) == ((2, 1, 0, 0), ben.password)


@pytest.mark.parametrize("password", ["Salz!9pfeffe", "x" * 64 + "y" * 64, "settimes of my own", "ein Pferd, ölig 🐴"])
def test_set_password_takes_twelve_to_128_characters_of_any_kind(ben, password):
    people.set_password(ben, password, keep_session=None, by=ben, now=NOW, reason="changed")

    assert User.objects.get(pk=ben.pk).check_password(password)


# --- Made by an operator -----------------------------------------------------------------------


def test_make_admin_makes_one_who_is_active_at_once():
    admin = people.make_admin("Ana@Label.example", PASSWORD, now=NOW)

    assert (admin.email, admin.role, admin.is_active, admin.activated_at) == (
        *("Ana@label.example", "admin"),
        *(True, NOW),
    )
    assert last_entry()["after"] == {"role": "admin"}


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("ANA@label.example", PASSWORD, "This e-mail address already has an account."),
        ("ana", PASSWORD, "Enter a valid email address."),
        ("bea@label.example", "short", "This password is too short. It must contain at least 12 characters."),
    ],
)
def test_make_admin_refuses_in_a_sentence(ana, email, password, sentence):
    assert set(refusal_of(people.make_admin, email, password)) == {sentence}

    assert list(User.objects.all()) == [ana]


def test_factor_change_ends_sessions_of_a_person_and_no_others(ana, ben):
    cem = make_user("viewer")
    add_session(cem)

    add_app(ben)
    people.require_second_factor(ben, is_required=True, by=ana, now=NOW)

    assert (ways_in(ben), ways_in(cem)) == ((0, 0, 0, 0), (1, 0, 0, 0))
