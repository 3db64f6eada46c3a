"""What changed: the one log behind change lists, calendars, messages and history."""

from typing import TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from schedule.models.event import Event
from schedule.models.performance import Performance
from schedule.models.scope import EventBoundQuerySet, Scoped


class ChangeKind(models.TextChoices):
    """What can happen to an event or a set."""

    EVENT_CREATED = "event_created", _("Event Created")
    EVENT_EDITED = "event_edited", _("Event Edited")
    EVENT_PUBLISHED = "event_published", _("Event Published")
    EVENT_UNPUBLISHED = "event_unpublished", _("Event Unpublished")
    EVENT_ARCHIVED = "event_archived", _("Event Archived")
    EVENT_UNARCHIVED = "event_unarchived", _("Event Unarchived")
    ADDED = "added", _("Added")
    EDITED = "edited", _("Edited")
    MOVED = "moved", _("Moved")
    RETIMED = "retimed", _("Retimed")
    REVEALED = "revealed", _("Revealed")
    ANNOUNCED = "announced", _("Announced")
    HIDDEN = "hidden", _("Hidden")
    CANCELLED = "cancelled", _("Cancelled")
    POSTPONED = "postponed", _("Postponed")
    RESTORED = "restored", _("Restored")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REPLACED = "replaced", _("Replaced")
    DELETED = "deleted", _("Deleted")


class Change(Scoped, models.Model):
    """One thing that happened to an event or a set, written in the transaction that did it.

    `before` and `after` hold the changed fields, instants in ISO format and UTC. `is_public` tells
    whether the public could see the set before or after; only such changes may leave the house, and
    only those of sets that are still visible (`Performance.objects.visible_to`).
    """

    Kind: TypeAlias = ChangeKind

    event = models.ForeignKey(Event, verbose_name=_("event"), related_name="changes", on_delete=models.CASCADE)
    performance = models.ForeignKey(
        Performance,
        verbose_name=_("set"),
        related_name="changes",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
    )
    performance_uid = models.UUIDField(_("permanent number of the set"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    reason = models.CharField(_("reason"), max_length=500, blank=True, help_text=_("Private: why somebody did it."))
    batch = models.UUIDField(
        _("batch"),
        null=True,
        blank=True,
        db_index=True,
        help_text=_("The same for all changes that were saved in one go."),
    )
    is_public = models.BooleanField(_("is public"))
    revision = models.PositiveBigIntegerField(_("revision"), help_text=_("The event's revision that this change made."))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        related_name="changes",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
    )
    at = models.DateTimeField(_("at"))

    objects = EventBoundQuerySet["Change"].as_manager()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "revision"], name="change_makes_a_revision_of_its_own"),
            models.CheckConstraint(condition=Q(kind__in=ChangeKind.values), name="change_kind_is_known"),
        ]

    def __str__(self) -> str:
        facts = {"kind": self.get_kind_display(), "event": self.event, "revision": self.revision}
        return _("%(kind)s (%(event)s, revision %(revision)d)") % facts
