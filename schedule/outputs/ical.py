"""iCalendar (RFC 5545): an event's running order, or one set, as a calendar.

Bytes depend on the data alone, so they are equal while nothing changed.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar, Timezone
from icalendar import Event as CalendarEntry

from schedule.models import Event, Performance
from schedule.nights import night_of
from schedule.snapshot import Programme, SetRow

PRODUCT = "-//SetTimes//Set times//EN"
REFRESH_EVERY = timedelta(hours=1)
CANCELLED_STAYS_DAYS = 30
STATUSES = {
    Performance.Status.SCHEDULED: "CONFIRMED",
    Performance.Status.POSTPONED: "TENTATIVE",
    Performance.Status.CANCELLED: "CANCELLED",
}


def event_calendar(programme: Programme, *, now: datetime) -> bytes:
    """All sets with a time; those without are counted in the calendar's description.

    Cancelled sets stay for 30 days after their night, so that subscribers hear of the cancellation.
    """
    event = programme.event
    last_kept = night_of(now, event.zone, event.rollover) - timedelta(days=CANCELLED_STAYS_DAYS)
    rows = [row for row in programme.rows if not row.is_cancelled or row.night >= last_kept]
    return _calendar(event, event.name, rows, programme)


def set_calendar(programme: Programme, row: SetRow) -> bytes:
    """One set. Raises ValueError when it has no time."""
    if row.starts_at is None:
        raise ValueError("a set without a start has no calendar")
    return _calendar(programme.event, f"{row.name}, {programme.event.name}", [row], programme)


def _calendar(event: Event, title: str, rows: Iterable[SetRow], programme: Programme) -> bytes:
    rows = list(rows)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", title)
    calendar.add("x-wr-timezone", event.timezone)
    if description := _describe_calendar(event, rows):
        calendar.add("x-wr-caldesc", description)
    calendar.add("refresh-interval", REFRESH_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    timed = [row for row in rows if row.starts_at]
    calendar.add_component(_zone_block(event.zone, event, timed))
    for row in timed:
        calendar.add_component(_entry(event, row, programme))
    return bytes(calendar.to_ical())


def _describe_calendar(event: Event, rows: list[SetRow]) -> str:
    untimed = sum(row.starts_at is None for row in rows)
    if not untimed:
        return ""
    return f"{untimed} of {len(rows)} sets have no time yet and are not in this calendar."


def _zone_block(zone: ZoneInfo, event: Event, timed: list[SetRow]) -> Timezone:
    """The zone's rules around the event; without bounds the block would list every change until 2038."""
    first = min([event.date, *(row.night for row in timed)])
    last = max([event.last_night, *(row.night for row in timed)])
    return Timezone.from_tzinfo(zone, first_date=date(first.year - 1, 1, 1), last_date=date(last.year + 1, 12, 31))


def _entry(event: Event, row: SetRow, programme: Programme) -> CalendarEntry:
    entry = CalendarEntry()
    entry.add("uid", str(row.uid))
    entry.add("dtstamp", row.changed_at)
    entry.add("last-modified", row.changed_at)
    entry.add("sequence", row.sequence)
    entry.add("dtstart", row.local_start)
    if row.local_end:
        entry.add("dtend", row.local_end)
    entry.add("summary", row.name)
    entry.add("status", STATUSES[Performance.Status(row.status)])
    place = ", ".join(part for part in (row.venue_title, row.full_address) if part)
    if place:
        entry.add("location", place)
    if row.venue_latitude is not None and row.venue_longitude is not None:
        entry.add("geo", (row.venue_latitude, row.venue_longitude))
    if description := _describe(row, programme):
        entry.add("description", description)
    entry.add("url", f"{settings.SITE_URL}{event.get_absolute_url()}#set-{row.pk}")
    return entry


def _describe(row: SetRow, programme: Programme) -> str:
    lines = []
    if row.is_cancelled:
        lines.append("Cancelled.")
    if row.is_postponed:
        lines.append("Postponed.")
    if replacement := programme.replacements.get(row.pk):
        lines.append(f"{replacement.name} plays instead.")
    if row.replaces_id and (replaced := programme.by_pk.get(row.replaces_id)):
        lines.append(f"Replaces {replaced.name}.")
    if row.notes:
        lines.append(row.notes)
    return "\n".join(lines)
