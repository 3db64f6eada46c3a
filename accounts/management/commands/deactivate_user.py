"""manage.py deactivate_user: shutting somebody out."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.management.operator import OperatorCommand, account_of, add_json, add_reason, reason_of, refusal
from accounts.people import deactivate_user


class Command(OperatorCommand):
    help = (
        "Shut somebody out at once: her sessions, trusted devices and links end. "
        "Refuses the last active admin. Safe to repeat; reactivate_user lets her in again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="whom")
        add_reason(parser)
        add_json(parser)

    def handle(self, *, email: str, reason: str, **options: Any) -> None:
        user, why = account_of(email), reason_of(reason)
        is_change = user.deactivated_at is None
        try:
            deactivate_user(user, by=None, reason=why, now=timezone.now())
        except ValidationError as error:
            raise refusal("EMAIL", email, error) from error
        if options["json"]:
            self.answer({"email": user.email, "changed": is_change, "may_sign_in": False})
        elif is_change:
            self.say(f"{user.email} is deactivated; her sessions, trusted devices and links have ended.")
        else:
            self.say(f"{user.email} was deactivated already; nothing changed.")
