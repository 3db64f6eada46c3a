"""manage.py create_admin: the first account of an installation."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User


class Command(BaseCommand):
    help = (
        "Make an administrator with a random password and print it once. "
        "Does nothing when there is an administrator already, so it is safe to run at every start."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", default="admin@settimes.example", help="address to sign in with")

    def handle(self, *, email: str, **options: Any) -> None:
        if User.objects.filter(is_superuser=True, is_active=True).exists():
            self.stdout.write("There is an administrator already; nothing changed.")
            return
        password = secrets.token_urlsafe(15)
        try:
            user = User.objects.create_superuser(email, password)
        except ValidationError as error:
            raise CommandError(f"--email {email!r}: {' '.join(error.messages)}") from error
        self.stdout.write(f"Administrator: {user.email}\nPassword (shown only now): {password}")
