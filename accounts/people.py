"""Changing people: roles, names, being let in and shut out. An admin always remains."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import mailing
from accounts.factors import ADMINS_LOCK, keep_an_admin_with_factor
from accounts.models import AccountLink, AuthEvent, User
from accounts.sessions import end_sessions
from accounts.trails import audit, record_attempt, security_log
from accounts.trusted_devices import revoke_devices
from settimes.locks import lock_until_commit

PROFILE = ("first_name", "last_name", "language", "time_format")
LAST_ADMIN = "last admin"  # what the database's trigger says


class LastAdmin(ValidationError):
    """Nobody would be left to let others in."""

    def __init__(self) -> None:
        super().__init__(_("This is the last active admin. Make somebody else an admin first."), code="last_admin")


@transaction.atomic
def make_admin(email: str, password: str, *, now: datetime) -> User:
    """An admin, active at once, made by an operator.

    Raises ValidationError for an address that is malformed or taken and for a weak password.
    """
    user = User(email=email)
    user.clean_fields(exclude=["email_key", "password"])
    validate_password(password, user)
    admin = User.objects.create_superuser(email, password, activated_at=now)
    audit("user.created", admin, by=None, now=now, after={"role": admin.role})
    security_log("user_created", user=admin.pk, reason=admin.role)
    return admin


@transaction.atomic
def update_profile(user: User, *, by: User, now: datetime, **fields: Any) -> None:
    """Change names, language and time format. Raises ValidationError; ValueError for any other field."""
    if unknown := sorted(set(fields) - set(PROFILE)):
        raise ValueError(f"{', '.join(unknown)} cannot be edited here")
    locked = _lock(user)
    before = {name: getattr(locked, name) for name, value in fields.items() if getattr(locked, name) != value}
    for name in before:
        setattr(locked, name, fields[name])
    locked.full_clean()
    if before:
        locked.save(update_fields=[*before, "updated_at"])
        audit("user.updated", locked, by=by, now=now, before=before, after={name: fields[name] for name in before})


@transaction.atomic
def change_role(user: User, role: str, *, by: User | None, now: datetime) -> None:
    """Give somebody another role; her sessions end, so that no open page keeps the old one. Safe to repeat.

    Raises LastAdmin for the last one, ValidationError for an unknown role.
    """
    locked = _lock_admin(user)
    if locked.role == role:
        return
    _keep_an_admin(locked, by)
    before, locked.role = locked.role, role
    locked.full_clean()
    _save(locked, ["role", "updated_at"])
    end_sessions(locked, reason="role change", now=now)
    revoke_devices(locked, now=now)
    audit("user.role_changed", locked, by=by, now=now, before={"role": before}, after={"role": role})
    security_log("authz_change", user=locked.pk, reason=f"{before} to {role}")
    mailing.queue_notice(locked, "role_changed", now=now, role=role)


def refuse_last_admin(user: User) -> None:
    """Raise LastAdmin where nobody else could let others in. What decides in the end is the database's trigger."""
    stored = User.objects.get(pk=user.pk)
    if stored.is_active and stored.is_admin and not User.objects.admins().exclude(pk=user.pk).exists():
        raise LastAdmin


@transaction.atomic
def require_second_factor(user: User, *, is_required: bool, by: User | None, now: datetime) -> None:
    """Ask a second factor of somebody whose role does not, or stop asking. Safe to repeat."""
    locked = _lock(user)
    if locked.require_2fa == is_required:
        return
    locked.require_2fa = is_required
    locked.save(update_fields=["require_2fa", "updated_at"])
    if is_required:
        end_sessions(locked, reason="factor required", now=now)
    before, after = {"require_2fa": not is_required}, {"require_2fa": is_required}
    audit("user.updated", locked, by=by, now=now, before=before, after=after)


@transaction.atomic
def limit_to_events(user: User, *, is_limited: bool, by: User | None, now: datetime) -> None:
    """Open only the events given to her, or all of them. Safe to repeat."""
    locked = _lock(user)
    if locked.is_scoped == is_limited:
        return
    locked.is_scoped = is_limited
    locked.save(update_fields=["is_scoped", "updated_at"])
    end_sessions(locked, reason="role change", now=now)
    before, after = {"only_events_given": not is_limited}, {"only_events_given": is_limited}
    audit("user.updated", locked, by=by, now=now, before=before, after=after)


@transaction.atomic
def deactivate_user(user: User, *, by: User | None, now: datetime, reason: str = "") -> None:
    """Shut somebody out at once: sessions, trusted devices and links end. Safe to repeat.

    Raises LastAdmin; ValidationError for oneself.
    """
    locked = _lock_admin(user)
    if locked.deactivated_at is not None:
        return
    if by is not None and by.pk == locked.pk:
        raise ValidationError(_("You cannot deactivate yourself. Ask another admin."), code="self")
    _keep_an_admin(locked, by)
    locked.deactivated_at, locked.deactivated_by = now, by
    locked.is_active = False
    _save(locked, ["deactivated_at", "deactivated_by", "is_active", "updated_at"])
    end_everything(locked, reason="deactivated", now=now)
    audit("user.deactivated", locked, by=by, now=now, reason=reason)
    security_log("authz_change", user=locked.pk, reason="deactivated")


@transaction.atomic
def reactivate_user(user: User, *, by: User | None, now: datetime) -> None:
    """Let somebody in again; what was ended stays ended. Safe to repeat."""
    locked = _lock(user)
    if locked.deactivated_at is None:
        return
    locked.deactivated_at = locked.deactivated_by = None
    locked.is_active = locked.activated_at is not None
    locked.save(update_fields=["deactivated_at", "deactivated_by", "is_active", "updated_at"])
    audit("user.reactivated", locked, by=by, now=now)
    security_log("authz_change", user=locked.pk, reason="reactivated")


@transaction.atomic
def delete_user(user: User, *, by: User, now: datetime) -> None:
    """Delete an account; the trails keep its number. Raises LastAdmin; ValidationError for oneself."""
    locked = _lock_admin(user)
    if by.pk == locked.pk:
        raise ValidationError(_("You cannot delete yourself. Ask another admin."), code="self")
    _keep_an_admin(locked, by)
    locked.lockouts.all().delete()  # before the trail is written to, as whoever fails to sign in does
    end_everything(locked, reason="deleted", now=now)
    audit("user.deleted", locked, by=by, now=now, before={"e-mail": locked.email, "role": locked.role})
    security_log("sensitive_delete", user=locked.pk)
    with _last_admin_stays():
        locked.delete()


@transaction.atomic
def set_password(
    user: User, password: str, *, by: User | None, keep_session: int | None, now: datetime, reason: str
) -> None:
    """Give somebody a new password that is not her old one; other sessions, all trusted devices
    and links to set another one end.

    Raises ValidationError for a password that is weak or the one she has.
    """
    validate_password(password, user)
    if user.check_password(password):
        raise ValidationError(_("This is the password you have now. Choose another one."), code="reused")
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    end_sessions(user, keep=keep_session, reason="password change", now=now)
    revoke_devices(user, now=now)
    user.links.filter(purpose=AccountLink.Purpose.RESET).open(now).update(revoked_at=now)
    record_attempt(
        AuthEvent.Kind.PASSWORD, success=True, event="authn_password_change", reason=reason, user=user, now=now
    )
    audit("user.password_changed", user, by=by, now=now)
    mailing.queue_notice(user, "password_changed", now=now)


def end_everything(user: User, *, reason: str, now: datetime) -> None:
    """End what lets somebody in without signing in again: sessions, trusted devices, challenges and links."""
    end_sessions(user, reason=reason, now=now)
    revoke_devices(user, now=now)
    user.sign_in_challenges.filter(closed_at__isnull=True).update(closed_at=now)
    user.links.filter(used_at__isnull=True, revoked_at__isnull=True).update(revoked_at=now)


def _lock(user: User) -> User:
    return User.objects.select_for_update(of=("self",)).get(pk=user.pk)


def _lock_admin(user: User) -> User:
    """Somebody who may cease to be an admin. Whoever does that queues up before any row is held, or two would
    wait for each other's rows, and each would look at admins whom the other is taking away."""
    lock_until_commit(ADMINS_LOCK)
    return _lock(user)


def _keep_an_admin(user: User, by: User | None) -> None:
    """Raise ValidationError where an admin would leave no other with a second factor; an operator may."""
    if by is not None:
        keep_an_admin_with_factor(user)


def _save(user: User, fields: list[str]) -> None:
    with _last_admin_stays():
        user.save(update_fields=fields)


@contextmanager
def _last_admin_stays() -> Iterator[None]:
    """The database refuses to lose its last admin; say so in words."""
    try:
        yield
    except IntegrityError as error:
        if LAST_ADMIN in str(error):
            raise LastAdmin from error
        raise
