"""manage.py create_admin: the first account, made once, its password printed once."""

import re
from io import StringIO

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core.management import CommandError, call_command

from accounts.models import User
from settimes import settings as production

pytestmark = pytest.mark.django_db

PRINTED = re.compile(r"Administrator: (?P<email>\S+)\nPassword \(shown only now\): (?P<password>\S+)\n")
NOTHING_CHANGED = "There is an administrator already; nothing changed.\n"


def create_admin(*arguments):
    output = StringIO()
    call_command("create_admin", *arguments, stdout=output)
    return output.getvalue()


def test_create_admin_prints_a_password_that_works(client):
    printed = PRINTED.fullmatch(create_admin())

    assert printed["email"] == "admin@settimes.example"
    assert len(printed["password"]) >= 20
    assert client.login(username=printed["email"], password=printed["password"])
    assert client.get("/admin/").status_code == 200


def test_create_admin_takes_another_address():
    printed = PRINTED.fullmatch(create_admin("--email", "ana@Label.example"))

    assert printed["email"] == "ana@label.example"
    assert list(User.objects.values_list("email", "is_staff", "is_superuser")) == [("ana@label.example", True, True)]


def test_create_admin_stores_the_password_with_argon2_in_production(settings):
    settings.PASSWORD_HASHERS = production.PASSWORD_HASHERS

    printed = PRINTED.fullmatch(create_admin())

    user = User.objects.get()
    assert identify_hasher(user.password).algorithm == "argon2"
    assert user.check_password(printed["password"])
    assert printed["password"] not in user.password


def test_create_admin_makes_another_password_each_time():
    first = PRINTED.fullmatch(create_admin())["password"]
    User.objects.all().delete()

    assert PRINTED.fullmatch(create_admin())["password"] != first


def test_create_admin_changes_nothing_when_run_again():
    create_admin()
    before = User.objects.values().get()

    assert create_admin() == NOTHING_CHANGED
    assert create_admin("--email", "ana@label.example") == NOTHING_CHANGED

    assert User.objects.values().get() == before


def test_create_admin_helps_where_the_only_administrator_was_switched_off():
    create_admin()
    User.objects.update(is_active=False)

    printed = PRINTED.fullmatch(create_admin("--email", "ana@label.example"))

    assert printed["email"] == "ana@label.example"


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("ana@label.example", "--email 'ana@label.example': This e-mail address already has an account."),
        ("ANA@label.example", "--email 'ANA@label.example': This e-mail address already has an account."),
        ("ana", "--email 'ana': Enter a valid email address."),
        ("", "--email '': This field cannot be blank."),
    ],
)
def test_create_admin_refuses_an_address_in_a_sentence(email, sentence):
    User.objects.create_user("ana@label.example", "correct horse battery")

    with pytest.raises(CommandError) as refusal:
        create_admin("--email", email)

    assert str(refusal.value) == sentence
    assert User.objects.filter(is_superuser=True).count() == 0
