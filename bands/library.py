"""Writing to the band library: the admin, imports and the demo all come through here."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from bands.auditing import audit_differences, audit_row, filled_values_of, values_of
from bands.models import BandAlias, BandProfile, BandSlugRedirect, Genre
from bands.naming import keys_of, normalize_name, tidy_name
from bands.slugs import ascii_slug, free_slug

GENRE_FIELDS = ("name", "slug")


@transaction.atomic
def add_band(
    name: str,
    *,
    disambiguation: str = "",
    slug: str = "",
    genres: Iterable[Genre] = (),
    by: User | None,
    now: datetime,
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
    genres = list(genres)
    band.genres.set(genres)
    after = filled_values_of(band, ["name", "disambiguation", "slug", *fields])
    after |= {"genres": genres} if genres else {}
    audit_row("band.created", band, by=by, now=now, after=after)
    return band


@transaction.atomic
def update_band(
    band: BandProfile, *, genres: Iterable[Genre] | None = None, by: User | None, now: datetime, **fields: Any
) -> BandProfile:
    """Change a band's fields; a new name renews the keys, a new slug leaves a redirect behind.

    Raises ValidationError as `add_band` does, and for a slug that another band has or had.
    """
    locked = BandProfile.objects.select_for_update(of=("self",)).get(pk=band.pk)
    former_slug, before = locked.slug, values_of(locked, fields)
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.name, locked.disambiguation = tidy_name(locked.name), tidy_name(locked.disambiguation)
    _set_keys(locked)
    locked.slug = locked.slug or former_slug
    if locked.slug != former_slug:
        BandSlugRedirect.objects.filter(band=locked, slug=locked.slug).delete()
        BandSlugRedirect.objects.create(band=locked, slug=former_slug)
    _save(locked)
    after = values_of(locked, fields)
    if genres is not None:
        before["genres"] = list(locked.genres.all())
        locked.genres.set(genres)
        after["genres"] = list(locked.genres.all())
    audit_differences("band.updated", locked, by=by, now=now, before=before, after=after)
    band.refresh_from_db()
    return band


@transaction.atomic
def delete_band(band: BandProfile, *, by: User | None, now: datetime) -> None:
    """Delete a band that has no sets; its address is not given to another band. Raises ProtectedError when it has."""
    before = filled_values_of(band, ["name", "disambiguation", "slug"])
    audit_row("band.deleted", band, by=by, now=now, before=before)
    BandSlugRedirect.objects.create(slug=band.slug, band=None)
    band.delete()


@transaction.atomic
def add_alias(band: BandProfile, name: str, *, by: User | None, now: datetime) -> BandAlias:
    """Another name for the band; a name it already has as an alias is answered, not added again.

    Raises ValidationError for a name that is empty or too long.
    """
    keys = keys_of(name)
    new = BandAlias(band=band, name=tidy_name(name), name_normalized=keys.name_normalized, folding_key=keys.folding_key)
    if not new.name_normalized:
        raise ValidationError({"name": "An alias needs at least one visible character."}, code="required")
    new.clean_fields()
    alias, is_new = BandAlias.objects.get_or_create(
        band=band,
        name_normalized=new.name_normalized,
        defaults={"name": new.name, "folding_key": new.folding_key},
    )
    if is_new:
        audit_row("band.alias_added", band, by=by, now=now, after={"alias": alias.name})
    return alias


@transaction.atomic
def remove_alias(alias: BandAlias, *, by: User | None, now: datetime) -> None:
    """Take a name away from its band."""
    audit_row("band.alias_removed", alias.band, by=by, now=now, before={"alias": alias.name})
    alias.delete()


def find_genre(name: str, *, by: User | None, now: datetime) -> Genre:
    """The genre of that name, made when it is new. Safe to repeat."""
    # Compared here because SQLite knows the capitals of ASCII letters only.
    known = (each for each in Genre.objects.all() if normalize_name(each.name) == normalize_name(name))
    return next(known, None) or add_genre(name, by=by, now=now)


@transaction.atomic
def add_genre(name: str, *, slug: str = "", by: User | None, now: datetime) -> Genre:
    """A new genre; without a slug one is made from the name. Raises ValidationError when it is there already."""
    name = tidy_name(name)
    slug = slug or free_slug(
        ascii_slug(name) or f"genre-{Genre.objects.count() + 1}",
        is_taken=lambda slug: Genre.objects.filter(slug=slug).exists(),
    )
    genre = Genre(name=name, slug=slug)
    genre.full_clean()
    genre.save()
    audit_row("genre.created", genre, by=by, now=now, after=values_of(genre, GENRE_FIELDS))
    return genre


@transaction.atomic
def update_genre(genre: Genre, *, by: User | None, now: datetime, **fields: Any) -> None:
    """Change a genre's name or slug. Raises ValidationError."""
    locked = Genre.objects.select_for_update(of=("self",)).get(pk=genre.pk)
    before = values_of(locked, fields)
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.name = tidy_name(locked.name)
    locked.full_clean()
    locked.save()
    audit_differences("genre.updated", locked, by=by, now=now, before=before, after=values_of(locked, fields))
    genre.refresh_from_db()


@transaction.atomic
def delete_genre(genre: Genre, *, by: User | None, now: datetime) -> None:
    """Delete a genre; the bands that have it lose it."""
    audit_row("genre.deleted", genre, by=by, now=now, before=values_of(genre, GENRE_FIELDS))
    genre.delete()


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
