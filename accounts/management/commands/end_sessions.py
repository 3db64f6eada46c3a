"""manage.py end_sessions: signing somebody out everywhere."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.management.operator import OperatorCommand, account_of, add_json, counted
from accounts.sessions import end_sessions_by_operator


class Command(OperatorCommand):
    help = "Sign somebody out everywhere. She can sign in again at once. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="whose sessions")
        add_json(parser)

    def handle(self, *, email: str, **options: Any) -> None:
        user = account_of(email)
        ended = end_sessions_by_operator(user, now=timezone.now())
        if options["json"]:
            self.answer({"email": user.email, "sessions": ended})
            return
        self.say(f"Ended {counted(ended, 'session', 'sessions')} of {user.email}.")
