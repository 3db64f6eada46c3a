"""Addresses that events and venues had before."""

from django.db import models
from django.db.models import Q

from bands.slugs import MAX_SLUG_LENGTH
from schedule.models.event import Event
from schedule.models.venue import Venue


class SlugRedirect(models.Model):
    """A former address; it leads to where the event or venue is now, in one hop, and is never given to another."""

    slug = models.CharField(max_length=MAX_SLUG_LENGTH)
    event = models.ForeignKey(Event, related_name="former_slugs", null=True, blank=True, on_delete=models.CASCADE)
    venue = models.ForeignKey(Venue, related_name="former_slugs", null=True, blank=True, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(event__isnull=False, venue__isnull=True) | Q(event__isnull=True, venue__isnull=False),
                name="slug_redirect_leads_to_one_event_or_venue",
            ),
            models.UniqueConstraint(
                fields=["slug"], condition=Q(event__isnull=False), name="former_event_slug_leads_to_one_event"
            ),
            models.UniqueConstraint(
                fields=["slug"], condition=Q(venue__isnull=False), name="former_venue_slug_leads_to_one_venue"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug} → {(self.event or self.venue).slug}"  # type: ignore[union-attr]
