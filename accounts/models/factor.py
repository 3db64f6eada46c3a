"""Second factors: what somebody has besides her password. And devices that are trusted without one."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, DeviceManager
from django_otp.oath import hotp

from accounts.models.user import User
from settimes.sealing import digest, digests, is_same, unseal

STEP_SECONDS = 30
ACCEPTED_STEPS = (0, -1)  # this one and the one before, never one to come
EMAIL_CODE_LIFETIME = timedelta(minutes=10)


def code_from(salt: str) -> str:
    """The six digits that follow from a salt and a key outside the database."""
    return f"{int(digest('e-mail code', salt), 16) % 1_000_000:06}"


class PresentedCode(str):
    """A code as somebody typed it, blanks and hyphens left out, and when she did."""

    at: datetime

    def __new__(cls, typed: str, at: datetime) -> "PresentedCode":
        code = super().__new__(cls, typed.replace(" ", "").replace("-", "").upper())
        code.at = at
        return code


class CodeDevice(Device):
    """A factor that is proved by typing a code.

    Whatever calls `verify_token` with a bare text gets no: codes are checked by
    `accounts.factors.match_code`, in its transaction.
    """

    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = DeviceManager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def verify_token(self, token: str) -> bool:
        if not isinstance(token, PresentedCode) or not self.use_up(token):
            return False
        type(self)._default_manager.filter(pk=self.pk).update(last_used_at=token.at)
        return True

    def use_up(self, code: PresentedCode) -> bool:
        """Whether the code is right and was not used before; it is used from now on."""
        raise NotImplementedError


class AuthenticatorApp(CodeDevice):
    """An app that shows six digits every thirty seconds (TOTP, RFC 6238). Its secret is kept encrypted."""

    sealed_secret = models.CharField(max_length=255, editable=False)
    last_step = models.BigIntegerField(default=-1, editable=False)

    class Meta:
        verbose_name = _("authenticator app")
        verbose_name_plural = _("authenticator apps")
        ordering = ["pk"]

    def use_up(self, code: PresentedCode) -> bool:
        step = self.step_of(code)
        if step is None:
            return False
        unused = AuthenticatorApp.objects.filter(pk=self.pk, last_step__lt=step)
        return bool(unused.update(last_step=step))

    def step_of(self, code: PresentedCode) -> int | None:
        """The half minute since 1970 that this code belongs to, if it is one that is accepted now."""
        now = int(code.at.timestamp()) // STEP_SECONDS
        try:
            secret = bytes.fromhex(unseal(self.sealed_secret))
        except ValueError:  # sealed with a key that the installation has lost
            return None
        for step in (now + offset for offset in ACCEPTED_STEPS):
            if is_same(code, f"{hotp(secret, step):06}"):
                return step
        return None


class EmailFactor(CodeDevice):
    """Codes sent to the account's address. The open one follows from the salt and a key outside the database."""

    salt = models.CharField(max_length=32, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("e-mail codes")
        verbose_name_plural = _("e-mail codes")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint("user", name="user_has_one_email_factor")]

    def use_up(self, code: PresentedCode) -> bool:
        if not self.salt or not is_same(code, code_from(self.salt)):
            return False
        sent = EmailFactor.objects.filter(pk=self.pk, salt=self.salt, expires_at__gt=code.at)
        return bool(sent.update(salt="", expires_at=None))


class BackupCodeSheet(CodeDevice):
    """Ten codes on paper, each good once. A new sheet takes the place of the old one."""

    class Meta:
        verbose_name = _("backup codes")
        verbose_name_plural = _("backup codes")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint("user", name="user_has_one_sheet_of_backup_codes")]

    def use_up(self, code: PresentedCode) -> bool:
        unused = self.codes.filter(digest__in=digests(self.purpose, code), used_at__isnull=True)
        return bool(unused.update(used_at=code.at))

    @property
    def purpose(self) -> str:
        """What the hashes of this sheet's codes are made with: the same code on two sheets looks different."""
        return f"backup code of {self.user_id}"


class BackupCode(models.Model):
    """One code of a sheet, kept as a keyed hash."""

    sheet = models.ForeignKey(BackupCodeSheet, models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.sheet} {self.pk}"


class TrustedDevice(models.Model):
    """A browser whose owner asked not to be asked for her second factor, for thirty days."""

    user = models.ForeignKey(User, models.CASCADE, related_name="trusted_devices", verbose_name=_("person"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    browser_digest = models.CharField(max_length=64, editable=False)
    name = models.CharField(_("device"), max_length=100)
    created_at = models.DateTimeField(_("trusted since"))
    last_used_at = models.DateTimeField(_("last used"))
    expires_at = models.DateTimeField(_("trusted until"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("trusted device")
        verbose_name_plural = _("trusted devices")
        ordering = ["-last_used_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="trusted_device_expires_after_it_was_trusted",
                condition=Q(expires_at__gt=models.F("created_at")),
            )
        ]

    def __str__(self) -> str:
        return self.name
