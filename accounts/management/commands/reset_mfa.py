"""manage.py reset_mfa: somebody lost her second factor."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.factors import reset_factors
from accounts.management.operator import OperatorCommand, account_of, add_json, add_reason, counted, reason_of


class Command(OperatorCommand):
    help = (
        "Take all second factors of somebody away, with her sessions and trusted devices; "
        "she enrols again at her next sign-in. Make sure that it is she who asks. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="whose")
        add_reason(parser)
        add_json(parser)

    def handle(self, *, email: str, reason: str, **options: Any) -> None:
        user = account_of(email)
        taken = reset_factors(user, by=None, reason=reason_of(reason), now=timezone.now())
        if options["json"]:
            self.answer({"email": user.email, "factors": taken})
            return
        factors = counted(taken, "second factor", "second factors")
        self.say(f"Took {factors} of {user.email} away and signed her out everywhere.")
        if user.needs_second_factor:
            self.say("She will be led through enrolling a new one at her next sign-in.")
