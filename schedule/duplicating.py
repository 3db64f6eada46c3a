"""Making the next event out of one that was: the same nights, rooms and times, some other year."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from schedule import events, lineup
from schedule.models import Event, Performance
from schedule.nights import instants_at, shift_by_nights

Kind, Status = Performance.Kind, Performance.Status

# What an event takes along; the tickets that it sells are for its own nights.
COPIED = (
    *("city", "timezone", "rollover", "description", "price", "age_rule", "presented_by", "presented_by_url"),
    *("poster_alt_text", "reveal_mode", "times_public", "default_set_minutes", "changeover_minutes", "venue_info"),
    *("social_links", "theme_colors"),
)
SAME_WEEKDAY_NEXT_YEAR = timedelta(days=364)


@dataclass(frozen=True)
class Times:
    """When a set plays in the copy; `is_moved` when the clocks jump over its start, which is then behind the jump."""

    starts_at: datetime | None
    ends_at: datetime | None
    is_moved: bool = False


@transaction.atomic
def duplicate_event(
    event: Event, *, name: str, date: date, slug: str = "", with_bands: bool = True, by: User | None, now: datetime
) -> Event:
    """A draft with another first night and as many nights; every set and door keeps its night and its wall time.

    Cancelled and withdrawn sets, and sets that another one replaced, stay behind. A postponed set
    comes as a scheduled one without times: those that it has are the ones it was called off for.
    Without bands each set and placeholder comes as "TBA", its notes left behind; activities stay what they are. In
    reveal mode nothing is announced; without it the sets are as those of any new event, announced from
    now on without anybody being told, and switching reveal mode on before the copy was ever public
    hides them all. Private notes, delays, tickets, plans, share links and former
    addresses stay behind; the poster comes as a file of its own, if its file is there.
    Raises ValidationError.
    """
    nights = (date - event.date).days
    poster = _poster_of(event)
    copy = events.create_event(
        by=by,
        now=now,
        slug=slug,
        name=name,
        date=date,
        end_date=event.end_date and event.end_date + timedelta(days=nights),
        **{field: getattr(event, field) for field in COPIED},
        **({"poster": poster} if poster else {}),
    )
    for doors in event.doors.select_related("venue"):
        hours = {
            field: instant and shift_by_nights(instant, nights, event.zone)
            for field, instant in ((field, getattr(doors, field)) for field in events.HOURS)
        }
        night = doors.night + timedelta(days=nights)
        events.set_hours(copy, night, venue=doors.venue, by=by, now=now, **hours)
    for performance in sets_to_copy(event):
        times = times_in_copy(performance, nights=nights)
        is_kept = with_bands or performance.kind == Kind.ACTIVITY
        lineup.add_set(
            copy,
            night=performance.night + timedelta(days=nights),
            band=performance.band if is_kept else None,
            billing=performance.billing if is_kept else "TBA",
            kind=Kind(performance.kind) if is_kept else Kind.PLACEHOLDER,
            venue=performance.venue,
            starts_at=times.starts_at,
            ends_at=times.ends_at,
            notes=performance.notes if is_kept else "",
            accept_long=True,
            by=by,
            now=now,
        )
    copy.refresh_from_db()
    return copy


def sets_to_copy(event: Event) -> list[Performance]:
    """The sets that the copy will have, in the order of the running order."""
    standing = event.performances.filter(status__in=[Status.SCHEDULED, Status.POSTPONED])
    sets = list(standing.select_related("event", "band", "venue"))
    replaced = {performance.replaces_id for performance in sets}
    return [performance for performance in sets if performance.pk not in replaced]


def times_in_copy(performance: Performance, *, nights: int) -> Times:
    """The same wall times so many nights later.

    A set keeps its length where its start is skipped, and where the hour that is doubled would
    have it end before it starts.
    """
    starts_at, ends_at = performance.starts_at, performance.ends_at
    if performance.status == Status.POSTPONED or not starts_at:
        return Times(None, None)
    zone = performance.event.zone
    wall = starts_at.astimezone(zone).replace(tzinfo=None, fold=0) + timedelta(days=nights)
    start, is_moved = shift_by_nights(starts_at, nights, zone), not instants_at(wall, zone)
    if not ends_at:
        return Times(start, None, is_moved)
    end = shift_by_nights(ends_at, nights, zone)
    return Times(start, start + (ends_at - starts_at) if is_moved or end <= start else end, is_moved)


def proposed_date(event: Event, *, today: date) -> date:
    """The first night a year later on the same day of the week, or as many years later as it takes to lie ahead."""
    proposed = event.date + SAME_WEEKDAY_NEXT_YEAR
    while proposed < today:
        proposed += SAME_WEEKDAY_NEXT_YEAR
    return proposed


def _poster_of(event: Event) -> ContentFile | None:
    """The poster as a file of its own, so that neither event takes it from the other; None when it is not there."""
    if not event.poster:
        return None
    try:
        with event.poster.open("rb") as file:
            return ContentFile(file.read(), name=f"{uuid.uuid4().hex}.jpg")
    except OSError:
        return None
