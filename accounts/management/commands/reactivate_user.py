"""manage.py reactivate_user: letting somebody in again."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.management.operator import OperatorCommand, account_of, add_json
from accounts.people import reactivate_user


class Command(OperatorCommand):
    help = "Let somebody in again who was deactivated; what ended then stays ended. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="whom")
        add_json(parser)

    def handle(self, *, email: str, **options: Any) -> None:
        user = account_of(email)
        is_change = user.deactivated_at is not None
        reactivate_user(user, by=None, now=timezone.now())
        user.refresh_from_db()
        if options["json"]:
            self.answer({"email": user.email, "changed": is_change, "may_sign_in": user.is_active})
        elif is_change:
            done = "may sign in again" if user.is_active else "may sign in once she activated the account by mail"
            self.say(f"{user.email} {done}.")
        else:
            self.say(f"{user.email} is not deactivated; nothing changed.")
