"""Getting in again: a forgotten password, a lock-out."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import lockouts, mailing
from accounts.clients import UNKNOWN, Client
from accounts.links import make_link, use_link
from accounts.models import AccountLink, AuthEvent, FailedAttempt, Lockout, User
from accounts.people import set_password
from accounts.signing_in import find_user
from accounts.trails import audit, record_attempt


@transaction.atomic
def request_reset(email: str, *, now: datetime) -> None:
    """Mail a link to set a new password, if the address has an active account; at most one in five minutes."""
    user = find_user(email)
    is_sent = user is not None and user.is_active
    if user is not None and is_sent and not mailing.was_mailed(user, "reset", now=now):
        mailing.queue_link_mail("reset", make_link(AccountLink.Purpose.RESET, user, now=now), now=now)
    record_attempt(
        AuthEvent.Kind.RESET,
        success=is_sent,
        event="authn_reset_requested",
        reason="asked" if is_sent else "no active account",
        user=user,
        email=email,
        now=now,
    )


@transaction.atomic
def start_reset(user: User, *, by: User | None, reason: str, now: datetime) -> AccountLink:
    """An admin has a link mailed to somebody, with the reason kept; the old password works until it is used.

    Raises ValidationError for an inactive account, a missing or too long reason.
    """
    if not user.is_active:
        raise ValidationError(_("%(person)s is not active: reactivate the account first.") % {"person": user})
    if not reason.strip():
        raise ValidationError({"reason": _("Say why, for the audit trail.")})
    link = make_link(AccountLink.Purpose.RESET, user, by=by, reason=reason.strip(), now=now)
    mailing.queue_link_mail("reset", link, now=now)
    record_attempt(
        AuthEvent.Kind.RESET, success=True, event="authz_admin", reason="started by an admin", user=user, now=now
    )
    audit("user.password_reset", user, by=by, now=now, reason=reason.strip())
    return link


@transaction.atomic
def complete_reset(link: AccountLink, password: str, *, now: datetime) -> User:
    """Set the new password by a mailed link; all sessions and trusted devices end, the lock-out too.

    Raises DeadLink when the link was used meanwhile, ValidationError for a password that will not do.
    """
    user = User.objects.select_for_update(of=("self",)).get(pk=link.user_id)
    use_link(link, now=now)  # before the new password, which ends every link to set another one
    lockouts.unlock_account(user)  # before the trail is written to, as whoever fails to sign in does
    set_password(user, password, by=user, keep_session=None, now=now, reason="reset")
    return user


@transaction.atomic
def unlock(link: AccountLink, *, now: datetime) -> User:
    """Lift a lock-out by the link mailed to the account's owner. Raises DeadLink."""
    use_link(link, now=now)
    lockouts.unlock_account(link.user)
    record_attempt(AuthEvent.Kind.UNLOCK, success=True, event="authn_login_unlock", user=link.user, now=now)
    return link.user


def reset_network(network: str, *, by: User | None, now: datetime) -> tuple[int, int]:
    """Let a network in again: how many locks were lifted, how many failures forgotten. Safe to repeat."""
    return _reset(
        *lockouts.holding_network(network), label=f"network {_broadly(network)}", subject=None, by=by, now=now
    )


def reset_account(user: User, *, by: User | None, now: datetime) -> tuple[int, int]:
    """Let a person in again, as `reset_network` does. A network that others failed on too stays locked."""
    return _reset(*lockouts.holding_account(user), label="", subject=user, by=by, now=now)


def reset_everything(*, by: User | None, now: datetime) -> tuple[int, int]:
    """Let everybody in again, as `reset_network` does."""
    everything = Lockout.objects.all(), FailedAttempt.objects.all()
    return _reset(*everything, label="everything", subject=None, by=by, now=now)


@transaction.atomic
def _reset(
    locks: QuerySet[Lockout],
    failures: QuerySet[FailedAttempt],
    *,
    label: str,
    subject: User | None,
    by: User | None,
    now: datetime,
) -> tuple[int, int]:
    forgotten = failures.count()
    failures.delete()
    lifted = lift_lockout(list(locks.filter(locked_until__gt=now)), by=by, now=now)
    if forgotten:
        audit("failures.forgotten", subject, by=by, now=now, before={"failures": forgotten}, label=label)
    return lifted, forgotten


@transaction.atomic
def lift_lockout(locks: list[Lockout], *, by: User | None, now: datetime) -> int:
    """An admin or operator lifts lock-outs; how many."""
    lifted = lockouts.lift(Lockout.objects.filter(pk__in=[lock.pk for lock in locks]))
    for lock in lifted:
        record_attempt(
            AuthEvent.Kind.UNLOCK, success=True, event="authz_admin", reason=lock.scope, user=lock.user, now=now
        )
        which = _broadly(lock.key) if lock.scope == Lockout.Scope.NETWORK else lock.key
        audit("lockout.lifted", None, by=by, now=now, label=f"{lock.get_scope_display()} {lock.user or which}")
    return len(lifted)


def _broadly(network: str) -> str:
    """As much of a network as the trail may hold, which is never erased: no more than logs."""
    return network if network == UNKNOWN else Client(network.removesuffix("/64")).broad_network
