"""Invites, and how somebody becomes a user by one."""

from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import mailing
from accounts.links import make_link, seal_link, use_link
from accounts.models import AccountLink, AuthEvent, Invite, User
from accounts.models.user import fold_address
from accounts.signing_in import find_user
from accounts.trails import audit, record_attempt

DEFAULT_DAYS = 7
MOST_DAYS = 365


@transaction.atomic
def invite_user(role: str, *, email: str = "", days: int = DEFAULT_DAYS, by: User | None, now: datetime) -> Invite:
    """An invite with a role, mailed when it names an address. `accounts.mailing.link_address` is what to copy.

    Raises ValidationError for an unknown role, a malformed address, or days outside 1 to 365.
    """
    if not 1 <= days <= MOST_DAYS:
        raise ValidationError(
            {"days": _("An invite lasts 1 to %(most)d days, not %(days)d.") % {"most": MOST_DAYS, "days": days}}
        )
    invite = Invite(
        role=role, email=email.strip(), created_by=by, created_at=now, expires_at=now + timedelta(days=days)
    )
    seal_link(invite)
    invite.full_clean()
    invite.save()
    if invite.email:
        mailing.queue_invite_mail(invite, now=now)
    record_attempt(
        AuthEvent.Kind.INVITE, success=True, event="user_invited", reason="made", email=email, user=by, now=now
    )
    audit("invite.created", invite, by=by, now=now, after={"role": invite.role, "e-mail": invite.email, "days": days})
    return invite


@transaction.atomic
def revoke_invite(invite: Invite, *, by: User, now: datetime) -> bool:
    """Make an unused invite worthless; whether it was one. Safe to repeat."""
    if not Invite.objects.filter(pk=invite.pk, used_at__isnull=True, revoked_at__isnull=True).update(revoked_at=now):
        return False
    audit("invite.revoked", invite, by=by, now=now)
    return True


@transaction.atomic
def mail_invite_again(invite: Invite, *, by: User, now: datetime) -> None:
    """Mail an invite that still works once more, with the same link.

    Raises ValidationError for one that names no address or works no more.
    """
    if not invite.email or not Invite.objects.open(now).filter(pk=invite.pk).exists():
        raise ValidationError(
            _("%(invite)s cannot be mailed: it names no address or works no more.") % {"invite": invite}
        )
    mailing.queue_invite_mail(invite, now=now)
    audit("invite.mailed", invite, by=by, now=now)


def sign_up(
    invite: Invite, *, email: str, password: str, first_name: str, last_name: str, language: str = "", now: datetime
) -> None:
    """Become a user by an invite: an account that its owner activates from her mailbox.

    An address that has an account gets a notice instead, and the invite stays good. The answer does
    not tell which; the holder of an invite that names no address can tell later, by its being good still.

    Raises DeadLink when somebody else was quicker, ValidationError for what can be corrected.
    """
    if invite.email and fold_address(invite.email) != fold_address(email):
        raise ValidationError({"email": _("This invite is for another address. Use the one that it was sent to.")})
    user = User(
        email=email, first_name=first_name, last_name=last_name, role=invite.role, language=language, is_active=False
    )
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password": error}) from error
    user.set_password(password)  # before the address is looked at, so that both ways take the same time
    user.clean_fields(exclude=["email_key"])
    if known := find_user(email):
        _tell_the_owner(known, now=now)
        return
    try:
        with transaction.atomic():
            use_link(invite, now=now)
            user.full_clean()
            user.save()
            Invite.objects.filter(pk=invite.pk).update(account=user)
            mailing.queue_link_mail("activate", make_link(AccountLink.Purpose.ACTIVATE, user, now=now), now=now)
            record_attempt(
                AuthEvent.Kind.SIGN_UP, success=True, event="user_created", reason=invite.role, user=user, now=now
            )
            audit("user.created", user, by=user, now=now, after={"role": user.role})
    except (IntegrityError, ValidationError):  # the same address, in the same moment, by another invite
        if known := find_user(email):
            _tell_the_owner(known, now=now)
        else:
            raise


@transaction.atomic
def activate(link: AccountLink, *, now: datetime) -> User:
    """Switch an account on, by the link that was mailed to its owner. Raises DeadLink."""
    use_link(link, now=now)
    user = User.objects.select_for_update(of=("self",)).get(pk=link.user_id)
    if user.activated_at is None:
        user.activated_at = now
        user.is_active = user.deactivated_at is None
        user.save(update_fields=["activated_at", "is_active", "updated_at"])
    record_attempt(AuthEvent.Kind.ACTIVATION, success=True, event="user_activated", user=user, now=now)
    audit("user.activated", user, by=user, now=now)
    return user


@transaction.atomic
def resend_activation(email: str, *, now: datetime) -> None:
    """Mail the activation link again, to an account that waits for it; nothing for any other address."""
    user = find_user(email)
    is_waiting = user is not None and user.activated_at is None and user.deactivated_at is None
    if user is not None and is_waiting and not mailing.was_mailed(user, "activate", now=now):
        mailing.queue_link_mail("activate", make_link(AccountLink.Purpose.ACTIVATE, user, now=now), now=now)
    record_attempt(
        AuthEvent.Kind.ACTIVATION,
        success=is_waiting,
        event="activation_requested",
        reason="asked again",
        user=user,
        email=email,
        now=now,
    )


@transaction.atomic
def _tell_the_owner(known: User, *, now: datetime) -> None:
    mailing.queue_tried_notice(known, now=now)
    record_attempt(
        AuthEvent.Kind.SIGN_UP, success=False, event="user_created", reason="address known", user=known, now=now
    )
