"""The band library: who plays, separate from when and where."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from bands.slugs import MAX_SLUG_LENGTH, SLUG_PATTERN

slug_validator = RegexValidator(
    SLUG_PATTERN, _("Use lower-case letters, digits and single hyphens, for example vol-18.")
)


class Genre(models.Model):
    """A kind of music, for filters."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("slug"), max_length=MAX_SLUG_LENGTH, unique=True, validators=[slug_validator])

    class Meta:
        verbose_name = _("genre")
        verbose_name_plural = _("genres")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="genre_name_is_unique_whatever_its_capitals",
                violation_error_message=_("This genre exists already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class BandProfile(models.Model):
    """A band, once for all the events it plays. Names keep the capitals and signs they were typed with.

    `version` counts its changes, so that who saves over another one is told.
    """

    name = models.CharField(_("name"), max_length=200)
    disambiguation = models.CharField(
        _("disambiguation"),
        max_length=100,
        blank=True,
        help_text=_("Tells two bands of the same name apart, for example “Guelph” or “tribute”. Shown in brackets."),
    )
    name_normalized = models.CharField(_("name normalized"), max_length=200, editable=False)
    folding_key = models.CharField(_("folding key"), max_length=400, editable=False, db_index=True)
    lookup_key = models.CharField(_("lookup key"), max_length=200, blank=True, editable=False, db_index=True)
    slug = models.CharField(_("slug"), max_length=MAX_SLUG_LENGTH, unique=True, validators=[slug_validator])
    description = models.TextField(_("bio"), max_length=5000, blank=True, help_text=_("Markdown."))
    genres = models.ManyToManyField(Genre, verbose_name=_("genres"), related_name="bands", blank=True)
    origin = models.CharField(
        _("from"), max_length=100, blank=True, help_text=_("Where the band is from, as people say it.")
    )
    origin_city = models.CharField(_("city"), max_length=100, blank=True)
    origin_region = models.CharField(_("region"), max_length=100, blank=True)
    social_links = models.JSONField(
        _("links"),
        default=dict,
        blank=True,
        help_text=_("An address or a handle for each platform."),
    )
    photo = models.ImageField(_("photo"), upload_to="bands/", blank=True)
    photo_alt_text = models.CharField(_("alternative text"), max_length=300, blank=True)
    photo_credit = models.CharField(_("credit"), max_length=200, blank=True)
    contact_email = models.EmailField(
        _("contact e-mail"), blank=True, help_text=_("Private: never shown to the public.")
    )
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Untick when the band has split up."))
    total_views = models.PositiveBigIntegerField(_("total views"), default=0, editable=False)
    total_social_clicks = models.PositiveBigIntegerField(_("total social clicks"), default=0, editable=False)
    popularity_score = models.FloatField(_("popularity score"), default=0, editable=False)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        related_name="bands_created",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    # What people do to it; not what is counted, and not contact data, which can be asked to be forgotten.
    history = HistoricalRecords(
        m2m_fields=[genres],
        excluded_fields=[
            *("contact_email", "total_views", "total_social_clicks", "popularity_score", "created_at", "updated_at"),
            *("name_normalized", "folding_key", "lookup_key"),
        ],
    )

    class Meta:
        verbose_name = _("band")
        verbose_name_plural = _("bands")
        ordering = ["name_normalized", "pk"]
        constraints = [
            models.UniqueConstraint(
                F("name_normalized"),
                Lower("disambiguation"),
                name="band_name_and_disambiguation_are_unique",
                violation_error_message=(
                    _("A band of this name is in the library already. Use it, or tell this one apart.")
                ),
            ),
            models.CheckConstraint(
                condition=~Q(name_normalized=""),
                name="band_has_a_name",
                violation_error_message=_("A band needs a name."),
            ),
            models.CheckConstraint(
                condition=~Q(folding_key=""),
                name="band_has_a_folding_key",
                violation_error_message=_("A band's name needs at least one visible character."),
            ),
            models.CheckConstraint(
                condition=Q(popularity_score__gte=0),
                name="band_popularity_is_not_negative",
                violation_error_message=_("Popularity cannot be negative."),
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

    band = models.ForeignKey(BandProfile, verbose_name=_("band"), related_name="aliases", on_delete=models.CASCADE)
    name = models.CharField(_("name"), max_length=200)
    name_normalized = models.CharField(_("name normalized"), max_length=200, editable=False, db_index=True)
    folding_key = models.CharField(_("folding key"), max_length=400, editable=False, db_index=True)

    class Meta:
        verbose_name = _("other name of a band")
        verbose_name_plural = _("other names of bands")
        ordering = ["name_normalized", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["band", "name_normalized"],
                name="band_has_an_alias_only_once",
                violation_error_message=_("The band has this alias already."),
            ),
            models.CheckConstraint(
                condition=~Q(name_normalized="") & ~Q(folding_key=""),
                name="band_alias_has_a_name",
                violation_error_message=_("An alias needs at least one visible character."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BandSlugRedirect(models.Model):
    """An address that a band had before; it leads to the band for ever and is never given to another.

    When the band is deleted the row stays and leads nowhere.
    """

    slug = models.CharField(_("slug"), max_length=MAX_SLUG_LENGTH, unique=True)
    band = models.ForeignKey(
        BandProfile, verbose_name=_("band"), related_name="former_slugs", null=True, on_delete=models.SET_NULL
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("former address of a band")
        verbose_name_plural = _("former addresses of bands")
        ordering = ["slug"]

    def __str__(self) -> str:
        if self.band:
            return f"{self.slug} → {self.band.slug}"
        return _("%(slug)s (deleted)") % {"slug": self.slug}


class BandMerge(models.Model):
    """Two profiles that were one band: what was merged into which, and what undoing it takes.

    The merged profile is gone; `former` holds its fields, `moved` what came along, by who moved it.
    Its address and its number lead to the band that was kept.
    """

    kept = models.ForeignKey(BandProfile, verbose_name=_("kept"), related_name="merges", on_delete=models.CASCADE)
    former_id = models.PositiveBigIntegerField(
        _("former id"), db_index=True, help_text=_("The number that the merged profile had.")
    )
    former_name = models.CharField(_("former name"), max_length=310)
    former = models.JSONField(_("former"), default=dict)
    moved = models.JSONField(_("moved"), default=dict)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("merged by"),
        related_name="band_merges",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
    )
    merged_at = models.DateTimeField(_("merged at"))
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("undone by"),
        related_name="band_merges_undone",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
    )
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-merged_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.former_name} → {self.kept}"
