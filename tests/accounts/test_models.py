"""People who sign in: by e-mail address, whatever its capitals."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.migrations.loader import MigrationLoader

from accounts.models import User
from settimes import settings as production

PASSWORD = "correct horse battery"

pytestmark = pytest.mark.django_db


def refusal_of(email):
    with pytest.raises(ValidationError) as refusal:
        User.objects.create_user(email, PASSWORD)
    return refusal.value.messages


# --- Addresses ---------------------------------------------------------------------------------


def test_user_is_made_with_the_domain_in_small_letters_and_may_only_look():
    user = User.objects.create_user("Ana.Silva@Label.EXAMPLE", PASSWORD)

    assert User.objects.values("email", "email_key", "role", "is_scoped", "require_2fa", "is_active").get() == {
        "email": "Ana.Silva@label.example",
        "email_key": "ana.silva@label.example",
        "role": "viewer",
        "is_scoped": False,
        "require_2fa": False,
        "is_active": True,
    }
    assert (user.is_staff, user.is_admin, user.needs_second_factor) == (True, False, False)


def test_superuser_is_an_admin_who_needs_a_second_factor():
    user = User.objects.create_superuser("ana@label.example", PASSWORD)

    assert (user.role, user.is_admin, user.needs_second_factor, user.is_superuser) == ("admin", True, True, None)


def test_user_of_whom_it_is_asked_needs_a_second_factor():
    assert User(role="editor", require_2fa=True).needs_second_factor


@pytest.mark.parametrize("fields", [{"role": "owner"}, {"role": ""}, {"is_active": False}, {"activated_at": None}])
def test_user_of_no_known_role_or_half_active_is_refused_by_the_database(fields):
    User.objects.create_user("ana@label.example", PASSWORD)

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.update(**fields)


@pytest.mark.parametrize("email", ["ana@label.example", "ANA@label.example", "Ana@LABEL.example"])
def test_user_addresses_are_unique_whatever_their_capitals(email):
    User.objects.create_user("ana@label.example", PASSWORD)

    assert set(refusal_of(email)) == {"This e-mail address already has an account."}


def test_user_addresses_are_unique_for_the_database_too():
    ana = User.objects.create_user("ana@label.example", PASSWORD)
    ben = User.objects.create_user("ben@label.example", PASSWORD)

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=ben.pk).update(email_key="ana@label.example")

    assert list(User.objects.all()) == [ana, ben]


@pytest.mark.parametrize("email", ["ana", "ana@", "@label.example", "ana@label", "a na@label.example"])
def test_user_with_a_malformed_address_is_refused(email):
    assert refusal_of(email) == ["Enter a valid email address."]


@pytest.mark.parametrize(
    ("email", "sentence"), [("", "This field cannot be blank."), (None, "This field cannot be null.")]
)
def test_user_without_an_address_is_refused(email, sentence):
    assert refusal_of(email) == [sentence]


def test_user_with_plus_in_the_address_is_another_one():
    User.objects.create_user("ana@label.example", PASSWORD)

    assert User.objects.create_user("ana+crew@label.example", PASSWORD).pk


@pytest.mark.parametrize("typed", ["ana.silva@label.example", "ANA.SILVA@LABEL.EXAMPLE", " Ana.Silva@label.example "])
def test_user_is_found_with_any_capitals(typed):
    user = User.objects.create_user("Ana.Silva@label.example", PASSWORD)

    assert User.objects.get_by_natural_key(typed) == user


@pytest.mark.parametrize(
    ("hers", "typed"),
    [("mike@label.example", "mi\N{KELVIN SIGN}e@label.example"), ("strasse@label.example", "straße@label.example")],
)
def test_user_is_not_found_by_letters_that_only_fold_to_hers(hers, typed):
    User.objects.create_user(hers, PASSWORD)

    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key(typed)


def test_user_is_not_found_by_a_pattern_or_by_nothing():
    User.objects.create_user("ana@label.example", PASSWORD)

    for name in ("a%@label.example", "ana_label.example", "", None):
        with pytest.raises(User.DoesNotExist):
            User.objects.get_by_natural_key(name)


# --- Passwords ---------------------------------------------------------------------------------


def test_user_does_not_sign_in_past_the_door():
    User.objects.create_user("ana@label.example", PASSWORD)

    assert authenticate(username="ana@label.example", password=PASSWORD) is None


def test_passwords_are_stored_with_argon2_of_a_size_for_small_machines(settings):
    settings.PASSWORD_HASHERS = production.PASSWORD_HASHERS

    encoded = make_password(PASSWORD)

    assert identify_hasher(encoded).algorithm == "argon2"
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert (check_password(PASSWORD, encoded), check_password("wrong", encoded)) == (True, False)


# --- Names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({}, "ana@label.example"),
        ({"first_name": "Ana"}, "Ana"),
        ({"last_name": "Silva"}, "Silva"),
        ({"first_name": "Ana", "last_name": "Silva"}, "Ana Silva"),
    ],
)
def test_user_is_shown_by_name_else_by_address(names, shown):
    assert str(User(email="ana@label.example", **names)) == shown


# --- Migrations --------------------------------------------------------------------------------


def test_user_is_ours_from_the_first_migration():
    state = MigrationLoader(None).project_state([("accounts", "0001_users")])

    fields = state.models["accounts", "user"].fields
    assert isinstance(fields["email"], models.EmailField)
    assert "username" not in fields
    assert User.USERNAME_FIELD == "email"
