"""manage.py createsuperuser and create_admin: the admin, the entry in the trail, the word on what comes next."""

import getpass
import io
import re

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry, User
from accounts.trails import broken_rows

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
NEXT = "At her first sign-in at http://testserver/account/sign-in/ {} will be led through enrolling a second factor.\n"
PRINTED = re.compile(
    r"Administrator: (?P<email>\S+)\nPassword \(shown only now\): (?P<password>\S+)\n(?P<rest>.*)", re.S
)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def variables(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "Ana@Label.example")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)


def run(command, *arguments, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command(command, *arguments, "--no-color", stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def failure_of(command, *arguments):
    with pytest.raises(CommandError) as failure:
        run(command, *arguments)
    return str(failure.value), failure.value.returncode


def entries():
    rows = AuditEntry.objects.values_list("action", "object_label", "user_id", "after", "origin__agent")
    return list(rows.order_by("pk"))


# --- createsuperuser ---------------------------------------------------------------------------


def test_createsuperuser_makes_an_admin_from_variables(variables):
    assert run("createsuperuser", "--noinput") == (
        "Superuser created successfully.\n" + NEXT.format("Ana@label.example"),
        "",
    )

    admin = User.objects.get()
    assert (admin.email, admin.role, admin.is_active) == ("Ana@label.example", "admin", True)
    assert admin.check_password(PASSWORD)


def test_createsuperuser_writes_an_audit_entry_that_names_the_command(variables):
    run("createsuperuser", "--noinput")

    assert entries() == [
        ("user.created", "Ana@label.example", None, {"role": "admin"}, "manage.py createsuperuser"),
    ]
    assert list(broken_rows(AuditEntry)) == []


def test_createsuperuser_run_twice_refuses_and_changes_nothing(variables):
    run("createsuperuser", "--noinput")
    before = User.objects.values().get()

    assert failure_of("createsuperuser", "--noinput", "--email", "ANA@label.example") == (
        "--email 'ANA@label.example': this address has an account already. "
        "Name another one, or let an admin change its role under People.",
        1,
    )

    assert User.objects.values().get() == before
    assert len(entries()) == 1


def test_createsuperuser_refuses_a_malformed_address(variables):
    assert failure_of("createsuperuser", "--noinput", "--email", "ana") == (
        "--email 'ana': Enter a valid email address.",
        1,
    )
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        (
            "",
            "DJANGO_SUPERUSER_PASSWORD is empty: without a password 'ana@label.example' could not sign in. "
            "Set it, or leave out --noinput to be asked.",
        ),
        (
            "kestrel-fog",
            "DJANGO_SUPERUSER_PASSWORD: This password is too short. It must contain at least 12 characters. "
            "Choose another one.",
        ),
    ],
)
def test_createsuperuser_refuses_a_password_that_will_not_do_without_repeating_it(monkeypatch, password, sentence):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", password)

    assert failure_of("createsuperuser", "--noinput", "--email", "ana@label.example") == (sentence, 1)

    assert (User.objects.count(), entries()) == (0, [])


def test_createsuperuser_takes_a_password_of_just_enough_characters(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "kestrel-fogs")

    run("createsuperuser", "--noinput", "--email", "ana@label.example")

    assert User.objects.get().check_password("kestrel-fogs")


def test_createsuperuser_asks_for_address_and_password(monkeypatch):
    User.objects.create_user("bo@label.example", PASSWORD)
    typed = iter(["bo@label.example", "ana@label.example"])
    monkeypatch.setattr("builtins.input", lambda _message: next(typed))
    monkeypatch.setattr(getpass, "getpass", lambda *_prompt: PASSWORD)

    out, err = run("createsuperuser", stdin=Terminal())

    assert out == "Superuser created successfully.\n" + NEXT.format("ana@label.example")
    assert err == (
        "--email 'bo@label.example': this address has an account already. "
        "Name another one, or let an admin change its role under People.\n"
    )
    assert [entry[:2] for entry in entries()] == [("user.created", "ana@label.example")]


def test_createsuperuser_makes_nobody_where_nobody_can_be_asked():
    out, _err = run("createsuperuser", stdin=io.TextIOWrapper(io.BytesIO()))

    assert out.startswith("Superuser creation skipped")
    assert "first sign-in" not in out
    assert (User.objects.count(), entries()) == (0, [])


# --- create_admin ------------------------------------------------------------------------------


def test_create_admin_prints_a_password_that_is_right_and_what_comes_next():
    out, err = run("create_admin", "--email", "ana@Label.example")

    printed = PRINTED.fullmatch(out)
    assert (printed["email"], printed["rest"], err) == ("ana@label.example", NEXT.format("ana@label.example"), "")
    assert len(printed["password"]) >= 20
    admin = User.objects.get()
    assert (admin.role, admin.check_password(printed["password"])) == ("admin", True)
    assert entries() == [("user.created", "ana@label.example", None, {"role": "admin"}, "manage.py create_admin")]


def test_create_admin_changes_nothing_when_run_again():
    run("create_admin")
    before = User.objects.values().get()

    again = run("create_admin", "--email", "ana@label.example")

    assert again == ("There is an administrator already; nothing changed.\n", "")
    assert (User.objects.values().get(), len(entries())) == (before, 1)


def test_create_admin_counts_neither_editors_nor_who_is_not_active():
    User.objects.create_user("bo@label.example", PASSWORD, role="editor")
    User.objects.create_user("cy@label.example", PASSWORD, role="admin", activated_at=None)

    run("create_admin")

    assert list(User.objects.admins().values_list("email", flat=True)) == ["admin@settimes.example"]


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
    User.objects.create_user("ana@label.example", PASSWORD)

    assert failure_of("create_admin", "--email", email) == (sentence, 1)

    assert (User.objects.admins().count(), entries()) == (0, [])
