"""What a band's profile lacks, for the list of the library and for who fills it."""

from collections.abc import Callable
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from bands.links import addresses_of
from bands.models import BandProfile


class Gap(TextChoices):
    """Something that people look for on a band's page."""

    PHOTO = "photo", _("photo")
    BIO = "bio", _("bio")
    GENRE = "genre", _("genre")
    ORIGIN = "origin", _("origin")
    LINKS = "links", _("links")
    ALT_TEXT = "alt_text", _("alternative text")


IS_MISSING: dict[Gap, Callable[[BandProfile], bool]] = {
    Gap.PHOTO: lambda band: not band.photo,
    Gap.BIO: lambda band: not band.description.strip(),
    Gap.GENRE: lambda band: not band.genres.all(),
    Gap.ORIGIN: lambda band: not band.origin_text.strip(),
    Gap.LINKS: lambda band: not addresses_of(band.social_links),
    Gap.ALT_TEXT: lambda band: bool(band.photo) and not band.photo_alt_text.strip(),
}
# Where in the band's form each one is mended.
FIELDS = {
    Gap.PHOTO: "photo",
    Gap.BIO: "description",
    Gap.GENRE: "genres",
    Gap.ORIGIN: "origin",
    Gap.LINKS: "link_website",
    Gap.ALT_TEXT: "photo_alt_text",
}


def gaps_of(band: BandProfile) -> list[Gap]:
    """What a band lacks; no query for one whose genres were prefetched."""
    return [gap for gap, is_missing in IS_MISSING.items() if is_missing(band)]


def all_gaps() -> dict[int, list[Gap]]:
    """What every band of the library lacks, by its id. Two queries."""
    read: tuple[Any, ...] = ("photo", "photo_alt_text", "description", "social_links")
    bands = BandProfile.objects.only(*read, "origin", "origin_city", "origin_region").prefetch_related("genres")
    return {band.pk: gaps_of(band) for band in bands.order_by()}
