"""Devices on which somebody is not asked for her second factor."""

import logging
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from accounts.clients import Client
from accounts.models import AuthEvent, TrustedDevice, User
from accounts.trails import audit, record_attempt, security_log
from settimes.sealing import digest, digests

LIFETIME = timedelta(days=30)
PURPOSE = "trusted device"  # of the hashes that cookies are kept as


@transaction.atomic
def trust_device(user: User, client: Client, *, now: datetime) -> tuple[TrustedDevice, str]:
    """Trust this browser for thirty days: the device, and the token for its cookie, which is kept nowhere else."""
    token = secrets.token_urlsafe(32)
    device = TrustedDevice.objects.create(
        user=user,
        digest=digest(PURPOSE, token),
        browser_digest=client.browser_digest,
        name=client.device,
        created_at=now,
        last_used_at=now,
        expires_at=now + LIFETIME,
    )
    record_attempt(AuthEvent.Kind.DEVICE, success=True, event="authz_change", reason="trusted", user=user, now=now)
    audit("device.trusted", device, by=user, now=now)
    return device, token


def find_device(token: str, user: User, client: Client, *, now: datetime) -> TrustedDevice | None:
    """The trusted device of this person that a cookie stands for, if it is still trusted and the same browser."""
    if not token or not user.is_active:
        return None
    devices = TrustedDevice.objects.filter(user=user, digest__in=digests(PURPOSE, token))
    device = devices.filter(expires_at__gt=now).first()
    if device is None:
        return None
    if device.revoked_at is None and client.is_browser(device.browser_digest):
        return device
    reason = "revoked device" if device.revoked_at else "device in another browser"
    security_log("authn_token_reuse", level=logging.WARNING, user=user.pk, reason=reason)
    return None


def find_any_device(token: str, client: Client, *, now: datetime) -> TrustedDevice | None:
    """The trusted device that a cookie stands for, whoever's it is, for where nobody has said yet who she is."""
    if not token:
        return None
    devices = TrustedDevice.objects.filter(digest__in=digests(PURPOSE, token), user__is_active=True)
    device = devices.filter(expires_at__gt=now, revoked_at__isnull=True).first()
    return device if device and client.is_browser(device.browser_digest) else None


def trusted_devices(user: User, *, now: datetime) -> list[TrustedDevice]:
    """Her devices that are trusted now, the last used first."""
    return list(user.trusted_devices.filter(expires_at__gt=now, revoked_at__isnull=True))


@transaction.atomic
def revoke_device(device: TrustedDevice, *, by: User, now: datetime) -> None:
    """Ask for the second factor again on this device. Safe to repeat."""
    if TrustedDevice.objects.filter(pk=device.pk, revoked_at__isnull=True).update(revoked_at=now):
        _record_revoked(device.user, now=now)
        audit("device.revoked", device, by=by, now=now)


@transaction.atomic
def revoke_devices(user: User, *, now: datetime) -> int:
    """Ask for the second factor again on all devices of somebody; how many were trusted."""
    revoked = user.trusted_devices.filter(revoked_at__isnull=True).update(revoked_at=now)
    if revoked:
        _record_revoked(user, now=now)
    return revoked


def _record_revoked(user: User, *, now: datetime) -> None:
    record_attempt(AuthEvent.Kind.DEVICE, success=True, event="authz_change", reason="revoked", user=user, now=now)
