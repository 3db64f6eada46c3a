"""Which events people with a scope were given."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from schedule.models.event import Event
from schedule.models.scope import EventBoundQuerySet, Scoped


class EventAccess(Scoped, models.Model):
    """An event that somebody was given to work on; it counts while her account says "only the events listed"."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, related_name="event_access", on_delete=models.CASCADE, verbose_name=_("person")
    )
    event = models.ForeignKey(Event, verbose_name=_("event"), related_name="access", on_delete=models.CASCADE)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = EventBoundQuerySet["EventAccess"].as_manager()

    class Meta:
        ordering = ["event", "user"]
        verbose_name_plural = _("event access")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "event"],
                name="event_is_given_to_somebody_only_once",
                violation_error_message=_("She was given this event already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.event}"
