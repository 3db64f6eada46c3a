"""The password that manage.py create_admin prints: stored safely, another one each time, good for the door.

What else the command does: tests/accounts/test_first_admin_command.py.
"""

import re
from io import StringIO

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from settimes import settings as production
from tests.triggers import without_triggers

pytestmark = pytest.mark.django_db


def create_admin():
    """The password that it prints."""
    output = StringIO()
    call_command("create_admin", stdout=output)
    return re.search(r"^Password \(shown only now\): (\S+)$", output.getvalue(), re.MULTILINE)[1]


def test_create_admin_stores_the_password_with_argon2_in_production(settings):
    settings.PASSWORD_HASHERS = production.PASSWORD_HASHERS

    password = create_admin()

    user = User.objects.get()
    assert identify_hasher(user.password).algorithm == "argon2"
    assert user.check_password(password)
    assert password not in user.password


def test_create_admin_makes_another_password_each_time():
    first = create_admin()
    with without_triggers(connection):
        User.objects.all().delete()

    assert create_admin() != first


def test_create_admin_makes_somebody_who_comes_in_and_enrols_a_factor(client):
    password = create_admin()

    response = client.post("/account/sign-in/", {"email": "ADMIN@settimes.example", "password": password})

    assert (response.status_code, response["Location"]) == (302, "/account/security/factor/")
