"""Second factors: enrolling them, checking what somebody presents, taking them away."""

import base64
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from urllib.parse import quote

import segno
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django_otp import match_token
from django_otp.models import Device
from django_otp_webauthn.models import WebAuthnCredential

from accounts import mailing
from accounts.models import AuthenticatorApp, AuthEvent, BackupCode, BackupCodeSheet, EmailFactor, User
from accounts.models.factor import EMAIL_CODE_LIFETIME, PresentedCode
from accounts.sessions import end_sessions
from accounts.trails import audit, record_attempt
from accounts.trusted_devices import revoke_devices
from settimes.locks import lock_until_commit
from settimes.sealing import digest, digests, seal, unseal

BACKUP_CODES = 10
BACKUP_CODE_BYTES = 10  # 80 bits
FEW_BACKUP_CODES = 3
EMAIL_CODE_COOLDOWN = timedelta(seconds=60)
MOST_OF_A_KIND = 10
KINDS: list[type[Device]] = [WebAuthnCredential, AuthenticatorApp, EmailFactor, BackupCodeSheet]
# Where a person's factors of each kind hang: to prefetch in lists of people.
ACCESSORS = [f"{kind._meta.model_name}_set" for kind in KINDS]
ADMINS_LOCK = "admins with a factor"


def factors_of(user: User) -> list[Device]:
    """Her factors that work, backup codes included; passkeys first."""
    found = [device for accessor in ACCESSORS for device in getattr(user, accessor).all() if device.confirmed]
    return sorted(found, key=lambda device: (KINDS.index(type(device)), device.pk))


def has_factor(user: User) -> bool:
    """Whether she has a second factor; backup codes alone are none."""
    return any(not isinstance(device, BackupCodeSheet) for device in factors_of(user))


def match_code(user: User, typed: str, *, now: datetime) -> Device | None:
    """The factor that this code is right for, which uses it up; None when it is right for none.

    The same code in many requests at once is right for one of them: they queue up, and each
    device marks what it accepted by a conditional update.
    """
    code = PresentedCode(typed, now)
    if not code:
        return None
    with transaction.atomic():
        lock_until_commit(f"factors of {user.pk}")
        device: Device | None = match_token(user, code)
        return device


def was_used(user: User, typed: str, *, now: datetime) -> bool:
    """Whether this code was right once and is used up: somebody may have looked over her shoulder."""
    code = PresentedCode(typed, now)
    if any(app.step_of(code) is not None for app in AuthenticatorApp.objects.filter(user=user, confirmed=True)):
        return True
    sheet = BackupCodeSheet.objects.filter(user=user).first()
    return bool(sheet and sheet.codes.filter(digest__in=digests(sheet.purpose, code), used_at__isnull=False).exists())


# --- Authenticator apps ------------------------------------------------------------------------


def new_app(user: User, *, now: datetime) -> AuthenticatorApp:
    """An app with a new secret, not saved: it becomes a factor when a code from it was right."""
    return app_with(seal(secrets.token_bytes(20).hex()), user, now=now)


def app_with(sealed_secret: str, user: User, *, now: datetime) -> AuthenticatorApp:
    """The app, not saved, whose secret was sealed before."""
    return AuthenticatorApp(user=user, sealed_secret=sealed_secret, created_at=now)


def app_secret(app: AuthenticatorApp) -> str:
    """The secret as it is typed into an app: base32 in groups of four."""
    letters = base64.b32encode(bytes.fromhex(unseal(app.sealed_secret))).decode()
    return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def app_address(app: AuthenticatorApp) -> str:
    """What the QR code says (the otpauth scheme that authenticator apps read)."""
    secret = app_secret(app).replace(" ", "")
    return f"otpauth://totp/SetTimes:{quote(app.user.email)}?secret={secret}&issuer=SetTimes&digits=6&period=30"


def app_picture(app: AuthenticatorApp) -> SafeString:
    """The QR code as SVG, drawn here: nobody else sees the secret."""
    drawn = segno.make(app_address(app), error="m").svg_inline(border=3, dark="#111", light="#fff", omitsize=True)
    return mark_safe(drawn)  # noqa: S308 (segno's own drawing: squares, no text)


@transaction.atomic
def add_app(app: AuthenticatorApp, typed: str, *, name: str, keep_session: int | None = None, now: datetime) -> None:
    """Make an app a factor, because a code from it is right; other sessions end. Raises ValidationError."""
    _refuse_too_many(AuthenticatorApp, app.user)
    step = app.step_of(PresentedCode(typed, now))
    if step is None:
        raise ValidationError(
            _("This code is not right. Wait for the next one and check that the phone's clock is right."),
            code="wrong_code",
        )
    app.last_step, app.name = step, name or _("Authenticator app")
    app.full_clean()
    app.save()
    _end_what_rests_on_factors(app.user, keep_session=keep_session, now=now)
    _record_enrolled(app, now=now)


# --- Backup codes ------------------------------------------------------------------------------


@transaction.atomic
def make_backup_codes(user: User, *, now: datetime) -> list[str]:
    """Ten new codes, to be shown once; the ones before stop working."""
    BackupCodeSheet.objects.filter(user=user).delete()
    sheet = BackupCodeSheet.objects.create(user=user, name=_("Backup codes"), created_at=now)
    codes = [base64.b32encode(secrets.token_bytes(BACKUP_CODE_BYTES)).decode() for _each in range(BACKUP_CODES)]
    BackupCode.objects.bulk_create(BackupCode(sheet=sheet, digest=digest(sheet.purpose, code)) for code in codes)
    revoke_devices(user, now=now)
    _record_enrolled(sheet, now=now)
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def backup_codes_left(user: User) -> int | None:
    """How many codes of her sheet still work; None without a sheet."""
    sheet = BackupCodeSheet.objects.filter(user=user).first()
    return sheet.codes.filter(used_at__isnull=True).count() if sheet else None


# --- Codes by mail -----------------------------------------------------------------------------


@transaction.atomic
def begin_email_factor(user: User, *, now: datetime) -> None:
    """Mail her a first code; codes by mail become a factor when she types it.

    Raises ValidationError when they are one already.
    """
    if EmailFactor.objects.filter(user=user, confirmed=True).exists():
        raise ValidationError(_("E-mail codes are switched on already."), code="exists")
    EmailFactor.objects.get_or_create(
        user=user, defaults={"name": _("E-mail codes"), "confirmed": False, "created_at": now}
    )
    send_email_code(user, now=now)


@transaction.atomic
def add_email_factor(user: User, typed: str, *, keep_session: int | None = None, now: datetime) -> None:
    """Make codes by mail a factor, because the first one is right; other sessions end. Raises ValidationError."""
    lock_until_commit(f"factors of {user.pk}")
    factor = EmailFactor.objects.filter(user=user, confirmed=False).first()
    if factor is None or not factor.use_up(PresentedCode(typed, now)):
        raise ValidationError(
            _("This code is not right, or older than 10 minutes. Ask for a new one."), code="wrong_code"
        )
    EmailFactor.objects.filter(pk=factor.pk).update(confirmed=True)
    _end_what_rests_on_factors(user, keep_session=keep_session, now=now)
    _record_enrolled(factor, now=now)


@transaction.atomic
def send_email_code(user: User, *, now: datetime) -> bool:
    """Mail her a new code, which makes the one before worthless; not more than one a minute. Whether one was sent."""
    salt = secrets.token_hex(16)
    ready = EmailFactor.objects.filter(user=user).exclude(sent_at__gt=now - EMAIL_CODE_COOLDOWN)
    if not ready.update(salt=salt, sent_at=now, expires_at=now + EMAIL_CODE_LIFETIME):
        return False
    mailing.queue_code_mail(user, salt, useful_until=now + EMAIL_CODE_LIFETIME, now=now)
    return True


# --- Passkeys ----------------------------------------------------------------------------------


@transaction.atomic
def add_passkey(
    user: User,
    register: Callable[[], WebAuthnCredential],
    *,
    name: str,
    keep_session: int | None = None,
    now: datetime,
) -> None:
    """Make the passkey that `register` writes a factor, with its name and its line in the trails; other sessions end.

    Raises ValidationError for one too many, and what `register` raises; then nothing is left of it.
    """
    refuse_more_passkeys(user)
    passkey = register()
    passkey.name = name or _("Passkey")
    passkey.save(update_fields=["name"])
    _end_what_rests_on_factors(user, keep_session=keep_session, now=now)
    _record_enrolled(passkey, now=now)


def refuse_more_passkeys(user: User) -> None:
    """Raise ValidationError when she has as many as we keep."""
    _refuse_too_many(WebAuthnCredential, user)


# --- Naming and removing -----------------------------------------------------------------------


@transaction.atomic
def rename_factor(device: Device, name: str, *, now: datetime) -> None:
    """Raises ValidationError for an empty or too long name."""
    before = device.name
    device.name = name.strip()
    device.clean_fields(exclude=[field.name for field in device._meta.fields if field.name != "name"])
    device.save(update_fields=["name"])
    audit("factor.renamed", device, by=device.user, now=now, before={"name": before}, after={"name": device.name})


@transaction.atomic
def remove_factor(device: Device, *, keep_session: int | None, now: datetime) -> None:
    """Take one of her own factors away; her other sessions and her trusted devices end with it.

    Raises ValidationError for the last factor of somebody who must have one.
    """
    user = device.user
    lock_until_commit(ADMINS_LOCK)
    others = [other for other in factors_of(user) if other != device and not isinstance(other, BackupCodeSheet)]
    if user.needs_second_factor and not others and not isinstance(device, BackupCodeSheet):
        raise ValidationError(
            _("Your account needs a second factor. Add another one before you remove the last."), code="last_factor"
        )
    label = device.name
    device.delete()
    if not others:
        BackupCodeSheet.objects.filter(user=user).delete()
    _end_what_rests_on_factors(user, keep_session=keep_session, now=now)
    record_attempt(AuthEvent.Kind.ENROLMENT, success=True, event="authz_change", reason="removed", user=user, now=now)
    audit("factor.removed", user, by=user, now=now, before={"factor": label})
    mailing.queue_notice(user, "factor_removed", now=now, factor=label)


@transaction.atomic
def reset_factors(user: User, *, by: User | None, now: datetime, reason: str = "") -> int:
    """Take all factors of somebody away who lost them; she enrols again at her next sign-in. How many there were.

    Raises ValidationError where an admin would leave no other active admin with a factor; an
    operator (`by` is None) may.
    """
    lock_until_commit(ADMINS_LOCK)
    if by is not None:
        if by == user:
            raise ValidationError(_("Remove your own factors on your own page."), code="own_factors")
        if user.is_admin:
            _refuse_the_last_with_factor(user, User.objects.admins().exclude(pk=user.pk))
    devices = factors_of(user)
    for device in devices:
        device.delete()
    EmailFactor.objects.filter(user=user).delete()  # also one that was begun and waits for its first code
    _end_what_rests_on_factors(user, keep_session=None, now=now)
    record_attempt(AuthEvent.Kind.ENROLMENT, success=True, event="authz_admin", reason="reset", user=user, now=now)
    audit("factors.reset", user, by=by, now=now, before={"factors": [each.name for each in devices]}, reason=reason)
    mailing.queue_notice(user, "factors_reset", now=now)
    return len(devices)


def keep_an_admin_with_factor(user: User) -> None:
    """Raise ValidationError when this admin may not go, because only she among the active admins has a factor.

    That she is the only admin at all is the database's to say.
    """
    others = User.objects.admins().exclude(pk=user.pk)
    if user.is_admin and user.is_active and has_factor(user) and others.exists():
        _refuse_the_last_with_factor(user, others)


def _refuse_the_last_with_factor(user: User, others: Iterable[User]) -> None:
    if not any(has_factor(other) for other in others):
        raise ValidationError(
            _("%(person)s is the last admin with a second factor. Enrol one for another admin first.")
            % {"person": user},
            code="last_admin_with_factor",
        )


def _end_what_rests_on_factors(user: User, *, keep_session: int | None, now: datetime) -> None:
    revoke_devices(user, now=now)
    end_sessions(user, keep=keep_session, reason="factor change", now=now)


def _record_enrolled(device: Device, *, now: datetime) -> None:
    user = device.user
    record_attempt(AuthEvent.Kind.ENROLMENT, success=True, event="authz_change", reason="enrolled", user=user, now=now)
    audit("factor.enrolled", user, by=user, now=now, after={"factor": device.name})
    mailing.queue_notice(user, "factor_added", now=now, factor=device.name)


def _refuse_too_many(kind: type[Device], user: User) -> None:
    if kind.objects.filter(user=user, confirmed=True).count() >= MOST_OF_A_KIND:
        raise ValidationError(
            _("You have %(number)d of these already. Remove one you do not use.") % {"number": MOST_OF_A_KIND},
            code="too_many",
        )
