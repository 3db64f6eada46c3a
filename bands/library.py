"""Writing to the band library: the admin, imports and the demo all come through here."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from bands.auditing import audit_differences, audit_row, filled_values_of, keep_history, values_of
from bands.models import BandAlias, BandMerge, BandProfile, BandSlugRedirect, Genre
from bands.naming import keys_of, normalize_name, tidy_name
from bands.photos import Picture, discard_picture, is_stored, keep_sizes
from bands.slugs import ascii_slug, free_slug
from settimes.versions import refuse_stale

GENRE_FIELDS = ("name", "slug")
PHOTO_FIELDS = ("photo", "photo_alt_text", "photo_credit")


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
    keep_history(band, by=by, now=now)
    wanted = slug or (ascii_slug(band.name) and ascii_slug(str(band)))
    # A name without a Latin letter or digit is addressed by its number, known once the row is there.
    band.slug = slug or (free_slug(wanted, is_taken=_is_slug_taken) if wanted else f"new-{uuid.uuid4().hex}")
    _save(band)
    _keep_sizes_of(band, fields.get("photo"))
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
    band: BandProfile,
    *,
    genres: Iterable[Genre] | None = None,
    seen_version: int | None = None,
    reason: str = "",
    by: User | None,
    now: datetime,
    **fields: Any,
) -> BandProfile:
    """Change a band's fields; a new name renews the keys, a new slug leaves a redirect behind.

    Where nothing is different and no reason is given, nothing is written.
    Raises ValidationError as `add_band` does, for a slug that another band has or had, and with
    `seen_version` when the band has been changed since.
    """
    locked = BandProfile.objects.select_for_update(of=("self",)).get(pk=band.pk)
    refuse_stale(locked, seen=seen_version)
    fields = _without_lost_photo(fields, now_has=locked.photo.name)
    former_slug, former_photo, before = locked.slug, locked.photo.name, values_of(locked, fields)
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.name, locked.disambiguation = tidy_name(locked.name), tidy_name(locked.disambiguation)
    _set_keys(locked)
    locked.slug = locked.slug or former_slug
    genres = None if genres is None else list(genres)
    if not reason and values_of(locked, fields) == before and not _has_other_genres(locked, genres):
        band.refresh_from_db()
        return band
    locked.version += 1
    keep_history(locked, reason=reason, by=by, now=now)
    if locked.slug != former_slug:
        BandSlugRedirect.objects.filter(band=locked, slug=locked.slug).delete()
        BandSlugRedirect.objects.create(band=locked, slug=former_slug)
    _save(locked)
    _keep_sizes_of(locked, fields.get("photo"))
    if locked.photo.name != former_photo:
        discard_photo(former_photo)
    after = values_of(locked, fields)
    if genres is not None:
        before["genres"] = list(locked.genres.all())
        locked.genres.set(genres)
        after["genres"] = list(locked.genres.all())
    audit_differences("band.updated", locked, by=by, now=now, before=before, after=after)
    band.refresh_from_db()
    return band


def _has_other_genres(band: BandProfile, genres: list[Genre] | None) -> bool:
    return genres is not None and set(genres) != set(band.genres.all())


@transaction.atomic
def restore_band(
    number: int, *, genres: Iterable[Genre] = (), reason: str = "", by: User | None, now: datetime, **fields: Any
) -> BandProfile:
    """Bring a band that is gone back under its number, with its address. Raises ValidationError as `add_band` does."""
    created_at = fields.pop("created_at")
    band = BandProfile(pk=number, **fields)
    _set_keys(band)
    keep_history(band, reason=reason, by=by, now=now)
    band.full_clean()
    band.save(force_insert=True)
    BandProfile.objects.filter(pk=number).update(created_at=created_at)
    band.genres.set(genres)
    audit_row("band.restored", band, by=by, now=now, after=filled_values_of(band, ["name", "disambiguation", "slug"]))
    band.refresh_from_db()
    return band


@transaction.atomic
def delete_band(band: BandProfile, *, by: User | None, now: datetime) -> None:
    """Delete a band that has no sets; its address is not given to another band. Raises ProtectedError when it has."""
    before = filled_values_of(band, ["name", "disambiguation", "slug"])
    audit_row("band.deleted", band, by=by, now=now, before=before)
    keep_history(band, by=by, now=now)
    BandSlugRedirect.objects.create(slug=band.slug, band=None)
    photo = band.photo.name
    band.delete()
    discard_photo(photo)


def discard_photo(name: str | None) -> None:
    """Remove a photo's files once the transaction stands, unless a band or a merge that can be undone has it then.

    An older version of a band whose photo is gone is brought back with the photo of today.
    """
    if name:
        transaction.on_commit(lambda: None if _is_photo_needed(name) else discard_picture(name))


def _without_lost_photo(fields: dict[str, Any], *, now_has: str | None) -> dict[str, Any]:
    """The fields without a photo whose file was removed since, and without what was said about it."""
    photo = fields.get("photo")
    if not isinstance(photo, str) or photo in ("", now_has) or is_stored(photo):
        return fields
    return {name: value for name, value in fields.items() if name not in PHOTO_FIELDS}


def _is_photo_needed(name: str) -> bool:
    merges = BandMerge.objects.filter(undone_at=None)
    is_kept = merges.filter(Q(former__photo=name) | Q(moved__fields__photo__before=name)).exists()
    return is_kept or BandProfile.objects.filter(photo=name).exists()


def _keep_sizes_of(band: BandProfile, picture: Any) -> None:
    """Put the smaller sizes of a new photo beside it once the transaction stands."""
    if isinstance(picture, Picture):
        name = band.photo.name or ""
        transaction.on_commit(lambda: keep_sizes(name, picture))


@transaction.atomic
def add_alias(band: BandProfile, name: str, *, by: User | None, now: datetime) -> BandAlias:
    """Another name for the band; a name it already has as an alias is answered, not added again.

    Raises ValidationError for a name that is empty or too long.
    """
    keys = keys_of(name)
    new = BandAlias(band=band, name=tidy_name(name), name_normalized=keys.name_normalized, folding_key=keys.folding_key)
    if not new.name_normalized:
        raise ValidationError({"name": _("An alias needs at least one visible character.")}, code="required")
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
        raise ValidationError({"name": _("A band's name needs at least one visible character.")}, code="required")
    band.name_normalized, band.folding_key, band.lookup_key = keys.name_normalized, keys.folding_key, keys.lookup_key


def _save(band: BandProfile) -> None:
    band.full_clean()
    band.save()
    # Asked after the write: a rename that committed meanwhile is visible now, so its old slug stays its own.
    if BandSlugRedirect.objects.filter(slug=band.slug).exclude(band=band).exists():
        raise ValidationError(
            {
                "slug": _("“%(slug)s” was another band's address and still leads there. Choose another one.")
                % {"slug": band.slug}
            },
            code="slug_taken",
        )


def _is_slug_taken(slug: str) -> bool:
    return BandProfile.objects.filter(slug=slug).exists() or BandSlugRedirect.objects.filter(slug=slug).exists()
