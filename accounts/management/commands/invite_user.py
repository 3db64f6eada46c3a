"""manage.py invite_user: an invite, mailed and printed."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.inviting import DEFAULT_DAYS, MOST_DAYS, invite_user
from accounts.mailing import link_address
from accounts.management.operator import OperatorCommand, add_json, instant
from accounts.models import Invite, User


class Command(OperatorCommand):
    help = (
        "Invite somebody: mails her a link to make an account with a role, and prints it. "
        "Each run makes another invite; those before stay good until they expire."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the only address that the invite is good for")
        parser.add_argument("--role", required=True, metavar="|".join(User.Role.values), help="what she may do")
        parser.add_argument("--days", type=int, default=DEFAULT_DAYS, help=f"how long it is good, 1 to {MOST_DAYS}")
        add_json(parser)

    def handle(self, *, email: str, role: str, days: int, **options: Any) -> None:
        invite = _invite(email, role, days)
        address, until = link_address(invite), instant(invite.expires_at)
        if options["json"]:
            self.answer({"email": invite.email, "role": invite.role, "link": address, "expires_at": until})
            return
        invited = f"Invited {invite.email} as {invite.role}; the link is on its way to her:"
        self.say(invited, address, f"It works once, until {until}.")


def _invite(email: str, role: str, days: int) -> Invite:
    if not email.strip():
        raise CommandError(f"EMAIL {email!r}: this is no address. Name the one that the invite is for.")
    if role not in User.Role.values:
        raise CommandError(f"--role {role!r}: there is no such role. Choose one of {', '.join(User.Role.values)}.")
    try:
        return invite_user(role, email=email, days=days, by=None, now=timezone.now())
    except ValidationError as error:
        argument, value = ("--days", days) if "days" in error.message_dict else ("EMAIL", email)
        raise CommandError(f"{argument} {value!r}: {' '.join(error.messages)}") from error
