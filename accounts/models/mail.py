"""Mails about accounts that wait to be sent, or were."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.invite import AccountLink, Invite
from accounts.models.user import User


class AccountMail(models.Model):
    """A mail about an account, written in the transaction of its cause and sent at least once while it is useful.

    It holds no token: the link is made when the mail is rendered.
    """

    kind = models.CharField(_("mail"), max_length=30)
    to = models.EmailField(_("to"))
    language = models.CharField(max_length=10, blank=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="mails")
    link = models.ForeignKey(AccountLink, models.CASCADE, null=True, blank=True, related_name="mails")
    invite = models.ForeignKey(Invite, models.CASCADE, null=True, blank=True, related_name="mails")
    facts = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("queued"))
    useful_until = models.DateTimeField(_("useful until"))
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("account mail")
        verbose_name_plural = _("account mails")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["created_at"], condition=Q(sent_at__isnull=True), name="account_mail_waiting")]

    def __str__(self) -> str:
        return f"{self.kind} → {self.to}"
