"""manage.py lockouts: what is locked, and for how long."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.lockouts import minutes_left, standing
from accounts.management.operator import OperatorCommand, add_json, counted, instant
from accounts.models import Lockout, TrustedDevice


class Command(OperatorCommand):
    help = "List the networks, accounts and trusted devices that are locked now, the last to end first."

    def add_arguments(self, parser: CommandParser) -> None:
        add_json(parser)

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        locks = [_facts(lock, now) for lock in standing(now)]
        if options["json"]:
            self.answer(locks)
            return
        for lock in locks:
            self.say(_sentence(lock))
        if not locks:
            self.say("Nothing is locked.")


def _facts(lock: Lockout, now: datetime) -> dict[str, Any]:
    return {
        "locked": lock.scope,
        "which": _which(lock),
        "account": lock.user.email if lock.user else None,
        "because": lock.reason,
        "until": instant(lock.locked_until),
        "minutes_left": minutes_left(lock.locked_until, now),
    }


def _which(lock: Lockout) -> str | None:
    """The network, the device's name, or the account's address, which an address without an account does not have."""
    if lock.scope == Lockout.Scope.NETWORK:
        return lock.key
    if lock.scope == Lockout.Scope.DEVICE:
        return str(TrustedDevice.objects.filter(pk=lock.key).first() or lock.key)
    return lock.user.email if lock.user else None


def _sentence(lock: dict[str, Any]) -> str:
    what, why = f"{lock['locked']} {lock['which']}", lock["because"]
    if lock["locked"] == Lockout.Scope.ACCOUNT:
        what = f"account {lock['account'] or 'that does not exist'}"
    else:
        why += f", tried {lock['account'] or 'an address without an account'}"
    return f"{what}: until {lock['until']}, {counted(lock['minutes_left'], 'minute', 'minutes')} left ({why})"
