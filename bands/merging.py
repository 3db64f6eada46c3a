"""Two profiles that are one band become one, and for thirty days two again.

What other apps hang on a band they move themselves, by movers that they register here. The old
address and the old number lead to the band that was kept; `BandMerge` keeps what undoing takes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from bands.auditing import audit_row, keep_history
from bands.library import add_alias, discard_photo, remove_alias, restore_band, update_band
from bands.links import addresses_of
from bands.models import BandAlias, BandMerge, BandProfile, BandSlugRedirect, Genre
from bands.naming import normalize_name
from settimes.versions import refuse_stale

UNDO_DAYS = 30
KEPT, OTHER, BOTH = "kept", "other", "both"
# What somebody chooses between, and the columns of each; what belongs together goes together.
CHOICES = {
    "photo": ("photo", "photo_alt_text", "photo_credit"),
    "description": ("description",),
    "origin": ("origin", "origin_city", "origin_region"),
    "social_links": ("social_links",),
    "genres": ("genres",),
    "contact_email": ("contact_email",),
}
UNITED = ("social_links", "genres")  # of these both may be kept
COUNTERS = ("total_views", "total_social_clicks", "popularity_score")
SNAPSHOT = (
    *("name", "disambiguation", "slug", "description", "origin", "origin_city", "origin_region", "social_links"),
    *("photo", "photo_alt_text", "photo_credit", "contact_email", "is_active", *COUNTERS, "created_by_id"),
)


@dataclass(frozen=True)
class Warned:
    """Something that a merge leaves for people to mend, and the address where they do."""

    sentence: str
    address: str = ""


@dataclass(frozen=True)
class Mover:
    """How an app moves its rows from one band to another and, by what `move` answered (JSON), back.

    `keys` names the foreign keys that it moves, as "schedule.Performance.band".
    """

    keys: tuple[str, ...]
    move: Callable[..., Any]  # (kept, other, *, by, now) -> what undo is handed
    undo: Callable[..., None]  # (kept, former, moved, *, by, now)
    tell: Callable[..., list[str]] = field(default=lambda kept, other, *, reader: [])
    warn: Callable[..., list[Warned]] = field(default=lambda kept, other, *, reader: [])


MOVERS: dict[str, Mover] = {}


def register_mover(name: str, mover: Mover) -> None:
    """Let merges take along the rows of an app; called once when the app is ready."""
    MOVERS[name] = mover


def default_choices(kept: BandProfile, other: BandProfile) -> dict[str, str]:
    """Whose value is kept of each thing: the kept one's, where it has none the other's, of what adds up both's."""
    return {
        name: BOTH if name in UNITED else KEPT if _has_any(kept, columns) or not _has_any(other, columns) else OTHER
        for name, columns in CHOICES.items()
    }


def differing(kept: BandProfile, other: BandProfile) -> list[str]:
    """What somebody has to choose between."""
    return [name for name, columns in CHOICES.items() if _values(kept, columns) != _values(other, columns)]


@transaction.atomic
def merge_bands(
    kept: BandProfile,
    other: BandProfile,
    *,
    fields: Mapping[str, str] | None = None,
    seen_versions: Mapping[int, int] | None = None,
    by: User | None,
    now: datetime,
) -> BandMerge:
    """Make one band of two: `other` goes, and all that is its own becomes that of `kept`.

    `fields` says whose photo, description and so on is kept where that is not the default. Raises
    ValidationError when one of the two has been merged meanwhile, and StaleError by `seen_versions`.
    """
    kept, other = _lock_both(kept, other, seen=seen_versions or {})
    expire_merges(now=now)
    former = _snapshot(other)
    reason = _("Merged with %(band)s") % {"band": other}
    chosen = _chosen_values(kept, other, {**default_choices(kept, other), **(fields or {})})
    before = _plain({name: _value(kept, name) for name in chosen})
    counted = {name: getattr(kept, name) + getattr(other, name) for name in COUNTERS}
    merge = BandMerge.objects.create(
        kept=kept, former_id=other.pk, former_name=str(other), former=former, merged_by=by, merged_at=now
    )
    moved: dict[str, Any] = {
        "by": {name: mover.move(kept, other, by=by, now=now) for name, mover in MOVERS.items()},
        "kept": kept.pk,
        "slugs": _move_slugs(kept, other),
        "merges": _move_merges(kept, other),
        "aliases": _take_names(kept, other, by=by, now=now),
    }
    audit_row("band.merged_away", other, by=by, now=now, before={"name": str(other)}, after={"merged_into": kept})
    keep_history(other, reason=_("Merged into %(band)s") % {"band": kept}, by=by, now=now)
    photo = other.photo.name
    other.delete()
    BandSlugRedirect.objects.create(slug=former["slug"], band=kept)
    genres = chosen.pop("genres", None)
    update_band(kept, genres=genres, reason=reason[:100], by=by, now=now, **chosen, **counted)
    kept.refresh_from_db()
    after = _plain({name: _value(kept, name) for name in before})
    moved["fields"] = {name: {"before": before[name], "after": after[name]} for name in before}
    merge.moved = moved
    merge.save(update_fields=["moved"])
    discard_photo(photo)
    audit_row("band.merged", kept, by=by, now=now, before={"merged": former["name"]}, after={"kept": str(kept)})
    return merge


@transaction.atomic
def undo_merge(merge: BandMerge, *, by: User | None, now: datetime) -> BandProfile:
    """Take a merge back; answers the band that is there again, under its number and address.

    Sets come back that still belong to the kept band; of the kept band's fields those that were
    changed by the merge and not since. Raises ValidationError after thirty days, when it is undone
    already, or when name or address are somebody else's by now.
    """
    locked = BandMerge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    refuse_undo(locked, now=now)
    kept = BandProfile.objects.select_for_update(of=("self",)).get(pk=locked.kept_id)
    former, moved = dict(locked.former), locked.moved
    BandMerge.objects.filter(pk=locked.pk).update(undone_by=by, undone_at=now)
    if BandProfile.objects.filter(slug=former["slug"]).exists():
        raise ValidationError(
            _("The address “%(slug)s” belongs to another band now. Give that one another address first.")
            % {"slug": former["slug"]},
            code="slug_taken",
        )
    BandSlugRedirect.objects.filter(slug=former["slug"], band=kept).delete()
    for alias in BandAlias.objects.filter(band=kept, name__in=moved.get("aliases", [])):
        remove_alias(alias, by=by, now=now)
    reason = _("Merge with %(band)s undone") % {"band": locked.former_name}
    update_band(kept, reason=reason[:100], by=by, now=now, **_given_back(kept, former, moved))
    band = _bring_back(locked.former_id, former, reason=reason[:100], by=by, now=now)
    BandSlugRedirect.objects.filter(slug__in=moved.get("slugs", []), band=kept).update(band=band)
    BandMerge.objects.filter(pk__in=moved.get("merges", []), kept=kept).update(kept=band)
    for name, mover in MOVERS.items():
        if name in moved.get("by", {}):
            mover.undo(kept, band, moved["by"][name], by=by, now=now)
    audit_row("band.unmerged", kept, by=by, now=now, before={"merged": str(band)}, after={"apart": str(band)})
    return band


def refuse_undo(merge: BandMerge, *, now: datetime) -> None:
    """Raise ValidationError when a merge cannot be taken back any more."""
    if merge.undone_at:
        raise ValidationError(
            _("The merge of %(band)s is undone already.") % {"band": merge.former_name}, code="undone"
        )
    if now > merge.merged_at + timedelta(days=UNDO_DAYS):
        raise ValidationError(
            ngettext(
                "A merge can be undone for %(days)d day. Add %(band)s as a band of its own instead.",
                "A merge can be undone for %(days)d days. Add %(band)s as a band of its own instead.",
                UNDO_DAYS,
            )
            % {"days": UNDO_DAYS, "band": merge.former_name},
            code="too_late",
        )


def can_undo(merge: BandMerge, *, now: datetime) -> bool:
    return merge.undone_at is None and now <= merge.merged_at + timedelta(days=UNDO_DAYS)


@transaction.atomic
def expire_merges(*, now: datetime) -> None:
    """Forget what undoing would take once it cannot be done: private addresses, and photos that nobody has."""
    is_over = Q(merged_at__lt=now - timedelta(days=UNDO_DAYS)) | Q(undone_at__isnull=False)
    for merge in BandMerge.objects.filter(is_over):
        photos = {merge.former.pop("photo", ""), merge.moved.get("fields", {}).pop("photo", {}).get("before", "")}
        if "contact_email" in merge.former or photos != {""}:
            merge.former.pop("contact_email", None)
            merge.moved.get("fields", {}).pop("contact_email", None)
            merge.save(update_fields=["former", "moved"])
            for photo in photos:
                discard_photo(photo)


def band_numbered(number: int) -> int:
    """The number of the band that a number leads to: its own, or that of the band it was merged into."""
    merge = BandMerge.objects.filter(former_id=number, undone_at=None).order_by("-merged_at", "-pk").first()
    return merge.kept_id if merge and not BandProfile.objects.filter(pk=number).exists() else number


def tell_merge(kept: BandProfile, other: BandProfile, *, reader: User, now: datetime) -> list[str]:
    """What a merge will do, in sentences."""
    names = {"kept": kept, "other": other}
    told = [sentence for mover in MOVERS.values() for sentence in mover.tell(kept, other, reader=reader)]
    if taken := _names_to_take(kept, other):
        told.append(
            ngettext(
                "“%(names)s” becomes another name of %(kept)s, by which it is found.",
                "“%(names)s” become other names of %(kept)s, by which it is found.",
                len(taken),
            )
            % {"names": "”, “".join(taken), "kept": kept}
        )
    told.append(_("The address of %(other)s leads to %(kept)s from now on.") % names)
    if any(getattr(other, name) for name in COUNTERS):
        told.append(_("Views and clicks of both are added up."))
    until = now + timedelta(days=UNDO_DAYS)
    told.append(
        _("%(other)s leaves the library. Until %(until)s this can be undone.")
        % {"other": other, "until": date_format(until, "DATE_FORMAT")}
    )
    return told


def warn_merge(kept: BandProfile, other: BandProfile, *, reader: User) -> list[Warned]:
    """What a merge leaves for people to mend."""
    return [each for mover in MOVERS.values() for each in mover.warn(kept, other, reader=reader)]


def _lock_both(kept: BandProfile, other: BandProfile, *, seen: Mapping[int, int]) -> tuple[BandProfile, BandProfile]:
    """Both as they are now, locked in the order of their numbers, so that two merges of a pair queue up."""
    if kept.pk == other.pk:
        raise ValidationError(_("Choose another band: this is %(band)s itself.") % {"band": kept}, code="same")
    rows = BandProfile.objects.select_for_update(of=("self",)).filter(pk__in=[kept.pk, other.pk]).order_by("pk")
    locked = {band.pk: band for band in rows}
    for band in (kept, other):
        if band.pk not in locked:
            raise ValidationError(
                _("%(band)s is gone: somebody has just merged or deleted it.") % {"band": band}, code="gone"
            )
        refuse_stale(locked[band.pk], seen=seen.get(band.pk))
    return locked[kept.pk], locked[other.pk]


def _snapshot(band: BandProfile) -> dict[str, Any]:
    """All that is to come back, as JSON."""
    fields = _plain({name: getattr(band, name) for name in SNAPSHOT})
    return {
        **fields,
        "version": band.version,
        "created_at": band.created_at.isoformat(),
        "genres": [genre.pk for genre in band.genres.all()],
        "aliases": [alias.name for alias in band.aliases.all()],
    }


def _bring_back(number: int, former: dict[str, Any], *, reason: str, by: User | None, now: datetime) -> BandProfile:
    aliases, genres = former.pop("aliases"), Genre.objects.filter(pk__in=former.pop("genres"))
    former["version"] += 1
    former["created_at"] = datetime.fromisoformat(former["created_at"])
    if not User.objects.filter(pk=former["created_by_id"]).exists():
        former["created_by_id"] = None
    band = restore_band(number, genres=genres, reason=reason, by=by, now=now, **former)
    for name in aliases:
        add_alias(band, name, by=by, now=now)
    return band


def _chosen_values(kept: BandProfile, other: BandProfile, choices: Mapping[str, str]) -> dict[str, Any]:
    """The values that the kept band gets from the other one."""
    values: dict[str, Any] = {}
    for name, choice in choices.items():
        if name not in CHOICES or choice not in (KEPT, OTHER, BOTH if name in UNITED else OTHER):
            raise ValueError(f"{choice} is no choice for {name}")
        for column in CHOICES[name] if choice != KEPT else ():
            values[column] = _united(column, kept, other) if choice == BOTH else _value(other, column)
    return {name: value for name, value in values.items() if value != _value(kept, name)}


def _united(name: str, kept: BandProfile, other: BandProfile) -> Any:
    """Both's values; of the links of one platform that of the kept band, if it leads anywhere."""
    if name == "genres":
        return _value(kept, name) + [genre for genre in _value(other, name) if genre not in _value(kept, name)]
    leading = addresses_of(kept.social_links)
    new = {key: link for key, link in (other.social_links or {}).items() if key not in leading}
    return {**(kept.social_links or {}), **new}


def _given_back(kept: BandProfile, former: dict[str, Any], moved: dict[str, Any]) -> dict[str, Any]:
    """What the kept band has by the merge alone, as it was before."""
    values: dict[str, Any] = {name: max(0, getattr(kept, name) - former[name]) for name in COUNTERS}
    if moved.get("kept") != kept.pk:
        return values
    for name, each in moved.get("fields", {}).items():
        if _plain({name: _value(kept, name)})[name] == each["after"]:
            is_genres = name == "genres"
            values[name] = list(Genre.objects.filter(pk__in=each["before"])) if is_genres else each["before"]
    return values


def _move_slugs(kept: BandProfile, other: BandProfile) -> list[str]:
    rows = BandSlugRedirect.objects.filter(band=other)
    slugs = list(rows.values_list("slug", flat=True))
    rows.update(band=kept)
    return slugs


def _move_merges(kept: BandProfile, other: BandProfile) -> list[int]:
    """Bands that were merged into the other one lead to the kept one; they can still be brought back."""
    rows = BandMerge.objects.filter(kept=other)
    numbers = list(rows.values_list("pk", flat=True))
    rows.update(kept=kept)
    return numbers


def _take_names(kept: BandProfile, other: BandProfile, *, by: User | None, now: datetime) -> list[str]:
    return [add_alias(kept, name, by=by, now=now).name for name in _names_to_take(kept, other)]


def _names_to_take(kept: BandProfile, other: BandProfile) -> list[str]:
    """The names of the other band that the kept one has not got."""
    known = {kept.name_normalized, *(alias.name_normalized for alias in kept.aliases.all())}
    names = {normalize_name(name): name for name in (other.name, *(alias.name for alias in other.aliases.all()))}
    return [name for key, name in names.items() if key not in known]


def _has_any(band: BandProfile, columns: tuple[str, ...]) -> bool:
    return any(_values(band, columns))


def _values(band: BandProfile, columns: tuple[str, ...]) -> list[Any]:
    return [_value(band, name) for name in columns]


def _value(band: BandProfile, name: str) -> Any:
    if name == "genres":
        return list(band.genres.order_by("name", "pk"))
    value = getattr(band, name)
    return value.name or "" if name == "photo" else value


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """JSON values: genres as their numbers, a photo as its name."""
    return {name: _plain_value(value) for name, value in values.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, FieldFile):
        return value.name or ""
    return [each.pk for each in value] if isinstance(value, list) else value
