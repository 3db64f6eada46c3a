"""manage.py reset_lockout: letting somebody in again who failed too often."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.clients import parse_network
from accounts.management.operator import OperatorCommand, account_of, add_json, counted
from accounts.recovering import reset_account, reset_everything, reset_network


class Command(OperatorCommand):
    help = "Lift lock-outs and forget the failures counted so far, also where nothing is locked yet. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument(
            "--ip", metavar="ADDRESS", help="of this network: an IPv4 address, or an IPv6 one and its /64"
        )
        which.add_argument("--user", metavar="EMAIL", help="of this account, and of networks that only it locked")
        which.add_argument("--all", action="store_true", help="of everybody")
        add_json(parser)

    def handle(self, *, ip: str | None, user: str | None, **options: Any) -> None:
        lifted, forgotten = _reset(ip, user)
        if options["json"]:
            self.answer({"lifted": lifted, "failures_forgotten": forgotten})
            return
        locks, failures = counted(lifted, "lock-out", "lock-outs"), counted(forgotten, "failure", "failures")
        self.say(f"Lifted {locks}, forgot {failures}.")


def _reset(ip: str | None, user: str | None) -> tuple[int, int]:
    now = timezone.now()
    if ip is not None:
        return reset_network(_network(ip), by=None, now=now)
    if user is not None:
        return reset_account(account_of(user, argument="--user"), by=None, now=now)
    return reset_everything(by=None, now=now)


def _network(ip: str) -> str:
    try:
        return parse_network(ip)
    except ValueError as error:
        raise CommandError(
            f"--ip {ip!r}: this is no network address. Give one such as 203.0.113.5 or 2001:db8::1."
        ) from error
