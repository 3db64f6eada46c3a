"""The band library: who plays, separate from when and where."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from bands.slugs import MAX_SLUG_LENGTH, SLUG_PATTERN

slug_validator = RegexValidator(SLUG_PATTERN, "Use lower-case letters, digits and single hyphens, for example vol-18.")


class Genre(models.Model):
    """A kind of music, for filters."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=MAX_SLUG_LENGTH, unique=True, validators=[slug_validator])

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="genre_name_is_unique_whatever_its_capitals",
                violation_error_message="This genre exists already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class BandProfile(models.Model):
    """A band, once for all the events it plays. Names keep the capitals and signs they were typed with."""

    name = models.CharField(max_length=200)
    disambiguation = models.CharField(
        max_length=100,
        blank=True,
        help_text="Tells two bands of the same name apart, for example “Guelph” or “tribute”. Shown in brackets.",
    )
    name_normalized = models.CharField(max_length=200, editable=False)
    folding_key = models.CharField(max_length=400, editable=False, db_index=True)
    lookup_key = models.CharField(max_length=200, blank=True, editable=False, db_index=True)
    slug = models.CharField(max_length=MAX_SLUG_LENGTH, unique=True, validators=[slug_validator])
    description = models.TextField(max_length=5000, blank=True, help_text="Markdown.")
    genres = models.ManyToManyField(Genre, related_name="bands", blank=True)
    origin = models.CharField(max_length=100, blank=True, help_text="Where the band is from, as people say it.")
    origin_city = models.CharField(max_length=100, blank=True)
    origin_region = models.CharField(max_length=100, blank=True)
    social_links = models.JSONField(
        default=dict,
        blank=True,
        help_text='For example {"website": "https://…", "instagram": "handle", "bandcamp": "https://…"}.',
    )
    photo = models.ImageField(upload_to="bands/", blank=True)
    photo_alt_text = models.CharField(max_length=300, blank=True)
    photo_credit = models.CharField(max_length=200, blank=True)
    contact_email = models.EmailField(blank=True, help_text="Private: never shown to the public.")
    is_active = models.BooleanField("active", default=True, help_text="Untick when the band has split up.")
    total_views = models.PositiveBigIntegerField(default=0, editable=False)
    total_social_clicks = models.PositiveBigIntegerField(default=0, editable=False)
    popularity_score = models.FloatField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, related_name="bands_created", null=True, blank=True, on_delete=models.SET_NULL
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name_normalized", "pk"]
        constraints = [
            models.UniqueConstraint(
                F("name_normalized"),
                Lower("disambiguation"),
                name="band_name_and_disambiguation_are_unique",
                violation_error_message=(
                    "A band of this name is in the library already. Use it, or tell this one apart by a disambiguation."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(name_normalized=""),
                name="band_has_a_name",
                violation_error_message="A band needs a name.",
            ),
            models.CheckConstraint(
                condition=~Q(folding_key=""),
                name="band_has_a_folding_key",
                violation_error_message="A band's name needs at least one visible character.",
            ),
            models.CheckConstraint(
                condition=Q(popularity_score__gte=0),
                name="band_popularity_is_not_negative",
                violation_error_message="Popularity cannot be negative.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.disambiguation})" if self.disambiguation else self.name

    @property
    def origin_text(self) -> str:
        """Where the band is from: as people say it, else "City, Region"."""
        return self.origin or ", ".join(part for part in (self.origin_city, self.origin_region) if part)


class BandAlias(models.Model):
    """Another name that means the same band: an old name, a usual misspelling, the name in another script."""

    band = models.ForeignKey(BandProfile, related_name="aliases", on_delete=models.CASCADE)
    name = models.CharField(max_length=200)
    name_normalized = models.CharField(max_length=200, editable=False, db_index=True)
    folding_key = models.CharField(max_length=400, editable=False, db_index=True)

    class Meta:
        ordering = ["name_normalized", "pk"]
        verbose_name_plural = "band aliases"
        constraints = [
            models.UniqueConstraint(
                fields=["band", "name_normalized"],
                name="band_has_an_alias_only_once",
                violation_error_message="The band has this alias already.",
            ),
            models.CheckConstraint(
                condition=~Q(name_normalized="") & ~Q(folding_key=""),
                name="band_alias_has_a_name",
                violation_error_message="An alias needs at least one visible character.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BandSlugRedirect(models.Model):
    """An address that a band had before; it leads to the band for ever and is never given to another.

    When the band is deleted the row stays and leads nowhere.
    """

    slug = models.CharField(max_length=MAX_SLUG_LENGTH, unique=True)
    band = models.ForeignKey(BandProfile, related_name="former_slugs", null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return f"{self.slug} → {self.band.slug}" if self.band else f"{self.slug} (deleted)"
