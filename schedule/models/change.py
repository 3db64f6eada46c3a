"""What changed: the one log behind change lists, calendars, messages and history."""

from typing import TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import Q

from schedule.models.event import Event
from schedule.models.performance import Performance
from schedule.models.scope import EventBoundQuerySet, Scoped


class ChangeKind(models.TextChoices):
    """What can happen to an event or a set."""

    EVENT_CREATED = "event_created"
    EVENT_EDITED = "event_edited"
    EVENT_PUBLISHED = "event_published"
    EVENT_UNPUBLISHED = "event_unpublished"
    EVENT_ARCHIVED = "event_archived"
    EVENT_UNARCHIVED = "event_unarchived"
    ADDED = "added"
    EDITED = "edited"
    MOVED = "moved"
    RETIMED = "retimed"
    REVEALED = "revealed"
    ANNOUNCED = "announced"
    HIDDEN = "hidden"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"
    RESTORED = "restored"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    DELETED = "deleted"


class Change(Scoped, models.Model):
    """One thing that happened to an event or a set, written in the transaction that did it.

    `before` and `after` hold the changed fields, instants in ISO format and UTC. `is_public` tells
    whether the public could see the set before or after; only such changes may leave the house, and
    only those of sets that are still visible (`Performance.objects.visible_to`).
    """

    Kind: TypeAlias = ChangeKind

    event = models.ForeignKey(Event, related_name="changes", on_delete=models.CASCADE)
    performance = models.ForeignKey(
        Performance, related_name="changes", null=True, blank=True, on_delete=models.SET_NULL
    )
    performance_uid = models.UUIDField(null=True, blank=True)
    kind = models.CharField(max_length=20, choices=Kind)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    is_public = models.BooleanField()
    revision = models.PositiveBigIntegerField(help_text="The event's revision that this change made.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, related_name="changes", null=True, blank=True, on_delete=models.SET_NULL
    )
    at = models.DateTimeField()

    objects = EventBoundQuerySet["Change"].as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "revision"], name="change_makes_a_revision_of_its_own"),
            models.CheckConstraint(condition=Q(kind__in=ChangeKind.values), name="change_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.event}, revision {self.revision})"
