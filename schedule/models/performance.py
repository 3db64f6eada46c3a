"""Sets: one band, or a slot without one, at one venue."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

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
    changes of time, place and status; `changed_at` is the last change of anything the public reads;
    `version` counts every change, so that who saves over another one is told.
    """

    class Kind(models.TextChoices):
        SET = "set", _("Set")
        PLACEHOLDER = "placeholder", _("Placeholder")
        ACTIVITY = "activity", _("Activity")

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("Scheduled")
        CANCELLED = "cancelled", _("Cancelled")
        POSTPONED = "postponed", _("Postponed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    uid = models.UUIDField(_("uid"), default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, verbose_name=_("event"), related_name="performances", on_delete=models.CASCADE)
    band = models.ForeignKey(
        BandProfile,
        verbose_name=_("band"),
        related_name="performances",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
    )
    billing = models.CharField(
        _("billed as"),
        max_length=200,
        blank=True,
        help_text=_("As printed, if not the band's name: “Modeselektor (DJ)”, “TBA”, “Silent Disco”."),
    )
    kind = models.CharField(_("kind"), max_length=11, choices=Kind, default=Kind.SET)
    venue = models.ForeignKey(
        Venue, verbose_name=_("venue"), related_name="performances", null=True, blank=True, on_delete=models.PROTECT
    )
    night = models.DateField(_("night"), help_text=_("The evening it belongs to, also when it starts after midnight."))
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    expected_delay_minutes = models.PositiveSmallIntegerField(_("expected delay minutes"), default=0)
    notes = models.TextField(_("notes"), max_length=2000, blank=True, help_text=_("Public."))
    crew_notes = models.TextField(_("crew notes"), max_length=2000, blank=True, help_text=_("Private: for the crew."))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.SCHEDULED)
    replaces = models.OneToOneField(
        "self", verbose_name=_("replaces"), related_name="replaced_by", null=True, blank=True, on_delete=models.SET_NULL
    )
    is_announced = models.BooleanField(_("announced"), default=True)
    announced_at = models.DateTimeField(_("announced at"), null=True, blank=True, editable=False)
    announce_at = models.DateTimeField(
        _("to be announced at"), null=True, blank=True, editable=False, help_text=_("When it is announced by itself.")
    )
    sequence = models.PositiveIntegerField(_("sequence"), default=0, editable=False)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    changed_at = models.DateTimeField(_("changed at"), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        related_name="performances_created",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("updated by"),
        related_name="performances_updated",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = PerformanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("set")
        verbose_name_plural = _("sets")
        ordering = [
            "night",
            F("starts_at").asc(nulls_last=True),
            Coalesce("venue__parent__walking_order", "venue__walking_order"),
            Coalesce("venue__parent__name", "venue__name"),
            "venue__walking_order",
            "venue__name",
            "pk",
        ]
        indexes = [
            models.Index(fields=["event", "night", "starts_at"], name="performance_event_night"),
            models.Index(fields=["venue", "starts_at"], name="performance_venue_start"),
            models.Index(
                fields=["announce_at"], condition=Q(announce_at__isnull=False), name="performance_to_announce"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="performance_ends_after_it_starts",
                violation_error_message=_("A set must end after it starts."),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(starts_at__isnull=False),
                name="performance_with_an_end_has_a_start",
                violation_error_message=_("A set with an end needs a start."),
            ),
            models.CheckConstraint(
                condition=Q(band__isnull=False) | ~Q(billing=""),
                name="performance_has_a_band_or_a_billing",
                violation_error_message=_("Name the band, or write what the slot is billed as (TBA, Silent Disco)."),
            ),
            models.CheckConstraint(
                condition=Q(kind="set", band__isnull=False) | (~Q(kind="set") & Q(band__isnull=True)),
                name="performance_is_a_set_exactly_when_it_has_a_band",
                violation_error_message=_("A set has a band; a placeholder or an activity has none."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["set", "placeholder", "activity"]),
                name="performance_kind_is_known",
                violation_error_message=_("A slot is a set, a placeholder or an activity."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=["scheduled", "cancelled", "postponed", "withdrawn"]),
                name="performance_status_is_known",
                violation_error_message=_("A set is scheduled, cancelled, postponed or withdrawn."),
            ),
            models.CheckConstraint(
                condition=Q(is_announced=False) | Q(announced_at__isnull=False),
                name="performance_that_is_announced_has_the_time_of_it",
                violation_error_message=_("An announced set needs the time it was announced at."),
            ),
            models.CheckConstraint(
                condition=Q(announce_at__isnull=True) | Q(is_announced=False),
                name="performance_that_waits_to_be_announced_is_not_yet",
                violation_error_message=_("The set is announced already."),
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | ~Q(replaces=F("pk")),
                name="performance_does_not_replace_itself",
                violation_error_message=_("A set cannot replace itself."),
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
            message = _(
                "%(night)s is not a night of %(event)s (%(first)s to %(last)s). Change the event's dates first."
            ) % {
                "night": self.night,
                "event": self.event,
                "first": self.event.date,
                "last": self.event.last_night,
            }
            raise ValidationError({"night": message}, code="night")
        if self.starts_at:
            local_day = self.starts_at.astimezone(self.event.zone).date()
            if not 0 <= (local_day - self.night).days <= 1:
                message = _("A start on %(day)s does not belong to the night of %(night)s.") % {
                    "day": local_day,
                    "night": self.night,
                }
                raise ValidationError({"starts_at": message}, code="far_from_night")

    @property
    def title(self) -> str:
        """What the slot is billed as, else the band's name."""
        return self.billing or (self.band.name if self.band else "")
