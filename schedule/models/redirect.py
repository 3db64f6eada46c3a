"""Addresses that events and venues had before."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bands.slugs import MAX_SLUG_LENGTH
from schedule.models.event import Event
from schedule.models.scope import Scoped
from schedule.models.venue import Venue


class SlugRedirectQuerySet(models.QuerySet["SlugRedirect"]):
    def open_to(self, user: User) -> "SlugRedirectQuerySet":
        """All former addresses, for a user with a scope those of venues and of the events given to her."""
        if not user.is_scoped:
            return self
        return self.filter(Q(kind=SlugRedirect.Kind.VENUE) | Q(event__in=user.event_access.values("event")))


class SlugRedirect(Scoped, models.Model):
    """A former address; it leads to where the event or venue is now, in one hop, and is never given to another.

    When the event or venue is deleted the row stays and leads nowhere.
    """

    class Kind(models.TextChoices):
        EVENT = "event", _("Event")
        VENUE = "venue", _("Venue")

    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    slug = models.CharField(_("slug"), max_length=MAX_SLUG_LENGTH)
    event = models.ForeignKey(
        Event, verbose_name=_("event"), related_name="former_slugs", null=True, blank=True, on_delete=models.SET_NULL
    )
    venue = models.ForeignKey(
        Venue, verbose_name=_("venue"), related_name="former_slugs", null=True, blank=True, on_delete=models.SET_NULL
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = SlugRedirectQuerySet.as_manager()

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")
        ordering = ["slug", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug"], name="former_slug_belongs_to_one_event_or_venue"),
            models.CheckConstraint(
                condition=Q(kind="event", venue__isnull=True) | Q(kind="venue", event__isnull=True),
                name="former_slug_leads_to_what_its_kind_says",
            ),
        ]

    def __str__(self) -> str:
        target = self.event or self.venue
        return f"{self.slug} → {target.slug}" if target else _("%(slug)s (deleted)") % {"slug": self.slug}
