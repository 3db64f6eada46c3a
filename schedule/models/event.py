"""Events and when their doors open."""

import datetime as dt
from datetime import time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinLengthValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import User
from bands.models import slug_validator
from schedule.models.scope import EventBoundQuerySet, Scoped

Viewer = User | AnonymousUser
PUBLIC: Viewer = AnonymousUser()  # who the public pages are rendered for, also when somebody is signed in


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(
            f"“{name}” is not a time zone. Write an IANA name such as America/Toronto.", code="time_zone"
        )


class EventQuerySet(models.QuerySet["Event"]):
    def public(self) -> "EventQuerySet":
        """Events that everybody may see: published ones, and archived ones at their old addresses."""
        return self.filter(status__in=Event.PUBLIC_STATUSES)

    def visible_to(self, viewer: Viewer) -> "EventQuerySet":
        """The gate: what the public sees; for people who may view events in the admin also those open to them."""
        if not isinstance(viewer, User) or not viewer.has_perm("schedule.view_event"):
            return self.public()
        if not viewer.is_scoped:
            return self
        return self.filter(Q(status__in=Event.PUBLIC_STATUSES) | Q(pk__in=viewer.event_access.values("event")))

    def open_to(self, user: User) -> "EventQuerySet":
        """All events, for a user with a scope those that were given to her."""
        return self.filter(pk__in=user.event_access.values("event")) if user.is_scoped else self


class Event(Scoped, models.Model):
    """A crawl or festival: one night or several, many rooms, one address.

    `revision` counts every change of it and its sets; `public_revision` those that the public could
    see, and outputs tell only that one, or the number would say that something hidden is going on.

    `date` and `end_date` are its first and last night; `rollover` is when a night ends for somebody
    who types a time, a proposal only. All times of its sets are shown in `timezone`.
    """

    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        ARCHIVED = "archived"

    PUBLIC_STATUSES = (Status.PUBLISHED, Status.ARCHIVED)

    name = models.CharField(max_length=200, validators=[MinLengthValidator(3)])
    slug = models.CharField(max_length=100, unique=True, validators=[MinLengthValidator(3), slug_validator])
    date = models.DateField("first night")
    end_date = models.DateField("last night", null=True, blank=True, help_text="Empty when there is one night.")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    description = models.TextField(max_length=5000, blank=True, help_text="Markdown.")
    city = models.CharField(max_length=100, blank=True)
    timezone = models.CharField("time zone", max_length=64, validators=[validate_time_zone])
    rollover = models.TimeField(
        default=time(6), help_text="Times before this hour belong to the night before when somebody types them."
    )
    default_set_minutes = models.PositiveSmallIntegerField(
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(360)],
        help_text="Length assumed for a set without an end when overlaps are looked for. Never shown.",
    )
    ticket_url = models.URLField(max_length=500, blank=True)
    poster = models.ImageField(upload_to="posters/", blank=True)
    poster_alt_text = models.CharField(max_length=300, blank=True)
    presented_by = models.CharField(max_length=200, blank=True)
    presented_by_url = models.URLField(max_length=500, blank=True)
    age_rule = models.CharField(max_length=200, blank=True, help_text="For example 19+, or all ages with a guardian.")
    price = models.CharField(max_length=200, blank=True, help_text="For example $20 in advance, pay what you can.")
    venue_info = models.JSONField(
        default=list, blank=True, help_text='A list such as [{"name": "…", "address": "…", "note": "…"}].'
    )
    social_links = models.JSONField(default=dict, blank=True)
    theme_colors = models.JSONField(default=dict, blank=True)
    reveal_mode = models.BooleanField(default=False, help_text="When on, only announced sets are public.")
    times_public = models.BooleanField(
        "times are public", default=True, help_text="When off, the line-up is public and its times are not yet."
    )
    revision = models.PositiveBigIntegerField(default=0, editable=False)
    public_revision = models.PositiveBigIntegerField(default=0, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, related_name="events_created", null=True, blank=True, on_delete=models.SET_NULL
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, related_name="events_updated", null=True, blank=True, on_delete=models.SET_NULL
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-date", "-pk"]
        permissions = [("archive_event", "Can archive and un-archive events")]
        indexes = [models.Index(fields=["status", "date"], name="event_status_date")]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_date__isnull=True) | Q(end_date__gte=F("date")),
                name="event_ends_on_or_after_its_first_night",
                violation_error_message="The last night cannot be before the first one.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "published", "archived"]),
                name="event_status_is_known",
                violation_error_message="An event is a draft, published or archived.",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(published_at__isnull=False),
                name="event_in_public_has_a_publishing_time",
                violation_error_message="A public event needs the time it was published at.",
            ),
            models.CheckConstraint(
                condition=Q(status="archived", archived_at__isnull=False)
                | (~Q(status="archived") & Q(archived_at__isnull=True)),
                name="event_has_an_archiving_time_while_archived",
                violation_error_message="Exactly the archived events have the time they were archived at.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("schedule:event_detail", args=[self.slug])

    def clean(self) -> None:
        for field, kind in (("venue_info", list), ("social_links", dict), ("theme_colors", dict)):
            if not isinstance(getattr(self, field), kind):
                raise ValidationError({field: f"Write a JSON {'list' if kind is list else 'object'}."}, code="shape")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def last_night(self) -> dt.date:
        return self.end_date or self.date

    @property
    def has_several_nights(self) -> bool:
        return self.last_night > self.date

    @property
    def is_public(self) -> bool:
        return self.status in self.PUBLIC_STATUSES

    def has_night(self, night: dt.date) -> bool:
        return self.date <= night <= self.last_night

    def nights(self) -> list[dt.date]:
        """Every date from the first night to the last, also those on which nothing plays."""
        return [self.date + timedelta(days=n) for n in range((self.last_night - self.date).days + 1)]


class Doors(Scoped, models.Model):
    """When people are let in: for a whole night, or for one venue that opens at another time."""

    event = models.ForeignKey(Event, related_name="doors", on_delete=models.CASCADE)
    night = models.DateField()
    venue = models.ForeignKey(
        "schedule.Venue",
        related_name="doors",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text="Empty when it holds for every venue of that night.",
    )
    opens_at = models.DateTimeField()

    objects = EventBoundQuerySet["Doors"].as_manager()

    class Meta:
        ordering = ["night", "opens_at", "pk"]
        verbose_name_plural = "doors"
        constraints = [
            models.UniqueConstraint(
                fields=["event", "night", "venue"],
                name="doors_of_a_venue_open_once_a_night",
                violation_error_message="The doors of this venue are set for this night already.",
            ),
            models.UniqueConstraint(
                fields=["event", "night"],
                condition=Q(venue__isnull=True),
                name="doors_of_all_venues_open_once_a_night",
                violation_error_message="The doors of this night are set already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event}, {self.night}"

    def clean(self) -> None:
        if not self.event_id or not self.night:
            return
        if not self.event.has_night(self.night):
            raise ValidationError({"night": f"{self.night} is not a night of {self.event}."}, code="night")
        if self.opens_at and not 0 <= (self.opens_at.astimezone(self.event.zone).date() - self.night).days <= 1:
            raise ValidationError({"opens_at": "The doors open on another day than the night."}, code="far_from_night")
