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
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bands.models import slug_validator
from schedule.models.scope import EventBoundQuerySet, Scoped

Viewer = User | AnonymousUser
PUBLIC: Viewer = AnonymousUser()  # who the public pages are rendered for, also when somebody is signed in


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Write an IANA name such as America/Toronto.") % {"name": name},
            code="time_zone",
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
    `version` counts the changes of its own fields and doors: who saves over another one is told.

    `date` and `end_date` are its first and last night; `rollover` is when a night ends for somebody
    who types a time, a proposal only. All times of its sets are shown in `timezone`.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        ARCHIVED = "archived", _("Archived")

    PUBLIC_STATUSES = (Status.PUBLISHED, Status.ARCHIVED)

    name = models.CharField(_("name"), max_length=200, validators=[MinLengthValidator(3)])
    slug = models.CharField(_("slug"), max_length=100, unique=True, validators=[MinLengthValidator(3), slug_validator])
    date = models.DateField(_("first night"))
    end_date = models.DateField(_("last night"), null=True, blank=True, help_text=_("Empty when there is one night."))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    description = models.TextField(_("description"), max_length=5000, blank=True, help_text=_("Markdown."))
    city = models.CharField(_("city"), max_length=100, blank=True)
    timezone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    rollover = models.TimeField(
        _("rollover"),
        default=time(6),
        help_text=_("Times before this hour belong to the night before when somebody types them."),
    )
    default_set_minutes = models.PositiveSmallIntegerField(
        _("usual length in minutes"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(360)],
        help_text=_("Length assumed for a set without an end when overlaps are looked for. Never shown."),
    )
    changeover_minutes = models.PositiveSmallIntegerField(
        _("changeover"),
        default=0,
        validators=[MaxValueValidator(180)],
        help_text=_("Minutes that a stage needs between two sets; less is warned about. A venue may have its own."),
    )
    ticket_url = models.URLField(_("ticket address"), max_length=500, blank=True)
    poster = models.ImageField(_("poster"), upload_to="posters/", blank=True)
    poster_alt_text = models.CharField(_("alternative text of the poster"), max_length=300, blank=True)
    presented_by = models.CharField(_("presented by"), max_length=200, blank=True)
    presented_by_url = models.URLField(_("address of who presents it"), max_length=500, blank=True)
    age_rule = models.CharField(
        _("ages"), max_length=200, blank=True, help_text=_("For example 19+, or all ages with a guardian.")
    )
    price = models.CharField(
        _("price"), max_length=200, blank=True, help_text=_("For example $20 in advance, pay what you can.")
    )
    venue_info = models.JSONField(
        _("venues in words"),
        default=list,
        blank=True,
        help_text=_("Places in words: name, address and a note of each."),
    )
    social_links = models.JSONField(_("links"), default=dict, blank=True)
    theme_colors = models.JSONField(_("colours"), default=dict, blank=True)
    reveal_mode = models.BooleanField(
        _("reveal mode"), default=False, help_text=_("When on, only announced sets are public.")
    )
    times_public = models.BooleanField(
        _("times are public"), default=True, help_text=_("When off, the line-up is public and its times are not yet.")
    )
    revision = models.PositiveBigIntegerField(_("revision"), default=0, editable=False)
    public_revision = models.PositiveBigIntegerField(_("public revision"), default=0, editable=False)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        related_name="events_created",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("updated by"),
        related_name="events_updated",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-date", "-pk"]
        permissions = [("archive_event", "Can archive and un-archive events")]
        indexes = [models.Index(fields=["status", "date"], name="event_status_date")]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_date__isnull=True) | Q(end_date__gte=F("date")),
                name="event_ends_on_or_after_its_first_night",
                violation_error_message=_("The last night cannot be before the first one."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "published", "archived"]),
                name="event_status_is_known",
                violation_error_message=_("An event is a draft, published or archived."),
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(published_at__isnull=False),
                name="event_in_public_has_a_publishing_time",
                violation_error_message=_("A public event needs the time it was published at."),
            ),
            models.CheckConstraint(
                condition=Q(status="archived", archived_at__isnull=False)
                | (~Q(status="archived") & Q(archived_at__isnull=True)),
                name="event_has_an_archiving_time_while_archived",
                violation_error_message=_("Exactly the archived events have the time they were archived at."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("schedule:event_detail", args=[self.slug])

    def clean(self) -> None:
        if not isinstance(self.venue_info, list):
            raise ValidationError({"venue_info": _("Write a JSON list.")}, code="shape")
        for field in ("social_links", "theme_colors"):
            if not isinstance(getattr(self, field), dict):
                raise ValidationError({field: _("Write a JSON object.")}, code="shape")

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
    """When people are let in and when the music has to end: for a whole night, or for a venue of its own hours.

    At least one of the two times is known.
    """

    event = models.ForeignKey(Event, verbose_name=_("event"), related_name="doors", on_delete=models.CASCADE)
    night = models.DateField(_("night"))
    venue = models.ForeignKey(
        "schedule.Venue",
        verbose_name=_("venue"),
        related_name="doors",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text=_("Empty when it holds for every venue of that night."),
    )
    opens_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    curfew_at = models.DateTimeField(_("curfew"), null=True, blank=True)

    objects = EventBoundQuerySet["Doors"].as_manager()

    class Meta:
        verbose_name = _("doors")
        verbose_name_plural = _("doors")
        ordering = ["night", "opens_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "night", "venue"],
                name="doors_of_a_venue_open_once_a_night",
                violation_error_message=_("The doors of this venue are set for this night already."),
            ),
            models.UniqueConstraint(
                fields=["event", "night"],
                condition=Q(venue__isnull=True),
                name="doors_of_all_venues_open_once_a_night",
                violation_error_message=_("The doors of this night are set already."),
            ),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=False) | Q(curfew_at__isnull=False),
                name="doors_have_an_opening_or_a_curfew",
                violation_error_message=_("Say when the doors open, when the curfew is, or both."),
            ),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(curfew_at__isnull=True) | Q(curfew_at__gt=F("opens_at")),
                name="doors_open_before_the_curfew",
                violation_error_message=_("The curfew must be after the doors open."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event}, {self.night}"

    def clean(self) -> None:
        if not self.event_id or not self.night:
            return
        if not self.event.has_night(self.night):
            message = _("%(night)s is not a night of %(event)s.") % {"night": self.night, "event": self.event}
            raise ValidationError({"night": message}, code="night")
        for field, refusal in (
            ("opens_at", _("The doors open on another day than the night.")),
            ("curfew_at", _("The curfew is on another day than the night.")),
        ):
            instant = getattr(self, field)
            if instant and not 0 <= (instant.astimezone(self.event.zone).date() - self.night).days <= 1:
                raise ValidationError({field: refusal}, code="far_from_night")
