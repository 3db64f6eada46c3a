"""Stopping guesses: five failures in ten minutes, then an hour's wait.

Counted in the database, so that a restart or a missing cache forgets nothing: by network, by
account (whether it exists or not) and by trusted device. A try is written down before it is
checked and taken back when it was right.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import override

from accounts.clients import Client
from accounts.mailing import queue_unlock_mail
from accounts.models import AuthEvent, FailedAttempt, Lockout, TrustedDevice, User
from accounts.trails import account_key, record_attempt, security_log
from settimes.locks import lock_until_commit

FAILURES = 5
WINDOW = timedelta(minutes=10)
LOCK = timedelta(hours=1)
DAY = timedelta(days=1)
PASSWORDS_A_DAY = 100  # checks for one account from wherever, after which it is held
CODES_A_DAY = 10  # wrong codes for one account, after which its second factor is held
MOST_BEING_CHECKED = timedelta(minutes=1)


class TooManyAttempts(Exception):
    """This try is not checked. `scope` says what is locked, `until` for how long."""

    def __init__(self, scope: str, until: datetime) -> None:
        super().__init__(f"{scope} locked until {until:%H:%M:%S}")
        self.scope = scope
        self.until = until

    def minutes_left(self, now: datetime) -> int:
        """Whole minutes to wait, never none."""
        return minutes_left(self.until, now)


def minutes_left(until: datetime, now: datetime) -> int:
    """Whole minutes to wait, rounded up, never none."""
    return max(1, -(-int((until - now).total_seconds()) // 60))


@transaction.atomic
def open_attempt(
    kind: FailedAttempt.Kind,
    *,
    client: Client,
    email: str = "",
    device: TrustedDevice | None = None,
    minds_network: bool = True,
    now: datetime,
) -> FailedAttempt:
    """Count a try, before it is checked.

    `device` is a trusted device of the very account that is tried: it is not hindered by what
    others did on its network or to its account, and has a count of its own. `minds_network` is
    false for who has shown by the link that was mailed to her that she is no stranger on her
    network. Confirmations (`Kind.STEP_UP`) come from inside a session: they have a count of their
    own too, so that strangers who guess at the door keep nobody from her work.

    Raises TooManyAttempts.
    """
    key = account_key(email)
    _queue_up(client.network, key)
    network = client.network if minds_network else ""
    if locked := _locked(FailedAttempt.Kind(kind), network, key, device, now):
        raise TooManyAttempts(*locked)
    return FailedAttempt.objects.create(kind=kind, network=client.network, account_key=key, device=device, at=now)


@transaction.atomic
def fail_attempt(attempt: FailedAttempt, *, user: User | None, now: datetime) -> None:
    """The try was wrong: it stays, and the fifth within ten minutes locks."""
    _queue_up(attempt.network, attempt.account_key)
    with override("en"):  # kept as it is, whoever reads it
        reason = attempt.get_kind_display()
    if attempt.kind == FailedAttempt.Kind.STEP_UP:
        if _count(_confirmations(now), account_key=attempt.account_key) >= FAILURES:
            key = _confirming(attempt.account_key)
            _lock(Lockout.Scope.DEVICE, key, attempt, user, reason, until=now + LOCK, now=now)
        return
    if attempt.device_id and _count(_recent(now), device_id=attempt.device_id) >= FAILURES:
        _lock(Lockout.Scope.DEVICE, str(attempt.device_id), attempt, user, reason, until=now + LOCK, now=now)
    if _count(_recent(now), network=attempt.network) >= FAILURES:
        _lock(Lockout.Scope.NETWORK, attempt.network, attempt, user, reason, until=now + LOCK, now=now)
    if not attempt.account_key:
        return
    of_account = {"account_key": attempt.account_key}
    held = attempt.kind == FailedAttempt.Kind.CODE and (
        _count(_today(now), kind=FailedAttempt.Kind.CODE, **of_account) >= CODES_A_DAY
    )
    if held or _count(_recent(now), **of_account) >= FAILURES:
        until = now + (DAY if held else LOCK)
        _lock(Lockout.Scope.ACCOUNT, attempt.account_key, attempt, user, reason, until=until, now=now)


@transaction.atomic
def count_in_vain(*, client: Client, email: str, now: datetime) -> None:
    """Do what a failure costs and leave nothing of it: the answer for a locked account takes no less time."""
    key = account_key(email)
    _queue_up(client.network, key)
    FailedAttempt.objects.create(kind=FailedAttempt.Kind.PASSWORD, network=client.network, account_key=key, at=now)
    _count(_recent(now), network=client.network)
    _count(_recent(now), account_key=key)
    transaction.set_rollback(True)


def forgive_attempt(attempt: FailedAttempt) -> None:
    """The try was right, and there is more to prove: only this one is taken back."""
    attempt.delete()


def forget_failures(*, client: Client, email: str) -> None:
    """Somebody is in: her failures on this network are forgotten, nobody else's and none from elsewhere."""
    FailedAttempt.objects.filter(network=client.network, account_key=account_key(email)).delete()


@transaction.atomic
def lift(locks: QuerySet[Lockout]) -> list[Lockout]:
    """End lock-outs and forget the failures behind them; what was lifted."""
    lifted = list(locks)
    for lock in lifted:
        behind: dict[str, Any] = {
            Lockout.Scope.NETWORK: {"network": lock.key},
            Lockout.Scope.ACCOUNT: {"account_key": lock.key},
            Lockout.Scope.DEVICE: {"device_id": lock.key}
            if lock.key.isdecimal()
            else {"account_key": lock.account_key},
        }[Lockout.Scope(lock.scope)]
        FailedAttempt.objects.filter(**behind).delete()
        lock.delete()
    return lifted


def holding_network(network: str) -> tuple[QuerySet[Lockout], QuerySet[FailedAttempt]]:
    """What keeps a network out, with the accounts that were locked from it alone, and what was counted on it."""
    here, elsewhere = FailedAttempt.objects.filter(network=network), FailedAttempt.objects.exclude(network=network)
    keys = set(here.values_list("account_key", flat=True)) - set(elsewhere.values_list("account_key", flat=True))
    its_own = Q(scope=Lockout.Scope.NETWORK, key=network)
    return Lockout.objects.filter(its_own | Q(scope=Lockout.Scope.ACCOUNT, key__in=keys)), here


def holding_account(user: User) -> tuple[QuerySet[Lockout], QuerySet[FailedAttempt]]:
    """What keeps a person out (her account, networks that only she locked), and what was counted against her."""
    key = account_key(user.email)
    return Lockout.objects.filter(account_key=key), FailedAttempt.objects.filter(account_key=key)


def unlock_account(user: User) -> list[Lockout]:
    """Lift what keeps this person out: the lock on her account, and those on a network that only her account caused."""
    locks, _failures = holding_account(user)
    return lift(locks)


def standing(now: datetime) -> QuerySet[Lockout]:
    """Lock-outs in force, the last to end first."""
    return Lockout.objects.filter(locked_until__gt=now).select_related("user")


def forget_old(now: datetime) -> None:
    """Delete what nothing counts any more."""
    FailedAttempt.objects.filter(at__lte=now - DAY).delete()
    Lockout.objects.filter(locked_until__lte=now).delete()


def _locked(
    kind: FailedAttempt.Kind, network: str, key: str, device: TrustedDevice | None, now: datetime
) -> tuple[str, datetime] | None:
    looked_at: list[tuple[str, str, dict[str, Any]]]
    counted = _recent(now)
    if kind == FailedAttempt.Kind.STEP_UP:
        counted = _confirmations(now)
        looked_at = [(Lockout.Scope.DEVICE, _confirming(key), {"account_key": key})]
    elif device:
        looked_at = [(Lockout.Scope.DEVICE, str(device.pk), {"device_id": device.pk})]
    else:
        looked_at = [(Lockout.Scope.NETWORK, network, {"network": network})] if network else []
        if key:
            looked_at.append((Lockout.Scope.ACCOUNT, key, {"account_key": key}))
    for scope, which, rows in looked_at:
        lock = Lockout.objects.filter(scope=scope, key=which, locked_until__gt=now).first()
        if lock:
            return scope, lock.locked_until
        if _count(counted, **rows) >= FAILURES:  # as many are being checked this very moment
            return scope, now + MOST_BEING_CHECKED
    is_password = kind == FailedAttempt.Kind.PASSWORD
    if key and not device and is_password and _count(_today(now), account_key=key, kind=kind) >= PASSWORDS_A_DAY:
        return Lockout.Scope.ACCOUNT, now + LOCK
    return None


def _lock(
    scope: Lockout.Scope,
    which: str,
    attempt: FailedAttempt,
    user: User | None,
    reason: str,
    *,
    until: datetime,
    now: datetime,
) -> None:
    rows = {"network": which} if scope == Lockout.Scope.NETWORK else {"account_key": attempt.account_key}
    tried = set(_recent(now).filter(**rows).values_list("account_key", flat=True))
    is_her_own = scope == Lockout.Scope.DEVICE or tried == {attempt.account_key}
    longer = Lockout.objects.filter(scope=scope, key=which, locked_until__gt=until).first()
    if longer:  # tries from a trusted device, or begun before: they make nobody else's wait shorter
        until = longer.locked_until
    Lockout.objects.update_or_create(
        scope=scope,
        key=which,
        defaults={
            "account_key": attempt.account_key if is_her_own else "",
            "user": user,
            "reason": reason,
            "locked_at": now,
            "locked_until": until,
        },
    )
    record_attempt(AuthEvent.Kind.LOCK, success=False, event="authn_login_lock", reason=scope.value, user=user, now=now)
    if user is not None:
        queue_unlock_mail(user, now=now)


def _queue_up(*keys: str) -> None:
    for key in sorted({each for each in keys if each}):
        lock_until_commit(f"attempt {key}")


def _recent(now: datetime) -> QuerySet[FailedAttempt]:
    """What failed at the door."""
    return FailedAttempt.objects.filter(at__gt=now - WINDOW).exclude(kind=FailedAttempt.Kind.STEP_UP)


def _confirmations(now: datetime) -> QuerySet[FailedAttempt]:
    return FailedAttempt.objects.filter(at__gt=now - WINDOW, kind=FailedAttempt.Kind.STEP_UP)


def _confirming(key: str) -> str:
    """What stands in a lock for the sessions of one account."""
    return f"sessions {key[:40]}"


def _today(now: datetime) -> QuerySet[FailedAttempt]:
    return FailedAttempt.objects.filter(at__gt=now - DAY)


def _count(rows: QuerySet[FailedAttempt], **of: Any) -> int:
    return rows.filter(**of).count()


def warn_of_spraying(now: datetime) -> None:
    """Log an alarm when the last minute saw ten times the failures of an ordinary one of the last day (S07)."""
    last_minute = _count(FailedAttempt.objects.filter(at__gt=now - timedelta(minutes=1)))
    usual = _count(_today(now)) / (24 * 60)
    if last_minute >= max(10 * usual, 50):
        security_log("authn_login_alarm", level=40, failures_last_minute=last_minute)
