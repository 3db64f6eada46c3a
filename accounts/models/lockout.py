"""Guessing, and what stops it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class FailedAttempt(models.Model):
    """A try that failed or is still being checked: a password, a code, a link.

    Kept for a day, to count by. A row is written before the check, so that a hundred tries at once
    are a hundred rows, and goes when the try turns out right.
    """

    class Kind(models.TextChoices):
        PASSWORD = "password", _("password")
        CODE = "code", _("second factor")
        RECOVERY = "recovery", _("recovery")
        STEP_UP = "step_up", _("confirmation")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    network = models.CharField(max_length=64)
    account_key = models.CharField(max_length=64, blank=True)
    device = models.ForeignKey(
        "accounts.TrustedDevice", models.CASCADE, null=True, blank=True, related_name="failed_attempts"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["network", "at"], name="failed_attempt_by_network"),
            models.Index(fields=["account_key", "at"], name="failed_attempt_by_account"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M:%S}"


class Lockout(models.Model):
    """A network, an account or a trusted device that has to wait."""

    class Scope(models.TextChoices):
        NETWORK = "network", _("network")
        ACCOUNT = "account", _("account")
        DEVICE = "device", _("trusted device")

    scope = models.CharField(_("what is locked"), max_length=10, choices=Scope.choices)
    key = models.CharField(_("which"), max_length=64)
    account_key = models.CharField(max_length=64, blank=True, editable=False)
    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="lockouts", verbose_name=_("account tried")
    )
    reason = models.CharField(_("because of"), max_length=100)
    locked_at = models.DateTimeField(_("locked"))
    locked_until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("lock-out")
        verbose_name_plural = _("lock-outs")
        ordering = ["-locked_until", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="one_lockout_each"),
            models.CheckConstraint(name="lockout_ends_after_it_began", condition=Q(locked_until__gt=F("locked_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} {self.key}"
