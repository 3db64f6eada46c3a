"""Links that are mailed: invites, and what an account's owner does by mail."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class LinkQuerySet(models.QuerySet):
    def open(self, now) -> "LinkQuerySet":  # type: ignore[no-untyped-def]
        """Links that still work at `now`."""
        return self.filter(used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)


class Link(models.Model):
    """Something that works once, until it expires or is revoked, for whoever holds its token.

    The token is not kept: it is made again from the row and a key outside the database whenever
    the link has to be written down (`accounts.links`), and recognized by its digest.
    """

    salt = models.CharField(max_length=32, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("works until"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    objects = LinkQuerySet.as_manager()

    class Meta:
        abstract = True


class Invite(Link):
    """An invitation to become a user with a role; of one address if it names one."""

    role = models.CharField(_("role"), max_length=10, choices=User.Role.choices, default=User.Role.EDITOR)
    email = models.EmailField(
        _("e-mail address"), blank=True, help_text=_("Empty: whoever has the link may use it, with any address.")
    )
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, editable=False, related_name="invites_made", verbose_name=_("by")
    )
    account = models.OneToOneField(
        User, models.SET_NULL, null=True, blank=True, editable=False, related_name="invite", verbose_name=_("became")
    )

    class Meta(Link.Meta):
        verbose_name = _("invite")
        verbose_name_plural = _("invites")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="invite_expires_after_it_was_made", condition=Q(expires_at__gt=F("created_at"))
            ),
            models.CheckConstraint(name="invite_has_a_known_role", condition=Q(role__in=["viewer", "editor", "admin"])),
        ]

    def __str__(self) -> str:
        return f"{self.email or _('anybody')} ({self.get_role_display()})"


class AccountLink(Link):
    """What somebody may do by a link in her mailbox: activate, set a new password, unlock."""

    class Purpose(models.TextChoices):
        ACTIVATE = "activate", _("activate the account")
        RESET = "reset", _("set a new password")
        UNLOCK = "unlock", _("lift a lock-out")

    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    user = models.ForeignKey(User, models.CASCADE, related_name="links")
    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)

    class Meta(Link.Meta):
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="account_link_expires_after_it_was_made", condition=Q(expires_at__gt=F("created_at"))
            ),
            models.CheckConstraint(
                name="account_link_has_a_known_purpose", condition=Q(purpose__in=["activate", "reset", "unlock"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_purpose_display()}"
