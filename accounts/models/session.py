"""Sessions, and the short while between a right password and a right second factor."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class UserSession(models.Model):
    """A session of somebody signed in, or what a browser must remember on the way there.

    The key is kept as a keyed hash, so that reading this table gives nobody a cookie that works.
    """

    session_key = models.CharField(max_length=64, unique=True, editable=False)
    session_data = models.TextField(editable=False)
    expire_date = models.DateTimeField(_("ends at the latest"), db_index=True)
    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="sessions", verbose_name=_("person")
    )
    signed_in_at = models.DateTimeField(_("signed in"), null=True, blank=True)
    last_seen_at = models.DateTimeField(_("last active"))
    device = models.CharField(_("device"), max_length=100, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-last_seen_at", "-pk"]

    def __str__(self) -> str:
        return self.device


class SignInChallenge(models.Model):
    """The password was right, the second factor is asked: five minutes, once, from the same browser and network."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sign_in_challenges")
    network = models.CharField(max_length=64)
    browser_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(closed_at__isnull=True), name="user_has_one_open_challenge"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.created_at:%Y-%m-%d %H:%M}"
