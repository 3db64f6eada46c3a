"""manage.py invite_user: an invite, its mail, and the link to copy."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.links import find_invite
from accounts.mailing import link_address
from accounts.models import AccountMail, AuditEntry, Invite

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _still_clock():
    with time_machine.travel(NOW, tick=False):
        yield


def run(*arguments):
    out = io.StringIO()
    call_command("invite_user", *arguments, "--no-color", stdout=out)
    return out.getvalue()


def failure_of(*arguments):
    with pytest.raises(CommandError) as failure:
        run(*arguments)
    return str(failure.value), failure.value.returncode


def test_invite_user_mails_and_prints_the_link_with_its_expiry():
    out = run("bo@label.example", "--role", "editor")

    invite = Invite.objects.get()
    assert out == (
        "Invited bo@label.example as editor; the link is on its way to her:\n"
        f"{link_address(invite)}\n"
        "It works once, until 2026-10-08T12:00:00Z.\n"
    )
    assert list(AccountMail.objects.values_list("kind", "to", "invite")) == [("invite", "bo@label.example", invite.pk)]


def test_invite_user_prints_a_link_that_opens_the_invite():
    link = json.loads(run("bo@label.example", "--role", "admin", "--json"))["link"]

    token = link.removeprefix("http://testserver/account/link/invite/").removesuffix("/")
    assert find_invite(token, now=NOW) == Invite.objects.get(role="admin")


def test_invite_user_answers_in_json():
    answer = json.loads(run("bo@label.example", "--role", "viewer", "--days", "1", "--json"))

    assert answer == {
        "email": "bo@label.example",
        "role": "viewer",
        "link": link_address(Invite.objects.get()),
        "expires_at": "2026-10-02T12:00:00Z",
    }


def test_invite_user_names_itself_in_the_audit_trail():
    run("bo@label.example", "--role", "editor", "--days", "3")

    assert list(AuditEntry.objects.values_list("action", "user_id", "after", "origin__agent")) == [
        (
            "invite.created",
            None,
            {"role": "editor", "e-mail": "bo@label.example", "days": 3},
            "manage.py invite_user",
        )
    ]


@pytest.mark.parametrize("days", [1, 365])
def test_invite_user_takes_days_within_the_bounds(days):
    run("bo@label.example", "--role", "editor", "--days", str(days))

    assert Invite.objects.get().expires_at == NOW + timedelta(days=days)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["bo@label.example", "--role", "editor", "--days", "0"],
            "--days 0: An invite lasts 1 to 365 days, not 0.",
        ),
        (
            ["bo@label.example", "--role", "editor", "--days", "366"],
            "--days 366: An invite lasts 1 to 365 days, not 366.",
        ),
        (
            ["bo@label.example", "--role", "boss"],
            "--role 'boss': there is no such role. Choose one of viewer, editor, admin.",
        ),
        (["bo", "--role", "editor"], "EMAIL 'bo': Enter a valid email address."),
        ([" ", "--role", "editor"], "EMAIL ' ': this is no address. Name the one that the invite is for."),
    ],
)
def test_invite_user_refuses_in_a_sentence_and_invites_nobody(arguments, sentence):
    assert failure_of(*arguments) == (sentence, 1)

    assert (Invite.objects.count(), AccountMail.objects.count(), AuditEntry.objects.count()) == (0, 0, 0)


def test_invite_user_run_twice_makes_two_invites_that_both_work():
    first = json.loads(run("bo@label.example", "--role", "editor", "--json"))["link"]
    second = json.loads(run("bo@label.example", "--role", "editor", "--json"))["link"]

    assert first != second
    assert {link_address(invite) for invite in Invite.objects.open(NOW)} == {first, second}
