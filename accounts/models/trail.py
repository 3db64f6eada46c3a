"""Two trails that are only ever added to: who tried to get in, and who changed what.

Triggers of the database refuse to change, delete, replace or truncate their rows. Each row carries
a keyed hash of itself and of the row before it in its chain. Who somebody was on the network lies
in a table beside each trail, so that it can be erased and the chain still holds.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TrailRow(models.Model):
    """A row of a trail: the next of its chain."""

    chain = models.CharField(max_length=40)
    position = models.PositiveBigIntegerField()
    at = models.DateTimeField(_("when"), db_index=True)
    user_id = models.BigIntegerField(_("account"), null=True, blank=True, db_index=True)
    origin_digest = models.CharField(max_length=64, editable=False)
    digest = models.CharField(max_length=64, editable=False)

    class Meta:
        abstract = True
        ordering = ["-pk"]


class AuthEvent(TrailRow):
    """One attempt to get in or to stay in: sign-in, factor, reset, invite, unlock."""

    class Kind(models.TextChoices):
        SIGN_IN = "sign_in", _("sign-in")
        FACTOR = "factor", _("second factor")
        STEP_UP = "step_up", _("confirmation")
        SIGN_OUT = "sign_out", _("sign-out")
        SESSION = "session", _("session")
        SIGN_UP = "sign_up", _("sign-up")
        ACTIVATION = "activation", _("activation")
        RESET = "reset", _("password reset")
        PASSWORD = "password", _("password change")
        ENROLMENT = "enrolment", _("factor enrolled or removed")
        DEVICE = "device", _("trusted device")
        INVITE = "invite", _("invite")
        UNLOCK = "unlock", _("unlock")
        LOCK = "lock", _("lock-out")

    kind = models.CharField(_("what"), max_length=12, choices=Kind.choices)
    success = models.BooleanField(_("succeeded"))
    reason = models.CharField(_("why"), max_length=60, blank=True)
    account_key = models.CharField(max_length=64, blank=True, db_index=True)

    class Meta(TrailRow.Meta):
        verbose_name = _("sign-in event")
        verbose_name_plural = _("sign-in history")
        constraints = [models.UniqueConstraint(fields=["chain", "position"], name="auth_event_has_one_place")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reason}".strip()


class AuditEntry(TrailRow):
    """One change that a person, or a command in her place, made."""

    action = models.CharField(_("action"), max_length=60, db_index=True)
    object_type = models.CharField(_("kind of thing"), max_length=60, blank=True)
    object_id = models.CharField(max_length=40, blank=True)
    object_label = models.CharField(_("what"), max_length=250, blank=True)
    before = models.JSONField(_("before"), default=dict, blank=True)
    after = models.JSONField(_("after"), default=dict, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta(TrailRow.Meta):
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        constraints = [models.UniqueConstraint(fields=["chain", "position"], name="audit_entry_has_one_place")]
        permissions = [("export_auditentry", "Can export the audit trail")]

    def __str__(self) -> str:
        return f"{self.action} {self.object_label}".strip()


class Origin(models.Model):
    """Who somebody was on the network; personal, and erased before the trail is."""

    email = models.CharField(_("address typed or known"), max_length=254, blank=True)
    address = models.GenericIPAddressField(_("network address"), null=True, blank=True)
    agent = models.CharField(_("browser or command"), max_length=250, blank=True)
    request_id = models.CharField(_("request"), max_length=36, blank=True)

    class Meta:
        abstract = True


class AuthEventOrigin(Origin):
    """Where a sign-in event came from."""

    event = models.OneToOneField(AuthEvent, models.CASCADE, primary_key=True, related_name="origin")

    def __str__(self) -> str:
        return self.email


class AuditEntryOrigin(Origin):
    """Where a change came from."""

    entry = models.OneToOneField(AuditEntry, models.CASCADE, primary_key=True, related_name="origin")

    def __str__(self) -> str:
        return self.email
