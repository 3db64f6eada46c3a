"""Writing to the band library: the admin, imports and the demo all come through here."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from bands.models import BandAlias, BandProfile, BandSlugRedirect, Genre
from bands.naming import keys_of, normalize_name, tidy_name
from bands.slugs import ascii_slug, free_slug


@transaction.atomic
def add_band(
    name: str,
    *,
    disambiguation: str = "",
    slug: str = "",
    genres: Iterable[Genre] = (),
    by: User | None = None,
    **fields: Any,
) -> BandProfile:
    """A new band with its keys and an address of its own; without a slug one is made from the name.

    Raises ValidationError when name and disambiguation are taken, or a field is malformed.
    """
    band = BandProfile(name=tidy_name(name), disambiguation=tidy_name(disambiguation), created_by=by, **fields)
    _set_keys(band)
    wanted = slug or (ascii_slug(band.name) and ascii_slug(str(band)))
    # A name without a Latin letter or digit is addressed by its number, known once the row is there.
    band.slug = slug or (free_slug(wanted, is_taken=_is_slug_taken) if wanted else f"new-{uuid.uuid4().hex}")
    _save(band)
    if not wanted:
        band.slug = free_slug(f"band-{band.pk}", is_taken=_is_slug_taken)
        band.save(update_fields=["slug"])
    band.genres.set(genres)
    return band


@transaction.atomic
def update_band(band: BandProfile, *, genres: Iterable[Genre] | None = None, **fields: Any) -> BandProfile:
    """Change a band's fields; a new name renews the keys, a new slug leaves a redirect behind.

    Raises ValidationError as `add_band` does, and for a slug that another band has or had.
    """
    locked = BandProfile.objects.select_for_update(of=("self",)).get(pk=band.pk)
    former_slug = locked.slug
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.name, locked.disambiguation = tidy_name(locked.name), tidy_name(locked.disambiguation)
    _set_keys(locked)
    locked.slug = locked.slug or former_slug
    if locked.slug != former_slug:
        BandSlugRedirect.objects.filter(band=locked, slug=locked.slug).delete()
        BandSlugRedirect.objects.create(band=locked, slug=former_slug)
    _save(locked)
    if genres is not None:
        locked.genres.set(genres)
    band.refresh_from_db()
    return band


@transaction.atomic
def delete_band(band: BandProfile) -> None:
    """Delete a band that has no sets; its address is not given to another band. Raises ProtectedError when it has."""
    BandSlugRedirect.objects.create(slug=band.slug, band=None)
    band.delete()


def add_alias(band: BandProfile, name: str) -> BandAlias:
    """Another name for the band; a name it already has as an alias is answered, not added again.

    Raises ValidationError for a name that is empty or too long.
    """
    keys = keys_of(name)
    new = BandAlias(band=band, name=tidy_name(name), name_normalized=keys.name_normalized, folding_key=keys.folding_key)
    if not new.name_normalized:
        raise ValidationError({"name": "An alias needs at least one visible character."}, code="required")
    new.clean_fields()
    alias, _ = BandAlias.objects.get_or_create(
        band=band,
        name_normalized=new.name_normalized,
        defaults={"name": new.name, "folding_key": new.folding_key},
    )
    return alias


def find_genre(name: str) -> Genre:
    """The genre of that name, made when it is new. Safe to repeat."""
    name = tidy_name(name)
    # Compared here because SQLite knows the capitals of ASCII letters only.
    genre = next((each for each in Genre.objects.all() if normalize_name(each.name) == normalize_name(name)), None)
    if genre is None:
        slug = free_slug(
            ascii_slug(name) or f"genre-{Genre.objects.count() + 1}",
            is_taken=lambda slug: Genre.objects.filter(slug=slug).exists(),
        )
        genre = Genre(name=name, slug=slug)
        genre.full_clean()
        genre.save()
    return genre


def _set_keys(band: BandProfile) -> None:
    keys = keys_of(band.name)
    if not keys.name_normalized:
        raise ValidationError({"name": "A band's name needs at least one visible character."}, code="required")
    band.name_normalized, band.folding_key, band.lookup_key = keys.name_normalized, keys.folding_key, keys.lookup_key


def _save(band: BandProfile) -> None:
    band.full_clean()
    band.save()
    # Asked after the write: a rename that committed meanwhile is visible now, so its old slug stays its own.
    if BandSlugRedirect.objects.filter(slug=band.slug).exclude(band=band).exists():
        raise ValidationError(
            {"slug": f"“{band.slug}” was another band's address and still leads there. Choose another one."},
            code="slug_taken",
        )


def _is_slug_taken(slug: str) -> bool:
    return BandProfile.objects.filter(slug=slug).exists() or BandSlugRedirect.objects.filter(slug=slug).exists()
