"""Sets: one band, or a slot without one, at one venue."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import User
from bands.models import BandProfile
from schedule.models.event import Event, Viewer
from schedule.models.scope import EventBoundQuerySet, Scoped
from schedule.models.venue import Venue


class PerformanceQuerySet(EventBoundQuerySet["Performance"]):
    def visible_to(self, viewer: Viewer) -> "PerformanceQuerySet":
        """The gate: sets of public events, in reveal mode announced ones; for organizers also what is open to them."""
        public = (Q(event__reveal_mode=False) | Q(is_announced=True)) & Q(event__status__in=Event.PUBLIC_STATUSES)
        public &= ~Q(status=Performance.Status.WITHDRAWN)
        if not isinstance(viewer, User) or not viewer.has_perm("schedule.view_performance"):
            return self.filter(public)
        return self.filter(public | Q(event__in=viewer.event_access.values("event"))) if viewer.is_scoped else self

    def taking_place(self) -> "PerformanceQuerySet":
        """Sets that use their room and their band: scheduled ones that are not placeholders."""
        return self.filter(status=Performance.Status.SCHEDULED).exclude(kind=Performance.Kind.PLACEHOLDER)


class Performance(Scoped, models.Model):
    """One set of the running order.

    `night` is the date it is billed under; `starts_at` and `ends_at` are the true instants in UTC,
    shown in the event's time zone, both optional until they are known. `sequence` counts the public
    changes of time, place and status; `changed_at` is the last change of anything the public reads.
    """

    class Kind(models.TextChoices):
        SET = "set"
        PLACEHOLDER = "placeholder"
        ACTIVITY = "activity"

    class Status(models.TextChoices):
        SCHEDULED = "scheduled"
        CANCELLED = "cancelled"
        POSTPONED = "postponed"
        WITHDRAWN = "withdrawn"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, related_name="performances", on_delete=models.CASCADE)
    band = models.ForeignKey(BandProfile, related_name="performances", null=True, blank=True, on_delete=models.PROTECT)
    billing = models.CharField(
        "billed as",
        max_length=200,
        blank=True,
        help_text="As printed, if not the band's name: “Modeselektor (DJ)”, “TBA”, “Silent Disco”.",
    )
    kind = models.CharField(max_length=11, choices=Kind, default=Kind.SET)
    venue = models.ForeignKey(Venue, related_name="performances", null=True, blank=True, on_delete=models.PROTECT)
    night = models.DateField(help_text="The evening it belongs to, also when it starts after midnight.")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    expected_delay_minutes = models.PositiveSmallIntegerField(default=0)
    notes = models.TextField(max_length=2000, blank=True, help_text="Public.")
    crew_notes = models.TextField(max_length=2000, blank=True, help_text="Private: for the crew.")
    status = models.CharField(max_length=9, choices=Status, default=Status.SCHEDULED)
    replaces = models.OneToOneField(
        "self", related_name="replaced_by", null=True, blank=True, on_delete=models.SET_NULL
    )
    is_announced = models.BooleanField("announced", default=True)
    announced_at = models.DateTimeField(null=True, blank=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, related_name="performances_created", null=True, blank=True, on_delete=models.SET_NULL
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, related_name="performances_updated", null=True, blank=True, on_delete=models.SET_NULL
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PerformanceQuerySet.as_manager()

    class Meta:
        ordering = [
            "night",
            F("starts_at").asc(nulls_last=True),
            Coalesce("venue__parent__walking_order", "venue__walking_order"),
            Coalesce("venue__parent__name", "venue__name"),
            "venue__walking_order",
            "venue__name",
            "pk",
        ]
        verbose_name = "set"
        indexes = [
            models.Index(fields=["event", "night", "starts_at"], name="performance_event_night"),
            models.Index(fields=["venue", "starts_at"], name="performance_venue_start"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="performance_ends_after_it_starts",
                violation_error_message="A set must end after it starts.",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(starts_at__isnull=False),
                name="performance_with_an_end_has_a_start",
                violation_error_message="A set with an end needs a start.",
            ),
            models.CheckConstraint(
                condition=Q(band__isnull=False) | ~Q(billing=""),
                name="performance_has_a_band_or_a_billing",
                violation_error_message="Name the band, or write what the slot is billed as (TBA, Silent Disco).",
            ),
            models.CheckConstraint(
                condition=Q(kind="set", band__isnull=False) | (~Q(kind="set") & Q(band__isnull=True)),
                name="performance_is_a_set_exactly_when_it_has_a_band",
                violation_error_message="A set has a band; a placeholder or an activity has none.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["set", "placeholder", "activity"]),
                name="performance_kind_is_known",
                violation_error_message="A slot is a set, a placeholder or an activity.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["scheduled", "cancelled", "postponed", "withdrawn"]),
                name="performance_status_is_known",
                violation_error_message="A set is scheduled, cancelled, postponed or withdrawn.",
            ),
            models.CheckConstraint(
                condition=Q(is_announced=False) | Q(announced_at__isnull=False),
                name="performance_that_is_announced_has_the_time_of_it",
                violation_error_message="An announced set needs the time it was announced at.",
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | ~Q(replaces=F("pk")),
                name="performance_does_not_replace_itself",
                violation_error_message="A set cannot replace itself.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{reverse('schedule:event_detail', args=[self.event.slug])}#set-{self.pk}"

    def clean(self) -> None:
        """The rules that need the event: the night is one of its nights, the start lies on it or the day after."""
        if not self.event_id or not self.night:
            return
        if not self.event.has_night(self.night):
            raise ValidationError(
                {
                    "night": (
                        f"{self.night} is not a night of {self.event} "
                        f"({self.event.date} to {self.event.last_night}). Change the event's dates first."
                    )
                },
                code="night",
            )
        if self.starts_at:
            local_day = self.starts_at.astimezone(self.event.zone).date()
            if not 0 <= (local_day - self.night).days <= 1:
                raise ValidationError(
                    {"starts_at": f"A start on {local_day} does not belong to the night of {self.night}."},
                    code="far_from_night",
                )

    @property
    def title(self) -> str:
        """What the slot is billed as, else the band's name."""
        return self.billing or (self.band.name if self.band else "")
