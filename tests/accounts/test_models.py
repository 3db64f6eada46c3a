"""People who sign in: by e-mail address, whatever its capitals."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
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


def test_user_is_made_with_the_domain_in_small_letters():
    user = User.objects.create_user("Ana.Silva@Label.EXAMPLE", PASSWORD)

    assert (user.email, user.is_staff, user.is_superuser, user.is_active) == (
        "Ana.Silva@label.example",
        False,
        False,
        True,
    )
    assert User.objects.get() == user


@pytest.mark.parametrize("email", ["ana@label.example", "ANA@label.example", "Ana@LABEL.example"])
def test_user_addresses_are_unique_whatever_their_capitals(email):
    User.objects.create_user("ana@label.example", PASSWORD)

    assert refusal_of(email) == ["This e-mail address already has an account."]


def test_user_addresses_are_unique_for_the_database_too():
    ana = User.objects.create_user("ana@label.example", PASSWORD)
    ben = User.objects.create_user("ben@label.example", PASSWORD)

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=ben.pk).update(email="Ana@Label.example")

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


@pytest.mark.parametrize("typed", ["ana.silva@label.example", "ANA.SILVA@LABEL.EXAMPLE"])
def test_user_signs_in_with_any_capitals(typed):
    user = User.objects.create_user("Ana.Silva@label.example", PASSWORD)

    assert authenticate(username=typed, password=PASSWORD) == user


def test_user_is_not_found_by_a_pattern_or_by_nothing():
    User.objects.create_user("ana@label.example", PASSWORD)

    for name in ("a%@label.example", "ana_label.example", "", None):
        with pytest.raises(User.DoesNotExist):
            User.objects.get_by_natural_key(name)


# --- Passwords ---------------------------------------------------------------------------------


def test_user_with_a_wrong_password_or_none_or_inactive_does_not_sign_in():
    User.objects.create_user("ana@label.example", PASSWORD)
    User.objects.create_user("ben@label.example")
    User.objects.create_user("cem@label.example", PASSWORD, is_active=False)

    tries = [
        ("ana@label.example", "wrong"),
        ("ana@label.example", ""),
        ("ben@label.example", ""),
        ("cem@label.example", PASSWORD),
    ]

    assert [authenticate(username=email, password=password) for email, password in tries] == [None] * 4


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


# --- createsuperuser ---------------------------------------------------------------------------


@pytest.fixture
def superuser_variables(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "ana@Label.example")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)


def test_createsuperuser_makes_an_administrator_from_variables(superuser_variables, client, capsys):
    call_command("createsuperuser", interactive=False)

    user = User.objects.get()
    assert (user.email, user.is_staff, user.is_superuser, user.is_active) == ("ana@label.example", True, True, True)
    assert client.login(username="ANA@label.example", password=PASSWORD)
    assert client.get("/admin/").status_code == 200
    assert capsys.readouterr().out == "Superuser created successfully.\n"


def test_createsuperuser_refuses_an_address_that_has_an_account_in_other_capitals(superuser_variables):
    User.objects.create_user("ANA@label.example", PASSWORD)

    with pytest.raises(CommandError, match=r"^Error: That e-mail address is already taken\.$"):
        call_command("createsuperuser", interactive=False)

    assert User.objects.filter(is_superuser=True).count() == 0


def test_createsuperuser_refuses_a_malformed_address(superuser_variables, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "ana")

    with pytest.raises(CommandError, match=r"Enter a valid email address\."):
        call_command("createsuperuser", interactive=False)

    assert User.objects.count() == 0


# --- Migrations --------------------------------------------------------------------------------


def test_user_is_ours_from_the_first_migration():
    state = MigrationLoader(None).project_state([("accounts", "0001_users")])

    fields = state.models["accounts", "user"].fields
    assert isinstance(fields["email"], models.EmailField)
    assert "username" not in fields
    assert User.USERNAME_FIELD == "email"
