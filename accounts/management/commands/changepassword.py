"""manage.py changepassword: a new password for somebody whose mail does not work. Stands above Django's own."""

import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts import people
from accounts.management.operator import OperatorCommand, account_of


class Command(OperatorCommand):
    help = (
        "Ask for a new password, twice, and give it to somebody. Her sessions and trusted devices end; her second "
        "factor is still asked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="whose password")

    def handle(self, *, email: str, **options: Any) -> None:
        user = account_of(email)
        password = getpass.getpass("New password: ")
        if password != getpass.getpass("The same again: "):
            raise CommandError("The two passwords are not the same. Nothing was changed; run it again.")
        try:
            people.set_password(user, password, by=None, keep_session=None, now=timezone.now(), reason="operator")
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.say(f"{user.email} has a new password. She is signed out everywhere.")
