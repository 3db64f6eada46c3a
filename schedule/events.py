"""Making events and venues, and editing them so that their sets, addresses and history stay right."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from bands.auditing import audit_differences, audit_row, filled_values_of, values_of
from bands.naming import tidy_name
from bands.slugs import ascii_slug, free_slug
from schedule import lineup
from schedule.access import give_access
from schedule.changes import lock_event, record, refuse_unknown
from schedule.models import Change, Doors, Event, SlugRedirect, Venue
from schedule.nights import keep_wall_time, shift_by_nights

# What organizers edit; status and its times belong to publishing.py, revisions to changes.py.
EDITABLE = frozenset(
    (
        *("name", "slug", "date", "end_date", "city", "timezone", "rollover", "description", "ticket_url", "price"),
        *("age_rule", "presented_by", "presented_by_url", "poster", "poster_alt_text", "reveal_mode", "times_public"),
        *("default_set_minutes", "venue_info", "social_links", "theme_colors"),
    )
)


@transaction.atomic
def create_event(*, by: User | None, now: datetime, slug: str = "", **fields: Any) -> Event:
    """A new draft; without a slug one is made from the name. Raises ValidationError.

    Who works only on the events listed is given the one that she makes.
    """
    event = Event(created_by=by, updated_by=by, slug=slug, **fields)
    if not slug:
        wanted = ascii_slug(event.name)
        wanted = wanted if len(wanted) >= 3 else f"event-{event.date:%Y-%m-%d}"
        event.slug = free_slug(wanted, is_taken=lambda each: _is_taken(Event, each))
    event.full_clean()
    event.save()
    _keep_slug_its_own(event)
    after = {"name": event.name, "date": event.date, "end_date": event.end_date, "timezone": event.timezone}
    record(event, Change.Kind.EVENT_CREATED, after=after, is_public=False, by=by, now=now)
    if by is not None and by.is_scoped:
        give_access(event, by, by=by, now=now)
    return event


@transaction.atomic
def update_event(event: Event, *, by: User | None, now: datetime, **fields: Any) -> None:
    """Change an event's fields.

    Another first night moves its sets and doors along by as many nights; another time zone keeps their wall
    times and moves the instants; another slug leaves a redirect; reveal mode switched on before the
    event was ever public hides what is there. Raises ValidationError, also when sets or doors would
    be left outside the event's nights.
    """
    refuse_unknown(fields, EDITABLE)
    locked, before = lock_event(event), lock_event(event)
    for name, value in fields.items():
        setattr(locked, name, value)
    changed = {name for name in fields if getattr(locked, name) != getattr(before, name)}
    if changed:
        locked.updated_by = by
        locked.full_clean()
        locked.save(update_fields=[*changed, "updated_by", "updated_at"])
        if "slug" in changed:
            _leave_redirect(locked, former_slug=before.slug)
        nights = (locked.date - before.date).days if _is_moved(before, locked) else 0
        if nights or "timezone" in changed:
            _move_along(locked, nights=nights, before=before, by=by, now=now)
        _refuse_nights_outside(locked)
        if "reveal_mode" in changed and locked.reveal_mode and locked.published_at is None:
            for performance in locked.performances.filter(is_announced=True):
                lineup.hide_set(performance, by=by, now=now)
        record(
            locked,
            Change.Kind.EVENT_EDITED,
            before={name: getattr(before, name) for name in sorted(changed)},
            after={name: getattr(locked, name) for name in sorted(changed)},
            is_public=locked.is_public,
            by=by,
            now=now,
        )
    event.refresh_from_db()


@transaction.atomic
def set_doors(
    event: Event, night: date, opens_at: datetime, *, venue: Venue | None = None, by: User | None, now: datetime
) -> Doors:
    """Say when the doors of a night open, or of one venue that night; the last word counts. Raises ValidationError."""
    event = lock_event(event)
    place = {"event": event, "night": night, "venue": venue}
    doors = Doors.objects.filter(**place).first() or Doors(**place)
    before = doors.opens_at
    doors.opens_at = opens_at
    if before != opens_at:
        doors.full_clean()
        doors.save()
        _record_doors(event, doors, before=before, after=opens_at, by=by, now=now)
    return doors


@transaction.atomic
def remove_doors(doors: Doors, *, by: User | None, now: datetime) -> None:
    """Say no longer when doors open."""
    event = lock_event(doors.event)
    _record_doors(event, doors, before=doors.opens_at, after=None, by=by, now=now)
    doors.delete()


def _record_doors(
    event: Event, doors: Doors, *, before: datetime | None, after: datetime | None, by: User | None, now: datetime
) -> None:
    place = {"night": doors.night, "venue": doors.venue}
    record(
        event,
        Change.Kind.EVENT_EDITED,
        before={"doors": {**place, "opens_at": before}},
        after={"doors": {**place, "opens_at": after}},
        is_public=event.is_public,
        by=by,
        now=now,
    )


@transaction.atomic
def add_venue(name: str, *, slug: str = "", by: User | None, now: datetime, **fields: Any) -> Venue:
    """A new venue, or with `parent` a new room; without a slug one is made from the name. Raises ValidationError."""
    venue = Venue(name=tidy_name(name), slug=slug, created_by=by, updated_by=by, **fields)
    if not slug:
        wanted = ascii_slug(str(venue)) or f"venue-{Venue.objects.count() + 1}"
        venue.slug = free_slug(wanted, is_taken=lambda each: _is_taken(Venue, each))
    venue.full_clean()
    venue.save()
    _keep_slug_its_own(venue)
    after = filled_values_of(venue, ["name", "slug", *fields])
    audit_row("venue.created", venue, by=by, now=now, after=after)
    return venue


@transaction.atomic
def update_venue(venue: Venue, *, by: User | None, now: datetime, **fields: Any) -> None:
    """Change a venue's fields; another slug leaves a redirect. Raises ValidationError."""
    locked = Venue.objects.select_for_update(of=("self",)).get(pk=venue.pk)
    former_slug, before = locked.slug, values_of(locked, fields)
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.name, locked.updated_by = tidy_name(locked.name), by
    locked.full_clean()
    locked.save()
    if locked.slug != former_slug:
        _leave_redirect(locked, former_slug=former_slug)
    audit_differences("venue.updated", locked, by=by, now=now, before=before, after=values_of(locked, fields))
    venue.refresh_from_db()


@transaction.atomic
def delete_venue(venue: Venue, *, by: User | None, now: datetime) -> None:
    """Delete a venue without sets, rooms and doors; its address is not given again. Raises ProtectedError otherwise."""
    before = filled_values_of(venue, ["name", "slug", "parent"])
    audit_row("venue.deleted", venue, by=by, now=now, before=before)
    venue.delete()
    SlugRedirect.objects.create(kind=SlugRedirect.Kind.VENUE, slug=venue.slug)


@transaction.atomic
def delete_event(event: Event, *, by: User | None, now: datetime) -> None:
    """Delete a draft that was never public, with its sets; its address is free again. Raises ValidationError."""
    event = lock_event(event)
    if event.published_at:
        raise ValidationError(f"{event} has been public. Unpublish or archive it instead.", code="was_public")
    before = {"name": event.name, "date": event.date, "sets": event.performances.count()}
    audit_row("event.deleted", event, by=by, now=now, before=before)
    event.former_slugs.all().delete()
    event.delete()


def _is_moved(before: Event, after: Event) -> bool:
    """Whether the event is on other days: with the same number of nights; else its range was corrected."""
    return before.date != after.date and before.last_night - before.date == after.last_night - after.date


def _move_along(event: Event, *, nights: int, before: Event, by: User | None, now: datetime) -> None:
    """Move all sets and doors by so many nights and into the event's zone, keeping what clocks show."""

    def moved(instant: datetime | None) -> datetime | None:
        return instant and keep_wall_time(shift_by_nights(instant, nights, before.zone), before.zone, event.zone)

    for performance in event.performances.all():
        lineup.change_set(
            performance,
            night=performance.night + timedelta(days=nights),
            starts_at=moved(performance.starts_at),
            ends_at=moved(performance.ends_at),
            accept_long=True,
            by=by,
            now=now,
        )
    for doors in event.doors.order_by("-night" if nights > 0 else "night"):  # so that none meets one still to move
        doors.night += timedelta(days=nights)
        doors.opens_at = moved(doors.opens_at) or doors.opens_at
        doors.save()


def _refuse_nights_outside(event: Event) -> None:
    outside = Q(night__lt=event.date) | Q(night__gt=event.last_night)
    for what, rows in (("sets", event.performances.filter(outside)), ("doors", event.doors.filter(outside))):
        nights = sorted({night.isoformat() for night in rows.values_list("night", flat=True)})
        if nights:
            raise ValidationError(
                {
                    "end_date": (
                        f"There are {what} on {', '.join(nights)}, outside {event.date} to {event.last_night}. "
                        "Move them first, or keep the dates."
                    )
                },
                code="nights_outside",
            )


def _kind(subject: Event | Venue | type[Event | Venue]) -> SlugRedirect.Kind:
    model = subject if isinstance(subject, type) else type(subject)
    return SlugRedirect.Kind.EVENT if model is Event else SlugRedirect.Kind.VENUE


def _target(subject: Event | Venue) -> dict[str, Any]:
    return {_kind(subject).value: subject}


def _is_taken(model: type[Event | Venue], slug: str) -> bool:
    """Whether an event (or venue) has this slug or had it once."""
    has_it = model._default_manager.filter(slug=slug).exists()
    return has_it or SlugRedirect.objects.filter(kind=_kind(model), slug=slug).exists()


def _leave_redirect(subject: Event | Venue, *, former_slug: str) -> None:
    SlugRedirect.objects.filter(kind=_kind(subject), slug=subject.slug, **_target(subject)).delete()
    SlugRedirect.objects.create(kind=_kind(subject), slug=former_slug, **_target(subject))
    _keep_slug_its_own(subject)


def _keep_slug_its_own(subject: Event | Venue) -> None:
    """Refuse a slug that once led to another one. Asked after the write: a rename that committed meanwhile is seen."""
    kind = _kind(subject)
    if SlugRedirect.objects.filter(kind=kind, slug=subject.slug).exclude(**_target(subject)).exists():
        raise ValidationError(
            {"slug": f"“{subject.slug}” was the address of another {kind} and is not given again. Choose another one."},
            code="slug_taken",
        )
