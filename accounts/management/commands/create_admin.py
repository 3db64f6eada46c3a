"""manage.py create_admin: the first account of an installation."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.management.operator import OperatorCommand, first_sign_in, refusal
from accounts.models import User
from accounts.people import make_admin


class Command(OperatorCommand):
    help = (
        "Make an administrator with a random password and print it once. "
        "Does nothing when there is an administrator already, so it is safe to run at every start."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", default="admin@settimes.example", help="address to sign in with")

    def handle(self, *, email: str, **options: Any) -> None:
        if User.objects.admins().exists():
            self.say("There is an administrator already; nothing changed.")
            return
        password = secrets.token_urlsafe(15)
        try:
            admin = make_admin(email, password, now=timezone.now())
        except ValidationError as error:
            raise refusal("--email", email, error) from error
        self.say(f"Administrator: {admin.email}", f"Password (shown only now): {password}", first_sign_in(admin))
