"""Venues and their rooms."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from bands.models import slug_validator


class Venue(models.Model):
    """A house where sets are played, shared by all events; a house with several stages has rooms below it.

    `version` counts its changes, so that who saves over another one is told.
    """

    name = models.CharField(_("name"), max_length=200)
    slug = models.CharField(_("slug"), max_length=100, unique=True, validators=[slug_validator])
    parent = models.ForeignKey(
        "self",
        related_name="rooms",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        verbose_name=_("room of"),
        help_text=_("The house that this room is in; empty for a house."),
    )
    walking_order = models.PositiveSmallIntegerField(
        _("walking order"),
        default=0,
        help_text=_("Position along the street: venues are listed in this order, then by name."),
    )
    address = models.CharField(
        _("address"), max_length=200, blank=True, help_text=_("In one line, if not in parts below.")
    )
    address_line1 = models.CharField(_("address, line 1"), max_length=200, blank=True)
    address_line2 = models.CharField(_("address, line 2"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=100, blank=True)
    latitude = models.FloatField(
        _("latitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text=_("Degrees north."),
    )
    longitude = models.FloatField(
        _("longitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text=_("Degrees east."),
    )
    capacity = models.PositiveIntegerField(_("capacity"), null=True, blank=True, help_text=_("People."))
    changeover_minutes = models.PositiveSmallIntegerField(
        _("changeover"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(180)],
        help_text=_("Minutes that this stage needs between two sets. Empty: as each event says; 0: none."),
    )
    access_notes = models.TextField(
        _("access notes"),
        max_length=2000,
        blank=True,
        help_text=_("Steps, lift, seats, toilets, and when that was last checked."),
    )
    website = models.URLField(_("website"), max_length=500, blank=True)
    instagram = models.CharField(_("instagram"), max_length=100, blank=True, help_text=_("Handle."))
    facebook = models.CharField(_("facebook"), max_length=100, blank=True, help_text=_("Handle."))
    phone = models.CharField(
        _("phone"),
        max_length=20,
        blank=True,
        validators=[
            RegexValidator(r"^\+?[0-9 ().-]{7,20}$", _("Write 7 to 20 digits, blanks, brackets, dots or hyphens."))
        ],
        help_text=_("Private: for the organizers."),
    )
    contact_email = models.EmailField(_("contact email"), blank=True, help_text=_("Private: for the organizers."))
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Untick to retire a venue; the sets it had stay as they are.")
    )
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        related_name="venues_created",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("updated by"),
        related_name="venues_updated",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    # Contact data is in no history: it can be asked to be forgotten.
    history = HistoricalRecords(excluded_fields=["phone", "contact_email", "created_at", "updated_at"])

    class Meta:
        verbose_name = _("venue")
        verbose_name_plural = _("venues")
        ordering = [
            Coalesce("parent__walking_order", "walking_order"),
            Coalesce("parent__name", "name"),
            F("parent").asc(nulls_first=True),
            "walking_order",
            "name",
            "pk",
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                condition=Q(parent__isnull=True),
                name="venue_name_is_unique_whatever_its_capitals",
                violation_error_message=_(
                    "A venue of this name exists already. Use it, or make this one a room of it."
                ),
            ),
            models.UniqueConstraint(
                F("parent"),
                Lower("name"),
                condition=Q(parent__isnull=False),
                name="room_name_is_unique_in_its_venue",
                violation_error_message=_("The venue has a room of this name already."),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")),
                name="venue_is_not_a_room_of_itself",
                violation_error_message=_("A venue cannot be a room of itself."),
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="venue_has_both_coordinates_or_none",
                violation_error_message=_("Give both latitude (-90 to 90) and longitude (-180 to 180), or neither."),
            ),
        ]

    def __str__(self) -> str:
        return room_title(self.name, self.parent.name if self.parent else None)

    def get_absolute_url(self) -> str:
        return reverse("schedule:venue_detail", args=[self.slug])

    def clean(self) -> None:
        if self.parent and (self.parent.parent_id or (self.pk and self.rooms.exists())):
            raise ValidationError({"parent": _("A room cannot have rooms of its own.")}, code="nested_room")

    @property
    def full_address(self) -> str:
        return compose_address(
            self.address,
            self.address_line1,
            self.address_line2,
            self.city,
            self.region,
            self.postal_code,
            self.country,
        )


def room_title(name: str, house: str | None) -> str:
    """What a venue is called: a room with its house in front, "Knitting Factory (Upstairs)"."""
    return f"{house} ({name})" if house else name


def compose_address(
    address: str, line1: str, line2: str, city: str, region: str, postal_code: str, country: str
) -> str:
    """The address in one line: lines, then city and region, then postal code and country; else the free text."""
    ending = " ".join(part for part in (postal_code, country) if part)
    return ", ".join(part for part in (line1, line2, city, region, ending) if part) or address
