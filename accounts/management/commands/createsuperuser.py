"""manage.py createsuperuser: Django's, with an entry in the audit trail and a word on what comes next."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils import timezone

from accounts.management.operator import OperatorCommand, first_sign_in
from accounts.models import User
from accounts.people import make_admin
from accounts.signing_in import find_user


class AuditedUsers:
    """The user model as Django's command sees it: an admin made through it enters the audit trail with her account."""

    made: User | None = None

    def __init__(self, *, password_from: str) -> None:
        self.password_from = password_from

    def __call__(self, **fields: Any) -> User:
        return User(**fields)

    def __getattr__(self, name: str) -> Any:
        return getattr(User, name)

    @property
    def _default_manager(self) -> "AuditedUsers":
        return self

    def db_manager(self, using: str) -> "AuditedUsers":
        return self

    def create_superuser(self, email: str, password: str | None) -> None:
        if not password:
            raise CommandError(
                f"{self.password_from} is empty: without a password {email!r} could not sign in. "
                "Set it, or leave out --noinput to be asked."
            )
        try:
            self.made = make_admin(email, password, now=timezone.now())
        except ValidationError as error:
            raise CommandError(f"{self.password_from}: {' '.join(error.messages)} Choose another one.") from error


class Command(OperatorCommand, createsuperuser.Command):
    help = (
        "Make an admin: asks for address and password, or takes them from DJANGO_SUPERUSER_EMAIL and "
        "DJANGO_SUPERUSER_PASSWORD with --noinput. Changes nothing when the address has an account."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        users = AuditedUsers(password_from="Password" if options["interactive"] else "DJANGO_SUPERUSER_PASSWORD")
        self.UserModel = users  # type: ignore[assignment]  # stands in for the model
        super().handle(*args, **options)
        if users.made:
            self.say(first_sign_in(users.made))

    def _validate_username(self, username: str, verbose_field_name: str, database: str) -> str | None:
        """What is wrong with an address, in a sentence that names it."""
        if username and find_user(username):
            return (
                f"--email {username!r}: this address has an account already. "
                "Name another one, or let an admin change its role under People."
            )
        try:
            self.username_field.clean(username, None)
        except ValidationError as error:
            return f"--email {username!r}: {' '.join(error.messages)}"
        return None
