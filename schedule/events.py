"""Making events and venues, and editing them so that their sets, addresses and history stay right."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from bands.auditing import audit_differences, audit_row, filled_values_of, keep_history, values_of
from bands.naming import tidy_name
from bands.slugs import ascii_slug, free_slug
from schedule import announcing, lineup
from schedule.access import give_access
from schedule.changes import lock_event, record, refuse_unknown
from schedule.models import Change, Doors, Event, SlugRedirect, Venue
from schedule.nights import keep_wall_time, shift_by_nights
from settimes.versions import refuse_stale

# What organizers edit; status and its times belong to publishing.py, revisions to changes.py.
EDITABLE = frozenset(
    (
        *("name", "slug", "date", "end_date", "city", "timezone", "rollover", "description", "ticket_url", "price"),
        *("age_rule", "presented_by", "presented_by_url", "poster", "poster_alt_text", "reveal_mode", "times_public"),
        *("default_set_minutes", "changeover_minutes", "venue_info", "social_links", "theme_colors"),
    )
)
HOURS = ("opens_at", "curfew_at")


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
def update_event(
    event: Event,
    *,
    seen_version: int | None = None,
    reason: str = "",
    by: User | None,
    now: datetime,
    **fields: Any,
) -> None:
    """Change an event's fields.

    Another first night moves its sets, its doors and the hours that announcements wait for along by as
    many nights; another time zone keeps their wall times and moves the instants; another slug leaves a
    redirect; reveal mode switched on before the event was ever public hides what is there.
    Raises ValidationError, also when sets or doors would be left outside the event's nights, and
    StaleError when it is not of `seen_version` any more.
    """
    refuse_unknown(fields, EDITABLE)
    locked, before = lock_event(event), lock_event(event)
    refuse_stale(locked, seen=seen_version)
    for name, value in fields.items():
        setattr(locked, name, value)
    changed = {name for name in fields if getattr(locked, name) != getattr(before, name)}
    if changed:
        locked.updated_by = by
        locked.version += 1
        locked.full_clean()
        locked.save(update_fields=[*changed, "version", "updated_by", "updated_at"])
        if "slug" in changed:
            _leave_redirect(locked, former_slug=before.slug)
        nights = (locked.date - before.date).days if _is_moved(before, locked) else 0
        doors_before, doors_after = list[dict[str, Any]](), list[dict[str, Any]]()
        if nights or "timezone" in changed:
            _move_sets(locked, nights=nights, before=before, by=by, now=now)
            doors_before, doors_after = _move_doors(locked, nights=nights, before=before)
        _refuse_nights_outside(locked)
        if "reveal_mode" in changed and locked.reveal_mode and locked.published_at is None:
            for performance in locked.performances.filter(is_announced=True):
                lineup.hide_set(performance, by=by, now=now)
        record(
            locked,
            Change.Kind.EVENT_EDITED,
            before={name: getattr(before, name) for name in sorted(changed)}
            | ({"moved_doors": doors_before} if doors_before else {}),
            after={name: getattr(locked, name) for name in sorted(changed)}
            | ({"moved_doors": doors_after} if doors_after else {}),
            reason=reason,
            is_public=locked.is_public,
            by=by,
            now=now,
        )
    event.refresh_from_db()


def set_doors(
    event: Event, night: date, opens_at: datetime, *, venue: Venue | None = None, by: User | None, now: datetime
) -> Doors:
    """Say when the doors of a night open, or of one venue that night; the last word counts. Raises ValidationError."""
    return set_hours(event, night, venue=venue, by=by, now=now, opens_at=opens_at)


@transaction.atomic
def set_hours(
    event: Event,
    night: date,
    *,
    venue: Venue | None = None,
    by: User | None,
    now: datetime,
    **hours: datetime | None,
) -> Doors:
    """Say `opens_at`, `curfew_at` or both of a night, or of one venue that night; what is not said stays.

    Raises ValidationError.
    """
    refuse_unknown(hours, HOURS)
    event = lock_event(event)
    place = {"event": event, "night": night, "venue": venue}
    doors = Doors.objects.filter(**place).first() or Doors(**place)
    before = values_of(doors, HOURS)
    for name, instant in hours.items():
        setattr(doors, name, instant)
    if before != values_of(doors, HOURS):
        doors.full_clean()
        doors.save()
        _record_doors(event, doors, before=before, after=values_of(doors, HOURS), by=by, now=now)
    return doors


@transaction.atomic
def remove_doors(doors: Doors, *, by: User | None, now: datetime) -> None:
    """Say no longer when doors open and when the curfew is."""
    event = lock_event(doors.event)
    _record_doors(event, doors, before=values_of(doors, HOURS), after=dict.fromkeys(HOURS), by=by, now=now)
    doors.delete()


def _record_doors(
    event: Event, doors: Doors, *, before: dict[str, Any], after: dict[str, Any], by: User | None, now: datetime
) -> None:
    # Doors stand in the form of their event: whoever has that open is told.
    Event.objects.filter(pk=event.pk).update(version=F("version") + 1)
    place = {"night": doors.night, "venue": doors.venue}
    changed = [name for name in HOURS if before[name] != after[name]]
    record(
        event,
        Change.Kind.EVENT_EDITED,
        before={"doors": {**place, **{name: before[name] for name in changed}}},
        after={"doors": {**place, **{name: after[name] for name in changed}}},
        # The curfew is between the organizers and their venues.
        is_public=event.is_public and "opens_at" in changed,
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
    keep_history(venue, by=by, now=now)
    venue.save()
    _keep_slug_its_own(venue)
    after = filled_values_of(venue, ["name", "slug", *fields])
    audit_row("venue.created", venue, by=by, now=now, after=after)
    return venue


@transaction.atomic
def update_venue(
    venue: Venue,
    *,
    seen_version: int | None = None,
    reason: str = "",
    by: User | None,
    now: datetime,
    **fields: Any,
) -> None:
    """Change a venue's fields; another slug leaves a redirect.

    Raises ValidationError, with `seen_version` also when the venue has been changed since.
    """
    locked = Venue.objects.select_for_update(of=("self",)).get(pk=venue.pk)
    refuse_stale(locked, seen=seen_version)
    former_slug, before = locked.slug, values_of(locked, fields)
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.name, locked.updated_by = tidy_name(locked.name), by
    locked.version += 1
    locked.full_clean()
    keep_history(locked, reason=reason, by=by, now=now)
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
    keep_history(venue, by=by, now=now)
    venue.delete()
    SlugRedirect.objects.create(kind=SlugRedirect.Kind.VENUE, slug=venue.slug)


@transaction.atomic
def delete_event(event: Event, *, confirmed_name: str, by: User | None, now: datetime) -> None:
    """Delete an event with all that belongs to it, its name typed as confirmation, capitals and blanks aside.

    The addresses of one that was public lead nowhere from then on and are not given again; those of
    another one are free. Raises ValidationError when another name was typed.
    """
    event = lock_event(event)
    if tidy_name(confirmed_name).casefold() != tidy_name(event.name).casefold():
        raise ValidationError(
            _("To delete this event, type its name: %(name)s.") % {"name": event.name}, code="confirmed_name"
        )
    before = {"name": event.name, "date": event.date, "sets": event.performances.count()}
    audit_row("event.deleted", event, by=by, now=now, before=before)
    if not event.published_at:
        event.former_slugs.all().delete()
    event.delete()
    if event.published_at:
        SlugRedirect.objects.create(kind=SlugRedirect.Kind.EVENT, slug=event.slug)


def _is_moved(before: Event, after: Event) -> bool:
    """Whether the event is on other days: with the same number of nights; else its range was corrected."""
    return before.date != after.date and before.last_night - before.date == after.last_night - after.date


def _move_sets(event: Event, *, nights: int, before: Event, by: User | None, now: datetime) -> None:
    """Move all sets by so many nights and into the event's zone, keeping what clocks show.

    An announcement that waits moves too; one whose hour would have passed by that no longer waits, or
    it would be made at once.
    """
    for performance in event.performances.all():
        lineup.change_set(
            performance,
            night=performance.night + timedelta(days=nights),
            starts_at=_moved(performance.starts_at, nights=nights, before=before, event=event),
            ends_at=_moved(performance.ends_at, nights=nights, before=before, event=event),
            accept_long=True,
            by=by,
            now=now,
        )
        if performance.announce_at and performance.announce_at > now:
            hour = _moved(performance.announce_at, nights=nights, before=before, event=event)
            if hour and hour > now:
                announcing.schedule_announcement([performance], at=hour, by=by, now=now)
            else:
                announcing.cancel_scheduled_announcement([performance], by=by, now=now)


def _move_doors(event: Event, *, nights: int, before: Event) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Move all doors as the sets; how they were and how they are, for the record."""
    were, are = [], []
    for doors in event.doors.order_by("-night" if nights > 0 else "night"):  # so that none meets one still to move
        were.append(_written(doors))
        doors.night += timedelta(days=nights)
        for name in HOURS:
            setattr(doors, name, _moved(getattr(doors, name), nights=nights, before=before, event=event))
        doors.save()
        are.append(_written(doors))
    return were, are


def _moved(instant: datetime | None, *, nights: int, before: Event, event: Event) -> datetime | None:
    return instant and keep_wall_time(shift_by_nights(instant, nights, before.zone), before.zone, event.zone)


def _written(doors: Doors) -> dict[str, Any]:
    """Doors as JSON."""
    hours = {name: instant and instant.isoformat() for name, instant in values_of(doors, HOURS).items()}
    return {"night": doors.night.isoformat(), "venue": doors.venue_id, **hours}


def _refuse_nights_outside(event: Event) -> None:
    outside = Q(night__lt=event.date) | Q(night__gt=event.last_night)
    sets = _("There are sets on %(nights)s, outside %(first)s to %(last)s. Move them first, or keep the dates.")
    doors = _("There are doors on %(nights)s, outside %(first)s to %(last)s. Move them first, or keep the dates.")
    for message, rows in ((sets, event.performances.filter(outside)), (doors, event.doors.filter(outside))):
        nights = sorted({night.isoformat() for night in rows.values_list("night", flat=True)})
        if nights:
            facts = {"nights": ", ".join(nights), "first": event.date, "last": event.last_night}
            raise ValidationError({"end_date": message % facts}, code="nights_outside")


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
        taken = {
            SlugRedirect.Kind.EVENT: _(
                "“%(slug)s” was the address of another event and is not given again. Choose another one."
            ),
            SlugRedirect.Kind.VENUE: _(
                "“%(slug)s” was the address of another venue and is not given again. Choose another one."
            ),
        }
        raise ValidationError({"slug": taken[kind] % {"slug": subject.slug}}, code="slug_taken")
