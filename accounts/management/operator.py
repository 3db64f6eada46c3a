"""What the commands about accounts have in common: who they act as, whom they act on, how they answer."""

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts.clients import Client, acting_for
from accounts.models import AuditEntry, User
from accounts.signing_in import find_user
from accounts.trails import UNSAFE_IN_LOGS

MOST_REASON_CHARACTERS = AuditEntry._meta.get_field("reason").max_length or 0


class OperatorCommand(BaseCommand):
    """A command that the trails name as the origin of what it does."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        name = type(self).__module__.rpartition(".")[2]
        with acting_for(Client(agent=f"manage.py {name}")):
            return super().execute(*args, **options)

    def say(self, *lines: str) -> None:
        """Print lines; what somebody typed into one cannot steer the terminal, nor begin another."""
        for line in lines:
            self.stdout.write(UNSAFE_IN_LOGS.sub(lambda found: f"\\u{ord(found[0]):04x}", line))

    def answer(self, facts: Any) -> None:
        """Print facts as one JSON document."""
        self.stdout.write(json.dumps(facts, indent=2))


def add_json(parser: ArgumentParser) -> None:
    """The option to answer in JSON."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def add_reason(parser: ArgumentParser) -> None:
    """The option to say why."""
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, for the audit trail")


def reason_of(text: str) -> str:
    """A reason that the trail can hold. Raises CommandError."""
    if len(text) > MOST_REASON_CHARACTERS:
        raise CommandError(
            f"--reason {text[:30] + '…'!r}: this has {len(text)} characters. Use at most {MOST_REASON_CHARACTERS}."
        )
    return text.strip()


def account_of(email: str, *, argument: str = "EMAIL") -> User:
    """The account of an address. Raises CommandError."""
    user = find_user(email)
    if user is None:
        raise CommandError(
            f"{argument} {email!r}: no account has this address. Check how it is spelled; "
            "People in the admin lists all accounts."
        )
    return user


def refusal(argument: str, value: object, error: ValidationError) -> CommandError:
    """What a domain function objects to, as a sentence about an argument."""
    return CommandError(f"{argument} {value!r}: {' '.join(dict.fromkeys(error.messages))}")


def first_sign_in(admin: User) -> str:
    """What awaits an admin who was just made."""
    return (
        f"At her first sign-in at {settings.SITE_URL}{reverse('accounts:sign_in')} {admin.email} "
        "will be led through enrolling a second factor."
    )


def counted(number: int, one: str, many: str) -> str:
    """ "1 session", "2 sessions"."""
    return f"{number} {one if number == 1 else many}"


def instant(at: datetime) -> str:
    """An instant in UTC and ISO format, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
